//! A whole world from beginning to end: activity with faults, healing, fresh messages, and perhaps a long quiet.

use permesso_engine::api::{Command, FriendState};
use permesso_engine::rows::Table;

use crate::config::WorldConfig;
use crate::promise::Promise;
use crate::records::{self, OutboxRecord};
use crate::report::Report;
use crate::world::World;

/// What is on its way when everything is healed has so long to end.
const SETTLE: u64 = 150_000;
/// A fresh message between friends takes no longer after healing (I11); twice as long if the encryption starts afresh.
const FRESH: u64 = 10 * 60_000;
/// After so long without activity only quiet traffic is left (I10).
const QUIET_AFTER: u64 = 30 * 60_000;
/// For so long the quiet is watched.
const QUIET_WATCHED: u64 = 10 * 60_000;

/// Runs one world to its end, or to the first broken promise.
pub fn run(config: &WorldConfig) -> Report {
    #[cfg(getrandom_backend = "custom")]
    return crate::randomness::seeded(config.seed, || live(config));
    #[cfg(not(getrandom_backend = "custom"))]
    live(config)
}

fn live(config: &WorldConfig) -> Report {
    let mut world = World::new(config);
    world.run_for(4_000);
    world.start_activity();
    world.run_for(config.minutes * 60_000);
    world.conclude(config.quiet);
    Report::of(&world, config)
}

impl World {
    /// Heals everything and checks what must hold afterwards; perhaps also that nothing but quiet traffic is left.
    pub fn conclude(&mut self, quiet: bool) {
        self.heal();
        self.run_for(SETTLE);
        // Friends who walk may be in reach of nobody.
        if self.walk.is_none() {
            self.check_fresh_messages();
        }
        if quiet {
            self.check_quiet();
        }
        self.run_for(1_000);
        self.oracle.finish(self.now);
    }

