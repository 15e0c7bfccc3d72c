//! What a flood of invented hosts costs the one it is for, a process of its own, and whether its friend is still heard.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use permesso_engine::identity::Identity;
use permesso_engine::packet::{Beacon, Counter, Packet, PacketBody, Role};
use permesso_engine::time::Wall;
use permesso_node::HostId;

use crate::pair::{PONG, PORT, Pair, one};
use crate::spread::Spread;
use crate::{Outcome, used};

/// JOINs a second, for so many seconds.
const PER_SECOND: u32 = 10_000;
const SECONDS: u32 = 5;
/// They come from so many addresses, so that no limit by address is what holds.
const ADDRESSES: u8 = 250;
/// How many go at once: what a socket cannot hold never gets in.
const AT_ONCE: usize = 10;
/// Messages of the friend in each second of the flood.
const MESSAGES_EVERY: Duration = Duration::from_millis(100);

/// What the flooded host used, and how long its friend's messages took.
#[derive(Clone, Debug)]
pub struct Flooded {
    /// Of one processor, in per cent.
    pub cpu_percent: f64,
    /// Memory more than before, in 10⁶ bytes, at the most.
    pub resident_more_mb: f64,
    /// JOINs sent a second.
    pub per_second: f64,
    /// One message of the friend, send to delivered, in milliseconds.
    pub message: Spread,
}

/// Measures in `folder`, which keeps the homes of both hosts.
///
/// # Errors
/// A host cannot live, or a message is not delivered.
pub async fn measure(folder: &Path) -> Outcome<Flooded> {
    let joins = tokio::task::spawn_blocking(|| invented(PER_SECOND * SECONDS)).await?;
    let pair = Pair::start(folder).await?;
    let mut events = pair.node.events();
    one(&pair, &mut events).await?;
    let (other, begun) = (pair.other(), Instant::now());
    let before = (used::cpu_s(other), used::resident_mb(other).0);
    let flood = tokio::task::spawn_blocking(move || flood(&joins));
    let mut times = Vec::new();
    while !flood.is_finished() {
        tokio::time::sleep(MESSAGES_EVERY).await;
        times.push(one(&pair, &mut events).await?);
    }
    let sent = flood.await??;
    let span = begun.elapsed().as_secs_f64();
    let (cpu, most) = (used::cpu_s(other), used::resident_mb(other).1);
    pair.end().await?;
    Ok(Flooded {
        cpu_percent: (cpu - before.0) / span * 100.0,
        resident_more_mb: (most - before.1).max(0.0),
        per_second: sent,
        message: Spread::of_times(times),
    })
}

/// Sends all of them; how many a second went out.
fn flood(joins: &[Vec<u8>]) -> std::io::Result<f64> {
    let sockets: Result<Vec<_>, _> =
        (1..=ADDRESSES).map(|last| UdpSocket::bind((Ipv4Addr::new(127, 0, 9, last), 0))).collect();
    let begun = Instant::now();
    for ((sent, some), socket) in (0u32..).zip(joins.chunks(AT_ONCE)).zip(sockets?.iter().cycle()) {
        for join in some {
            // A full buffer at the other end is no error of ours.
            let _ = socket.send_to(join, (Ipv4Addr::from(PONG), PORT));
        }
        let due = Duration::from_secs_f64(f64::from(sent) * AT_ONCE as f64 / f64::from(PER_SECOND));
        sleep(due.saturating_sub(begun.elapsed()));
    }
    Ok(joins.len() as f64 / begun.elapsed().as_secs_f64())
}

/// JOINs of so many hosts that nobody has invented before, each with a signature that is good.
fn invented(count: u32) -> Vec<Vec<u8>> {
    let join = |number: u32| {
        let mut secret = [0x5a; 32];
        for (byte, part) in secret.iter_mut().zip(number.to_be_bytes()) {
            *byte = part;
        }
        let identity = Identity::from_secret(secret);
        let packet = Packet {
            sender: identity.host_id(),
            receiver: HostId::BROADCAST,
            counter: Counter { generation: 1, n: 1 },
            timestamp: Wall(0),
            key: identity.key(),
            body: PacketBody::Join(Beacon { interval_s: 5, link_port: 40_000, arrivals: 0, role: Role::Client }),
        };
        packet.encode(&identity)
    };
    (0..count).map(join).collect()
}
