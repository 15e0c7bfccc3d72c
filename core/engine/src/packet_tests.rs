use proptest::prelude::*;

use super::*;
use crate::ids::{OlmKey, SealingKey};
use crate::limits::CERTIFICATE_MAX;

const COUNTER: Counter = Counter { generation: 3, n: 9 };
const BEACON: Beacon = Beacon { interval_s: 5, link_port: 40_000, arrivals: 17, role: Role::Client };

fn identity() -> Identity {
    Identity::from_secret([7; 32])
}

fn certificate(of: &Identity) -> Certificate {
    Certificate::issue(of, SealingKey([1; 32]), 2, OlmKey([3; 32]), 0)
}

fn packet(body: PacketBody) -> Packet {
    let identity = identity();
    let (sender, key) = (identity.host_id(), identity.key());
    let timestamp = Wall(1_795_489_443_000);
    Packet { sender, receiver: HostId::BROADCAST, counter: COUNTER, timestamp, key, body }
}

fn query(alias: &str) -> PacketBody {
    PacketBody::QueryAlias(QueryAlias { nonce: [4; 8], alias: alias.into(), matching: Match::Partial })
}

fn answer(alias: &str, certificate: Certificate) -> PacketBody {
    PacketBody::QueryAliasResponse(AliasAnswer { nonce: [4; 8], alias: alias.into(), certificate, beacon: BEACON })
}

fn way_answer(alias: &str) -> PacketBody {
    PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Multicast, alias: alias.into() }
}

/// One packet for each service, and both forms of DUMMY.
pub(crate) fn packets() -> Vec<Packet> {
    let bodies = [
        PacketBody::Join(BEACON),
        PacketBody::Leave,
        PacketBody::Online(BEACON),
        query("grà"),
        answer("Grazia", certificate(&identity())),
        PacketBody::FreeMemoryAsk { nonce: [4; 8] },
        PacketBody::FreeMemoryResponse { nonce: [4; 8], bytes: 1 << 40, envelopes: 20_000 },
        PacketBody::Dummy(Dummy { port: 40_001, nonce: [4; 8], echo: None }),
        PacketBody::Dummy(Dummy { port: 40_001, nonce: [4; 8], echo: Some([5; 8]) }),
        PacketBody::WayAsk { nonce: [4; 8] },
        PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Multicast, alias: "Grazia".into() },
    ];
    bodies.into_iter().map(packet).collect()
}

fn receive(datagram: &[u8]) -> Result<Packet, PacketError> {
    Unverified::parse(datagram)?.verify()
}

/// The items of a datagram, so that one can be exchanged for another and the whole be signed again.
type Items = Vec<ciborium::Value>;

fn items(datagram: &[u8]) -> Items {
    ciborium::from_reader::<ciborium::Value, _>(datagram).unwrap().into_array().unwrap()
}

fn signed_again(mut items: Items, service: Service) -> Vec<u8> {
    items.truncate(8);
    let mut bytes = codec::to_bytes(&items);
    bytes[0] = 0x89;
    let signature = identity().sign(service.domain(), &bytes);
    [&bytes[..], &SIGNATURE_HEAD, &signature].concat()
}

#[test]
fn every_packet_arrives_as_it_was_sent() {
    for packet in packets() {
        let datagram = packet.encode(&identity());
        assert!(datagram.len() <= DATAGRAM_MAX);
        let unverified = Unverified::parse(&datagram).unwrap();
        assert_eq!(unverified.sender(), packet.sender);
        assert_eq!(unverified.receiver(), packet.receiver);
        assert_eq!(unverified.counter(), packet.counter);
        assert_eq!(unverified.service(), packet.body.service());
        assert_eq!(unverified.verify(), Ok(packet));
    }
}

#[test]
fn a_packet_made_for_every_service() {
    let made: std::collections::BTreeSet<_> = packets().iter().map(|packet| packet.body.service()).collect();
    assert!(Service::ALL.iter().all(|service| made.contains(service)));
    let domains: std::collections::BTreeSet<_> = Service::ALL.iter().map(|service| service.domain()).collect();
    assert_eq!(domains.len(), Service::ALL.len(), "each service signs under a domain of its own");
}

