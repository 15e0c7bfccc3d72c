//! Every parameter of the protocol, with its start value and where that comes from.

use serde::{Deserialize, Serialize};

use crate::api::Visibility;
use crate::time::Millis;

/// The parameters of one host. Sections and names are those of the configuration file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who this host is to others.
    pub host: HostConfig,
    /// Beacons and how a host is taken to be online.
    pub presence: PresenceConfig,
    /// Links.
    pub links: LinkConfig,
    /// Messages.
    pub messages: MessageConfig,
    /// Friend requests.
    pub friendship: FriendshipConfig,
    /// Carrying other people's envelopes.
    pub custody: CustodyConfig,
}

/// Who this host is to others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostConfig {
    /// The alias others can search for, at most 64 bytes of UTF-8. Until it is changed at run time.
    pub alias: String,
    /// Who may see this host. Until it is changed at run time.
    pub visibility: Visibility,
    /// The default UDP port, the same on all hosts of a network. Until it is changed at run time.
    pub port: u16,
}

impl Default for HostConfig {
    fn default() -> Self {
        // 20070: the year of the PERMESSO report and a zero; not assigned by IANA.
        Self { alias: "Permesso".into(), visibility: Visibility::Everybody, port: 20_070 }
    }
}

/// Beacons and how a host is taken to be online (PROTOCOL.md, Presence).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// Shortest time between two beacons, in milliseconds.
    pub beacon_min: Millis,
    /// Time between beacons per host heard, in milliseconds: 0.16 s keeps all beacons under 2 % of airtime.
    pub beacon_per_host: Millis,
    /// Hosts heard are counted up to this many.
    pub beacon_hosts_max: u32,
    /// A beacon's time is varied by up to this many per cent, both ways.
    pub beacon_jitter_percent: u32,
    /// A host is offline after so many tenths of its announced interval without a sign.
    pub offline_after_tenths: u32,
    /// The announced interval is taken to be at least this, in milliseconds.
    pub interval_min: Millis,
    /// The announced interval is taken to be at most this, in milliseconds.
    pub interval_max: Millis,
    /// When the JOINs are sent after the start, in milliseconds.
    pub join_at: [Millis; 3],
    /// Shortest span over which replies to a JOIN or a search are spread, in milliseconds.
    pub reply_spread_min: Millis,
    /// That span per host heard, in milliseconds.
    pub reply_spread_per_host: Millis,
    /// A reply to a JOIN is left out when so many others were heard replying.
    pub reply_suppress_after: u32,
    /// How many hosts that are not friends are remembered.
    pub hosts_max: u32,
    /// How long a search waits for answers, in milliseconds.
    pub search_time: Millis,
    /// Answers to a search that came by broadcast, per address and minute.
    pub answers_per_minute: u32,
    /// While nobody is heard, ask every address of a small private IPv4 network by unicast.
    pub sweep: bool,
    /// Networks with a shorter prefix, in bits, are too large for that.
    pub sweep_prefix_min: u8,
    /// Nobody was heard for so long before it begins, in milliseconds.
    pub sweep_after: Millis,
    /// Time between two addresses, in milliseconds.
    pub sweep_spacing: Millis,
    /// First pause after everybody was asked and nobody answered, in milliseconds; it doubles.
    pub sweep_pause_min: Millis,
    /// Longest such pause, in milliseconds.
    pub sweep_pause_max: Millis,
    /// Addresses asked per hour, all networks together.
    pub sweep_per_hour: u32,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            beacon_min: Millis::from_secs(5),
            beacon_per_host: Millis(160),
            beacon_hosts_max: 1_000,
            beacon_jitter_percent: 25,
            offline_after_tenths: 35,
            interval_min: Millis::from_secs(5),
            interval_max: Millis::from_secs(200),
            join_at: [Millis(0), Millis(500), Millis(2_000)],
            reply_spread_min: Millis(250),
            reply_spread_per_host: Millis(10),
            reply_suppress_after: 8,
            hosts_max: 4_096,
            search_time: Millis::from_secs(3),
            answers_per_minute: 2,
            sweep: true,
            // 254 addresses: a home, a phone's hotspot.
            sweep_prefix_min: 24,
            // Two beacons of a host that is heard after all, and the replies to the JOINs.
            sweep_after: Millis::from_secs(15),
            // A datagram of less than 200 bytes and the ARP it causes: under 1 % of a 6 Mbit/s cell.
            sweep_spacing: Millis(100),
            sweep_pause_min: Millis::from_minutes(5),
            sweep_pause_max: Millis::from_hours(1),
            // Four times a full /24.
            sweep_per_hour: 1_016,
        }
    }
}

/// Links (PROTOCOL.md, Links).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkConfig {
    /// Links at a time.
    pub links_max: u32,
    /// Of these, links with hosts that are not friends.
    pub stranger_links_max: u32,
    /// Handshakes begun per second.
    pub handshakes_per_second: u32,
    /// A link without a frame for so long is closed, in milliseconds.
    pub idle_close: Millis,
    /// The larger id dials so long after the smaller should have, in milliseconds.
    pub second_dial_after: Millis,
    /// An unanswered DUMMY is repeated after this, then after twice as long, in milliseconds.
    pub probe_repeat: Millis,
    /// DUMMYs sent before the back-off begins.
    pub probe_tries: u32,
    /// First pause after a failure, in milliseconds; it doubles.
    pub backoff_min: Millis,
    /// Longest pause after a failure, in milliseconds.
    pub backoff_max: Millis,
    /// Envelopes per FORWARD (a parameter of 2007), at most 64.
    pub forward_max: u32,
}

