//! Where what is kept of each envelope lies: 35 bytes in a slot, in blocks that never move, so that a million of them need no
//! room to grow into.

use super::{Kept, Prefix};
use crate::envelope::Class;

/// Slots of one block: few enough that a host which carries little takes little, 2.2 kB.
const BLOCK: usize = 64;
/// Six bits hold every number of copies there is ([`crate::spray::COPIES_MAX`]).
const COPIES: u8 = 0x3f;
const FRIEND: u8 = 0x40;
const ASK: u8 = 0x80;

/// Which name of an envelope is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Id,
    Ack,
    Want,
}

/// One slot. Nothing lies in it while `length` is 0.
#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Packed {
    id: Prefix,
    ack: Prefix,
    want: Prefix,
    expires: u32,
    depositor: u16,
    best: u16,
    length: u16,
    copies: u8,
}

const EMPTY: Packed = Packed { id: 0, ack: 0, want: 0, expires: 0, depositor: 0, best: 0, length: 0, copies: 0 };

impl From<Kept> for Packed {
    fn from(kept: Kept) -> Self {
        let Kept { id, ack, want, expires, depositor, copies, best, length, friend, class } = kept;
        let copies = u8::try_from(copies).unwrap_or(COPIES).min(COPIES)
            | if friend { FRIEND } else { 0 }
            | if class == Class::Ask { ASK } else { 0 };
        Self { id, ack, want, expires, depositor, best, length, copies }
    }
}

impl Packed {
    fn kept(self) -> Option<Kept> {
        let Self { id, ack, want, expires, depositor, best, length, copies } = self;
        let class = if copies & ASK == 0 { Class::Message } else { Class::Ask };
        let (friend, copies) = (copies & FRIEND != 0, u16::from(copies & COPIES));
        (length > 0).then_some(Kept { id, ack, want, expires, depositor, copies, best, length, friend, class })
    }
}

/// All slots.
#[derive(Default)]
pub(super) struct Shelf {
    blocks: Vec<Box<[Packed]>>,
    slots: u32,
}

impl Shelf {
    /// One more than the greatest slot that ever had something in it.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    pub(super) fn get(&self, slot: u32) -> Option<Kept> {
        self.at(slot)?.kept()
    }

    /// The name of what lies in a slot; 0 if nothing does.
    pub(super) fn name(&self, slot: u32, name: Name) -> Prefix {
        let Some(packed) = self.at(slot) else { return 0 };
        match name {
            Name::Id => packed.id,
            Name::Ack => packed.ack,
            Name::Want => packed.want,
        }
    }

    pub(super) fn put(&mut self, slot: u32, kept: Kept) {
        self.slots = self.slots.max(slot.saturating_add(1));
        while self.blocks.len() <= slot as usize / BLOCK {
            self.blocks.push(Box::from([EMPTY; BLOCK]));
        }
        if let Some(place) = self.place(slot) {
            *place = kept.into();
        }
    }

    pub(super) fn take(&mut self, slot: u32) -> Option<Kept> {
        std::mem::replace(self.place(slot)?, EMPTY).kept()
    }

    /// What lies there, by ascending slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, Kept)> {
        let packed = self.blocks.iter().flat_map(|block| block.iter());
        (0..).zip(packed).filter_map(|(slot, packed)| Some((slot, packed.kept()?)))
    }

    /// The slots of what expires at `now` or before.
    pub(super) fn expired(&self, now: u32) -> impl Iterator<Item = u32> {
        let packed = self.blocks.iter().flat_map(|block| block.iter());
        (0..).zip(packed).filter(move |(_, packed)| packed.length > 0 && packed.expires <= now).map(|(slot, _)| slot)
    }

    fn at(&self, slot: u32) -> Option<&Packed> {
        self.blocks.get(slot as usize / BLOCK)?.get(slot as usize % BLOCK)
    }

    fn place(&mut self, slot: u32) -> Option<&mut Packed> {
        self.blocks.get_mut(slot as usize / BLOCK)?.get_mut(slot as usize % BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spray::COPIES_MAX;

    #[test]
    fn what_is_put_into_a_slot_is_read_back_from_it_and_nothing_from_the_others() {
        let mut shelf = Shelf::default();
        let kept = Kept {
            id: 1 << 63 | 7,
            ack: 2,
            want: 3,
            expires: u32::MAX,
            depositor: 65_000,
            copies: COPIES_MAX,
            best: 60_000,
            length: 10_240,
            friend: true,
            class: Class::Ask,
        };
        let other = Kept { friend: false, class: Class::Message, copies: 0, ..kept };
        shelf.put(1_000, kept);
        shelf.put(3, other);
        assert_eq!(shelf.iter().collect::<Vec<_>>(), [(3, other), (1_000, kept)]);
        assert_eq!((shelf.get(999), shelf.get(5_000), shelf.slots()), (None, None, 1_001));
        assert_eq!((shelf.take(3), shelf.take(3), shelf.get(3)), (Some(other), None, None));
        assert_eq!(shelf.name(1_000, Name::Ack), 2);
    }

    #[test]
    fn a_slot_takes_35_bytes() {
        assert_eq!(size_of::<Packed>(), 35);
    }
}
