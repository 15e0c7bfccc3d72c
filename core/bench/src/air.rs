//! What hosts that have nothing to say cost the air, and what a step of the simulator costs.

use std::collections::BTreeMap;
use std::time::Instant;

use permesso_engine::api::{Command, FriendState};
use permesso_sim::{Amount, Faults, World, WorldConfig, run};

use crate::Outcome;

/// Headers around the bytes of a datagram: UDP 8, IPv4 20, LLC and SNAP 8, 802.11 24, its checksum 4.
const HEADERS: u64 = 8 + 20 + 8 + 24 + 4;
/// 802.11 by OFDM at 6 Mbit/s (IEEE 802.11-2020, 17.3): 20 µs of preamble, then symbols of 4 µs with 24 bits each, 22 of
/// which are not the frame's.
const PREAMBLE_US: u64 = 20;
const SYMBOL_US: u64 = 4;
const SYMBOL_BITS: u64 = 24;
const SERVICE_AND_TAIL_BITS: u64 = 22;
/// The quiet before a frame (DIFS with slots of 9 µs).
const BEFORE_US: u64 = 34;

/// Lets so many hosts in one radio cell come up, of which the last `servers` are persistent servers, and then watches them doing
/// nothing but show themselves, meet strangers now and then, and keep their links to servers.
pub fn idle(hosts: usize, servers: usize) -> Cost {
    let mut world = World::new(&WorldConfig { servers, ..WorldConfig::new(hosts, 0, 1, Faults::calm()) });
    // Until each has heard all and its interval has grown to what that many hosts make it: 0.16 s for each, twice.
    let settle = 60_000 + 320 * hosts as u64;
    let watched = 300_000.max(900 * hosts as u64);
    world.run_for(settle);
    let before = said(&world, hosts);
    world.run_for(watched);
    cost(&since(said(&world, hosts), &before), &world, hosts, watched)
}

fn frame_us(bytes: u64) -> u64 {
    let bits = SERVICE_AND_TAIL_BITS + 8 * (bytes + HEADERS);
    BEFORE_US + PREAMBLE_US + SYMBOL_US * bits.div_ceil(SYMBOL_BITS)
}

/// Around a frame on a link: QUIC's short header with packet number, stream frame and checksum tag (RFC 9000, 17.3 and 19.8),
/// and the length of the frame.
const QUIC_OVERHEAD: u64 = 1 + 8 + 2 + 8 + 16 + 4;
/// The longest QUIC datagram.
const DATAGRAM_MAX: u64 = 1_200;
/// A QUIC packet that only acknowledges: header, an ACK frame, checksum tag.
const ACK_BYTES: u64 = 1 + 8 + 2 + 8 + 16;
/// A link's beginning and end, in bytes of each datagram, as captured between two hosts: three Initials padded as RFC 9000,
/// 14.1, asks, the rest of the handshake, and the closing of both sides. HELLO is not among them.
const LINK_DATAGRAMS: [u64; 12] = [1_200, 1_200, 138, 1_200, 138, 37, 34, 54, 39, 35, 37, 38];
/// What is sent to one host is acknowledged by 802.11 too: 16 µs (SIFS), the preamble, 14 bytes at 6 Mbit/s.
const RADIO_ACK_US: u64 = 16 + PREAMBLE_US + SYMBOL_US * (SERVICE_AND_TAIL_BITS + 8 * 14).div_ceil(SYMBOL_BITS);
/// A link with nothing to say shows itself as often as its hosts' beacons are sent, within these limits (PROTOCOL.md, §7,
/// Quiet). A link with a stranger ends before that.
const QUIET_MS: std::ops::RangeInclusive<u64> = 15_000..=100_000;

/// What hosts say besides the mail itself.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Of the air's time, in per cent.
    pub airtime_percent: f64,
    /// Bytes of datagrams per host and hour, without headers of UDP and below.
    pub bytes_per_host_hour: f64,
    /// The part of each kind of packet in the air's time, in per cent, the greatest first.
    pub kinds: Vec<(&'static str, f64)>,
    /// Envelopes that others carried at the end.
    pub carried: usize,
    /// Links that stood at the end.
    pub links: usize,
}

