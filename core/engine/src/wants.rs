//! What a host would take: entries of a WANT, made of a tag so that only who holds an envelope under that tag can tell it
//! (PROTOCOL.md, Carriers).

use std::collections::BTreeMap;

use sha2::block_api::compress256;

use crate::custody::Prefix;
use crate::envelope::SHA_256_START;
use crate::ids::{HostId, LinkId, Tag};
use crate::tree::Tree;

/// Entries one link may have standing here: the tags of 800 friends at their most, and what a full frame of them costs to
/// keep, sixteen times.
const STANDING_MAX: usize = 65_536;

/// The entry for a tag in a WANT to `receiver`: `SHA-256(tag ‖ receiver)[0..8]`.
pub fn want_of(tag: &Tag, receiver: HostId) -> Prefix {
    // 32 bytes fit one block with their padding (FIPS 180-4 §5.1.1); a host makes thousands of these for every link.
    const PADDED: [u8; 64] = {
        let mut block = [0; 64];
        block[32] = 0x80;
        // Their length is 256 bits.
        block[62] = 1;
        block
    };
    let mut block = PADDED;
    let (front, rest) = block.split_at_mut(Tag::LENGTH);
    front.copy_from_slice(tag.as_bytes());
    rest.iter_mut().zip(receiver.as_bytes()).for_each(|(to, from)| *to = *from);
    let mut hash = SHA_256_START;
    compress256(&mut hash, &[block]);
    let [first, second, ..] = hash.map(u64::from);
    first << 32 | second
}

/// Lists that are looked through one after the other; more are put together first. So many links a client seldom has.
const LISTS_APART: usize = 16;

/// What the peers of this host want of it while their links live.
///
/// A list comes with every link and is mostly never looked at before the link ends, so it is only put in order when it is; of
/// many links the lists lie in one order together.
#[derive(Default)]
pub(crate) struct Wants {
    lists: Tree<LinkId, List>,
    /// Entries of lists put together, by the number of their list; lists that have ended leave theirs until the next time.
    together: Vec<(Prefix, u64)>,
    numbers: BTreeMap<u64, LinkId>,
    next: u64,
}

/// What is wanted on one link.
struct List {
    number: u64,
    /// Entries that are not yet put together with others.
    apart: Vec<Prefix>,
    is_sorted: bool,
    count: usize,
}

impl Wants {
    /// A WANT came. Entries beyond what one link may have standing are not kept; they are looked up once.
    pub(crate) fn on_want(&mut self, link: LinkId, replace: bool, entries: &[Prefix]) {
        if replace {
            self.on_down(link);
        }
        let Self { lists, numbers, next, .. } = self;
        let list = lists.entry(link).or_insert_with(|| {
            *next += 1;
            numbers.insert(*next, link);
            List { number: *next, apart: Vec::new(), is_sorted: true, count: 0 }
        });
        let room = STANDING_MAX.saturating_sub(list.count).min(entries.len());
        list.apart.extend(entries.iter().take(room));
        list.count += room;
        list.is_sorted = list.apart.len() < 2;
    }

    /// Whether anything was wanted on a link, even nothing.
    pub(crate) fn stands(&self, link: LinkId) -> bool {
        self.lists.contains_key(&link)
    }

    /// The links on which this is wanted.
    pub(crate) fn links(&mut self, want: Prefix) -> Vec<LinkId> {
        self.arrange();
        let first = self.together.partition_point(|(entry, _)| *entry < want);
        let same = self.together.iter().skip(first).take_while(|(entry, _)| *entry == want);
        let together = same.filter_map(|(_, number)| self.numbers.get(number).copied());
        let apart = self.lists.iter().filter(|(_, list)| list.apart.binary_search(&want).is_ok());
        let mut links: Vec<LinkId> = together.chain(apart.map(|(link, _)| *link)).collect();
        links.sort_unstable();
        links.dedup();
        links
    }

    /// Puts lists in order that are not, and together if there are many.
    fn arrange(&mut self) {
        let apart = self.lists.values_mut().filter(|list| !list.apart.is_empty());
        if apart.count() <= LISTS_APART {
            for list in self.lists.values_mut().filter(|list| !list.is_sorted) {
                list.apart.sort_unstable();
                list.is_sorted = true;
            }
            return;
        }
        self.together.retain(|(_, number)| self.numbers.contains_key(number));
        for list in self.lists.values_mut() {
            let number = list.number;
            self.together.extend(std::mem::take(&mut list.apart).into_iter().map(|entry| (entry, number)));
            list.is_sorted = true;
        }
        self.together.sort_unstable();
        self.together.dedup();
    }

    pub(crate) fn on_down(&mut self, link: LinkId) {
        if let Some(list) = self.lists.remove(&link) {
            self.numbers.remove(&list.number);
        }
        if self.lists.is_empty() {
            self.together.clear();
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
        assert_eq!(wants.lists.get(&LinkId(1)).unwrap().count, STANDING_MAX);
        assert_eq!((wants.links(STANDING_MAX as u64 - 1), wants.links(STANDING_MAX as u64)), (vec![LinkId(1)], vec![]));
    }

    #[test]
    fn of_many_links_each_is_found_by_what_it_wants_until_it_ends() {
        let mut wants = Wants::default();
        let many = 4 * LISTS_APART as u64;
        for link in (1..=many).rev() {
            wants.on_want(LinkId(link), true, &[7, 1_000 + link, 500]);
            assert_eq!(wants.links(1_000 + link), [LinkId(link)]);
        }
        assert!(!wants.together.is_empty(), "they were put together");
        assert_eq!(wants.links(7), (1..=many).map(LinkId).collect::<Vec<_>>());
        wants.on_down(LinkId(2));
        wants.on_want(LinkId(3), true, &[8]);
        wants.on_want(LinkId(4), false, &[8]);
        assert_eq!((wants.links(1_002), wants.links(1_003)), (vec![], vec![]));
        assert_eq!((wants.links(8), wants.links(1_004)), (vec![LinkId(3), LinkId(4)], vec![LinkId(4)]));
        (1..=many).for_each(|link| wants.on_down(LinkId(link)));
        assert!(wants.together.is_empty() && wants.numbers.is_empty());
    }

    #[test]
    fn an_entry_is_the_beginning_of_the_hash_of_tag_and_receiver() {
        use sha2::{Digest, Sha256};

        for number in 0..50 {
            let (tag, receiver) = (Tag([number; 16]), HostId::PERSISTENT_SERVER);
            let digest = Sha256::new().chain_update(tag.as_bytes()).chain_update(receiver.as_bytes()).finalize();
            assert_eq!(want_of(&tag, receiver).to_be_bytes(), digest[..8]);
        }
    }

    #[test]
    fn two_receivers_are_told_different_entries_for_one_tag() {
        let tag = Tag([1; 16]);
        assert_ne!(want_of(&tag, HostId::BROADCAST), want_of(&tag, HostId::PERSISTENT_SERVER));
    }
}
