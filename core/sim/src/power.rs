//! Faults of devices and of the space between them: crashes, power, sleep, clocks, partitions.

use std::net::IpAddr;

use permesso_engine::Engine;
use permesso_engine::api::{Command, Event, NetworkEvent};
use permesso_engine::rows::Table;

use crate::ablation::Ablation;
use crate::adversary::INNOCENT;
use crate::host::{Host, YEAR};
use crate::promise::Promise;
use crate::world::{Item, World};

/// How long a beacon may be late by jitter and chance before silence alone is a reason to be taken for offline: the
/// shortest offline time of the protocol (3.5 × 5 s), less the time a datagram may be late in the air.
const SILENCE: u64 = 14_000;
/// A link's end is a reason to be taken for offline for so long.
const LINK_END_COUNTS: u64 = 20_000;

/// A kind of fault that comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Crash,
    PowerOff,
    Leave,
    Partition,
    ClockJump,
    Roam,
    Sleep,
    FullDisk,
    Interface,
    Reinstall,
    OldCopy,
}

impl Fault {
    pub(crate) const ALL: [Self; 11] = [
        Self::Crash,
        Self::PowerOff,
        Self::Leave,
        Self::Partition,
        Self::ClockJump,
        Self::Roam,
        Self::Sleep,
        Self::FullDisk,
        Self::Interface,
        Self::Reinstall,
        Self::OldCopy,
    ];
}

impl World {
    fn mean_time(&self, fault: Fault) -> u64 {
        match fault {
            Fault::Crash => self.faults.crash_every,
            Fault::PowerOff => self.faults.power_off_every,
            Fault::Leave => self.faults.leave_every,
            Fault::Partition => self.faults.partition_every,
            Fault::ClockJump => self.faults.clock_jump_every,
            Fault::Roam => self.faults.roam_every,
            Fault::Sleep => self.faults.sleep_every,
            Fault::FullDisk => self.faults.full_disk_every,
            Fault::Interface => self.faults.interface_every,
            Fault::Reinstall => self.faults.reinstall_every,
            Fault::OldCopy => self.faults.old_copy_every,
        }
    }

    pub(crate) fn plan_fault(&mut self, fault: Fault) {
        let mean = self.mean_time(fault);
        if mean > 0 {
            let at = self.now + 1 + self.random.around(mean);
            self.queue.push(at, Item::Fault(fault));
        }
    }

    pub(crate) fn on_fault(&mut self, fault: Fault) {
        if !self.active {
            return;
        }
        self.plan_fault(fault);
        let in_use: Vec<usize> = (0..self.hosts.len()).filter(|host| self.is_in_use(*host)).collect();
        let Some(host) = self.random.pick(&in_use).copied() else { return };
        match fault {
            Fault::Crash => self.crash(host, "at any moment"),
            Fault::PowerOff => {
                let back = 5_000 + self.random.around(60_000);
                self.power_off(host);
                self.queue.push(self.now + back, Item::PowerOn { host });
            }
            Fault::Leave => {
                self.saw("leave");
                let _ = self.command(host, Command::Leave);
                let at = self.now + 5_000 + self.random.around(60_000);
                self.queue.push(at, Item::Join { host });
            }
            Fault::Partition => self.repartition(),
            Fault::ClockJump => {
                let by_years = self.random.chance(0.5);
                self.saw(if by_years { "clock jump by years" } else { "clock jump" });
                let most = if by_years { self.faults.clock_years * YEAR } else { 172_800_000 };
                self.trace.note(self.now, format!("h{host}'s clock jumps"));
                if let Some(state) = self.hosts.get_mut(host) {
                    state.clock.jump(&mut self.random, most);
                    state.lost_years |= by_years;
                }
            }
            Fault::Roam => self.change_address(host),
            Fault::Sleep => {
                self.saw("sleep");
                self.trace.note(self.now, format!("h{host} sleeps"));
                let until = self.now + 1_000 + self.random.around(60_000);
                if let Some(state) = self.hosts.get_mut(host) {
                    state.asleep_until = until;
                }
                self.watch_links();
                self.queue.push(until, Item::WakeUp { host });
            }
            Fault::FullDisk => self.fill_disk(host),
            Fault::Interface => self.disturb_interface(host),
            Fault::Reinstall => self.reinstall(host),
            Fault::OldCopy => self.copy_or_put_back(host),
        }
    }

