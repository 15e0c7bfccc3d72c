//! What hosts that have nothing to say cost the air, and what a step of the simulator costs.

use std::time::Instant;

use permesso_sim::{Faults, World, WorldConfig, run};

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

/// What hosts cost that have nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Of the air's time, in per cent.
    pub airtime_percent: f64,
    /// Bytes of datagrams per host and hour, without headers.
    pub bytes_per_host_hour: f64,
}

/// Lets so many hosts in one radio cell come up, and then watches them doing nothing.
pub fn idle(hosts: usize) -> Idle {
    let mut world = World::new(&WorldConfig::new(hosts, 0, 1, Faults::calm()));
    // Until each has heard all and its interval has grown to what that many hosts make it: 0.16 s for each, twice.
    let settle = 60_000 + 320 * hosts as u64;
    let watched = 300_000.max(320 * hosts as u64);
    world.run_for(settle);
    let sent = |world: &World| {
        let kinds = (0..hosts).flat_map(|host| world.traffic(host).into_values());
        kinds.fold((0, 0), |(count, bytes), amount| (count + amount.count, bytes + amount.bytes))
    };
    let before = sent(&world);
    world.run_for(watched);
    let after = sent(&world);
    let (count, bytes) = (after.0 - before.0, after.1 - before.1);
    let mean = bytes.checked_div(count).unwrap_or(0);
    let airtime_us = count * frame_us(mean);
    Idle {
        airtime_percent: airtime_us as f64 / (watched * 1_000) as f64 * 100.0,
        bytes_per_host_hour: bytes as f64 / hosts as f64 * 3_600_000.0 / watched as f64,
    }
}

fn frame_us(bytes: u64) -> u64 {
    let bits = SERVICE_AND_TAIL_BITS + 8 * (bytes + HEADERS);
    BEFORE_US + PREAMBLE_US + SYMBOL_US * bits.div_ceil(SYMBOL_BITS)
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
    fn ten_idle_hosts_stay_under_two_per_cent_of_the_air() {
        let idle = idle(10);
        assert!(idle.airtime_percent > 0.0 && idle.airtime_percent < 2.0, "{idle:?}");
    }
}
