//! Going on where the store's last commit left off.

use rand_core::SeedableRng;

use super::{Core, Engine, HOUSEKEEPING, RestoreError};
use crate::account::{Account, IDENTITY_ROW};
use crate::ageing::{self, Ageing};
use crate::api::{Event, FriendState, Notice};
use crate::ask::AskKind;
use crate::carrying::Carrying;
use crate::config::Config;
use crate::context::Counters;
use crate::conversation::Conversations;
use crate::crypto::Rng;
use crate::custody::Custody;
use crate::free_memory::FreeMemory;
use crate::gate::Gate;
use crate::generation::Generations;
use crate::held::Marks;
use crate::ids::Generation;
use crate::packets::Packets;
use crate::presence::Presence;
use crate::proofs::ProofLog;
use crate::rows::{Snapshot, Table};
use crate::surroundings::{self, Surroundings};
use crate::time::Now;

impl Engine {
    /// Goes on where `snapshot` left off; an empty one makes a new identity. `outside` is the generation last reported by
    /// `handle_generation_kept`, read back from where it is kept; none if nothing is there (if the place cannot be read now,
    /// wait: a host that seems restored starts all its sessions afresh). `seed` must be fresh randomness at every start.
    ///
    /// Fails if a record is damaged or was written by a newer version; nothing is changed then.
    pub fn restore(
        mut config: Config,
        mut snapshot: Snapshot,
        outside: Option<Generation>,
        seed: [u8; 32],
        now: Now,
    ) -> Result<Self, RestoreError> {
        let mut rng = Rng::from_seed(seed);
        let mut gate = Gate::default();
        let mut custody = Custody::default();
        let taken = snapshot.records.take(Table::Custody, |row, value| custody.restore(row, value));
        taken.map_err(|row| RestoreError::Damaged { table: "custody", row })?;
        let (messages, marks) = (std::mem::take(&mut snapshot.messages), std::mem::take(&mut snapshot.marks));
        let records = |table| snapshot.records.of(table);
        let local: Vec<_> = records(Table::Local).collect();
        let shown = now.wall;
        let aged = local.iter().find(|(row, _)| *row == ageing::ROW).map(|(_, value)| *value);
        let ageing = Ageing::restore(aged, now, &mut gate);
        let now = ageing.now();
        let anything = !(snapshot.records.is_empty() && messages.is_empty() && marks.is_empty() && custody.len() == 0);
        let seen = local.iter().find(|(row, _)| *row == surroundings::ROW).map(|(_, value)| *value);
        if anything && !local.iter().any(|(row, _)| *row == IDENTITY_ROW) {
            // What is left of a damaged store: a new identity would bury it.
            return Err(RestoreError::Damaged { table: "local", row: IDENTITY_ROW });
        }
        let account = Account::restore(&local, outside, &config, now.wall, &mut rng, &mut gate)?;
        config.custody.storage_bytes = account.settings.carry_bytes;
        custody.restored(&config.custody, &mut gate);
        let damaged = |table, row| RestoreError::Damaged { table, row };
        let presence = Presence::restore(records(Table::Host), account.generation().0)?;
        let packets = Packets::restore(records(Table::Packet).map(|(_, value)| value));
        let mut proofs = ProofLog::starting_at(account.generation().0, &config.custody);
        for (row, value) in records(Table::Proof) {
            proofs.restore(row, value, now.wall).ok_or(damaged("proof", row))?;
        }
        proofs.bound(&mut gate);
        let core = Core { now, shown, ageing, config, account, rng, gate, counters: Counters::default() };
        let mut engine = Self {
            core,
            presence,
            search: Default::default(),
            doctor: Default::default(),
            links: Default::default(),
            friends: Default::default(),
            pairings: Default::default(),
            outbox: Default::default(),
            held: Default::default(),
            marks: Marks::restore(marks),
            conversations: Conversations::restore(messages),
            packets,
            stamps: Default::default(),
            stamp_contents: Default::default(),
            fetches: Default::default(),
            resets: Default::default(),
            unrecognized: Default::default(),
            patience: Default::default(),
            generations: Generations::begin(now.tick),
            present: false,
            carrying: Carrying::new(custody, proofs),
            surroundings: Surroundings::restore(seen, now),
            free_memory: FreeMemory::default(),
            leaving: None,
            next_command: 0,
            housekeeping: now.tick + HOUSEKEEPING,
        };
        for (row, value) in records(Table::Friend) {
            engine.friends.restore(value).ok_or(damaged("friend", row))?;
        }
        for (row, value) in records(Table::Pairing) {
            engine.pairings.restore(row, value).ok_or(damaged("pairing", row))?;
        }
        for (row, value) in records(Table::Outbox) {
            let entry = engine.outbox.restore_entry(row, value).ok_or(damaged("outbox", row))?;
            if let Some((pairing, _)) = entry.pairing.filter(|_| !entry.given_up)
                && let Some(pairing) = engine.pairings.get_mut(pairing)
            {
                pairing.add_first_sealing(entry.first_epoch);
            }
        }
        for (row, value) in records(Table::Held) {
            engine.held.restore(row, value).ok_or(damaged("held", row))?;
        }
        let states: Vec<_> = engine.friends.all().map(|friend| (friend.host, friend.presence_state())).collect();
        for (host, state) in states {
            let _ = engine.presence.set_friend(host, state);
        }
        if engine.core.account.is_restored() {
            engine.start_sessions_afresh();
        }
        engine.note_dropped();
        engine.go_on();
        Ok(engine)
    }