    /// Pairs of hosts that see each other as friends, and do not block each other.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for host in (0..self.hosts.len()).filter(|host| self.is_honest(*host)) {
            for view in self.friends(host) {
                let Some(&peer) = self.ids.get(&view.host) else { continue };
                if peer > host && self.is_honest(peer) && view.state == FriendState::Friend && !view.blocked {
                    let back = self.friends(peer).into_iter().find(|back| self.ids.get(&back.host) == Some(&host));
                    if back.is_some_and(|back| back.state == FriendState::Friend && !back.blocked) {
                        pairs.push((host, peer));
                    }
                }
            }
        }
        pairs
    }

    fn check_fresh_messages(&mut self) {
        if !self.violations().is_empty() {
            return;
        }
        let mut fresh = Vec::new();
        for (a, b) in self.pairs() {
            for (from, to) in [(a, b), (b, a)] {
                let text = self.new_text(from);
                let to_id = self.id(to);
                match self.command(from, Command::SendText { host: to_id, text: text.clone() }) {
                    Ok(_) => fresh.push((from, to, text)),
                    Err(error) => {
                        let what = format!("no fresh message to friend {to}: {error}");
                        self.oracle.check(Promise::HealedPairsTalk, self.now, from, Some(what));
                    }
                }
            }
        }
        let arrived = |world: &Self| {
            fresh.iter().all(|(from, to, text)| world.oracle.is_proved(*from, *to, text))
                && (0..world.hosts.len()).all(|host| world.waits_for_friends(host).is_empty())
                && world.ends().iter().all(|(_, broken)| broken.is_none())
        };
        let mut done = self.run_until(FRESH, arrived);
        let resets = self.events_seen.get("notice: encryption reset").copied().unwrap_or(0);
        if !done && resets > 0 {
            done = self.run_until(FRESH, arrived);
        }
        for (from, to, text) in &fresh {
            let late = !done && !self.oracle.is_proved(*from, *to, text);
            let broken = late.then(|| format!("a fresh message to friend {to} is not proved in time"));
            self.oracle.check(Promise::HealedPairsTalk, self.now, *from, broken);
        }
        for host in 0..self.hosts.len() {
            let waiting = self.waits_for_friends(host);
            let broken =
                waiting.first().map(|to| format!("{} messages wait for friends, one is host {to}", waiting.len()));
            self.oracle.check(Promise::NothingSilent, self.now, host, broken);
        }
        for (host, broken) in self.ends() {
            self.oracle.check(Promise::HealedPairsTalk, self.now, host, broken);
        }
    }

    /// To whom messages wait though both are friends.
    fn waits_for_friends(&self, host: usize) -> Vec<usize> {
        let pairs = self.pairs();
        let mutual = |peer: usize| pairs.contains(&(host.min(peer), host.max(peer)));
        self.oracle.waiting(host).into_iter().map(|(peer, _)| peer).filter(|peer| mutual(*peer)).collect()
    }

    /// Who is a friend here must not have ended the friendship there: an END is sent until it is proved, or its time is over.
    /// Who forgot that it asked, since an older copy of its data was put back, and said no to who said yes, learns of it by a
    /// reset.
    fn ends(&self) -> Vec<(usize, Option<String>)> {
        let mut results = Vec::new();
        for host in (0..self.hosts.len()).filter(|host| self.is_honest(*host)) {
            for view in self.friends(host).into_iter().filter(|view| view.state == FriendState::Friend && !view.blocked)
            {
                let Some(&peer) = self.ids.get(&view.host).filter(|peer| self.is_honest(**peer)) else { continue };
                let back = self.friends(peer).into_iter().find(|back| self.ids.get(&back.host) == Some(&host));
                let ended = back.is_some_and(|back| back.state == FriendState::Ended && !back.blocked)
                    && !self.oracle.has_blocked(peer, host)
                    && !self.hosts.get(peer).is_some_and(|state| state.lost_years);
                let broken = ended.then(|| format!("host {peer} is a friend here and has ended the friendship"));
                results.push((host, broken));
            }
        }
        results
    }

    fn check_quiet(&mut self) {
        self.run_for(QUIET_AFTER);
        let before: Vec<_> = (0..self.hosts.len()).map(|host| self.traffic.of(host)).collect();
        // A friend who takes nothing (who has ended the friendship and whose word is still to be answered, for one) is offered
        // what waits once in ten minutes, twice if the ten minutes begin with one.
        let waits = (0..self.hosts.len()).any(|host| self.has_mail_waiting(host));
        self.run_for(QUIET_WATCHED);
        for (host, before) in before.iter().enumerate() {
            for (kind, amount) in self.traffic.of(host) {
                let new = amount.count - before.get(kind).map_or(0, |amount| amount.count);
                // Beacons, by two ways, come at least every 5 s less a quarter; a back-off of ten minutes allows one
                // try of everything to each peer, and links to strangers exchange a few frames.
                let allowed = match kind {
                    "HOST_ONLINE" => 2 * QUIET_WATCHED / 3_750,
                    "DUMMY" | "HELLO" | "WANT" | "OFFER" | "PROOFS" | "CONTROL" => 10 * self.hosts.len() as u64,
                    // And asked whether it is still there when the link for that has ended.
                    "FORWARD" | "RECEIPT" | "JOIN_NETWORK" if waits => 2 * self.hosts.len() as u64,
                    _ => 0,
                };
                let broken =
                    (new > allowed).then(|| format!("{new} {kind} in ten quiet minutes, allowed are {allowed}"));
                self.oracle.check(Promise::QuietWhenIdle, self.now, host, broken);
            }
        }
    }

    fn has_mail_waiting(&self, host: usize) -> bool {
        let store = self.hosts.get(host).map(|state| &state.store);
        let entries = store.into_iter().flat_map(|store| records::all::<OutboxRecord>(store, Table::Outbox));
        entries.into_iter().any(|(_, entry)| !entry.given_up)
    }
}