#[test]
fn a_packet_cut_short_anywhere_is_refused() {
    for packet in packets() {
        let datagram = packet.encode(&identity());
        for length in 0..datagram.len() {
            let error = Unverified::parse(&datagram[..length]).unwrap_err();
            assert_eq!(error, PacketError::Malformed(CodecError::Malformed));
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    for packet in packets() {
        let datagram = packet.encode(&identity());
        for (at, bit) in (0..datagram.len()).map(|at| (at, at % 8)) {
            let mut forged = datagram.clone();
            forged[at] ^= 1 << bit;
            assert!(receive(&forged).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_flipped_bit_in_the_signature_is_a_bad_signature() {
    for packet in packets() {
        let datagram = packet.encode(&identity());
        for at in datagram.len() - SIGNATURE..datagram.len() {
            let mut forged = datagram.clone();
            forged[at] ^= 1;
            assert_eq!(receive(&forged), Err(PacketError::BadSignature), "byte {at}");
        }
    }
}

#[test]
fn a_packet_signed_by_another_host_is_refused() {
    for packet in packets() {
        assert_eq!(receive(&packet.encode(&Identity::from_secret([8; 32]))), Err(PacketError::BadSignature));
    }
}

#[test]
fn a_leave_in_the_name_of_another_host_is_refused() {
    let forger = Identity::from_secret([8; 32]);
    let forged = Packet { key: forger.key(), ..packet(PacketBody::Leave) };
    assert_eq!(receive(&forged.encode(&forger)), Err(PacketError::WrongSender));
}

#[test]
fn a_signature_for_one_service_is_none_for_another() {
    let join = packet(PacketBody::Join(BEACON)).encode(&identity());
    let mut relabelled = join;
    relabelled[2] = Service::HostOnline.into();
    assert_eq!(receive(&relabelled), Err(PacketError::BadSignature));
}

#[test]
fn an_unknown_version_is_refused_as_such_whatever_follows() {
    let mut datagram = packet(PacketBody::Leave).encode(&identity());
    datagram[1] = 2;
    assert_eq!(receive(&datagram), Err(PacketError::UnknownVersion(2)));
    assert_eq!(receive(&[0x82, 0x18, 200, 0x00]), Err(PacketError::UnknownVersion(200)));
}

#[test]
fn an_unknown_service_is_refused_as_such() {
    for number in [0, 9, 23] {
        let mut datagram = packet(PacketBody::Leave).encode(&identity());
        datagram[2] = number;
        assert_eq!(receive(&datagram), Err(PacketError::UnknownService(number.into())));
    }
    assert_eq!(receive(&[0x82, 0x01, 0x19, 1, 1]), Err(PacketError::UnknownService(257)));
}

#[test]
fn an_oversized_datagram_is_refused_before_it_is_looked_at() {
    let error = PacketError::TooLong { length: DATAGRAM_MAX + 1 };
    assert_eq!(receive(&[0xff; DATAGRAM_MAX + 1]), Err(error));
}

#[test]
fn a_byte_too_many_is_refused() {
    for packet in packets() {
        let mut datagram = packet.encode(&identity());
        datagram.push(0);
        assert_eq!(receive(&datagram), Err(PacketError::Malformed(CodecError::Malformed)));
    }
}

#[test]
fn a_number_in_more_bytes_than_it_needs_is_refused() {
    let datagram = packet(PacketBody::Leave).encode(&identity());
    // version 1, service 2 in two bytes each
    for at in [1, 2] {
        let mut longer = datagram.clone();
        longer.insert(at, 0x18);
        assert_eq!(receive(&longer), Err(PacketError::Malformed(CodecError::NotCanonical)));
    }
}

#[test]
fn other_forms_of_the_same_items_are_refused_even_if_signed() {
    for packet in packets() {
        let service = packet.body.service();
        let items = items(&packet.encode(&identity()));
        assert_eq!(receive(&signed_again(items.clone(), service)), Ok(packet), "the way to sign again is right");
        for at in 0..8 {
            let mut tagged = items.clone();
            tagged[at] = ciborium::Value::Tag(0, Box::new(tagged[at].clone()));
            assert!(receive(&signed_again(tagged, service)).is_err(), "item {at} behind a tag");
            let mut missing = items.clone();
            missing[at] = ciborium::Value::Null;
            assert!(receive(&signed_again(missing, service)).is_err(), "item {at} missing");
            let mut map = items.clone();
            map[at] = ciborium::Value::Map(vec![]);
            assert!(receive(&signed_again(map, service)).is_err(), "a map for item {at}");
        }
    }
}

#[test]
fn a_body_with_an_item_too_many_or_too_few_is_refused_even_if_signed() {
    for packet in packets() {
        let service = packet.body.service();
        let items = items(&packet.encode(&identity()));
        let body = items[7].clone().into_array().unwrap();
        let mut longer = items.clone();
        longer[7] = ciborium::Value::Array([body.clone(), vec![0.into()]].concat());
        assert!(receive(&signed_again(longer, service)).is_err());
        if let Some((_, shorter_body)) = body.split_last() {
            let mut shorter = items.clone();
            shorter[7] = ciborium::Value::Array(shorter_body.to_vec());
            assert!(receive(&signed_again(shorter, service)).is_err());
        }
    }
}

#[test]
fn an_alias_of_64_bytes_passes_and_one_of_65_does_not() {
    let (fits, too_long) = ("a".repeat(ALIAS_MAX), "a".repeat(ALIAS_MAX + 1));
    let limit = LimitExceeded { what: "bytes in an alias", found: 65, limit: 64 };
    for make in [query, way_answer, |alias: &str| answer(alias, certificate(&identity()))] {
        assert!(receive(&packet(make(&fits)).encode(&identity())).is_ok());
        assert_eq!(receive(&packet(make(&too_long)).encode(&identity())), Err(PacketError::Limit(limit)));
    }
}

#[test]
fn a_search_is_at_least_a_third_of_the_largest_answer() {
    let largest = Packet {
        counter: Counter { generation: u32::MAX, n: u32::MAX },
        timestamp: Wall(u64::MAX),
        ..packet(answer(&"a".repeat(ALIAS_MAX), certificate(&identity())))
    };
    let certificate_now = codec::to_bytes(&certificate(&identity())).len();
    assert!(certificate_now <= CERTIFICATE_MAX);
    let PacketBody::QueryAliasResponse(mut body) = largest.body else { panic!() };
    body.beacon = Beacon { interval_s: u16::MAX, link_port: u16::MAX, arrivals: u32::MAX, role: Role::Server };
    let largest = Packet { body: PacketBody::QueryAliasResponse(body), ..largest }.encode(&identity()).len();
    assert_eq!(largest - certificate_now + CERTIFICATE_MAX, QUERY_ALIAS_RESPONSE_MAX);

    let smallest = Packet { counter: Counter::default(), timestamp: Wall(0), ..packet(query("")) };
    let smallest = smallest.encode(&identity()).len();
    assert!(smallest >= QUERY_ALIAS_MIN, "{smallest}");
}

#[test]
fn an_answer_about_a_way_is_at_most_three_times_its_question() {
    let answer = Packet {
        counter: Counter { generation: u32::MAX, n: u32::MAX },
        timestamp: Wall(u64::MAX),
        ..packet(way_answer(&"a".repeat(ALIAS_MAX)))
    };
    let question =
        Packet { counter: Counter::default(), timestamp: Wall(0), ..packet(PacketBody::WayAsk { nonce: [4; 8] }) };
    let [answer, question] = [answer, question].map(|packet| packet.encode(&identity()).len());
    assert!(answer <= 3 * question, "{answer} bytes for {question}");
    assert!(question <= 200, "a sweep of a doctor too has probes of {question} bytes");
}

#[test]
fn a_way_that_does_not_exist_is_refused_even_if_signed() {
    let response = packet(way_answer("Grazia"));
    let mut items = items(&response.encode(&identity()));
    let nonce = items[7].clone().into_array().unwrap()[0].clone();
    items[7] = ciborium::Value::Array(vec![nonce, 3.into(), "Grazia".into()]);
    let refused = receive(&signed_again(items, Service::WayResponse));
    assert_eq!(refused, Err(PacketError::Malformed(CodecError::Malformed)));
}

#[test]
fn a_search_with_other_padding_is_refused() {
    let search = packet(query("gra"));
    let items = items(&search.encode(&identity()));
    let body = items[7].clone().into_array().unwrap();
    let mut not_zero = vec![0; 61];
    not_zero[60] = 1;
    for padding in [vec![0; 60], vec![0; 62], vec![], not_zero] {
        let mut changed = body.clone();
        changed[3] = ciborium::Value::Bytes(padding);
        let mut items = items.clone();
        items[7] = ciborium::Value::Array(changed);
        assert_eq!(receive(&signed_again(items, Service::QueryAlias)), Err(PacketError::BadPadding));
    }
}

#[test]
fn an_answer_with_the_certificate_of_another_host_is_refused() {
    let other = certificate(&Identity::from_secret([8; 32]));
    assert_eq!(receive(&packet(answer("Grazia", other)).encode(&identity())), Err(PacketError::WrongSender));
}

#[test]
fn an_answer_with_a_changed_certificate_is_refused() {
    let changed = Certificate { sealing_number: 77, ..certificate(&identity()) };
    assert_eq!(receive(&packet(answer("Grazia", changed)).encode(&identity())), Err(PacketError::BadSignature));
}

#[test]
fn counters_are_ordered_by_generation_and_then_by_number() {
    let counter = |generation, n| Counter { generation, n };
    assert!(counter(1, u32::MAX) < counter(2, 0));
    assert!(counter(2, 0) < counter(2, 1));
    assert_eq!(u64::from(counter(3, 9)), 0x3_0000_0009);
    assert_eq!(Counter::from(0x3_0000_0009), counter(3, 9));
}

fn any_beacon() -> impl Strategy<Value = Beacon> {
    any::<(u16, u16, u32, bool)>().prop_map(|(interval_s, link_port, arrivals, server)| {
        let role = if server { Role::Server } else { Role::Client };
        Beacon { interval_s, link_port, arrivals, role }
    })
}

fn any_body() -> impl Strategy<Value = PacketBody> {
    prop_oneof![
        any_beacon().prop_map(PacketBody::Join),
        Just(PacketBody::Leave),
        any_beacon().prop_map(PacketBody::Online),
        (any::<[u8; 8]>(), ".{0,16}", any::<bool>()).prop_map(|(nonce, alias, exact)| {
            let matching = if exact { Match::Exact } else { Match::Partial };
            PacketBody::QueryAlias(QueryAlias { nonce, alias, matching })
        }),
        (any::<[u8; 8]>(), ".{0,16}", any_beacon()).prop_map(|(nonce, alias, beacon)| {
            let certificate = certificate(&identity());
            PacketBody::QueryAliasResponse(AliasAnswer { nonce, alias, certificate, beacon })
        }),
        any::<[u8; 8]>().prop_map(|nonce| PacketBody::FreeMemoryAsk { nonce }),
        any::<([u8; 8], u64, u32)>().prop_map(|(nonce, bytes, envelopes)| PacketBody::FreeMemoryResponse {
            nonce,
            bytes,
            envelopes
        }),
        any::<(u16, [u8; 8], Option<[u8; 8]>)>().prop_map(|(port, nonce, echo)| PacketBody::Dummy(Dummy {
            port,
            nonce,
            echo
        })),
        any::<[u8; 8]>().prop_map(|nonce| PacketBody::WayAsk { nonce }),
        (any::<[u8; 8]>(), 0..3_u8, ".{0,16}").prop_map(|(nonce, cast, alias)| PacketBody::WayResponse {
            nonce,
            cast: cast_of(cast).unwrap(),
            alias
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_sent_is_received(body in any_body(), counter: u64, timestamp: u64, to: u128) {
        let receiver = HostId::from_uuid(uuid::Uuid::from_u128(to));
        let packet = Packet { receiver, counter: counter.into(), timestamp: Wall(timestamp), ..packet(body) };
        let datagram = packet.encode(&identity());
        prop_assert!(datagram.len() <= DATAGRAM_MAX);
        prop_assert_eq!(receive(&datagram), Ok(packet));
    }

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..1_300)) {
        prop_assert!(receive(&bytes).is_err());
    }

    #[test]
    fn a_packet_with_bytes_overwritten_inserted_or_removed_is_refused(
        which: prop::sample::Index, at: prop::sample::Index, removed in 0..8_usize, inserted: [u8; 4], count in 0..5_usize,
    ) {
        let datagram = which.get(&packets()).encode(&identity());
        let at = at.index(datagram.len());
        let after = (at + removed).min(datagram.len());
        let changed = [&datagram[..at], &inserted[..count.min(4)], &datagram[after..]].concat();
        prop_assume!(changed != datagram);
        prop_assert!(receive(&changed).is_err());
    }
}
