//! What comes after the answer: pairings, END, blocking, RESET, and everything whose time runs out (PROTOCOL.md, Friendship).

use super::Engine;
use crate::api::{CommandError, Event, FriendState, Notice, PacketService, PacketState};
use crate::ask::AskKind;
use crate::content::Content;
use crate::crypto;
use crate::friends::Friend;
use crate::ids::{FriendId, HostId};
use crate::pairing::Pairing;
use crate::time::Millis;

/// An older pairing receives at most this long after a newer one was made (R5).
const RETIRED_KEPT: Millis = Millis::from_days(7);
/// A reset leaves after a random time up to this, so that it answers nothing (R7).
const RESET_DELAY_MAX: u64 = 60_000;
/// So long a friend may take what is sealed for it for others' mail: two attempts and the pauses after them (30 s and 60 s).
const UNRECOGNIZED_MAX: Millis = Millis::from_secs(90);

impl Engine {
    /// Takes back whatever ASK of ours is open with a host: its one-time key goes too.
    pub(super) fn drop_sent_ask(&mut self, friend: FriendId) {
        let sent = self.friends.get(friend).and_then(|friend| friend.sent.clone());
        if let Some(sent) = sent {
            self.core.account.delete_one_time_key(sent.one_time_key, &mut self.core.gate);
            self.friends.change(friend, &mut self.core.gate, |friend| friend.sent = None);
        }
        self.drop_asks_in_outbox(friend);
    }

    pub(super) fn drop_asks_in_outbox(&mut self, friend: FriendId) {
        self.drop_in_outbox(friend, &[PacketService::FriendshipAsk, PacketService::Reset]);
    }

    /// An answer to an earlier ASK is of no use to who asks anew.
    pub(super) fn drop_answers_in_outbox(&mut self, friend: FriendId) {
        self.drop_in_outbox(friend, &[PacketService::FriendshipYes, PacketService::FriendshipNo]);
    }

    fn drop_in_outbox(&mut self, friend: FriendId, services: &[PacketService]) {
        let rows: Vec<u64> = self.outbox.rows_for(friend).collect();
        for row in rows {
            let Some(entry) = self.outbox.entry(row) else { continue };
            if services.contains(&entry.service) {
                let (packet, now) = (entry.packet, self.core.now.wall);
                self.packets.set(packet, PacketState::ProcessComplete, None, now, &mut self.core.gate);
                self.stamps.remove(row);
                self.stamp_contents.remove(&row);
                self.outbox.remove(row, &mut self.core.gate);
            }
        }
    }

    /// An ASK of ours ran out: its one-time key goes, and no answer to it is good any more.
    fn end_sent_ask(&mut self, friend: FriendId) {
        self.drop_sent_ask(friend);
        self.withdraw_ask(friend);
    }

