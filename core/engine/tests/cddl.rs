//! Every packet, frame and envelope that the code makes matches `core/protocol.cddl`, and what does not match is noticed.

// Helpers of tests may fail loudly too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use cddl::ast::CDDL;
use cddl::parser::cddl_from_str;
use cddl::validator::Validator;
use cddl::validator::cbor::CBORValidator;
use ciborium::Value;
use permesso_engine::api::{Cast, Match};
use permesso_engine::certificate::Certificate;
use permesso_engine::codec;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Control, Frame, Hello, LINK_VERSION, OfferEntry, Proofs, Receipt, ReceiptStatus, Want};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, AckName, EnvelopeName, HostId, OlmKey, ProofSecret, SealingKey, Tag};
use permesso_engine::limits::ENVELOPE_BODY_MAX;
use permesso_engine::packet::{AliasAnswer, Beacon, Counter, Dummy, Packet, PacketBody, QueryAlias, Role, Service};
use permesso_engine::time::Wall;

const SPECIFICATION: &str = include_str!("../../protocol.cddl");

thread_local! {
    /// The specification once for each rule to match, which must be its first; parsing takes longer than matching.
    static PARSED: RefCell<BTreeMap<String, &'static CDDL<'static>>> = RefCell::default();
}

/// Whether `bytes` match a rule of the specification, or why not.
fn matches(rule: &str, bytes: &[u8]) -> Result<(), String> {
    let specification = PARSED.with_borrow_mut(|parsed| {
        *parsed.entry(rule.into()).or_insert_with(|| {
            let text = Box::leak(format!("root = {rule}\n{SPECIFICATION}").into_boxed_str());
            Box::leak(Box::new(cddl_from_str(text, true).unwrap()))
        })
    });
    let value: Value = ciborium::from_reader(bytes).map_err(|error| error.to_string())?;
    CBORValidator::new(specification, value.into(), None).validate().map_err(|error| error.to_string())
}

fn identity() -> Identity {
    Identity::from_secret([7; 32])
}

fn certificate() -> Certificate {
    Certificate::issue(&identity(), SealingKey([1; 32]), u64::MAX, OlmKey([3; 32]), u32::MAX)
}

fn beacon(role: Role) -> Beacon {
    Beacon { interval_s: u16::MAX, link_port: 40_000, arrivals: u32::MAX, role }
}

fn packets() -> Vec<Vec<u8>> {
    let query = |alias: &str, matching| QueryAlias { nonce: [4; 8], alias: alias.into(), matching };
    let answer = |alias: &str| AliasAnswer {
        nonce: [4; 8],
        alias: alias.into(),
        certificate: certificate(),
        beacon: beacon(Role::Client),
    };
    let bodies = [
        PacketBody::Join(beacon(Role::Client)),
        PacketBody::Leave,
        PacketBody::Online(beacon(Role::Server)),
        PacketBody::QueryAlias(query("", Match::Exact)),
        PacketBody::QueryAlias(query(&"é".repeat(32), Match::Partial)),
        PacketBody::QueryAliasResponse(answer("")),
        PacketBody::QueryAliasResponse(answer(&"é".repeat(32))),
        PacketBody::FreeMemoryAsk { nonce: [4; 8] },
        PacketBody::FreeMemoryResponse { nonce: [4; 8], bytes: u64::MAX, envelopes: u32::MAX },
        PacketBody::Dummy(Dummy { port: 40_001, nonce: [4; 8], echo: None }),
        PacketBody::Dummy(Dummy { port: 0, nonce: [4; 8], echo: Some([5; 8]) }),
        PacketBody::WayAsk { nonce: [4; 8] },
        PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Unicast, alias: "".into() },
        PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Broadcast, alias: "é".repeat(32) },
        PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Multicast, alias: "Grazia".into() },
    ];
    let made = bodies.map(|body| {
        let (sender, key) = (identity().host_id(), identity().key());
        let counter = Counter { generation: u32::MAX, n: u32::MAX };
        let packet = Packet { sender, receiver: HostId::BROADCAST, counter, timestamp: Wall(u64::MAX), key, body };
        (packet.body.service(), packet.encode(&identity()))
    });
    for service in Service::ALL {
        assert!(made.iter().any(|(of, _)| of == service), "a packet of {service:?}");
    }
    made.into_iter().map(|(_, bytes)| bytes).collect()
}

fn envelope(class: Class, body: usize) -> Envelope {
    Envelope {
        class,
        tag: Tag([0x11; 16]),
        ack_hash: AckHash([0x22; 16]),
        body: vec![0x33; body],
        lifetime: u32::MAX,
        copies: u16::MAX,
        best: 0,
        stamp: u64::MAX,
    }
}

