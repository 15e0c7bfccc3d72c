use proptest::prelude::*;

use super::*;
use crate::envelope::Class;
use crate::identity::Identity;
use crate::ids::AckHash;
use crate::ids::{OlmKey, SealingKey, Tag};
use crate::limits::ENVELOPE_BODY_MAX;

fn hello() -> Hello {
    let identity = Identity::from_secret([7; 32]);
    Hello {
        version: LINK_VERSION,
        certificate: Certificate::issue(&identity, SealingKey([1; 32]), 2, OlmKey([3; 32]), 0),
        counter: Counter { generation: 3, n: 9 },
        meetings: 12,
        free_memory: 64 << 20,
        role: Role::Server,
        arrivals: 17,
        alias: "Grazia".into(),
        remembers: 0x0102_0304_0506_0708,
    }
}

fn envelope(body: usize) -> Envelope {
    Envelope {
        class: Class::Message,
        tag: Tag([0x11; 16]),
        ack_hash: AckHash([0x22; 16]),
        body: vec![0x33; body],
        lifetime: 259_200,
        copies: 24,
        best: 7,
        stamp: 0,
    }
}

fn offer_entry() -> OfferEntry {
    OfferEntry { id: EnvelopeName([0x44; 8]), ack: AckName([0x22; 8]), length: u16::MAX }
}

fn receipt(status: ReceiptStatus) -> Receipt {
    Receipt { id: EnvelopeName([0x44; 8]), status }
}

fn proofs(first: u64, count: usize) -> Frame {
    Frame::Proofs(Proofs { first, secrets: vec![ProofSecret([0x55; 16]); count] })
}

fn want(count: usize) -> Frame {
    Frame::Want(Want { replace: true, entries: vec![[0x66; 8]; count] })
}

#[test]
fn the_list_of_a_want_is_called_by_all_that_is_in_it_in_its_order() {
    // Made with another implementation of SHA-256.
    let (whole, more) =
        (Want { replace: true, entries: vec![[0x66; 8]; 2] }, Want { replace: false, entries: vec![[0x67; 8]] });
    assert_eq!([0, 5].map(|before| whole.list(before)), [0xf6aac03bc7f660ee; 2]);
    assert_eq!(more.list(whole.list(0)), 0xd5a5e333222dfad8);
    let nothing = |replace| Want { replace, entries: Vec::new() };
    assert_eq!((nothing(false).list(5), nothing(true).list(5)), (5, 0));
}

/// At least one frame of each kind.
pub(crate) fn frames() -> Vec<Frame> {
    vec![
        Frame::Hello(hello()),
        want(2),
        Frame::Want(Want { replace: false, entries: vec![] }),
        Frame::Offer(vec![offer_entry(); 2]),
        Frame::Forward(vec![envelope(3), envelope(128)]),
        Frame::Receipt(ReceiptStatus::ALL.iter().copied().map(receipt).collect()),
        proofs(u64::MAX, 2),
        Frame::Control(Control::Leaving),
    ]
}

