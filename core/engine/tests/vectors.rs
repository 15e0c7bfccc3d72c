//! The test vectors that `core/PROTOCOL.md` prints, made by another implementation: the code makes and reads exactly these
//! bytes, and the specification shows them.

use permesso_engine::api::{Cast, Match};
use permesso_engine::certificate::Certificate;
use permesso_engine::codec;
use permesso_engine::envelope::{Class, Envelope, stamp_zero_bits};
use permesso_engine::frame::{Frame, Proofs, Want};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, HostId, OlmKey, ProofSecret, SealingKey, Tag};
use permesso_engine::limits::CERTIFICATE_MAX;
use permesso_engine::packet::{Beacon, Counter, Packet, PacketBody, QueryAlias, Role, Unverified};
use permesso_engine::time::Wall;
use permesso_engine::uri::PermessoUri;

const SPECIFICATION: &str = include_str!("../../PROTOCOL.md");

const KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const HOST_ID: &str = "ef9d3de8-ab8f-86c6-a9ef-88f13d6026cc";
const URI_PARAMETERS: &str = "?alias=gr%C3%A0%20%26%20co&token=0102030405060708090a&at=192.168.1.7:20070&at=[fd00::7]:20070\
    &at=[fe80::7]:20070";
const CERTIFICATE: &str = "865820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c\
    582001010101010101010101010101010101010101010101010101010101010101010258200303030303030303030303030303030303\
    03030303030303030303030303030300584089cd54df9bae212c0f4e1d5d2dea97d8f7f3ddf0ea43536f020d130eb5fa830d15ec3e3c\
    a4d5fbb8f484af95bcd60ee61b2739ebabf92ec18ca3af46ae8f930c";
const HOST_ONLINE: &str = "89010350ef9d3de8ab8f86c6a9ef88f13d6026cc50ffffffffffff8fffbfffffffffffffff1b0000000300\
    0000091b000001a20b82acb85820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c8405199c40110058\
    40791328007311f309b75487615f106e4249088eebf5f971b5df936cee1814fb1e28409309178a5eacb3cbe338f42dbd97da4c52de80\
    39884845ce2b1cbcc7400b";
const QUERY_ALIAS: &str = "89010450ef9d3de8ab8f86c6a9ef88f13d6026cc50ffffffffffff8fffbfffffffffffffff1b0000000300\
    0000091b000001a20b82acb85820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c8448040404040404\
    0404646772c3a001583c0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000000000058406e77bf6bf05507c166701638deb091ea7d9d4b094f79f2b2243162bcbffed309591dda0e\
    09034c4cb39cb5386dfa8c536b044da7636aeeec7557d4035c1bdb08";
const WAY_ASK: &str = "89010a50ef9d3de8ab8f86c6a9ef88f13d6026cc50ffffffffffff8fffbfffffffffffffff1b00000003000000091b000001\
    a20b82acb85820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c8148040404040404040458\
    4039f70ac9a1ab94778192eaab61b127d9d247ad309fb13157e14122cedc7509c2093b47affd6b3e60bf8b8258fc12c0d395\
    76b4900def0597c89614eccb9cee08";
const WAY_RESPONSE: &str = "89010b50ef9d3de8ab8f86c6a9ef88f13d6026cc50ffffffffffff8fffbfffffffffffffff1b00000003000000091b000001\
    a20b82acb85820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c8348040404040404040401\
    646772c3a058406ac240f845bdbe133db7bc872e58d9d66ab56147579f2aa7b9e93e35014dacbc04c6fd426d93e813f106ca\
    41796e046f3ecff7288f34cefe6acdd9910bff1906";
const ENVELOPE: &str = "890101501111111111111111111111111111111150222222222222222222222222222222224533333333331a00\
    03f48018180719012c";
const ENVELOPE_ID: &str = "bd9e8f9105fb48aeaa2e69a5a39458dc";
const STAMP: u64 = 828_482;
const FORWARD: &str = "820381890101501111111111111111111111111111111150222222222222222222222222222222224533333333\
    331a0003f48018180719012c";
const WANT: &str = "820182f58248000102030405060748ffffffffffffffff";
const PROOFS: &str = "8205821903e8815055555555555555555555555555555555";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn identity() -> Identity {
    Identity::from_secret([7; 32])
}

fn packet(body: PacketBody) -> Packet {
    let (sender, key) = (identity().host_id(), identity().key());
    let counter = Counter { generation: 3, n: 9 };
    Packet { sender, receiver: HostId::BROADCAST, counter, timestamp: Wall(1_795_489_443_000), key, body }
}