/// Lets so many hosts in one radio cell come up, of which `pairs` pairs are friends whose one half is away and has mail that
/// the others carry for it, and watches what they say besides the mail itself.
///
/// # Errors
/// The friends do not find each other, or nobody carries anything.
pub fn control(hosts: usize, pairs: usize) -> Outcome<Cost> {
    let mut world = World::new(&WorldConfig::new(hosts, 0, 1, Faults::calm()));
    world.run_for(10_000);
    for (asker, asked) in (0..pairs).map(|pair| (2 * pair, 2 * pair + 1)) {
        let (uri, host) = (world.code(asked), world.id(asked));
        world.command(asker, Command::ScanUri { uri })?;
        world.command(asker, Command::AskFriendship { host, greeting: String::new() })?;
    }
    world.run_for(30_000);
    for (asker, asked) in (0..pairs).map(|pair| (2 * pair, 2 * pair + 1)) {
        let host = world.id(asker);
        world.command(asked, Command::AnswerFriendship { host, accept: true, tell: true })?;
    }
    world.run_for(30_000);
    for asked in (0..pairs).map(|pair| 2 * pair + 1) {
        world.command(asked, Command::Leave)?;
        world.run_for(100);
        world.power_off(asked);
    }
    // By then each has heard all, and its interval has grown to what that many hosts make it.
    world.run_for(60_000.max(320 * hosts as u64));
    let settled = said(&world, hosts);
    // Each meets three strangers in this time (one every 0.9 s a host), and sends many beacons (one every 0.16 s a host).
    let watched = 600_000.max(2_700 * hosts as u64);
    let messages = 8;
    for number in 0..messages {
        for asker in (0..pairs).map(|pair| 2 * pair) {
            let host = world.id(asker + 1);
            if world.friends(asker).iter().all(|friend| friend.state != FriendState::Friend) {
                return Err(format!("host {asker} did not become a friend").into());
            }
            world.command(asker, Command::SendText { host, text: format!("number {number} while you were away") })?;
        }
        world.run_for(watched / messages);
    }
    let mut said = since(said(&world, hosts), &settled);
    said.remove("FORWARD");
    let cost = cost(&said, &world, hosts, watched);
    if cost.carried == 0 {
        return Err("nobody carries anything".into());
    }
    Ok(cost)
}

fn said(world: &World, hosts: usize) -> BTreeMap<&'static str, Amount> {
    let mut said: BTreeMap<&'static str, Amount> = BTreeMap::new();
    for (kind, amount) in (0..hosts).flat_map(|host| world.traffic(host)) {
        let sum = said.entry(kind).or_default();
        (sum.count, sum.bytes) = (sum.count + amount.count, sum.bytes + amount.bytes);
    }
    said
}

fn since(
    mut said: BTreeMap<&'static str, Amount>,
    before: &BTreeMap<&'static str, Amount>,
) -> BTreeMap<&'static str, Amount> {
    for (kind, before) in before {
        if let Some(now) = said.get_mut(kind) {
            (now.count, now.bytes) = (now.count - before.count, now.bytes - before.bytes);
        }
    }
    said
}