    /// The database is an older copy: its ratchets have gone on elsewhere, so nothing is encrypted with them any more, and
    /// what was asked since it was made may have been answered (R6).
    fn start_sessions_afresh(&mut self) {
        let now = self.core.now.wall;
        let friends: Vec<_> = self.friends.all().map(|friend| friend.id).collect();
        for friend in friends {
            for row in self.pairings.of(friend) {
                if let Some(pairing) = self.pairings.get_mut(row) {
                    pairing.retired.get_or_insert(now);
                }
                self.pairings.touch(row, &mut self.core.gate);
            }
            // A request of theirs may have been answered since; a second answer to it would make keys that they do not take.
            let ended = self.friends.change(friend, &mut self.core.gate, |friend| {
                let ended = friend.state == FriendState::Ended || friend.agreed.is_some();
                friend.received = None;
                friend.agreed = None;
                if friend.state == FriendState::RequestReceived {
                    friend.state = FriendState::Unknown;
                }
                ended && !friend.blocked
            });
            let asked = self.friends.get(friend).and_then(|friend| friend.open_ask().cloned());
            match asked {
                Some(ask) if ask.kind == AskKind::Friendship => {
                    self.ask(friend, ask.kind, &ask.greeting);
                }
                _ => {
                    self.drop_sent_ask(friend);
                    self.schedule_reset(friend);
                    if ended == Some(true) {
                        // They may have become friends again since, and must hear that no friend is here any more.
                        self.end_after_reset(friend);
                    }
                }
            }
        }
        self.core.gate.event(Event::Notice(Notice::CopyRestored));
    }

    /// What a crash may have left half done.
    fn go_on(&mut self) {
        // Limits may have been lowered in the configuration.
        self.bound_own_messages();
        let marks_max = self.core.config.messages.marks_max;
        let friends: Vec<_> = self.friends.all().map(|friend| friend.id).collect();
        for friend in friends {
            self.bound_held(friend);
            self.marks.bound(friend, marks_max, &mut self.core.gate);
            // A retired pairing without an ASK of ours or a newer pairing: the reset that retired it must be made again.
            let stuck = self.pairings.current(friend).is_some() && self.pairings.sending(friend).is_none();
            let asking = self.friends.get(friend).is_some_and(|friend| friend.open_ask().is_some());
            if stuck && !asking {
                self.schedule_reset(friend);
            }
            for row in self.outbox.rows_for(friend).collect::<Vec<_>>() {
                // An ASK whose stamp was not found yet is fetched, which goes on looking for it.
                if self.outbox.entry(row).is_some_and(|entry| self.needs_stamp(entry.service)) {
                    self.fetches.ask(crate::outbox::key(row), &mut self.core.gate);
                }
            }
        }
    }
}
