//! Addresses tried by unicast, for networks that drop broadcast: those the user's peers gave (a scanned code, the phone's own
//! discovery) and those where pinned hosts were last seen.

use crate::api::NetAddr;
use crate::ids::HostNumber;
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// Addresses that belong to no pinned host; the oldest gives way. What a phone's discovery finds in one place.
const FOUND_MAX: usize = 64;
/// The first pause when nobody answered the JOINs of the start.
const PAUSE_MIN: Millis = Millis::from_secs(30);
/// The longest pause: the protocol's limit for retries.
const PAUSE_MAX: Millis = Millis::from_minutes(10);
/// After a start contacts are tried one after the other, so far apart.
const STAGGER: Millis = Millis(5);

#[derive(Debug)]
pub(crate) struct Contact {
    pub(crate) address: NetAddr,
    /// The pinned host seen there.
    pub(crate) host: Option<HostNumber>,
    /// This user or the user's device gave it; else it is remembered.
    pub(crate) given: bool,
    /// Who answered from there last.
    pub(crate) heard: Option<HostNumber>,
    due: Tick,
    tries: u32,
}

/// All such addresses, by arrival.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    by_arrival: Tree<u32, Contact>,
    by_address: Tree<NetAddr, u32>,
    next: u32,
}

impl Contacts {
    /// Remembers an address, to be tried at once; `host` if a pinned one was seen there.
    pub(crate) fn add(&mut self, address: NetAddr, host: Option<HostNumber>, now: Tick) {
        if let Some(contact) = self.number(&address).and_then(|number| self.by_arrival.get_mut(&number)) {
            contact.host = host.or(contact.host);
            return;
        }
        if host.is_none() {
            self.make_room();
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.by_address.insert(address, number);
        self.by_arrival.insert(number, Contact { address, host, given: false, heard: None, due: now, tries: 0 });
    }

    /// The same for an address that was not found by this host itself.
    pub(crate) fn give(&mut self, address: NetAddr, host: Option<HostNumber>, now: Tick) {
        self.add(address, host, now);
        if let Some(contact) = self.number(&address).and_then(|number| self.by_arrival.get_mut(&number)) {
            contact.given = true;
        }
    }

    /// Forgets where a host was.
    pub(crate) fn forget(&mut self, host: HostNumber) {
        let of_host = self.by_arrival.iter().filter(|(_, contact)| contact.host == Some(host));
        for number in of_host.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.remove(number);
        }
    }

    /// Begins anew with every address.
    pub(crate) fn restart(&mut self, now: Tick) {
        let mut due = now;
        for contact in self.by_arrival.values_mut() {
            contact.tries = 0;
            contact.due = due;
            due = due + STAGGER;
        }
    }

    pub(crate) fn contains(&self, address: &NetAddr) -> bool {
        self.number(address).is_some()
    }

    /// Somebody was heard from an address.
    pub(crate) fn on_heard(&mut self, address: &NetAddr, host: HostNumber) {
        if let Some(contact) = self.number(address).and_then(|number| self.by_arrival.get_mut(&number)) {
            contact.heard = Some(host);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Contact> {
        self.by_arrival.values()
    }

    pub(crate) fn next_due(&self) -> Option<Tick> {
        self.by_arrival.values().map(|contact| contact.due).min()
    }

    /// The arrival numbers of those that are due.
    pub(crate) fn due(&self, now: Tick) -> Vec<u32> {
        self.by_arrival.iter().filter(|(_, contact)| contact.due <= now).map(|(number, _)| *number).collect()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Contact> {
        self.by_arrival.get(&number)
    }

    /// Nobody answers there: waits as at the start, then 30 s and twice as long each time. `join_at` are the times of the
    /// first tries, `jitter` is 0 to 255 256ths of a quarter.
    pub(crate) fn back_off(&mut self, number: u32, join_at: &[Millis; 3], jitter: u8, now: Tick) {
        let Some(contact) = self.by_arrival.get_mut(&number) else { return };
        let [first, second, third] = *join_at;
        let pause = match contact.tries {
            0 => second.0.saturating_sub(first.0),
            1 => third.0.saturating_sub(second.0),
            tries => {
                let pause = PAUSE_MIN.0.saturating_mul(1 << (tries - 2).min(16)).min(PAUSE_MAX.0);
                pause + pause / 4 * u64::from(jitter) / 256
            }
        };
        contact.tries = contact.tries.saturating_add(1);
        contact.due = now + Millis(pause);
    }

    /// Somebody is there: looks again after `pause`.
    pub(crate) fn put_off(&mut self, number: u32, pause: Millis, now: Tick) {
        if let Some(contact) = self.by_arrival.get_mut(&number) {
            contact.tries = 2;
            contact.due = now + pause;
        }
    }

    /// A link-local address that was given without a scope is that of any link.
    fn number(&self, address: &NetAddr) -> Option<u32> {
        let of = |address: &NetAddr| self.by_address.get(address).copied();
        of(address).or_else(|| match *address {
            NetAddr::V6(v6) if v6.ip().is_unicast_link_local() => of(&NetAddr::new((*v6.ip()).into(), v6.port())),
            _ => None,
        })
    }

    fn make_room(&mut self) {
        let found = || self.by_arrival.iter().filter(|(_, contact)| contact.host.is_none());
        let oldest = found().next().map(|(number, _)| *number).filter(|_| found().count() >= FOUND_MAX);
        if let Some(oldest) = oldest {
            self.remove(oldest);
        }
    }

    fn remove(&mut self, number: u32) {
        if let Some(contact) = self.by_arrival.remove(&number) {
            self.by_address.remove(&contact.address);
        }
    }
}