/// What these packets and frames cost; to the frames belongs what QUIC needs for links.
fn cost(said: &BTreeMap<&'static str, Amount>, world: &World, hosts: usize, watched: u64) -> Cost {
    let (mut kinds, mut bytes, mut us) = (Vec::new(), 0, 0);
    let mut add = |kind, time: u64, sent: u64| {
        kinds.push((kind, time as f64 / (watched * 10) as f64));
        (bytes, us) = (bytes + sent, us + time);
    };
    for (kind, amount) in said.iter().filter(|(_, amount)| amount.count > 0) {
        let mean = amount.bytes / amount.count;
        let (time, sent) = match *kind {
            "HELLO" | "WANT" | "OFFER" | "RECEIPT" | "PROOFS" | "CONTROL" => frame_on_link(mean),
            "JOIN_NETWORK" | "HOST_ONLINE" | "LEAVE_NETWORK" | "QUERY_ALIAS" => (frame_us(mean), mean),
            _ => (frame_us(mean) + RADIO_ACK_US, mean),
        };
        add(*kind, amount.count * time, amount.count * sent);
    }
    let links = said.get("HELLO").map_or(0, |hello| hello.count / 2);
    let datagrams = LINK_DATAGRAMS.into_iter();
    let (time, sent) =
        datagrams.fold((0, 0), |(time, sent), bytes| (time + frame_us(bytes) + RADIO_ACK_US, sent + bytes));
    add("QUIC", links * time, links * sent);
    let standing = world.standing_links();
    let quiet = world.beacon_interval(0);
    let shown = standing as u64 * watched / quiet.clamp(*QUIET_MS.start(), *QUIET_MS.end());
    let (time, sent) = frame_on_link(0);
    add("standing links", shown * time, shown * sent);
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1));
    Cost {
        airtime_percent: us as f64 / (watched * 10) as f64,
        bytes_per_host_hour: bytes as f64 / hosts as f64 * 3_600_000.0 / watched as f64,
        kinds,
        carried: (0..hosts).map(|host| world.custody_of(host)).sum(),
        links: standing,
    }
}

/// The air's time and the bytes of a frame of this length on a link, with its acknowledgement.
fn frame_on_link(length: u64) -> (u64, u64) {
    let (whole, rest) = (length / DATAGRAM_MAX, length % DATAGRAM_MAX);
    let datagrams = std::iter::repeat_n(DATAGRAM_MAX, usize::try_from(whole).unwrap_or_default()).chain([rest]);
    datagrams.fold((0, 0), |(time, sent), part| {
        let bytes = part + QUIC_OVERHEAD;
        (time + frame_us(bytes) + frame_us(ACK_BYTES) + 2 * RADIO_ACK_US, sent + bytes + ACK_BYTES)
    })
}

/// Steps of the simulator per second: engines of five hosts in a storm, every promise checked after each.
///
/// # Errors
/// A promise is broken.
pub fn steps_per_second(seed: u64) -> Result<f64, String> {
    let start = Instant::now();
    let report = run(&WorldConfig::new(5, 30, seed, Faults::storm()));
    if !report.is_kept() {
        return Err(report.to_string());
    }
    Ok(report.steps as f64 / start.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_162_bytes_takes_a_third_of_a_millisecond_at_6_mbit_per_second() {
        assert_eq!(frame_us(162), 34 + 20 + 4 * 77);
    }

    #[test]
    fn a_frame_on_a_link_costs_its_datagrams_and_their_acknowledgements() {
        assert_eq!(RADIO_ACK_US, 16 + 20 + 4 * 6);
        assert_eq!(frame_on_link(100), (frame_us(139) + frame_us(35) + 120, 174));
        assert_eq!(frame_on_link(1_300).1, 1_239 + 139 + 70);
    }

    #[test]
    fn twenty_hosts_that_carry_mail_for_others_stay_under_two_per_cent_of_the_air() {
        let control = control(20, 3).unwrap();
        assert!(control.carried >= 10 && control.kinds.iter().any(|(kind, _)| *kind == "OFFER"), "{control:?}");
        let sum: f64 = control.kinds.iter().map(|(_, part)| part).sum();
        assert!((sum - control.airtime_percent).abs() < 1e-9, "{control:?}");
        assert!(control.airtime_percent < 2.0, "{control:?}");
    }

    #[test]
    fn ten_idle_hosts_stay_under_two_per_cent_of_the_air() {
        let idle = idle(10, 0);
        assert!(idle.airtime_percent > 0.0 && idle.airtime_percent < 2.0, "{idle:?}");
    }

    #[test]
    fn links_to_two_servers_count_and_leave_the_air_under_two_per_cent() {
        let idle = idle(40, 2);
        let (_, part) = idle.kinds.iter().find(|(kind, _)| *kind == "standing links").unwrap();
        assert!(idle.links >= 76 && *part > 0.0 && idle.airtime_percent < 2.0, "{idle:?}");
    }
}