#[test]
fn every_frame_arrives_as_it_was_sent() {
    for frame in frames() {
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
}

#[test]
fn a_want_has_the_specified_bytes() {
    let want = Frame::Want(Want { replace: true, entries: vec![[0, 1, 2, 3, 4, 5, 6, 7], [0xff; 8]] });
    let bytes = [
        0x82, 0x01, 0x82, 0xf5, 0x82, 0x48, 0, 1, 2, 3, 4, 5, 6, 7, 0x48, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff,
    ];
    assert_eq!(want.encode(), bytes);
    assert_eq!(Frame::decode(&bytes), Ok(want));
}

#[test]
fn a_frame_cut_short_anywhere_is_refused() {
    for frame in frames() {
        let bytes = frame.encode();
        for length in 0..bytes.len() {
            assert_eq!(Frame::decode(&bytes[..length]), Err(FrameError::Malformed(CodecError::Malformed)));
        }
    }
}

#[test]
fn a_byte_too_many_is_refused() {
    for frame in frames() {
        let bytes = [frame.encode(), vec![0]].concat();
        assert_eq!(Frame::decode(&bytes), Err(FrameError::Malformed(CodecError::Malformed)));
    }
}

#[test]
fn an_unknown_kind_is_refused_as_such() {
    for (bytes, kind) in [(vec![0x82, 7, 0], 7), (vec![0x82, 0x18, 255, 0], 255), (vec![0x82, 0x19, 1, 3, 0], 259)] {
        assert_eq!(Frame::decode(&bytes), Err(FrameError::UnknownKind(kind)));
    }
}

#[test]
fn a_hello_of_an_unknown_version_is_refused_as_such_whatever_follows() {
    assert_eq!(Frame::decode(&[0x82, 0, 0x82, 2, 0]), Err(FrameError::UnknownVersion(2)));
    let other = Frame::Hello(Hello { version: 0, ..hello() });
    assert_eq!(Frame::decode(&other.encode()), Err(FrameError::UnknownVersion(0)));
}

#[test]
fn an_envelope_of_an_unknown_version_is_refused() {
    let mut bytes = Frame::Forward(vec![envelope(0)]).encode();
    assert_eq!(bytes[4], 1);
    bytes[4] = 2;
    assert_eq!(Frame::decode(&bytes), Err(FrameError::Malformed(CodecError::Malformed)));
}

#[test]
fn an_unknown_number_is_refused() {
    let mut status = Frame::Receipt(vec![receipt(ReceiptStatus::Refused)]).encode();
    *status.last_mut().unwrap() = 7;
    let mut control = Frame::Control(Control::Leaving).encode();
    *control.last_mut().unwrap() = 1;
    for bytes in [status, control] {
        assert_eq!(Frame::decode(&bytes), Err(FrameError::Malformed(CodecError::Malformed)));
    }
}

#[test]
fn a_frame_in_another_form_is_refused() {
    let not_canonical = FrameError::Malformed(CodecError::NotCanonical);
    let malformed = FrameError::Malformed(CodecError::Malformed);
    let forms: [(&[u8], &FrameError); 11] = [
        // CONTROL: the kind, then the word in two bytes; behind a tag; in an array of indefinite length; a map
        (&[0x82, 0x18, 6, 0], &not_canonical),
        (&[0x82, 6, 0x18, 0], &not_canonical),
        (&[0x82, 6, 0xc0, 0], &not_canonical),
        (&[0xc0, 0x82, 6, 0], &malformed),
        (&[0x9f, 6, 0, 0xff], &malformed),
        (&[0xa1, 6, 0], &malformed),
        (&[0x98, 2, 6, 0], &not_canonical),
        // an empty WANT: its list with a longer head, of indefinite length, behind a tag; a number for the truth value
        (&[0x82, 1, 0x82, 0xf5, 0x98, 0], &not_canonical),
        (&[0x82, 1, 0x82, 0xf5, 0x9f, 0xff], &malformed),
        (&[0x82, 1, 0x82, 0xf5, 0xc0, 0x80], &malformed),
        (&[0x82, 1, 0x82, 1, 0x80], &malformed),
    ];
    for (form, error) in forms {
        assert_eq!(Frame::decode(form).as_ref(), Err(error), "{form:02x?}");
    }
}

#[test]
fn a_list_may_be_as_long_as_its_limit_and_no_longer() {
    type Make = fn(usize) -> Frame;
    let lists: [(&str, usize, Make); 5] = [
        ("entries in a WANT", WANT_MAX, want),
        ("entries in an OFFER", OFFER_MAX, |count| Frame::Offer(vec![offer_entry(); count])),
        ("envelopes in a FORWARD", FORWARD_MAX, |count| Frame::Forward(vec![envelope(3); count])),
        ("entries in a RECEIPT", RECEIPT_MAX, |count| Frame::Receipt(vec![receipt(ReceiptStatus::Stored); count])),
        ("secrets in a PROOFS", PROOFS_MAX, |count| proofs(u64::MAX, count)),
    ];
    for (what, limit, make) in lists {
        let bytes = make(limit).encode();
        assert!(bytes.len() <= FRAME_MAX, "{what}: {} bytes", bytes.len());
        assert_eq!(Frame::decode(&bytes), Ok(make(limit)));
        let error = FrameError::Limit(LimitExceeded { what, found: limit + 1, limit });
        assert_eq!(Frame::decode(&make(limit + 1).encode()), Err(error));
    }
}

#[test]
fn a_list_that_claims_more_than_the_limit_is_refused_before_it_is_read() {
    let bytes = [0x82, 3, 0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    let error = LimitExceeded { what: "envelopes in a FORWARD", found: 0xffff_ffff, limit: FORWARD_MAX };
    assert_eq!(Frame::decode(&bytes), Err(FrameError::Limit(error)));
}

#[test]
fn an_envelope_above_its_limit_is_refused_by_name() {
    let body = ENVELOPE_BODY_MAX + 60;
    let bytes = Frame::Forward(vec![envelope(body)]).encode();
    let found = envelope(body).encoded_length();
    let error = LimitExceeded { what: "bytes in an envelope", found, limit: limits::ENVELOPE_MAX };
    assert_eq!(Frame::decode(&bytes), Err(FrameError::Limit(error)));
}

#[test]
fn a_frame_above_its_limit_is_refused_before_it_is_looked_at() {
    let error = LimitExceeded { what: "bytes in a frame", found: FRAME_MAX + 1, limit: FRAME_MAX };
    assert_eq!(Frame::decode(&vec![0xff; FRAME_MAX + 1]), Err(FrameError::Limit(error)));
}

#[test]
fn an_alias_above_its_limit_is_refused_by_name() {
    let with_alias = |length| Frame::Hello(Hello { alias: "a".repeat(length), ..hello() });
    assert!(Frame::decode(&with_alias(64).encode()).is_ok());
    let error = LimitExceeded { what: "bytes in an alias", found: 65, limit: 64 };
    assert_eq!(Frame::decode(&with_alias(65).encode()), Err(FrameError::Limit(error)));
}

#[test]
fn envelopes_are_split_into_frames_in_their_order() {
    let envelopes: Vec<_> = (0..200).map(|copies| Envelope { copies, ..envelope(ENVELOPE_BODY_MAX) }).collect();
    let frames = Frame::forwards(envelopes.clone(), FORWARD_MAX);
    assert!(frames.iter().all(|frame| frame.encode().len() <= FRAME_MAX));
    assert_eq!(frames.len(), 200_usize.div_ceil(6), "six of the largest fit a frame");
    let carried = frames.into_iter().flat_map(|frame| match frame {
        Frame::Forward(envelopes) => envelopes,
        _ => vec![],
    });
    assert_eq!(carried.collect::<Vec<_>>(), envelopes);
}

#[test]
fn a_frame_carries_no_more_envelopes_than_wanted() {
    let sizes = |most| {
        let frames = Frame::forwards(vec![envelope(3); 130], most);
        frames.iter().map(|frame| if let Frame::Forward(batch) = frame { batch.len() } else { 0 }).collect::<Vec<_>>()
    };
    assert_eq!(sizes(usize::MAX), [64, 64, 2]);
    assert_eq!(sizes(50), [50, 50, 30]);
    assert!(Frame::forwards(vec![], 64).is_empty());
}

prop_compose! {
    fn any_hello()(
        counter: u64, meetings: u16, free_memory: u64, server: bool, arrivals: u32, alias in ".{0,16}", remembers: u64,
    ) -> Frame {
        let role = if server { Role::Server } else { Role::Client };
        Frame::Hello(Hello { counter: counter.into(), meetings, free_memory, role, arrivals, alias, remembers, ..hello() })
    }
}

prop_compose! {
    fn any_offer()(entries: Vec<([u8; 8], [u8; 8], u16)>) -> Frame {
        let entry = |(id, ack, length)| OfferEntry { id: EnvelopeName(id), ack: AckName(ack), length };
        Frame::Offer(entries.into_iter().map(entry).collect())
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let envelopes = prop::collection::vec(crate::envelope::tests::any_envelope(), 0..10);
    prop_oneof![
        any_hello(),
        any::<(bool, Vec<[u8; 8]>)>().prop_map(|(replace, entries)| Frame::Want(Want { replace, entries })),
        any_offer(),
        envelopes.prop_map(Frame::Forward),
        prop::collection::vec((any::<[u8; 8]>(), prop::sample::select(ReceiptStatus::ALL)), 0..100).prop_map(|all| {
            Frame::Receipt(all.into_iter().map(|(id, status)| Receipt { id: EnvelopeName(id), status }).collect())
        }),
        any::<(u64, Vec<[u8; 16]>)>().prop_map(|(first, secrets)| {
            Frame::Proofs(Proofs { first, secrets: secrets.into_iter().map(ProofSecret).collect() })
        }),
        Just(Frame::Control(Control::Leaving)),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(frame in any_frame()) {
        prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_are_the_encoding(kind in 0..8_u8, bytes: Vec<u8>) {
        for bytes in [bytes.clone(), [vec![0x82, kind], bytes].concat()] {
            if let Ok(frame) = Frame::decode(&bytes) {
                prop_assert_eq!(frame.encode(), bytes);
            }
        }
    }

    #[test]
    fn a_frame_with_bytes_changed_inserted_or_removed_is_refused_or_is_another(
        which: prop::sample::Index, at: prop::sample::Index, removed in 0..8_usize, inserted: [u8; 4], count in 0..5_usize,
    ) {
        let frame = which.get(&frames()).clone();
        let bytes = frame.encode();
        let at = at.index(bytes.len());
        let after = (at + removed).min(bytes.len());
        let changed = [&bytes[..at], &inserted[..count.min(4)], &bytes[after..]].concat();
        prop_assume!(changed != bytes);
        if let Ok(other) = Frame::decode(&changed) {
            prop_assert_ne!(&other, &frame);
            prop_assert_eq!(other.encode(), changed);
        }
    }

    #[test]
    fn every_batch_fits_a_frame(lengths in prop::collection::vec(0..=ENVELOPE_BODY_MAX, 0..150), most in 1..70_usize) {
        let total = lengths.len();
        let frames = Frame::forwards(lengths.into_iter().map(envelope), most);
        let mut carried = 0;
        for frame in frames {
            let bytes = frame.encode();
            prop_assert!(bytes.len() <= FRAME_MAX);
            let Ok(Frame::Forward(batch)) = Frame::decode(&bytes) else { return Err(TestCaseError::fail("refused")) };
            prop_assert!((1..=most).contains(&batch.len()));
            carried += batch.len();
        }
        prop_assert_eq!(carried, total);
    }
}