    pub(crate) fn on_wake_up(&mut self, host: usize) {
        let now = self.now;
        // Put to sleep again meanwhile, or woken already.
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.asleep_until <= now) else { return };
        state.disturbed_at = now;
        for item in std::mem::take(&mut state.deferred) {
            self.queue.push(now, item);
        }
        self.trace.note(self.now, format!("h{host} wakes up"));
        self.air.note_change(host, self.now);
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_network(NetworkEvent::Resumed, now);
            self.pump(host);
        }
        self.watch_links();
    }

    pub(crate) fn on_join(&mut self, host: usize) {
        if let Some(state) = self.hosts.get_mut(host) {
            state.wants_presence = true;
        }
        let _ = self.command(host, Command::Join);
    }

    /// Reach as it is at a party: all, two rooms, one corridor in between, or by chance.
    fn repartition(&mut self) {
        if self.walk.is_some() {
            return;
        }
        self.saw("partition");
        let hosts = self.hosts.len();
        let kind = self.random.below(4);
        let side: Vec<bool> = (0..hosts).map(|_| self.random.chance(0.5)).collect();
        let middle = self.random.below(hosts as u64) as usize;
        let mut text = String::new();
        for a in 0..hosts {
            for b in a + 1..hosts {
                let together = side.get(a) == side.get(b);
                let by_chance = self.random.chance(0.5);
                let reach = match kind {
                    0 => true,
                    1 => together,
                    2 => together || a == middle || b == middle,
                    _ => by_chance,
                };
                self.air.set(a, b, reach);
                if !reach {
                    text.push_str(&format!(" {a}|{b}"));
                }
            }
        }
        self.trace.note(self.now, format!("reach changes, apart:{text}"));
        self.watch_links();
    }

    /// A host's process dies here: rows not yet durable are lost. It comes back at once or after a while.
    pub fn crash(&mut self, host: usize, when: &str) {
        if self.running(host).is_none() {
            return;
        }
        self.saw("crash");
        self.trace.note(self.now, format!("h{host} crashes {when}"));
        self.stop(host);
        let back = if self.random.chance(0.5) { 20 } else { 100 + self.random.around(20_000) };
        self.queue.push(self.now + back, Item::PowerOn { host });
    }

    /// Switches a host off without a word.
    pub fn power_off(&mut self, host: usize) {
        self.saw("power off");
        self.trace.note(self.now, format!("h{host} is switched off"));
        self.stop(host);
        if let Some(state) = self.hosts.get_mut(host) {
            state.clock.reboot(&mut self.random);
        }
    }

    pub(crate) fn stop(&mut self, host: usize) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.engine = None;
        state.set_on_air(false, self.now);
        state.life += 1;
        state.wake = None;
        state.in_flight.clear();
        state.late_events.clear();
        state.encryptions.clear();
        state.last_commit_at = 0;
        state.listeners.clear();
        self.oracle.crashed(host);
        self.drop_links(host);
    }

    /// Switches a host on, if it is off: its engine goes on where its store left off.
    pub fn power_on(&mut self, host: usize) {
        let seed = self.random.seed();
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.engine.is_none() && state.is_in_use()) else {
            return;
        };
        let mut snapshot = state.store.snapshot();
        if state.ablations.contains(&Ablation::ForgetMarks) {
            snapshot.marks.clear();
            snapshot.records.retain(|key| key.table != Table::Proof);
        }
        let messages = snapshot.messages.len();
        // An identity that nobody outside has seen may be lost with the commit that would have kept it.
        let kept = !snapshot.records.is_empty();
        let now = state.clock.read(self.now);
        let before = state.id;
        let engine = match Engine::restore(state.config.clone(), snapshot, state.outside, seed, now) {
            Ok(engine) => engine,
            Err(error) => return self.oracle.check(Promise::Contract, self.now, host, Some(error.to_string())),
        };
        state.life += 1;
        state.id = Some(engine.host_id());
        state.key = Some(engine.identity_key());
        let (id, wants_presence) = (engine.host_id(), state.wants_presence);
        state.engine = Some(engine);
        self.ids.insert(id, host);
        self.trace.note(self.now, format!("h{host} is switched on, {messages} messages"));
        self.oracle.restored(self.now, host, messages);
        let changed = kept && before.is_some_and(|before| before != id);
        let broken = changed.then(|| format!("the identity changed from {before:?} to {id}"));
        self.oracle.check(Promise::DeliveredIsStored, self.now, host, broken);
        self.pump(host);
        self.attach(host);
        if wants_presence {
            let _ = self.command(host, Command::Join);
        }
    }

    /// Tells a host's engine of the interfaces that are up.
    pub(crate) fn attach(&mut self, host: usize) {
        self.air.note_change(host, self.now);
        let is_mute = self.ways.is_mute(host);
        let interfaces = self.hosts.get(host).map(Host::interfaces).unwrap_or_default();
        for (interface, address) in interfaces {
            let mut addresses = vec![self.ways.interface(IpAddr::V4(address))];
            if self.is_ablated(host, Ablation::ForeignNetwork) {
                addresses.push((IpAddr::V4(INNOCENT), 24));
            }
            if let Some((engine, now)) = self.engine(host) {
                engine.handle_network(NetworkEvent::InterfaceUp { interface, addresses }, now);
                if is_mute {
                    engine.handle_network(NetworkEvent::ToEverybody { interface, works: false }, now);
                }
                self.pump(host);
            }
        }
        self.watch_links();
    }

    /// Tells a host of an address where another may listen, as a scanned code does.
    pub fn introduce(&mut self, host: usize, peer: usize) {
        let address = self.ways.shown(self.presence_address(peer, 0));
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_network(NetworkEvent::PeerFound { address }, now);
            self.pump(host);
        }
    }

    /// A host is shown as offline: it must have been silent, have left, have been off, or its link must have ended.
    pub(crate) fn check_offline(&mut self, host: usize, peer: Option<usize>, event: &Event) {
        let (Event::HostChanged(view), Some(peer)) = (event, peer) else { return };
        if view.online || peer == host {
            return;
        }
        let silent = self.air.heard_before(host, peer, self.now).is_none_or(|at| at + SILENCE <= self.now);
        let ended = self.air.link_ended(host, peer).is_some_and(|at| at + LINK_END_COUNTS > self.now);
        let gone = self.hosts.get(peer).is_none_or(|peer| peer.engine.is_none() || !peer.wants_presence);
        let here = self.hosts.get(host).is_some_and(|here| here.wants_presence);
        let left = self.air.last_left(peer).is_some_and(|at| at + LINK_END_COUNTS > self.now);
        let restarted = self.air.network_changed(host).is_some_and(|at| at + LINK_END_COUNTS > self.now);
        // Of too many strangers the one not heard for longest is put out.
        let id = view.host;
        let put_out = !self.views(host).iter().any(|known| known.host == id);
        // A malicious host may say that it leaves and stay.
        let honest = self.is_honest(peer);
        let broken = (honest && here && !(silent || ended || gone || left || restarted || put_out)).then(|| {
            let ago = self.air.heard_before(host, peer, self.now).map_or(0, |at| self.now - at);
            format!("host {peer} is taken to be offline without a reason, heard {ago} ms ago")
        });
        self.oracle.check(Promise::OfflineHasReason, self.now, host, broken);
    }

    /// Ends everything that goes wrong: everybody is switched on, awake, present, and reaches everybody.
    pub fn heal(&mut self) {
        self.active = false;
        self.trace.note(self.now, "healed".to_string());
        // Who walks is in reach where it is.
        let everybody = if self.walk.is_some() { 0 } else { self.hosts.len() };
        for a in 0..everybody {
            for b in a + 1..self.hosts.len() {
                self.air.set(a, b, true);
            }
        }
        for host in (0..self.hosts.len()).filter(|host| self.is_in_use(*host)).collect::<Vec<_>>() {
            let was_asleep = self.hosts.get_mut(host).is_some_and(|state| {
                let asleep = state.asleep_until > self.now;
                state.asleep_until = state.asleep_until.min(self.now);
                state.wants_presence = true;
                state.full_until = state.full_until.min(self.now);
                asleep
            });
            self.all_interfaces_up(host);
            if was_asleep {
                self.on_wake_up(host);
            }
            if self.running(host).is_some() {
                let _ = self.command(host, Command::Join);
            } else {
                self.power_on(host);
            }
            self.usual_settings(host);
        }
        self.watch_links();
    }
}