impl LinkConfig {
    /// The start values of a persistent server: links with as many as a large building holds.
    pub fn server() -> Self {
        Self {
            // Every link costs some 100 KiB at its busiest, so these cost 100 MiB; all of them may be strangers, for a server
            // has no friends.
            links_max: 1_000,
            stranger_links_max: 1_000,
            // A handshake costs half a millisecond: a tenth of one processor, and all 1,000 are back 5 s after a restart.
            handshakes_per_second: 200,
            ..Self::default()
        }
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            links_max: 64,
            stranger_links_max: 16,
            handshakes_per_second: 20,
            idle_close: Millis::from_minutes(2),
            second_dial_after: Millis::from_secs(1),
            probe_repeat: Millis(500),
            probe_tries: 5,
            backoff_min: Millis::from_secs(2),
            backoff_max: Millis::from_minutes(10),
            forward_max: 64,
        }
    }
}

/// Messages (PROTOCOL.md, Messages and Envelopes).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageConfig {
    /// Messages kept per conversation, 1 to 1,000,000. Until it is changed at run time.
    pub history_max: u32,
    /// Messages waiting for delivery, all friends together, 1 to 100,000. Until it is changed at run time.
    pub outbox_max: u32,
    /// An undelivered message fails after this, in milliseconds. Until it is changed at run time.
    pub outbox_expiry: Millis,
    /// Lifetime of an envelope with carriers, in milliseconds; at most 7 days.
    pub envelope_lifetime: Millis,
    /// Ciphertexts held for their turn, per friend.
    pub held_max: u32,
    /// The same in bytes.
    pub held_bytes_max: u64,
    /// The same in bytes, all friends together.
    pub held_bytes_total: u64,
    /// After so long the first held ciphertext's turn has come, in milliseconds.
    pub held_wait: Millis,
    /// Duplicate marks kept per friend; must be greater than the outbox of any friend.
    pub marks_max: u32,
    /// Tell friends that their messages were opened. Until it is changed at run time.
    pub read_receipts: bool,
}

impl Default for MessageConfig {
    fn default() -> Self {
        Self {
            history_max: 10_000,
            outbox_max: 1_000,
            outbox_expiry: Millis::from_days(30),
            envelope_lifetime: Millis::from_hours(72),
            held_max: 1_000,
            held_bytes_max: 10 << 20,
            held_bytes_total: 64 << 20,
            held_wait: Millis::from_hours(24),
            marks_max: 100_000,
            read_receipts: false,
        }
    }
}

/// Friend requests (PROTOCOL.md, Friendship).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FriendshipConfig {
    /// Open requests, sent and received each.
    pub asks_max: u32,
    /// An unanswered request is forgotten after this, in milliseconds.
    pub ask_expiry: Millis,
    /// Keys of an ended friendship are kept so long to prove END again, in milliseconds.
    pub end_keys_kept: Millis,
    /// Shortest time between two resets with one friend, in milliseconds.
    pub reset_min: Millis,
    /// Resets a day with one friend.
    pub resets_per_day: u32,
    /// Leading zero bits of the stamp on an ASK or RESET: about 2^n hashes of work for the sender.
    pub stamp_bits: u8,
}

impl Default for FriendshipConfig {
    fn default() -> Self {
        Self {
            asks_max: 100,
            ask_expiry: Millis::from_days(14),
            end_keys_kept: Millis::from_days(7),
            reset_min: Millis::from_minutes(5),
            resets_per_day: 10,
            stamp_bits: 20,
        }
    }
}

/// Carrying other people's envelopes, as a client or as a persistent server (PROTOCOL.md, Carriers).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustodyConfig {
    /// Carry envelopes of others. Own mail is spread in any case. Until it is changed at run time.
    pub carry: bool,
    /// This host is a persistent server: it keeps mail for everybody and spreads none.
    #[serde(rename = "server")]
    pub is_server: bool,
    /// Bytes of envelopes kept in all; a client keeps half of it for those handed over by friends. Until it is changed at run time.
    pub storage_bytes: u64,
    /// Envelopes kept in all; the same.
    pub envelopes_max: u32,
    /// Envelopes kept for one friend.
    pub friend_envelopes: u32,
    /// Bytes kept for one friend.
    pub friend_bytes: u64,
    /// Envelopes kept for one stranger.
    pub stranger_envelopes: u32,
    /// Bytes kept for one stranger.
    pub stranger_bytes: u64,
    /// Envelopes that were here and are gone, remembered so that none is taken twice.
    pub marks_max: u32,
}

impl CustodyConfig {
    /// The start values of a persistent server: everybody may leave 10,000 envelopes of 32 MiB in all.
    pub fn server() -> Self {
        Self {
            carry: true,
            is_server: true,
            storage_bytes: 4 << 30,
            envelopes_max: 2_000_000,
            friend_envelopes: 10_000,
            friend_bytes: 32 << 20,
            stranger_envelopes: 10_000,
            stranger_bytes: 32 << 20,
            marks_max: 1_000_000,
        }
    }

    /// Delivery proofs kept for peers that have not heard them, some 220 bytes each in memory: those of a day of a crowd, or of a
    /// server in a building.
    pub const fn proofs_max(&self) -> usize {
        if self.is_server { 32_768 } else { 4_096 }
    }

    /// Envelopes and bytes that one host may leave here.
    pub(crate) fn quota(&self, friend: bool) -> (u32, u64) {
        if friend { (self.friend_envelopes, self.friend_bytes) } else { (self.stranger_envelopes, self.stranger_bytes) }
    }
}

impl Default for CustodyConfig {
    fn default() -> Self {
        Self {
            carry: true,
            is_server: false,
            storage_bytes: 64 << 20,
            envelopes_max: 20_000,
            friend_envelopes: 500,
            friend_bytes: 2 << 20,
            stranger_envelopes: 20,
            stranger_bytes: 64 << 10,
            marks_max: 100_000,
        }
    }
}
