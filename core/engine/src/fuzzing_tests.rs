//! The replay of the corpus, and the inputs it began with.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::ask::AskKind;
use crate::content::Text;
use crate::ids::{IdentityKey, MessageId, OlmKey, SealingKey};
use crate::{envelope, frame, packet};

/// What takes in the bytes of a corpus.
type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 12] = [
    ("packet", super::packet),
    ("frame", super::frame),
    ("envelope", super::envelope),
    ("certificate", certificate),
    ("ask", ask),
    ("sealed_body", sealed_body),
    ("content", content),
    ("outbox_body", outbox_body),
    ("text", text),
    ("datagrams", datagrams),
    ("frames", frames),
    ("records", records),
];

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

#[test]
fn every_input_that_fuzzing_found_interesting_is_taken_well() {
    for (target, run) in TARGETS {
        let inputs: Vec<_> = fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "no corpus for {target}");
        for input in inputs {
            println!("{}", input.display());
            run(&fs::read(input).unwrap());
        }
    }
}

/// Writes the inputs that the fuzzing of a target begins with, when its corpus is to be made anew.
#[test]
fn the_corpus_begins_with_what_this_crate_makes_itself() {
    for (target, inputs) in beginnings() {
        assert!(TARGETS.iter().any(|(name, _)| *name == target));
        for (number, input) in inputs.iter().enumerate() {
            if std::env::var_os("PERMESSO_WRITE_CORPUS").is_some() {
                fs::create_dir_all(corpus(target)).unwrap();
                fs::write(corpus(target).join(format!("made-{number}")), input).unwrap();
            }
        }
    }
}

fn beginnings() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let identity = Identity::from_secret([7; 32]);
    let certificate = Certificate::issue(&identity, SealingKey([1; 32]), 2, OlmKey([3; 32]), 0);
    let packets: Vec<_> = packet::tests::packets().iter().map(|packet| packet.encode(&identity)).collect();
    let frames: Vec<_> = frame::tests::frames().iter().map(Frame::encode).collect();
    let envelope = envelope::tests::envelope();
    let message = MessageId([3; 16]);
    let words = Text { send_time: Wall(5), clock: 9, parents: vec![message], text: "ciao".into() };
    let contents = [Content::Text(words), Content::End, Content::Read(vec![message; 3])].map(|it| it.encode([4; 16]));
    let mut alice = vodozemac::olm::Account::new();
    let one_time_key = *alice.generate_one_time_keys(1).created.first().unwrap();
    let config = vodozemac::olm::SessionConfig::version_1();
    let bob = vodozemac::olm::Account::new();
    let mut session = bob.create_outbound_session(config, alice.curve25519_key(), one_time_key).unwrap();
    let (kind, prekey) = session.encrypt(&contents[0]).unwrap().to_parts();
    let body = |kind: usize, olm: &[u8]| {
        SealedBody(3, 1, message, ProofSecret([5; 16]), 2, kind as u8, ByteBuf::from(olm)).encode()
    };
    let vodozemac::olm::OlmMessage::PreKey(inner) = OlmMessage::from_parts(kind, &prekey).unwrap() else { panic!() };
    let bodies = vec![
        body(0, &prekey),
        body(1, &inner.message().to_bytes()),
        crypto::pad(b"ciao").unwrap(),
        crypto::pad(&[9; 127]).unwrap(),
    ];
    let ask = Ask(
        AskKind::Friendship,
        identity.host_id(),
        identity.key(),
        1,
        certificate.clone(),
        7,
        OlmKey([6; 32]),
        IdentityKey([8; 32]),
        "Grazia".into(),
        "Ciao! It is me".into(),
        Some(ByteBuf::from([1, 2, 3])),
    );
    let answers =
        [Some(ByteBuf::from(prekey)), None].map(|prekey| codec::to_bytes(&Answer(certificate.clone(), 7, prekey)));
    let prekey = PreKeyContent(
        IdentityKey([1; 32]),
        identity.host_id(),
        identity.host_id(),
        IdentityKey([2; 32]),
        "A".into(),
        7,
    );
    let signed = Signed::ask(&ask, &identity).encode();
    let plaintext = codec::to_bytes(&(ProofSecret([5; 16]), ByteBuf::from([1]), ByteBuf::from([2])));
    let outbox = |content: &[u8]| OutboxBody::encode(envelope.encode(), content.to_vec());
    let uri = PermessoUri {
        key: identity.key(),
        alias: Some("Grà & co".into()),
        token: Some(vec![1; 10]),
        certificate: Some(certificate.clone()),
        addresses: vec![([10, 0, 0, 1], 20_070).into()],
    };
    let texts = [&uri.to_string(), "alias=Gr%C3%A0&at=[fe80::1]:20070", "30d", "José\u{202e} Ⅷ ﬁ \u{345}", "СОРЕ"];
    let asks = vec![
        codec::to_bytes(&ask),
        answers[0].clone(),
        answers[1].clone(),
        codec::to_bytes(&prekey),
        signed.clone(),
        plaintext,
    ];
    vec![
        ("packet", packets.clone()),
        ("frame", frames.clone()),
        ("envelope", vec![envelope.encode()]),
        ("certificate", vec![codec::to_bytes(&certificate)]),
        ("ask", asks),
        ("sealed_body", bodies),
        ("content", contents.to_vec()),
        ("outbox_body", vec![outbox(&contents[0]), outbox(&signed)]),
        ("text", texts.map(|text| text.as_bytes().to_vec()).to_vec()),
        ("datagrams", steps_of_datagrams(&packets)),
        ("frames", steps_of_frames(&frames)),
        ("records", steps_of_records()),
    ]
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// Each packet raw and signed by a stranger; each kind of packet, rightly signed by the friend and by a stranger; then time,
/// a replay, commands and changes of the network.
fn steps_of_datagrams(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut inputs: Vec<_> =
        packets.iter().map(|packet| [&[0, 1], &with_length(packet)[..], &[5, 0, 0, 9, 0x0c]].concat()).collect();
    inputs.extend(packets.iter().map(|packet| {
        let unsigned = &packet[..packet.len() - 66];
        [&[4, 1], &with_length(unsigned)[..], &[9, 0x0b]].concat()
    }));
    for who in [0x00, 0x02, 0x0a, 0x82] {
        for kind in 0..8 {
            let step = [&[1, who, 0, 5, 0x9c, 0x40, 4], &with_length(b"ada")[..], &[kind, 255, 0, 1]].concat();
            inputs.push(
                [&[7, 13], &with_length(b"gra")[..], &step, &[9, 0x0b, 5, 0, 0, 6, 0, 2, 9, 0x4d, 9, 0x1e]].concat(),
            );
        }
    }
    inputs
}

