//! All pairings, their live tags, and which of them have unstored changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::epochs::TagChange;
use crate::gate::Gate;
use crate::ids::{FriendId, Tag};
use crate::pairing::Pairing;
use crate::rows::Write;
use crate::tree::Tree;

/// All pairings, in the order they were made.
#[derive(Default)]
pub(crate) struct Pairings {
    pairings: Tree<u64, Pairing>,
    next: u64,
    by_tag: BTreeMap<Tag, (u64, u32)>,
    by_friend: BTreeMap<FriendId, BTreeSet<u64>>,
    changed: BTreeSet<u64>,
    /// Tags that have become live and are not yet wanted of anybody.
    fresh: Vec<Tag>,
}

impl Pairings {
    pub(crate) fn restore(&mut self, row: u64, value: &[u8]) -> Option<()> {
        let pairing = Pairing::restore(row, value)?;
        self.next = self.next.max(row.saturating_add(1));
        self.index(pairing);
        Some(())
    }

    /// The row of the next pairing.
    pub(crate) fn next_row(&self) -> u64 {
        self.next
    }

    pub(crate) fn add(&mut self, pairing: Pairing, gate: &mut Gate) {
        let row = pairing.row;
        self.next = self.next.max(row.saturating_add(1));
        self.index(pairing);
        self.touch(row, gate);
    }

    pub(crate) fn remove(&mut self, row: u64, gate: &mut Gate) {
        let Some(pairing) = self.pairings.remove(&row) else { return };
        for (tag, _) in pairing.live_tags() {
            self.by_tag.remove(&tag);
        }
        if let Some(rows) = self.by_friend.get_mut(&pairing.friend) {
            rows.remove(&row);
            if rows.is_empty() {
                self.by_friend.remove(&pairing.friend);
            }
        }
        self.changed.remove(&row);
        gate.write(Write::Delete(pairing.key()));
    }

    pub(crate) fn get(&self, row: u64) -> Option<&Pairing> {
        self.pairings.get(&row)
    }

    /// A pairing, to be changed; follow with `touch`.
    pub(crate) fn get_mut(&mut self, row: u64) -> Option<&mut Pairing> {
        self.pairings.get_mut(&row)
    }

    /// The pairing has changed: it is stored with the open commit, once.
    pub(crate) fn touch(&mut self, row: u64, gate: &mut Gate) {
        self.changed.insert(row);
        gate.announce();
    }

    /// Writes what has changed; called just before a commit is closed.
    pub(crate) fn flush(&mut self, gate: &mut Gate) {
        for row in std::mem::take(&mut self.changed) {
            if let Some(pairing) = self.pairings.get(&row) {
                gate.write(pairing.write());
            }
        }
    }

    /// A friend's newest pairing.
    pub(crate) fn current(&self, friend: FriendId) -> Option<u64> {
        self.by_friend.get(&friend)?.last().copied()
    }

    /// The pairing new mail for a friend is encrypted under: the newest, unless it sends no more.
    pub(crate) fn sending(&self, friend: FriendId) -> Option<u64> {
        self.current(friend).filter(|row| self.pairings.get(row).is_some_and(|pairing| pairing.retired.is_none()))
    }

    pub(crate) fn of(&self, friend: FriendId) -> Vec<u64> {
        self.by_friend.get(&friend).into_iter().flatten().copied().collect()
    }

    /// All pairings that send no more, and since when.
    pub(crate) fn retired(&self) -> impl Iterator<Item = (u64, &Pairing, crate::time::Wall)> {
        self.pairings.iter().filter_map(|(row, pairing)| Some((*row, pairing, pairing.retired?)))
    }

    /// Whose mailbox a tag is, and in which epoch.
    pub(crate) fn by_tag(&self, tag: Tag) -> Option<(u64, u32)> {
        self.by_tag.get(&tag).copied()
    }

    /// Every live tag.
    pub(crate) fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.by_tag.keys().copied()
    }

    /// Tags that have become live since this was asked last.
    pub(crate) fn take_fresh(&mut self) -> Vec<Tag> {
        std::mem::take(&mut self.fresh)
    }

    /// The live tags of a pairing have changed.
    pub(crate) fn on_tags(&mut self, row: u64, change: &TagChange) {
        for tag in &change.removed {
            self.by_tag.remove(tag);
        }
        self.fresh.extend(change.added.iter().map(|(tag, _)| *tag));
        self.by_tag.extend(change.added.iter().map(|(tag, epoch)| (*tag, (row, *epoch))));
    }

    pub(crate) fn acknowledge(&mut self, row: u64, epoch: u32, gate: &mut Gate) {
        if let Some(pairing) = self.pairings.get_mut(&row) {
            pairing.acknowledge(epoch);
            self.touch(row, gate);
        }
    }

    pub(crate) fn remove_first_sealing(&mut self, row: u64, epoch: u32, gate: &mut Gate) {
        if let Some(pairing) = self.pairings.get_mut(&row) {
            pairing.remove_first_sealing(epoch);
            self.touch(row, gate);
        }
    }

    fn index(&mut self, pairing: Pairing) {
        let row = pairing.row;
        self.fresh.extend(pairing.live_tags().map(|(tag, _)| tag));
        self.by_tag.extend(pairing.live_tags().map(|(tag, epoch)| (tag, (row, epoch))));
        self.by_friend.entry(pairing.friend).or_default().insert(row);
        self.pairings.insert(row, pairing);
    }
}