fn envelope() -> Envelope {
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

#[test]
fn the_uri_is_that_of_the_specification() {
    let addresses = ["[fe80::7%2]:20070", "127.0.0.1:20070", "[fd00::7]:20070", "192.168.1.7:20070"];
    let uri = PermessoUri::new(identity().key(), Some("grà & co".into()), &addresses.map(|text| text.parse().unwrap()));
    let uri = PermessoUri { token: Some((1..=10).collect()), ..uri };
    let text = format!("permesso:{KEY}{URI_PARAMETERS}");
    assert_eq!(uri.to_string(), text);
    assert_eq!(text.parse(), Ok(uri));
    assert!(SPECIFICATION.contains(&format!("permesso:{KEY}\n{URI_PARAMETERS}\n")));
}

#[test]
fn the_certificate_in_a_uri_is_that_of_the_specification() {
    let certificate = Certificate::issue(&identity(), SealingKey([1; 32]), 2, OlmKey([3; 32]), 0);
    let uri = PermessoUri { certificate: Some(certificate), ..PermessoUri::new(identity().key(), None, &[]) };
    let text = uri.to_string();
    let (_, packed) = text.split_once("?cert=").unwrap();
    assert_eq!(packed.len(), 280);
    let lines = [&packed[..106], &packed[106..212], &packed[212..]].join("\n");
    assert!(SPECIFICATION.contains(&format!("```text\n{lines}\n```")), "{lines}");
    assert_eq!(text.parse(), Ok(uri));
}

#[test]
fn a_host_id_is_as_specified() {
    assert_eq!(identity().key().to_string(), KEY);
    assert_eq!(identity().host_id().to_string(), HOST_ID);
}

#[test]
fn a_certificate_is_as_specified() {
    let certificate = Certificate::issue(&identity(), SealingKey([1; 32]), 2, OlmKey([3; 32]), 0);
    let bytes = codec::to_bytes(&certificate);
    assert_eq!(hex(&bytes), CERTIFICATE);
    assert_eq!(codec::from_bytes::<Certificate>(&bytes, CERTIFICATE_MAX), Ok(certificate));
}

#[test]
fn packets_are_as_specified() {
    let beacon = Beacon { interval_s: 5, link_port: 40_000, arrivals: 17, role: Role::Client };
    let query = QueryAlias { nonce: [4; 8], alias: "grà".into(), matching: Match::Partial };
    let vectors = [
        (PacketBody::Online(beacon), HOST_ONLINE),
        (PacketBody::QueryAlias(query), QUERY_ALIAS),
        (PacketBody::WayAsk { nonce: [4; 8] }, WAY_ASK),
        (PacketBody::WayResponse { nonce: [4; 8], cast: Cast::Broadcast, alias: "grà".into() }, WAY_RESPONSE),
    ];
    for (body, bytes) in vectors {
        let packet = packet(body);
        let datagram = packet.encode(&identity());
        assert_eq!(hex(&datagram), bytes);
        assert_eq!(Unverified::parse(&datagram).and_then(Unverified::verify), Ok(packet));
    }
}

#[test]
fn an_envelope_its_id_and_its_stamp_are_as_specified() {
    assert_eq!(hex(&envelope().encode()), ENVELOPE);
    assert_eq!(envelope().id().to_string(), ENVELOPE_ID);
    assert_eq!(stamp_zero_bits(&envelope().id(), STAMP), 21);
    assert!((0..STAMP).rev().take(10_000).all(|stamp| stamp_zero_bits(&envelope().id(), stamp) < 20));
}

#[test]
fn frames_are_as_specified() {
    let want = Frame::Want(Want { replace: true, entries: vec![[0, 1, 2, 3, 4, 5, 6, 7], [0xff; 8]] });
    let proofs = Frame::Proofs(Proofs { first: 1_000, secrets: vec![ProofSecret([0x55; 16])] });
    for (frame, bytes) in [(Frame::Forward(vec![envelope()]), FORWARD), (want, WANT), (proofs, PROOFS)] {
        assert_eq!(hex(&frame.encode()), bytes);
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
}

#[test]
fn the_specification_shows_these_vectors() {
    let shown: String = SPECIFICATION.split_whitespace().collect();
    let vectors = [
        KEY,
        HOST_ID,
        CERTIFICATE,
        HOST_ONLINE,
        QUERY_ALIAS,
        WAY_ASK,
        WAY_RESPONSE,
        ENVELOPE,
        ENVELOPE_ID,
        FORWARD,
        WANT,
        PROOFS,
        "828482",
    ];
    for vector in vectors {
        assert!(shown.contains(vector), "{vector}");
    }
}
