//! What can go wrong in a world, and how often.

use serde::{Deserialize, Serialize};

/// Probabilities and rates of everything that goes wrong while a world's users are active. Probabilities are from 0 to 1;
/// rates are mean times between two such faults in the whole world in milliseconds, 0 for never.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// What the set is called.
    pub name: String,
    /// A datagram's copy does not arrive.
    pub loss: f64,
    /// A datagram arrives twice.
    pub duplication: f64,
    /// A datagram arrives up to 3 s late, after later ones.
    pub reorder: f64,
    /// A byte of a datagram is changed.
    pub corruption: f64,
    /// A dial is lost on the way though the peer is there.
    pub dial_loss: f64,
    /// A host crashes at a commit boundary: the rows not yet durable are lost.
    pub crash_at_commit: f64,
    /// Somebody crashes at any moment.
    pub crash_every: u64,
    /// Somebody's power goes for some minutes.
    pub power_off_every: u64,
    /// Somebody says good-bye, and comes back after some minutes.
    pub leave_every: u64,
    /// The reach between hosts changes: partitions, hidden hosts, nobody reaching anybody, or all.
    pub partition_every: u64,
    /// Somebody's wall clock jumps in either direction, by up to two days or by up to [`clock_years`](Self::clock_years).
    pub clock_jump_every: u64,
    /// By how many years clocks may be wrong.
    pub clock_years: u64,
    /// Somebody gets another address.
    pub roam_every: u64,
    /// Somebody's device sleeps for some minutes: nothing is lost, everything is late.
    pub sleep_every: u64,
    /// Largest difference of a wall clock from the true time at the start, in milliseconds.
    pub clock_skew: u64,
    /// Somebody's disk is full for some seconds or minutes: commits are refused.
    pub full_disk_every: u64,
    /// Somebody's interface goes down or comes up, or gets another address without going down.
    pub interface_every: u64,
    /// Somebody's device is installed afresh: the same person, another identity.
    pub reinstall_every: u64,
    /// Somebody's database is copied, or an older copy of it put back.
    pub old_copy_every: u64,
    /// The adversary, whom nobody knows, sends something: recorded, changed or forged.
    pub adversary_every: u64,
    /// Malicious hosts that make friends with the others, beside the world's hosts.
    pub insiders: usize,
    /// A malicious host does something with its keys.
    pub insider_every: u64,
}

impl Faults {
    /// The names of the sets that come with the simulator.
    pub const NAMES: [&'static str; 3] = ["calm", "lossy", "storm"];

    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self {
            name: "calm".into(),
            loss: 0.0,
            duplication: 0.0,
            reorder: 0.0,
            corruption: 0.0,
            dial_loss: 0.0,
            crash_at_commit: 0.0,
            crash_every: 0,
            power_off_every: 0,
            leave_every: 0,
            partition_every: 0,
            clock_jump_every: 0,
            clock_years: 0,
            roam_every: 0,
            sleep_every: 0,
            clock_skew: 0,
            full_disk_every: 0,
            interface_every: 0,
            reinstall_every: 0,
            old_copy_every: 0,
            adversary_every: 0,
            insiders: 0,
            insider_every: 0,
        }
    }

    /// A bad radio: datagrams are lost, doubled, late and damaged, and people walk in and out of reach.
    pub fn lossy() -> Self {
        Self {
            name: "lossy".into(),
            loss: 0.2,
            duplication: 0.05,
            reorder: 0.05,
            corruption: 0.02,
            dial_loss: 0.1,
            partition_every: 120_000,
            leave_every: 240_000,
            interface_every: 240_000,
            clock_skew: 3_600_000,
            ..Self::calm()
        }
    }

    /// Everything at once, an adversary and a malicious friend included.
    pub fn storm() -> Self {
        Self {
            name: "storm".into(),
            loss: 0.25,
            duplication: 0.1,
            reorder: 0.1,
            corruption: 0.05,
            dial_loss: 0.2,
            crash_at_commit: 0.01,
            crash_every: 120_000,
            power_off_every: 240_000,
            leave_every: 240_000,
            partition_every: 90_000,
            clock_jump_every: 120_000,
            clock_years: 60,
            roam_every: 300_000,
            sleep_every: 300_000,
            clock_skew: 172_800_000,
            full_disk_every: 180_000,
            interface_every: 120_000,
            reinstall_every: 600_000,
            old_copy_every: 200_000,
            adversary_every: 2_000,
            insiders: 1,
            insider_every: 4_000,
        }
    }

    /// The set with this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "calm" => Some(Self::calm()),
            "lossy" => Some(Self::lossy()),
            "storm" => Some(Self::storm()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_set_is_found_under_its_name() {
        for name in Faults::NAMES {
            assert_eq!(Faults::named(name).unwrap().name, name);
        }
        assert_eq!(Faults::named("mild"), None);
    }
}
