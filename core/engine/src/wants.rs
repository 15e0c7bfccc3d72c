//! What a host would take: entries of a WANT, made of a tag so that only who holds an envelope under that tag can tell it
//! (PROTOCOL.md, Carriers).

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::custody::Prefix;
use crate::ids::{HostId, LinkId, Tag};

/// Entries one link may have standing here: the tags of 800 friends at their most, and what a full frame of them costs to
/// keep, sixteen times.
const STANDING_MAX: usize = 65_536;

/// The entry for a tag in a WANT to `receiver`: `SHA-256(tag ‖ receiver)[0..8]`.
pub(crate) fn want_of(tag: &Tag, receiver: HostId) -> Prefix {
    let digest = Sha256::new().chain_update(tag.as_bytes()).chain_update(receiver.as_bytes()).finalize();
    digest.iter().take(8).fold(0, |prefix, byte| prefix << 8 | u64::from(*byte))
}

/// What the peers of this host want of it while their links live.
#[derive(Default)]
pub(crate) struct Wants {
    standing: BTreeSet<(Prefix, LinkId)>,
    by_link: BTreeMap<LinkId, Vec<Prefix>>,
}

impl Wants {
    /// A WANT came. Entries beyond what one link may have standing are not kept; they are looked up once.
    pub(crate) fn on_want(&mut self, link: LinkId, replace: bool, entries: &[Prefix]) {
        if replace {
            self.on_down(link);
        }
        let standing = self.by_link.entry(link).or_default();
        for entry in entries {
            if standing.len() >= STANDING_MAX {
                return;
            }
            if self.standing.insert((*entry, link)) {
                standing.push(*entry);
            }
        }
    }

    /// The links on which this is wanted.
    pub(crate) fn links(&self, want: Prefix) -> Vec<LinkId> {
        let range = (want, LinkId(0))..=(want, LinkId(u64::MAX));
        self.standing.range(range).map(|(_, link)| *link).collect()
    }

    pub(crate) fn on_down(&mut self, link: LinkId) {
        for entry in self.by_link.remove(&link).unwrap_or_default() {
            self.standing.remove(&(entry, link));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_want_stands_until_its_link_ends_or_another_list_takes_its_place() {
        let mut wants = Wants::default();
        wants.on_want(LinkId(1), true, &[10, 11]);
        wants.on_want(LinkId(2), true, &[11]);
        wants.on_want(LinkId(1), false, &[12]);
        assert_eq!(wants.links(11), [LinkId(1), LinkId(2)]);
        assert_eq!(wants.links(12), [LinkId(1)]);
        wants.on_want(LinkId(1), true, &[13]);
        assert_eq!((wants.links(10), wants.links(11)), (vec![], vec![LinkId(2)]));
        wants.on_down(LinkId(2));
        assert_eq!(wants.links(11), []);
    }

    #[test]
    fn one_link_has_a_bounded_number_of_entries_standing() {
        let mut wants = Wants::default();
        let entries: Vec<Prefix> = (0..STANDING_MAX as u64 + 10).collect();
        entries.chunks(1_024).for_each(|chunk| wants.on_want(LinkId(1), false, chunk));
        assert_eq!(wants.standing.len(), STANDING_MAX);
    }

    #[test]
    fn two_receivers_are_told_different_entries_for_one_tag() {
        let tag = Tag([1; 16]);
        assert_ne!(want_of(&tag, HostId::BROADCAST), want_of(&tag, HostId::PERSISTENT_SERVER));
    }
}
