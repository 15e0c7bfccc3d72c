use proptest::prelude::*;

use super::*;
use crate::limits::ENVELOPE_BODY_MAX;

pub(crate) fn envelope() -> Envelope {
    Envelope {
        class: Class::Ask,
        tag: Tag([0x11; 16]),
        ack_hash: AckHash([0x22; 16]),
        body: vec![0x33; 5],
        lifetime: 259_200,
        copies: 24,
        best: 7,
        stamp: 300,
    }
}

const VECTOR: &str = "8901015011111111111111111111111111111111\
    50222222222222222222222222222222224533333333331a0003f480181807\
    19012c";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn an_envelope_has_the_specified_bytes() {
    assert_eq!(envelope().encode(), hex(VECTOR));
    assert_eq!(Envelope::decode(&hex(VECTOR)), Ok(envelope()));
}

#[test]
fn every_truncation_is_refused() {
    let bytes = envelope().encode();
    for length in 0..bytes.len() {
        assert_eq!(Envelope::decode(&bytes[..length]), Err(EnvelopeError::Malformed(CodecError::Malformed)));
    }
}

#[test]
fn an_unknown_version_is_refused_as_such() {
    let mut bytes = envelope().encode();
    bytes[1] = 2;
    assert_eq!(Envelope::decode(&bytes), Err(EnvelopeError::UnknownVersion(2)));
}

#[test]
fn an_unknown_class_is_refused() {
    let mut bytes = envelope().encode();
    bytes[2] = 2;
    assert_eq!(Envelope::decode(&bytes), Err(EnvelopeError::Malformed(CodecError::Malformed)));
}

#[test]
fn the_largest_body_fits_whatever_the_numbers() {
    let mut largest = Envelope {
        body: vec![0; ENVELOPE_BODY_MAX],
        lifetime: u32::MAX,
        copies: u16::MAX,
        best: u16::MAX,
        ..envelope()
    };
    largest.stamp = u64::MAX;
    assert_eq!(largest.encode().len(), ENVELOPE_MAX);
    assert_eq!(Envelope::decode(&largest.encode()), Ok(largest.clone()));
    largest.body.push(0);
    let error = EnvelopeError::Limit(LimitExceeded {
        what: "bytes in an envelope",
        found: ENVELOPE_MAX + 1,
        limit: ENVELOPE_MAX,
    });
    assert_eq!(Envelope::decode(&largest.encode()), Err(error));
}

#[test]
fn the_id_covers_the_immutable_part_and_nothing_else() {
    let id = envelope().id();
    let mutable = Envelope { lifetime: 1, copies: 1, best: 1, stamp: 1, ..envelope() };
    assert_eq!(mutable.id(), id);
    let changed = [
        Envelope { class: Class::Message, ..envelope() },
        Envelope { tag: Tag([0; 16]), ..envelope() },
        Envelope { ack_hash: AckHash([0; 16]), ..envelope() },
        Envelope { body: vec![], ..envelope() },
    ];
    for other in changed {
        assert_ne!(other.id(), id);
    }
}

#[test]
fn the_authenticated_data_are_version_class_tag_and_ack_hash() {
    assert_eq!(envelope().aad(), hex(&format!("0101{}{}", "11".repeat(16), "22".repeat(16))));
}

#[test]
fn a_stamp_of_twelve_bits_is_found_after_about_4096_tries() {
    let id = envelope().id();
    let stamp = (0..).find(|stamp| stamp_zero_bits(&id, *stamp) >= 12).unwrap();
    assert!(stamp < 200_000, "{stamp}");
    let zero_bits = (0..1_000).map(|stamp| u32::from(stamp_zero_bits(&id, stamp))).sum::<u32>();
    assert!((700..1_300).contains(&zero_bits), "one zero bit on average, not {zero_bits} in 1000");
}

proptest! {
    #[test]
    fn a_stamp_is_looked_at_through_the_hash_of_the_protocol(id: [u8; 16], stamp: u64) {
        let hash = crate::crypto::hash16("permesso/stamp/v1", &[&id, &stamp.to_be_bytes()]);
        let zero_bits = u128::from_be_bytes(hash).leading_zeros();
        prop_assert_eq!(u32::from(stamp_zero_bits(&EnvelopeId(id), stamp)), zero_bits);
    }
}

prop_compose! {
    pub(crate) fn any_envelope()(
        ask: bool, tag: [u8; 16], ack_hash: [u8; 16], body in prop::collection::vec(any::<u8>(), 0..300),
        lifetime: u32, copies: u16, best: u16, stamp: u64,
    ) -> Envelope {
        let class = if ask { Class::Ask } else { Class::Message };
        Envelope { class, tag: Tag(tag), ack_hash: AckHash(ack_hash), body, lifetime, copies, best, stamp }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(envelope in any_envelope()) {
        let bytes = envelope.encode();
        prop_assert_eq!(envelope.encoded_length(), bytes.len());
        prop_assert_eq!(Envelope::decode(&bytes), Ok(envelope));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_are_the_encoding(bytes: Vec<u8>) {
        if let Ok(envelope) = Envelope::decode(&bytes) {
            prop_assert_eq!(envelope.encode(), bytes);
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_envelope(envelope in any_envelope(), at: prop::sample::Index, with: u8) {
        let mut bytes = envelope.encode();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != with);
        bytes[at] = with;
        if let Ok(other) = Envelope::decode(&bytes) {
            prop_assert_ne!(other, envelope);
        }
    }
}
