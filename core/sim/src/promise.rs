//! The promises of PROTOCOL.md, by name, and what is said when one is broken.

use serde::Serialize;

/// A promise that is checked in every world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Promise {
    /// I1: no message is shown twice, and what is proved was shown or is in the history.
    ShownOnce,
    /// I2: nothing is shown that its authenticated sender did not send to this recipient.
    Authentic,
    /// I3: what a recipient wants is committed there when a link ends that nothing stood in the way of.
    LinkDelivers,
    /// I4: "delivered" means that the recipient had committed it before; a crash does not undo that.
    DeliveredIsStored,
    /// I5: the display order respects parents.
    ParentsFirst,
    /// I6: no message key is used for two plaintexts.
    KeyUsedOnce,
    /// I7: the copies of a sealing are no more than it was made with.
    CopiesBounded,
    /// I8: memory and storage stay under their caps.
    Bounded,
    /// I9: no more than three times the bytes received go to an address that is not validated.
    NoAmplification,
    /// I10: after 30 quiet minutes there is only the stated quiet traffic.
    QuietWhenIdle,
    /// I11: after partitions heal, every pair of friends passes a fresh message each way in time.
    HealedPairsTalk,
    /// I12: whoever carries something learns neither what it says nor who sent it.
    CarriersLearnNothing,
    /// I13: nothing of one's own is dropped silently.
    NothingSilent,
    /// Whoever is said to hold a message has stored a sealing of it, or that it arrived.
    HeldIsStored,
    /// Nobody is taken to be offline on the word of a third.
    OfflineHasReason,
    /// The engine keeps to the contract of its own interface.
    Contract,
}

impl Promise {
    /// Every promise that is checked, in the order of PROTOCOL.md.
    pub const ALL: [Self; 16] = [
        Self::ShownOnce,
        Self::Authentic,
        Self::LinkDelivers,
        Self::DeliveredIsStored,
        Self::ParentsFirst,
        Self::KeyUsedOnce,
        Self::CopiesBounded,
        Self::Bounded,
        Self::NoAmplification,
        Self::QuietWhenIdle,
        Self::HealedPairsTalk,
        Self::CarriersLearnNothing,
        Self::NothingSilent,
        Self::HeldIsStored,
        Self::OfflineHasReason,
        Self::Contract,
    ];

    /// Its number in PROTOCOL.md with a word to remember it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShownOnce => "I1 shown once",
            Self::Authentic => "I2 authentic",
            Self::LinkDelivers => "I3 link delivers",
            Self::DeliveredIsStored => "I4 delivered is stored",
            Self::ParentsFirst => "I5 parents first",
            Self::KeyUsedOnce => "I6 key used once",
            Self::CopiesBounded => "I7 copies bounded",
            Self::Bounded => "I8 bounded",
            Self::NoAmplification => "I9 no amplification",
            Self::QuietWhenIdle => "I10 quiet when idle",
            Self::HealedPairsTalk => "I11 healed pairs talk",
            Self::CarriersLearnNothing => "I12 carriers learn nothing",
            Self::NothingSilent => "I13 nothing silent",
            Self::HeldIsStored => "held is stored",
            Self::OfflineHasReason => "offline has a reason",
            Self::Contract => "contract",
        }
    }
}

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// When, in virtual milliseconds from the start.
    pub at: u64,
    /// At which host.
    pub host: usize,
    /// What was seen.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} broken at {} by host {}: {}",
            self.promise.name(),
            crate::trace::clock(self.at),
            self.host,
            self.what
        )
    }
}