fn frames() -> Vec<Vec<u8>> {
    let offer = OfferEntry { id: EnvelopeName([0x44; 8]), ack: AckName([0x22; 8]), length: u16::MAX };
    let receipt = |status: &ReceiptStatus| Receipt { id: EnvelopeName([0x44; 8]), status: *status };
    let hello = Hello {
        version: LINK_VERSION,
        certificate: certificate(),
        counter: Counter { generation: 3, n: 9 },
        meetings: u16::MAX,
        free_memory: u64::MAX,
        role: Role::Server,
        arrivals: u32::MAX,
        alias: "Grazia".into(),
        remembers: u64::MAX,
    };
    let frames = [
        Frame::Hello(hello),
        Frame::Want(Want { replace: true, entries: vec![[0x66; 8]; 1_024] }),
        Frame::Want(Want { replace: false, entries: vec![] }),
        Frame::Offer(vec![offer; 1_024]),
        Frame::Forward(vec![envelope(Class::Message, 0), envelope(Class::Ask, ENVELOPE_BODY_MAX)]),
        Frame::Forward(vec![envelope(Class::Message, 1); 64]),
        Frame::Receipt(ReceiptStatus::ALL.iter().map(receipt).collect()),
        Frame::Proofs(Proofs { first: u64::MAX, secrets: vec![ProofSecret([0x55; 16]); 256] }),
        Frame::Control(Control::Leaving),
    ];
    frames.iter().map(Frame::encode).collect()
}

fn items(bytes: &[u8]) -> Vec<Value> {
    ciborium::from_reader::<Value, _>(bytes).unwrap().into_array().unwrap()
}

#[test]
fn every_packet_matches() {
    for packet in packets() {
        assert_eq!(matches("packet", &packet), Ok(()), "{packet:02x?}");
    }
}

#[test]
fn every_frame_matches() {
    for frame in frames() {
        let start = frame.get(..64).unwrap_or(&frame);
        assert_eq!(matches("frame", &frame), Ok(()), "{start:02x?}");
    }
}

#[test]
fn an_envelope_and_a_certificate_match_by_themselves() {
    assert_eq!(matches("envelope", &envelope(Class::Ask, 300).encode()), Ok(()));
    assert_eq!(matches("certificate", &codec::to_bytes(&certificate())), Ok(()));
}

#[test]
fn a_packet_is_no_frame_and_a_frame_no_packet() {
    for packet in packets() {
        assert!(matches("frame", &packet).is_err());
    }
    for frame in frames() {
        assert!(matches("packet", &frame).is_err());
    }
}

#[test]
fn an_item_of_another_type_or_size_anywhere_does_not_match() {
    let small_frames = frames().into_iter().filter(|frame| frame.len() < 1_000).map(|frame| ("frame", frame));
    let samples: Vec<_> = packets().into_iter().map(|packet| ("packet", packet)).chain(small_frames).collect();
    assert!(samples.len() > 12);
    for (rule, bytes) in samples {
        let value = Value::Array(items(&bytes));
        for wrong in (0..count(&value)).flat_map(|at| wrong_at(&value, at)) {
            assert!(matches(rule, &codec::to_bytes(&wrong)).is_err(), "{wrong:?}");
        }
    }
}

#[test]
fn an_item_too_many_or_too_few_does_not_match() {
    for packet in packets() {
        for at in 0..9 {
            let mut fewer = items(&packet);
            fewer.remove(at);
            assert!(matches("packet", &codec::to_bytes(&fewer)).is_err(), "without item {at}");
        }
        let mut more = items(&packet);
        more.push(0.into());
        assert!(matches("packet", &codec::to_bytes(&more)).is_err());
        let mut body = items(&packet);
        body[7].as_array_mut().unwrap().push(0.into());
        assert!(matches("packet", &codec::to_bytes(&body)).is_err());
    }
}

#[test]
fn a_number_that_names_nothing_does_not_match() {
    let set = |bytes: &[u8], at: usize, to: u8| {
        let mut items = items(bytes);
        items[at] = to.into();
        codec::to_bytes(&items)
    };
    for packet in packets() {
        assert!(matches("packet", &set(&packet, 0, 2)).is_err(), "version 2");
        assert!(matches("packet", &set(&packet, 1, 9)).is_err(), "service 9");
    }
    let envelope = envelope(Class::Ask, 3).encode();
    assert!(matches("envelope", &set(&envelope, 0, 2)).is_err(), "version 2");
    assert!(matches("envelope", &set(&envelope, 1, 2)).is_err(), "class 2");
    let control = Frame::Control(Control::Leaving).encode();
    assert!(matches("frame", &set(&control, 0, 7)).is_err(), "kind 7");
    assert!(matches("frame", &set(&control, 1, 1)).is_err(), "word 1");
}