/// Each frame raw; texts that arrive in order, backwards and twice; a second life of the link; every command.
fn steps_of_frames(frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut inputs: Vec<_> = frames.iter().map(|frame| [&[0], &with_length(frame)[..], &[11, 0x0c]].concat()).collect();
    let content =
        Content::Text(Text { send_time: Wall(5), clock: 9, parents: vec![], text: "ciao".into() }).encode([4; 16]);
    for content in [content, Content::End.encode([4; 16]), Content::Read(vec![MessageId([1; 16])]).encode([4; 16])] {
        let write = [&[2, 0x83], &with_length(&content)[..]].concat();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [3, 3, 0, 0]] {
            inputs.push([&write[..], &[4, 4], &order, &[7, 0, 7, 0, 0, 0, 0, 0, 11, 0x0f, 9, 11, 0x11]].concat());
        }
        let many =
            [&[2, 0xbf], &with_length(&content)[..], &[4, 2, 62, 50, 7, 0, 4, 3, 0, 1, 2, 7, 0, 11, 0x1c]].concat();
        inputs.push(many);
    }
    for kind in 0..20 {
        inputs.push(
            [&[10, kind], &with_length(b"ciao")[..], &[7, 0, 0, 0, 0, 0, 0, 8, 3, 11, 0x10, 9, 11, 0x1f]].concat(),
        );
    }
    inputs
}

fn steps_of_records() -> Vec<Vec<u8>> {
    let mut inputs = vec![vec![], vec![3, 0], vec![3, 9]];
    for record in 0..16 {
        inputs.push([&[0, record, 0, 9, 0xff, 4, record], &u64::MAX.to_be_bytes()[..]].concat());
        inputs.push([&[2, record], &u64::MAX.to_be_bytes()[..], &with_length(&[0x80])].concat());
        inputs.push([&[4, record], &u64::MAX.to_be_bytes()[..]].concat());
    }
    inputs
}
