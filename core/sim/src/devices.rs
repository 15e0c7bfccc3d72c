//! Faults of devices beside crashes: full disks, interfaces that come and go, fresh installations, older databases.

use std::net::Ipv4Addr;

use permesso_engine::api::NetworkEvent;
use permesso_engine::ids::Interface;

use crate::host::{Copy, Part, YEAR};
use crate::memory::MemoryStore;
use crate::records;
use crate::world::{Item, World};

/// The pause before a store that failed is opened again, doubled from the first to the second.
const RETRY: (u64, u64) = (100, 8_000);

impl World {
    pub(crate) fn fill_disk(&mut self, host: usize) {
        let until = self.now + 1_000 + self.random.around(20_000);
        self.trace.note(self.now, format!("h{host}'s disk is full"));
        if let Some(state) = self.hosts.get_mut(host) {
            state.full_until = until;
        }
    }

    /// Nothing more can be stored at a host for so many milliseconds.
    pub fn fill_disk_for(&mut self, host: usize, span: u64) {
        if let Some(state) = self.hosts.get_mut(host) {
            state.full_until = self.now + span;
        }
    }

    /// Sets a host's wall clock by so many years, back if negative.
    pub fn turn_clock(&mut self, host: usize, years: i64) {
        if let Some(state) = self.hosts.get_mut(host) {
            state.clock.turn(years.saturating_mul(YEAR as i64));
        }
    }

    /// The disk is full: the commit fails, and all after it. As the node does, the host says so and starts again from what
    /// was stored.
    pub(crate) fn refuse_commit(&mut self, host: usize) {
        self.saw("full disk");
        self.trace.note(self.now, format!("h{host} tells: the disk is full, going back to what is stored"));
        self.stop(host);
        let Some(state) = self.hosts.get_mut(host) else { return };
        let after = state.retry_after;
        state.retry_after = (after * 2).clamp(RETRY.0, RETRY.1);
        self.queue.push(self.now + after + 1, Item::PowerOn { host });
    }

    /// An interface goes down for a while, or gets another address without going down.
    pub(crate) fn disturb_interface(&mut self, host: usize) {
        if self.random.chance(0.4) {
            return self.renumber(host);
        }
        let count = self.hosts.get(host).map_or(0, |state| state.ports.len() as u64);
        let interface = self.random.below(count) as usize;
        let Some(port) = self.hosts.get_mut(host).and_then(|state| state.ports.get_mut(interface)) else { return };
        if !std::mem::replace(&mut port.up, false) {
            return;
        }
        self.saw(if interface == 0 { "interface down" } else { "second interface down" });
        self.trace.note(self.now, format!("h{host} interface {interface} goes down"));
        self.interface_down(host, interface);
        self.watch_links();
        let at = self.now + 1_000 + self.random.around(40_000);
        self.queue.push(at, Item::InterfaceUp { host, interface });
    }

    fn interface_down(&mut self, host: usize, interface: usize) {
        if let Some((engine, now)) = self.engine(host) {
            let interface = Interface(interface as u32);
            engine.handle_network(NetworkEvent::InterfaceDown { interface }, now);
            self.pump(host);
        }
    }

    pub(crate) fn interface_up(&mut self, host: usize, interface: usize) {
        let Some(port) = self.hosts.get_mut(host).and_then(|state| state.ports.get_mut(interface)) else { return };
        if !std::mem::replace(&mut port.up, true) {
            self.trace.note(self.now, format!("h{host} interface {interface} comes up"));
            self.attach(host);
        }
    }

    pub(crate) fn all_interfaces_up(&mut self, host: usize) {
        let count = self.hosts.get(host).map_or(0, |state| state.ports.len());
        (0..count).for_each(|interface| self.interface_up(host, interface));
    }

    /// Gives a host another address, as a network does that it moves to.
    pub fn change_address(&mut self, host: usize) {
        self.saw("roam");
        self.interface_down(host, 0);
        self.roam(host);
        self.lose_links(host, 0);
        self.attach(host);
    }

    /// The first interface gets another address and never was down.
    fn renumber(&mut self, host: usize) {
        if !self.hosts.get(host).is_some_and(|state| state.is_in(0)) {
            return;
        }
        self.saw("address change");
        self.roam(host);
        self.lose_links(host, 0);
        self.attach(host);
    }

    /// Somebody installs afresh on the same device: the same name and address, and another identity. The old one is never
    /// heard of again. Does nothing if too many did before.
    pub fn reinstall(&mut self, host: usize) {
        let spare = self.hosts.iter().position(|state| state.part == Part::Spare);
        let honest = self.hosts.get(host).is_some_and(|state| state.part == Part::Honest);
        let Some(new) = spare.filter(|_| honest) else { return };
        self.saw("reinstall");
        self.trace.note(self.now, format!("h{host} is installed afresh as h{new}"));
        self.stop(host);
        let Some(old) = self.hosts.get_mut(host) else { return };
        old.part = Part::Gone;
        let (ports, alias, port) = (old.ports.clone(), old.config.host.alias.clone(), old.presence_port);
        old.ports.iter_mut().for_each(|port| (port.up, port.address) = (false, Ipv4Addr::UNSPECIFIED));
        for port in &ports {
            self.air.move_host(new, port.address, port.address);
        }
        if let Some(state) = self.hosts.get_mut(new) {
            state.part = Part::Honest;
            (state.ports, state.config.host.alias, state.presence_port) = (ports, alias, port);
        }
        self.all_interfaces_up(new);
        self.watch_links();
        let at = self.now + 1_000 + self.random.around(10_000);
        self.queue.push(at, Item::PowerOn { host: new });
    }

    /// Copies a host's database, or puts the copy back.
    pub(crate) fn copy_or_put_back(&mut self, host: usize) {
        if self.hosts.get(host).is_some_and(|state| state.copy.is_some()) {
            self.put_copy_back(host);
        } else {
            self.copy_database(host);
        }
    }

    /// Keeps a copy of what a host has stored.
    pub fn copy_database(&mut self, host: usize) {
        let facts = self.oracle.remembered(host);
        if let (Some(state), Some(facts)) = (self.hosts.get_mut(host), facts) {
            state.copy = Some(Copy { store: state.store.clone(), facts });
        }
    }

    /// The host starts again from the copy that was kept of its database, if there is one.
    pub fn put_copy_back(&mut self, host: usize) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        // A copy of the generation that runs is not noticed: PROTOCOL.md promises nothing for it.
        let outside = state.outside.map_or(0, |generation| generation.0);
        let older = |copy: &mut Copy| records::generation(&copy.store).is_some_and(|generation| generation < outside);
        let Some(Copy { store, facts }) = state.copy.take_if(older) else { return };
        self.saw("old database");
        self.trace.note(self.now, format!("h{host} gets an older database back"));
        self.stop(host);
        self.oracle.rolled_back(host, facts);
        self.replace_store(host, store);
        if let Some(state) = self.hosts.get_mut(host) {
            state.rolled_back = true;
        }
        self.queue.push(self.now + 1_000, Item::PowerOn { host });
    }

    fn replace_store(&mut self, host: usize, store: MemoryStore) {
        if let Some(state) = self.hosts.get_mut(host) {
            state.store = store;
        }
    }
}