#[test]
fn what_is_over_a_limit_does_not_match() {
    let proofs = Frame::Proofs(Proofs { first: 0, secrets: vec![ProofSecret([0x55; 16]); 257] });
    let want = Frame::Want(Want { replace: true, entries: vec![[0x66; 8]; 1_025] });
    let forward = Frame::Forward(vec![envelope(Class::Message, 1); 65]);
    for frame in [proofs, want, forward] {
        assert!(matches("frame", &frame.encode()).is_err());
    }
    assert!(matches("alias", &codec::to_bytes(&"a".repeat(64))).is_ok());
    assert!(matches("alias", &codec::to_bytes(&"a".repeat(65))).is_err());
    assert!(matches("envelope", &envelope(Class::Ask, 10_197).encode()).is_err());
}

/// The structures inside envelope bodies are private to the engine; here they are made by hand.
#[test]
fn the_sealed_structures_match_only_in_their_shape() {
    let bytes = |length: usize| Value::Bytes(vec![9; length]);
    let certificate: Value = ciborium::from_reader(codec::to_bytes(&certificate()).as_slice()).unwrap();
    let ask = Value::Array(vec![
        0.into(),
        bytes(16),
        bytes(32),
        7.into(),
        certificate.clone(),
        1.into(),
        bytes(32),
        bytes(32),
        "Grazia".into(),
        "ciao".into(),
        Value::Null,
    ]);
    let answer = Value::Array(vec![certificate, 1.into(), bytes(300)]);
    let sealed = |inner: &Value| Value::Array(vec![bytes(16), Value::Bytes(codec::to_bytes(inner)), bytes(64)]);
    let body = Value::Array(vec![3.into(), 2.into(), bytes(16), bytes(16), 0.into(), 1.into(), bytes(100)]);
    let parents = Value::Array(vec![bytes(16); 4]);
    let text = Value::Array(vec![1.into(), 5.into(), 6.into(), parents, bytes(16), "ciao".into()]);
    let end = Value::Array(vec![2.into(), bytes(16)]);
    let read = Value::Array(vec![3.into(), bytes(16), Value::Array(vec![bytes(16)])]);
    let pre_key_content = Value::Array(vec![bytes(32), bytes(16), bytes(16), bytes(32), "Ugo".into(), 4.into()]);
    let samples = [
        ("ask", ask.clone()),
        ("answer", answer.clone()),
        ("sealed-ask", sealed(&ask)),
        ("sealed-answer", sealed(&answer)),
        ("sealed-body", body),
        ("content", text),
        ("content", end),
        ("content", read),
        ("pre-key-content", pre_key_content),
    ];
    for (rule, value) in samples {
        assert_eq!(matches(rule, &codec::to_bytes(&value)), Ok(()), "{rule}");
        let items = value.as_array().unwrap();
        for at in 0..items.len() {
            let mut fewer = items.clone();
            fewer.remove(at);
            assert!(matches(rule, &codec::to_bytes(&fewer)).is_err(), "{rule} without item {at}");
            let mut wrong = items.clone();
            wrong[at] = Value::Float(1.5);
            assert!(matches(rule, &codec::to_bytes(&wrong)).is_err(), "{rule} with a float for item {at}");
        }
    }
    assert!(matches("sealed-ask", &codec::to_bytes(&sealed(&answer))).is_err(), "an answer is no ask");
}

/// How many items a value has, itself included.
fn count(value: &Value) -> usize {
    1 + value.as_array().map_or(0, |items| items.iter().map(count).sum())
}

/// The value with its item number `at` exchanged for what can never stand there.
fn wrong_at(value: &Value, at: usize) -> Vec<Value> {
    let Some(item) = at.checked_sub(1) else {
        let mut wrong = vec![Value::Float(1.5), Value::Map(vec![]), Value::Text("x".repeat(65))];
        match value {
            // All but padding have one length.
            Value::Bytes(bytes) if matches!(bytes.len(), 8 | 16 | 32 | 64) && bytes.iter().any(|byte| *byte != 0) => {
                wrong.push(Value::Bytes(bytes[1..].to_vec()));
                wrong.push(Value::Bytes([bytes, &[0][..]].concat()));
            }
            Value::Integer(_) => wrong.push(Value::Integer((-1).into())),
            _ => {}
        }
        return wrong;
    };
    let items = value.as_array().unwrap();
    let mut before = 0;
    let index = items.iter().position(|candidate| {
        before += count(candidate);
        item < before
    });
    let index = index.unwrap();
    let at_item = item + count(&items[index]) - before;
    let with = |wrong| {
        let mut changed = items.clone();
        changed[index] = wrong;
        Value::Array(changed)
    };
    wrong_at(&items[index], at_item).into_iter().map(with).collect()
}
