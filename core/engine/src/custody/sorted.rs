//! Slots in the order of a name each. In memory is the slot alone; its name is read where it lies.

use super::Prefix;

/// Slots in one leaf at most: moving half of them costs less than finding one by its name.
const LEAF_MAX: usize = 512;
/// A leaf grows by so many, so that a sixteenth of it is unused at most.
const LEAF_GROWS: usize = 32;

/// Part of the order.
struct Leaf {
    /// The least name and slot that may lie here.
    from: (Prefix, u32),
    slots: Vec<u32>,
}

/// Slots by ascending name, and those of one name by ascending slot.
///
/// Each method takes how to read the name of a slot that is in here.
#[derive(Default)]
pub(super) struct Sorted {
    leaves: Vec<Leaf>,
}

impl Sorted {
    /// Of these slots with their names.
    pub(super) fn of(mut named: Vec<(Prefix, u32)>) -> Self {
        named.sort_unstable();
        // Room for a few more in each, so that not the next of each leaf splits it.
        let leaf = |part: &[(Prefix, u32)]| {
            let from = part.first().copied().unwrap_or_default();
            Leaf { from, slots: part.iter().map(|(_, slot)| *slot).collect() }
        };
        Self { leaves: named.chunks(LEAF_MAX * 3 / 4).map(leaf).collect() }
    }

    pub(super) fn insert(&mut self, name: Prefix, slot: u32, name_of: impl Fn(u32) -> Prefix) {
        if self.leaves.is_empty() {
            self.leaves.push(Leaf { from: (0, 0), slots: Vec::new() });
        }
        let index = self.leaf_of(name, slot);
        let Some(leaf) = self.leaves.get_mut(index) else { return };
        let at = leaf.place_of(name, slot, &name_of);
        if leaf.slots.len() == leaf.slots.capacity() {
            leaf.slots.reserve_exact(LEAF_GROWS);
        }
        leaf.slots.insert(at, slot);
        leaf.from = leaf.from.min((name, slot));
        if leaf.slots.len() > LEAF_MAX {
            let slots = leaf.slots.split_off(LEAF_MAX / 2);
            leaf.slots.shrink_to(LEAF_MAX / 2 + LEAF_GROWS);
            let first = slots.first().copied().unwrap_or_default();
            self.leaves.insert(index + 1, Leaf { from: (name_of(first), first), slots });
        }
    }

    /// Takes a slot out; its name must still be readable.
    pub(super) fn remove(&mut self, name: Prefix, slot: u32, name_of: impl Fn(u32) -> Prefix) {
        let index = self.leaf_of(name, slot);
        let Some(leaf) = self.leaves.get_mut(index) else { return };
        let at = leaf.place_of(name, slot, &name_of);
        if leaf.slots.get(at) != Some(&slot) {
            return;
        }
        leaf.slots.remove(at);
        if leaf.slots.is_empty() {
            self.leaves.remove(index);
        } else if leaf.slots.len() + 4 * LEAF_GROWS < leaf.slots.capacity() {
            leaf.slots.shrink_to(leaf.slots.len() + LEAF_GROWS);
        }
    }

    /// The slots of a name.
    pub(super) fn of_name(&self, name: Prefix, name_of: impl Fn(u32) -> Prefix) -> Vec<u32> {
        let first = self.leaf_of(name, 0);
        let leaves = self.leaves.get(first..).unwrap_or_default().iter();
        let mut found = Vec::new();
        for leaf in leaves.take_while(|leaf| leaf.from.0 <= name) {
            let at = leaf.slots.partition_point(|slot| name_of(*slot) < name);
            let same = leaf.slots.iter().skip(at).copied().take_while(|slot| name_of(*slot) == name);
            found.extend(same);
        }
        found
    }

    /// The last leaf that begins at this place or before; the first if none does.
    fn leaf_of(&self, name: Prefix, slot: u32) -> usize {
        self.leaves.partition_point(|leaf| leaf.from <= (name, slot)).saturating_sub(1)
    }
}

impl Leaf {
    fn place_of(&self, name: Prefix, slot: u32, name_of: impl Fn(u32) -> Prefix) -> usize {
        self.slots.partition_point(|other| (name_of(*other), *other) < (name, slot))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Names that come twice and more, in no order.
    fn name_of(slot: u32) -> Prefix {
        Prefix::from(slot.wrapping_mul(2_654_435_761) % 3_000) << 50
    }

    fn all(sorted: &Sorted) -> Vec<u32> {
        sorted.leaves.iter().flat_map(|leaf| leaf.slots.iter().copied()).collect()
    }

    #[test]
    fn the_order_is_that_of_a_tree_whatever_is_inserted_and_removed() {
        let (mut sorted, mut tree) = (Sorted::default(), BTreeSet::new());
        for step in 0..20_000_u32 {
            let slot = step.wrapping_mul(40_503) % 8_192;
            match tree.insert((name_of(slot), slot)) {
                true => sorted.insert(name_of(slot), slot, name_of),
                false => {
                    tree.remove(&(name_of(slot), slot));
                    sorted.remove(name_of(slot), slot, name_of);
                }
            }
        }
        assert_eq!(all(&sorted), tree.iter().map(|(_, slot)| *slot).collect::<Vec<_>>());
        assert!(sorted.leaves.len() > 3, "it has more than one leaf");
        for name in (0..3_000).map(|name| name << 50) {
            let of_tree: Vec<u32> = tree.range((name, 0)..=(name, u32::MAX)).map(|(_, slot)| *slot).collect();
            assert_eq!(sorted.of_name(name, name_of), of_tree);
        }
    }

    #[test]
    fn a_name_that_fills_many_leaves_is_found_whole() {
        let same = |_| 5;
        let mut sorted = Sorted::default();
        (0..2_000).rev().for_each(|slot| sorted.insert(5, slot, same));
        assert_eq!(sorted.of_name(5, same), (0..2_000).collect::<Vec<_>>());
        assert_eq!((sorted.of_name(4, same), sorted.of_name(6, same)), (vec![], vec![]));
        (0..2_000).for_each(|slot| sorted.remove(5, slot, same));
        assert!(sorted.leaves.is_empty());
    }

    #[test]
    fn what_is_built_at_once_is_what_is_built_one_by_one() {
        let mut one_by_one = Sorted::default();
        (0..5_000).for_each(|slot| one_by_one.insert(name_of(slot), slot, name_of));
        let at_once = Sorted::of((0..5_000).map(|slot| (name_of(slot), slot)).collect());
        assert_eq!(all(&at_once), all(&one_by_one));
    }

    #[test]
    fn a_million_slots_take_less_than_five_bytes_each() {
        let mut sorted = Sorted::default();
        let name_of = |slot: u32| Prefix::from(slot).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..1_000_000).for_each(|slot| sorted.insert(name_of(slot), slot, name_of));
        let room: usize = sorted.leaves.iter().map(|leaf| leaf.slots.capacity() * 4 + size_of::<Leaf>()).sum();
        assert!(room < 5_000_000, "{room} bytes");
    }
}
