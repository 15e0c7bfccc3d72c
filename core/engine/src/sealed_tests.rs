//! What is inside envelope bodies, against `core/protocol.cddl` and the vectors of `core/PROTOCOL.md`, which another
//! implementation made.

use std::fmt::Write;

use rand_core::SeedableRng;
use serde_bytes::ByteBuf;

use crate::ask::{self, Answer, Ask, AskKind, PreKeyContent, Signed};
use crate::certificate::Certificate;
use crate::codec;
use crate::content::{Content, SealedBody, Text, message_id};
use crate::crypto::{self, Rng, SealingSecret};
use crate::envelope::Envelope;
use crate::epochs::{ReceiveEpochs, SendEpochs};
use crate::identity::Identity;
use crate::ids::{HostId, IdentityKey, MessageId, OlmKey, ProofSecret, SealingKey, Tag};
use crate::safety::safety_number;
use crate::time::Wall;

const CDDL: &str = include_str!("../../protocol.cddl");
const SPECIFICATION: &str = include_str!("../../PROTOCOL.md");

fn matches(rule: &str, bytes: &[u8]) -> Result<(), String> {
    // The first rule of a specification is the one to match.
    let specification = format!("root = {rule}\n{CDDL}");
    cddl::validate_cbor_from_slice(&specification, bytes, None).map_err(|error| error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Whether the specification shows this, line breaks aside.
fn is_specified(vector: &str) -> bool {
    let shown: String = SPECIFICATION.split_whitespace().collect();
    shown.contains(&vector.replace(' ', ""))
}

fn asker() -> Identity {
    Identity::from_secret([7; 32])
}

fn answerer() -> Identity {
    Identity::from_secret([8; 32])
}

fn certificate(of: &Identity) -> Certificate {
    Certificate::issue(of, SealingKey([1; 32]), 2, OlmKey([3; 32]), 0)
}

fn ask(kind: AskKind, greeting: &str, token: Option<ByteBuf>) -> Ask {
    let (r, one_time_key, from) = (IdentityKey([8; 32]), OlmKey([4; 32]), certificate(&asker()));
    let (to, alias) = (answerer(), "Grazia".into());
    Ask(kind, to.host_id(), to.key(), 5, from, 6, one_time_key, r, alias, greeting.into(), token)
}

/// What HPKE sealed, opened as the specification says.
fn opened(envelope: &Envelope, secret: &SealingSecret, info: &[u8]) -> Vec<u8> {
    let padded = crypto::hpke_open(secret, info, &envelope.aad(), &envelope.body).unwrap();
    crypto::unpad(&padded).unwrap().to_vec()
}

#[test]
fn a_sealed_ask_matches() {
    let mut rng = Rng::seed_from_u64(1);
    let (secret, to) = (SealingSecret::generate(&mut rng), answerer().host_id());
    let info = [b"permesso/ask/v1\0".as_slice(), to.as_bytes()].concat();
    for ask in [
        ask(AskKind::Friendship, &"é".repeat(140), None),
        ask(AskKind::Friendship, "ciao", Some(ByteBuf::from([9; 32]))),
        ask(AskKind::Reset, "", None),
    ] {
        let envelope = Signed::ask(&ask, &asker()).seal_ask(to, &secret.public(), &mut rng).unwrap();
        assert_eq!(matches("envelope", &envelope.encode()), Ok(()));
        assert_eq!(matches("sealed-ask", &opened(&envelope, &secret, &info)), Ok(()));
        assert_eq!(matches("ask", &codec::to_bytes(&ask)), Ok(()));
    }
    let too_long = ask(AskKind::Friendship, &"a".repeat(281), None);
    assert!(matches("ask", &codec::to_bytes(&too_long)).is_err());
}

#[test]
fn a_sealed_answer_matches() {
    let mut rng = Rng::seed_from_u64(1);
    let secret = SealingSecret::generate(&mut rng);
    let (from, to) = (answerer().host_id(), asker().host_id());
    let info = [b"permesso/answer/v1\0".as_slice(), from.as_bytes(), to.as_bytes()].concat();
    for pre_key_message in [Some(ByteBuf::from([9; 350])), None] {
        let answer = Answer(certificate(&answerer()), 6, pre_key_message);
        let signed = Signed::answer(&answer, &[10; 32], &answerer());
        let envelope = signed.seal_answer(from, to, &secret.public(), Tag([2; 16]), &mut rng).unwrap();
        assert_eq!(matches("sealed-answer", &opened(&envelope, &secret, &info)), Ok(()));
        assert!(matches("sealed-ask", &opened(&envelope, &secret, &info)).is_err());
    }
    let content = PreKeyContent(IdentityKey([1; 32]), to, from, IdentityKey([2; 32]), "Ugo".into(), 7);
    assert_eq!(matches("pre-key-content", &codec::to_bytes(&content)), Ok(()));
}

#[test]
fn sealed_bodies_and_contents_match() {
    for kind in [0, 1] {
        let (message, secret, olm) = (MessageId([1; 16]), ProofSecret([2; 16]), ByteBuf::from([3; 100]));
        let body = SealedBody(u32::MAX, 0, message, secret, u64::MAX, kind, olm);
        assert_eq!(matches("sealed-body", &body.encode()), Ok(()));
    }
    let text = |parents, text: String| Content::Text(Text { send_time: Wall(1), clock: u64::MAX, parents, text });
    let contents = [
        text(vec![], "x".into()),
        text(vec![MessageId([1; 16]); 4], "é".repeat(2_048)),
        Content::End,
        Content::Read(vec![MessageId([1; 16]); 64]),
    ];
    for content in contents {
        assert_eq!(matches("content", &content.encode([9; 16])), Ok(()), "{content:?}");
    }
    for wrong in [text(vec![MessageId([1; 16]); 5], "x".into()), text(vec![], String::new())] {
        assert!(matches("content", &wrong.encode([9; 16])).is_err(), "{wrong:?}");
    }
}

#[test]
fn pair_keys_and_reply_tags_are_as_specified() {
    let reply_tag = ask::reply_tag(&[8; 32]).to_string();
    assert_eq!(reply_tag, "bda1c256ea540f726fdb2a4f09fd804e");
    let pair_key = hex(ask::pair_key(&[8; 32], &[9; 32], &[10; 32], &[11; 32]).as_slice());
    assert_eq!(pair_key, "3c2c5936e13bd322f16ce063ae5cf13e227240edd22cb7d5e7d129a84f7edbdc");
    let inner = hex(&Signed(ByteBuf::from(*b"abc"), ByteBuf::new()).hash());
    assert_eq!(inner, "74b1e47dce93150fd96857f9f96b794b8dfa9a07cd738f52bc2cd7823d744423");
    assert!(is_specified(&reply_tag) && is_specified(&pair_key) && is_specified(&inner));
}

#[test]
fn epochs_are_as_specified() {
    let pair_key = ask::pair_key(&[8; 32], &[9; 32], &[10; 32], &[11; 32]);
    let (from, to): (HostId, HostId) = (asker().host_id(), answerer().host_id());
    assert_eq!(to.to_string(), "7bcfe478-b00b-85b7-8451-c424628cbbee");
    let receive = ReceiveEpochs::new(&pair_key, from, to);
    let expected = [
        ("6a946c27778b61f39ca794f052e36ed4", "dbcfbc880613795c8bd655f44abb7a18d9a32aea428be60b6f165f9f9697b8a9"),
        ("d45c8e23971273e0888784d4f2e3ba02", "ec6ad2ce0a49ef87b604b5a58ce3518379a53a5a71cefded6840aa3228badec9"),
    ];
    for (epoch, (tag, key)) in (0..).zip(expected) {
        let keys = receive.keys(epoch).unwrap();
        assert_eq!((keys.tag().to_string(), hex(keys.key())), (tag.to_owned(), key.to_owned()));
        assert!(is_specified(tag) && is_specified(key));
    }
    let mut send = SendEpochs::new(&pair_key, from, to, Wall(0));
    let (epoch, keys) = send.next_sealing(Wall(0));
    assert_eq!((epoch, keys.tag().to_string().as_str()), (0, expected[0].0));
}

#[test]
fn a_message_and_its_id_are_as_specified() {
    let text = Text {
        send_time: Wall(1_795_489_443_000),
        clock: 1_795_489_443_000 << 16,
        parents: vec![MessageId([12; 16])],
        text: "Permesso?".into(),
    };
    let content = Content::Text(text).encode([13; 16]);
    let id = message_id(asker().host_id(), &content).to_string();
    let expected = "86011b000001a20b82acb81b01a20b82acb8000081500c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c\
        500d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d695065726d6573736f3f";
    assert_eq!(hex(&content), expected);
    assert_eq!(id, "3d3dbe02b167b93ba169e91d5cb6bcf5");
    assert!(is_specified(expected) && is_specified(&id));
}

#[test]
fn a_safety_number_is_as_specified() {
    let number = safety_number(&asker().key(), &answerer().key());
    assert_eq!(number, "70836 59129 84698 95280 52807 59376 81561 60046 25892 46754 53161 72941");
    assert!(is_specified(&number));
}