    /// An ASK of ours is overtaken: by theirs that was answered, or by the end of the friendship. Its YES may be on its way,
    /// and must be understood to be answered. A RESET goes for good.
    pub(super) fn let_fall(&mut self, friend: FriendId) {
        let asks = |friend: &Friend| friend.sent.as_ref().is_some_and(|sent| sent.kind == AskKind::Friendship);
        if !self.friends.get(friend).is_some_and(asks) {
            return self.drop_sent_ask(friend);
        }
        self.drop_asks_in_outbox(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.sent.iter_mut().for_each(|sent| sent.cancelled = true);
        });
    }

    /// A RESET of ours is of no more use; a YES that is on its way is still understood.
    fn cancel_reset(&mut self, friend: FriendId) {
        self.drop_asks_in_outbox(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.sent.iter_mut().for_each(|sent| sent.cancelled = true);
        });
    }

    /// The user takes an ASK back. A YES that is on its way is still understood, and answered by an END.
    pub(super) fn cancel_ask(&mut self, friend: FriendId) {
        self.drop_asks_in_outbox(friend);
        self.withdraw_ask(friend);
    }

    /// An ASK of ours is over; theirs, if it is there, stands now.
    fn withdraw_ask(&mut self, friend: FriendId) {
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.wants_to_ask = None;
            if let Some(sent) = &mut friend.sent {
                sent.cancelled = true;
            }
            if friend.state == FriendState::RequestSent {
                friend.state =
                    if friend.received.is_some() { FriendState::RequestReceived } else { FriendState::Unknown };
            }
        });
        self.tell_friend(friend);
    }

    /// A new pairing: older ones send no more, and receive until a body opens under this one.
    pub(super) fn add_pairing(&mut self, pairing: Pairing) {
        let now = self.core.now.wall;
        // An END that has not left must not end what begins anew.
        self.drop_in_outbox(pairing.friend, &[PacketService::FriendshipEnd]);
        for old in self.pairings.of(pairing.friend) {
            if let Some(old) = self.pairings.get_mut(old) {
                old.retired.get_or_insert(now);
            }
            self.pairings.touch(old, &mut self.core.gate);
        }
        self.patience.clear(pairing.friend);
        self.unrecognized.remove(&pairing.friend);
        // A reset that is still to leave would only retire what is new.
        self.resets.remove(&pairing.friend);
        self.pairings.add(pairing, &mut self.core.gate);
    }

    /// A body opened under a pairing: the other has it, so older ones and the stored YES are of no more use.
    pub(super) fn on_confirmed(&mut self, friend: FriendId, row: u64) {
        let yes = self.friends.get(friend).and_then(|friend| friend.yes.as_ref());
        if let Some(message) = yes.filter(|yes| yes.pairing == row).map(|yes| yes.signed.message_id()) {
            if let Some(outbox) = self.outbox.row_of_message(message)
                && let Some(entry) = self.outbox.remove(outbox, &mut self.core.gate)
            {
                let now = self.core.now.wall;
                self.packets.set(entry.packet, PacketState::ProcessComplete, None, now, &mut self.core.gate);
            }
            self.friends.change(friend, &mut self.core.gate, |friend| friend.yes = None);
        }
        if self.pairings.current(friend) != Some(row) {
            return;
        }
        for old in self.pairings.of(friend).into_iter().filter(|old| *old != row) {
            self.remove_pairing(old);
        }
    }

    pub(super) fn remove_pairing(&mut self, row: u64) {
        for held in self.held.rows_of_pairing(row) {
            self.drop_held(held, "encryption was reset");
        }
        self.pairings.remove(row, &mut self.core.gate);
    }

    pub(super) fn forget_pairings(&mut self, friend: FriendId) {
        for row in self.pairings.of(friend) {
            self.remove_pairing(row);
        }
    }

    /// What was not proved is encrypted and sent again under the new pairing.
    pub(super) fn send_waiting_again(&mut self, friend: FriendId) {
        let Some(host) = self.friends.get(friend).map(|friend| friend.host) else { return };
        if let Some(link) = self.links.ready(host) {
            if let Some(state) = self.links.link_mut(link) {
                state.sent.clear();
                state.resend = None;
            }
            self.offer_all(host, link);
        } else {
            self.serve(host);
        }
    }

    /// Ends a friendship from here and tells the other.
    pub(super) fn end_friendship(&mut self, friend: FriendId) {
        self.give_up_all(friend, None, "friendship ended");
        let end = Content::End.encode(crypto::random(&mut self.core.rng));
        let told = self.post(friend, PacketService::FriendshipEnd, &end, None).is_some();
        self.let_fall(friend);
        if !told {
            self.forget_pairings(friend);
            self.end_after_reset(friend);
        }
        self.set_ended(friend);
    }

    /// The encryption is being started afresh and nothing can be said now: a RESET is taken back at once, so that its YES is
    /// answered by the END (as that to a request taken back).
    pub(super) fn end_after_reset(&mut self, friend: FriendId) {
        if self.ask(friend, AskKind::Reset, "") {
            self.friends.change(friend, &mut self.core.gate, |friend| {
                if let Some(sent) = &mut friend.sent {
                    sent.cancelled = true;
                }
            });
        }
    }

    /// The friendship was ended by the other; its keys stay a while, to prove the END again. A NO that says so to one who asked
    /// is still to leave.
    pub(super) fn on_end(&mut self, friend: FriendId) {
        self.give_up_all(friend, Some(PacketService::FriendshipNo), "friendship ended");
        let resets = |record: &Friend| record.open_ask().is_some_and(|sent| sent.kind == AskKind::Reset);
        if self.friends.get(friend).is_some_and(resets) {
            // This END may be older than what the other says yes to: that YES must be understood, to be answered by an END.
            self.cancel_reset(friend);
        } else {
            self.let_fall(friend);
        }
        self.set_ended(friend);
    }

    fn set_ended(&mut self, friend: FriendId) {
        let now = self.core.now.wall;
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.state = FriendState::Ended;
            friend.ended = Some(now);
            friend.received = None;
            friend.wants_to_ask = None;
            friend.agreed = None;
            friend.set_verified(false);
            friend.scanned = None;
        });
        self.resets.remove(&friend);
        self.tell_friend(friend);
    }

    /// Hears nothing more of a host, silently.
    pub(super) fn block(&mut self, friend: FriendId) {
        self.give_up_all(friend, None, "blocked");
        self.drop_sent_ask(friend);
        self.forget_pairings(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.blocked = true;
            friend.received = None;
            friend.wants_to_ask = None;
            friend.agreed = None;
            friend.yes = None;
            friend.answered = None;
            if friend.state != FriendState::Unknown {
                friend.state = FriendState::Ended;
            }
        });
        self.tell_friend(friend);
    }

    /// The ratchet with a friend is out of step: a reset leaves after a random while, if not too many did.
    pub(super) fn schedule_reset(&mut self, friend: FriendId) {
        let Some(record) = self.friends.get(friend) else { return };
        if !record.is_friend() || record.open_ask().is_some() || self.resets.contains_key(&friend) {
            return;
        }
        let (config, now) = (&self.core.config.friendship, self.core.now.wall);
        // Resets that seem to lie ahead were made before the clock was set back.
        let last_day = record.resets.iter().filter(|reset| **reset <= now && now - **reset < Millis::from_days(1));
        let wait = match record.resets.last() {
            _ if last_day.count() >= config.resets_per_day as usize => Millis::from_days(1),
            // A clock set back must not make it wait for days.
            Some(last) => Millis(((*last + config.reset_min) - now).0.min(config.reset_min.0)),
            None => Millis(0),
        };
        let random: [u8; 4] = crypto::random(&mut self.core.rng);
        let delay = 1_000 + u64::from(u32::from_be_bytes(random)) % (RESET_DELAY_MAX - 1_000);
        self.resets.insert(friend, self.core.now.tick + wait + Millis(delay));
    }

    /// A friend says of what is sealed for it alone what carriers say of others' mail: it does not know the tag, so that it holds
    /// other keys than we do, if it has not just not heard our YES. However that came about, a reset gives both the same. Who does
    /// not know our YES itself has forgotten what it asked, since an older copy of its data was put back, for one: that YES is
    /// of no use, and to a reset it says where it stands.
    pub(super) fn on_not_recognized(&mut self, row: u64) {
        let Some(entry) = self.outbox.entry(row).filter(|entry| !entry.given_up) else { return };
        let (friend, has_keys) = (entry.friend, entry.pairing.is_some());
        let Some(record) = self.friends.get(friend).filter(|record| record.is_friend()) else { return };
        let answer = self.answer_to(record.host);
        let is_answer = answer == Some(row);
        if !is_answer && (answer.is_some() || !has_keys) {
            return;
        }
        let now = self.core.now.tick;
        let since = *self.unrecognized.entry(friend).or_insert(now);
        if now - since >= UNRECOGNIZED_MAX {
            self.unrecognized.remove(&friend);
            if is_answer {
                self.drop_in_outbox(friend, &[PacketService::FriendshipYes]);
            }
            self.schedule_reset(friend);
        }
    }

    /// Nothing new is encrypted for this friend until there are other keys.
    pub(super) fn retire_current(&mut self, friend: FriendId) {
        if let Some(row) = self.pairings.current(friend) {
            if let Some(pairing) = self.pairings.get_mut(row) {
                pairing.retired.get_or_insert(self.core.now.wall);
            }
            self.pairings.touch(row, &mut self.core.gate);
        }
    }

    pub(super) fn send_due_resets(&mut self) {
        let now = self.core.now;
        let due: Vec<FriendId> =
            self.resets.iter().filter(|(_, due)| **due <= now.tick).map(|(friend, _)| *friend).collect();
        for friend in due {
            self.resets.remove(&friend);
            if !self.friends.get(friend).is_some_and(Friend::is_friend) {
                continue;
            }
            self.retire_current(friend);
            if self.ask(friend, AskKind::Reset, "") {
                self.friends.change(friend, &mut self.core.gate, |friend| {
                    friend.resets.push(now.wall);
                    let surplus = friend.resets.len().saturating_sub(16);
                    friend.resets.drain(..surplus);
                });
            }
        }
    }

    /// Asks, keys and answers whose time has run out.
    pub(super) fn expire_friendships(&mut self) {
        let now = self.core.now.wall;
        let kept = self.core.config.friendship.end_keys_kept;
        for friend in self.friends.due(now, kept) {
            let id = friend.id;
            if let Some(sent) = friend.sent.as_ref().filter(|ask| ask.expires <= now) {
                let told = sent.kind == AskKind::Friendship && !sent.cancelled;
                self.end_sent_ask(id);
                if sent.kind == AskKind::Reset && !sent.cancelled {
                    // Nothing can be said before one is answered.
                    self.schedule_reset(id);
                }
                if told {
                    self.core.gate.event(Event::Notice(Notice::AskExpired { host: friend.host }));
                }
            }
            if friend.received.as_ref().is_some_and(|ask| ask.expires <= now) {
                self.refuse_ask(id, false);
                self.core.gate.event(Event::Notice(Notice::AskExpired { host: friend.host }));
                self.tell_friend(id);
            }
            let yes_over = friend.yes.as_ref().is_some_and(|yes| yes.expires <= now);
            let answered_over = friend.answered.as_ref().is_some_and(|answered| answered.expires <= now);
            if yes_over || answered_over {
                self.friends.change(id, &mut self.core.gate, |friend| {
                    friend.yes.take_if(|yes| yes.expires <= now);
                    friend.answered.take_if(|answered| answered.expires <= now);
                });
            }
            if friend.ended.is_some_and(|ended| now - ended >= kept)
                && friend.state != FriendState::Friend
                && !self.outbox.waits_for(id)
            {
                self.forget_pairings(id);
            }
        }
        let over: Vec<u64> = self
            .pairings
            .retired()
            .filter(|(row, pairing, since)| {
                now - *since >= RETIRED_KEPT && self.pairings.current(pairing.friend) != Some(*row)
            })
            .map(|(row, _, _)| row)
            .collect();
        for row in over {
            self.remove_pairing(row);
        }
    }

    /// The record of a host a command names.
    pub(super) fn friend_for(&self, host: HostId) -> Result<FriendId, CommandError> {
        if host == self.core.account.identity.host_id() {
            return Err(CommandError::Oneself);
        }
        self.friends.by_host(host).map(|friend| friend.id).ok_or(CommandError::UnknownHost { host })
    }

    /// Tells that a friend's record has changed.
    pub(super) fn tell_friend(&mut self, friend: FriendId) {
        if let Some(friend) = self.friends.get(friend) {
            let shown = self.presence.set_friend(friend.host, friend.presence_state());
            let view = self.friend_view(friend);
            self.core.gate.event(Event::FriendChanged(view));
            if let Some(host) = shown {
                // At once, as all of them: one that waited would tell of a host that has gone meanwhile.
                self.core.gate.event_now(Event::HostChanged(host));
            }
        }
    }
}
