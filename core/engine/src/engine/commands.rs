//! What users ask for.

use serde_bytes::ByteBuf;

use super::Engine;
use crate::api::{Command, CommandError, Event, FriendState, Match, Outcome, PacketService, PacketState, Setting};
use crate::ask::AskKind;
use crate::content::{Content, Text};
use crate::crypto;
use crate::friends::Friend;
use crate::ids::{CommandId, FriendId, HostId, IdentityKey, MessageId, MessageKey};
use crate::limits::{ALIAS_MAX, GREETING_MAX, TEXT_MAX};
use crate::names;
use crate::rows::{MessageRow, StoredState};
use crate::uri::PermessoUri;

impl Engine {
    pub(super) fn run(&mut self, command: Command) -> Result<CommandId, CommandError> {
        let outcome = match command {
            Command::Join => self.join(),
            Command::Leave => return Ok(self.leave()),
            Command::Set(setting) => self.set(vec![setting])?,
            Command::SetAll { settings } => self.set(settings)?,
            Command::Search { alias, matching } => {
                // The empty part is in every alias: whoever is here answers.
                if matching == Match::Exact || !alias.is_empty() {
                    check_length("alias", &alias, ALIAS_MAX)?;
                }
                let search = self.search.begin(&alias, matching, &mut self.presence, &mut self.core.context());
                let friends: Vec<_> = self.friends.all().map(|it| (it.host, it.name(), it.state)).collect();
                self.search.tell_recent(search, &friends, &self.presence, &mut self.core.context());
                Outcome::Searching { search }
            }
            Command::Examine => {
                let examination = self.doctor.begin(&mut self.presence, &mut self.core.context());
                Outcome::Examining { examination }
            }
            Command::AskFriendship { host, greeting } => self.ask_friendship(host, &greeting)?,
            Command::AnswerFriendship { host, accept, tell } => self.answer_friendship(host, accept, tell)?,
            Command::CancelAsk { host } => {
                let friend = self.in_state(host, &[FriendState::RequestSent])?;
                self.cancel_ask(friend);
                Outcome::Done
            }
            Command::EndFriendship { host } => {
                let friend = self.in_state(host, &[FriendState::Friend])?;
                self.end_friendship(friend);
                Outcome::Done
            }
            Command::Block { host } => {
                let key = self.key_for(host)?;
                // Without an alias nobody would know later whom to unblock.
                let friend = self.meet(host, key);
                self.block(friend);
                Outcome::Done
            }
            Command::Unblock { host } => {
                let friend = self.friend_for(host)?;
                self.friends.change(friend, &mut self.core.gate, |friend| friend.blocked = false);
                self.tell_friend(friend);
                Outcome::Done
            }
            Command::SetLocalAlias { host, alias } => self.set_local_alias(host, alias)?,
            Command::SetVerified { host, verified } => {
                let friend = self.friend_for(host)?;
                self.friends.change(friend, &mut self.core.gate, |friend| friend.set_verified(verified));
                self.tell_friend(friend);
                Outcome::Done
            }
            Command::ScanUri { uri } => self.scan(&uri)?,
            Command::RenewCode => {
                self.withdraw_codes();
                Outcome::Done
            }
            Command::AddContact { uri, name } => self.add_contact(&uri, name)?,
            Command::SendText { host, text } => self.send_text(host, text)?,
            Command::Retry { message } => self.retry(message)?,
            Command::Cancel { message } => self.cancel(message)?,
            Command::MarkRead { host } => {
                let friend = self.friend_for(host)?;
                let read = self.conversations.of(friend).read_all(&mut self.core.gate);
                self.send_read_receipts(friend, &read);
                self.tell_friend(friend);
                Outcome::Done
            }
            Command::DeleteMessage { message } => {
                let unknown = CommandError::UnknownMessage { message };
                let (friend, key) = self.conversations.find(message).ok_or(unknown)?;
                if let Some(row) = self.outbox.row_of_message(message) {
                    self.give_up(row, StoredState::FailedCancelled, "deleted");
                    // What its owner deletes is not kept for a late proof.
                    self.outbox.remove(row, &mut self.core.gate);
                }
                if let Some(removed) = self.conversations.of(friend).remove(key, &mut self.core.gate) {
                    self.note_removed(&removed);
                }
                Outcome::Done
            }
        };
        let command = self.next_command();
        self.core.gate.event(Event::Done { command, outcome });
        Ok(command)
    }

    pub(super) fn next_command(&mut self) -> CommandId {
        self.next_command += 1;
        CommandId(self.next_command)
    }

    fn join(&mut self) -> Outcome {
        self.end_leaving();
        if !self.present {
            self.present = true;
            self.links.open(&mut self.core.context());
            self.presence.join(&mut self.core.context());
        }
        Outcome::Done
    }

    /// The settings in their normal form, if all of them may be set.
    ///
    /// # Errors
    /// Those of [`Setting::checked`], `OutOfRange` also for what the configuration does not allow; `ServerCarries`.
    pub fn checked_settings(&self, settings: Vec<Setting>) -> Result<Vec<Setting>, CommandError> {
        let checked = settings.into_iter().map(|setting| {
            let setting = setting.checked()?;
            if setting == Setting::Carry(false) && self.core.config.custody.is_server {
                return Err(CommandError::ServerCarries);
            }
            if let Setting::OutboxLimit(limit) = setting {
                // As in the configuration file: what friends may send again must not outlive its marks.
                let marked = limit < self.core.config.messages.marks_max;
                check_range("the outbox limit", marked, "less than messages.marks_max")?;
            }
            Ok(setting)
        });
        checked.collect()
    }

    fn set(&mut self, settings: Vec<Setting>) -> Result<Outcome, CommandError> {
        self.checked_settings(settings)?.into_iter().for_each(|setting| self.change(setting));
        Ok(Outcome::Done)
    }

    fn change(&mut self, setting: Setting) {
        let visibility = self.core.account.settings.visibility;
        let port = match setting {
            Setting::Port(port) => Some(port),
            _ => None,
        };
        let carried = matches!(setting, Setting::CarryBytes(_));
        let lowers = matches!(setting, Setting::HistoryLimit(_) | Setting::OutboxLimit(_));
        self.core.account.change_setting(setting, self.core.config.custody.is_server, &mut self.core.gate);
        if lowers {
            self.bound_own_messages();
        }
        if carried {
            self.core.config.custody.storage_bytes = self.core.account.settings.carry_bytes;
            self.carrying.custody.bound(&self.core.config.custody, &mut self.core.gate);
            self.note_dropped();
        }
        self.presence.on_visibility_changed(visibility, &mut self.core.context());
        if let Some(port) = port {
            self.core.gate.link(crate::api::LinkRequest::Rebind { port });
        }
    }

    /// Keeps the history of each conversation and the outbox within their limits, which may have been lowered.
    pub(super) fn bound_own_messages(&mut self) {
        self.bound_outbox(self.core.account.settings.outbox_limit as usize);
        let friends: Vec<_> = self.friends.all().map(|friend| friend.id).collect();
        for friend in friends {
            self.bound_history(friend);
        }
    }

    fn key_for(&self, host: HostId) -> Result<crate::ids::IdentityKey, CommandError> {
        if host == self.core.account.identity.host_id() {
            return Err(CommandError::Oneself);
        }
        let known = self.friends.key_of(host).or_else(|| self.presence.host(host).map(|host| host.key));
        known.ok_or(CommandError::UnknownHost { host })
    }

    fn in_state(&self, host: HostId, allowed: &[FriendState]) -> Result<crate::ids::FriendId, CommandError> {
        let friend = self.friend_for(host)?;
        let state = self.friends.get(friend).map_or(FriendState::Unknown, |friend| friend.state);
        if allowed.contains(&state) { Ok(friend) } else { Err(CommandError::WrongState { host, state }) }
    }

    /// A record of a host, with the alias it is seen with.
    fn meet(&mut self, host: HostId, key: IdentityKey) -> FriendId {
        let alias = self.presence.host(host).and_then(|host| host.alias.clone()).unwrap_or_default();
        self.friends.meet(host, key, &alias)
    }

    fn ask_friendship(&mut self, host: HostId, greeting: &str) -> Result<Outcome, CommandError> {
        if greeting.len() > GREETING_MAX {
            return Err(CommandError::TooLong { what: "greeting", length: greeting.len(), limit: GREETING_MAX });
        }
        let key = self.key_for(host)?;
        let state = self.friends.by_host(host).map_or(FriendState::Unknown, |friend| friend.state);
        match state {
            FriendState::Friend => return Err(CommandError::WrongState { host, state }),
            FriendState::RequestReceived => return self.answer_friendship(host, true, false),
            FriendState::RequestSent
                if self.friends.by_host(host).is_some_and(|friend| friend.open_ask().is_some()) =>
            {
                // A new request would void the key that an answer on its way was made for.
                self.serve(host);
                return Ok(Outcome::Done);
            }
            FriendState::Unknown | FriendState::RequestSent | FriendState::Ended => {}
        }
        let limit = self.core.config.friendship.asks_max as usize;
        let open =
            self.friends.all().filter(|friend| friend.open_ask().is_some() || friend.wants_to_ask.is_some()).count();
        if state != FriendState::RequestSent && open >= limit {
            return Err(CommandError::TooManyAsks { limit });
        }
        let friend = self.meet(host, key);
        self.presence.pin(key, &mut self.core.context());
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.blocked = false;
            friend.state = FriendState::RequestSent;
        });
        if !self.ask(friend, AskKind::Friendship, greeting) {
            let greeting = greeting.to_owned();
            self.friends.change(friend, &mut self.core.gate, |friend| friend.wants_to_ask = Some(greeting));
            self.serve(host);
        }
        self.tell_friend(friend);
        Ok(Outcome::Done)
    }

    fn answer_friendship(&mut self, host: HostId, accept: bool, tell: bool) -> Result<Outcome, CommandError> {
        let friend =
            self.in_state(host, &[FriendState::RequestReceived, FriendState::Friend, FriendState::RequestSent])?;
        let record = self.friends.get(friend).ok_or(CommandError::UnknownHost { host })?;
        let state = record.state;
        if record.received.is_none() {
            return Err(CommandError::WrongState { host, state });
        }
        if !accept && state == FriendState::Friend {
            // It has lost the friendship, and we do not want it back.
            self.refuse_ask(friend, tell);
            self.on_end(friend);
            self.forget_pairings(friend);
        } else if !accept {
            self.refuse_ask(friend, tell);
        } else if !self.accept(friend) {
            return Err(CommandError::WrongState { host, state });
        }
        self.tell_friend(friend);
        Ok(Outcome::Done)
    }

    fn set_local_alias(&mut self, host: HostId, alias: Option<String>) -> Result<Outcome, CommandError> {
        let friend = self.friend_for(host)?;
        let alias = alias.map(|alias| visible_alias(&alias)).transpose()?;
        self.friends.change(friend, &mut self.core.gate, |friend| friend.local_alias = alias);
        self.tell_friend(friend);
        Ok(Outcome::Done)
    }

    fn scan(&mut self, uri: &str) -> Result<Outcome, CommandError> {
        // The code was seen on the device or in its owner's hands: comparing keys could say no more.
        let uri = self.contact_uri(uri)?;
        let token = uri.token.clone().map(ByteBuf::from);
        self.pin(uri, |friend| {
            friend.set_verified(true);
            friend.scanned = token.filter(|_| friend.state != FriendState::Friend);
        })
    }

    fn add_contact(&mut self, uri: &str, name: Option<String>) -> Result<Outcome, CommandError> {
        let uri = self.contact_uri(uri)?;
        let name = name.map(|name| names::normalize(&name)).filter(|name| !name.is_empty());
        if let Some(name) = &name {
            check_length("name", name, ALIAS_MAX)?;
        }
        self.pin(uri, |friend| {
            if friend.local_alias.is_none() {
                friend.local_alias = name.filter(|name| *name != friend.alias);
            }
        })
    }

    fn contact_uri(&self, uri: &str) -> Result<PermessoUri, CommandError> {
        let uri: PermessoUri = uri.parse().map_err(|error| CommandError::BadUri { reason: error })?;
        if uri.host_id() == self.core.account.identity.host_id() { Err(CommandError::Oneself) } else { Ok(uri) }
    }

    fn pin(&mut self, uri: PermessoUri, change: impl FnOnce(&mut Friend)) -> Result<Outcome, CommandError> {
        let host = uri.host_id();
        let friend = self.friends.meet(host, uri.key, &uri.alias.clone().unwrap_or_default());
        self.friends.change(friend, &mut self.core.gate, change);
        if let Some(certificate) = &uri.certificate {
            self.friends.on_certificate(certificate, &mut self.core.gate);
            self.ask_if_wanted(host);
        }
        let number = self.presence.pin(uri.key, &mut self.core.context());
        for address in uri.addresses {
            self.presence.remember(number, address, &mut self.core.context());
        }
        self.tell_friend(friend);
        Ok(Outcome::Scanned { host })
    }

    fn send_text(&mut self, host: HostId, text: String) -> Result<Outcome, CommandError> {
        check_length("text", &text, TEXT_MAX)?;
        let friend = self.friend_for(host).map_err(|error| match error {
            CommandError::UnknownHost { host } => CommandError::NotAFriend { host },
            error => error,
        })?;
        if !self.friends.get(friend).is_some_and(crate::friends::Friend::is_friend) {
            return Err(CommandError::NotAFriend { host });
        }
        if !self.core.gate.wants_input() {
            return Err(CommandError::Busy);
        }
        self.make_room_in_outbox(None);
        let now = self.core.shown;
        let conversation = self.conversations.of(friend);
        let (parents, clock) = (conversation.parents(), conversation.tick(now));
        let salt = crypto::random(&mut self.core.rng);
        let words = Text { send_time: now, clock, parents: parents.clone(), text: text.clone() };
        let content = Content::Text(words).encode(salt);
        let key = self.conversations.next_key();
        let message = self.post_or_keep(friend, host, &content, key);
        let row = MessageRow {
            key,
            friend,
            id: message,
            mine: true,
            order: clock,
            local_time: now,
            send_time: now,
            state: StoredState::Queued,
            unread: false,
            parents,
            text,
        };
        self.conversations.of(friend).add(row, &mut self.core.gate);
        self.bound_history(friend);
        Ok(Outcome::Stored { message })
    }

    fn retry(&mut self, message: MessageId) -> Result<Outcome, CommandError> {
        let unknown = CommandError::UnknownMessage { message };
        let row = self.outbox.row_of_message(message).ok_or(unknown.clone())?;
        let entry = self.outbox.entry(row).filter(|entry| entry.given_up).cloned().ok_or(unknown.clone())?;
        let record = self.friends.get(entry.friend);
        let Some(host) = record.filter(|friend| friend.is_friend()).map(|friend| friend.host) else {
            let host = record.map_or(HostId::BROADCAST, |friend| friend.host);
            return Err(CommandError::NotAFriend { host });
        };
        self.make_room_in_outbox(Some(row));
        let mut entry = self.outbox.entry(row).cloned().ok_or(unknown)?;
        let now = self.core.now.wall;
        entry.given_up = false;
        // Its place in the ratchet was given up with it, so it is encrypted again.
        entry.pairing = None;
        entry.expires = now + self.core.account.settings.outbox_expiry;
        let gate = &mut self.core.gate;
        entry.packet = self.packets.add(PacketService::TextMessage, true, host, PacketState::SendWait, now, gate);
        if let Some(key) = entry.key {
            self.set_message_state(entry.friend, key, message, StoredState::Queued);
        }
        self.outbox.forget_cached(row);
        self.outbox.set(row, entry, &mut self.core.gate);
        self.offer_row(host, row);
        Ok(Outcome::Done)
    }

    fn cancel(&mut self, message: MessageId) -> Result<Outcome, CommandError> {
        let unknown = CommandError::UnknownMessage { message };
        let row = self.outbox.row_of_message(message).ok_or(unknown.clone())?;
        let waits = self.outbox.entry(row).is_some_and(|entry| !entry.given_up && entry.key.is_some());
        if !waits {
            return Err(unknown);
        }
        self.give_up(row, StoredState::FailedCancelled, "cancelled");
        Ok(Outcome::Done)
    }

    /// Seals a text now, or keeps it unsealed until the encryption that is being started afresh is there.
    fn post_or_keep(
        &mut self,
        friend: crate::ids::FriendId,
        host: HostId,
        content: &[u8],
        key: MessageKey,
    ) -> MessageId {
        if let Some(id) = self.post(friend, PacketService::TextMessage, content, Some(key)) {
            return id;
        }
        self.keep_unsealed(friend, host, content, key)
    }
}

impl Setting {
    /// The setting in its normal form.
    ///
    /// # Errors
    /// `Empty` (an alias of characters that cannot be seen is), `TooLong`, `OutOfRange`.
    pub fn checked(self) -> Result<Self, CommandError> {
        checked(self)
    }
}

fn checked(setting: Setting) -> Result<Setting, CommandError> {
    match &setting {
        Setting::Alias(alias) => return Ok(Setting::Alias(visible_alias(alias)?)),
        Setting::Port(port) => check_range("the port", *port > 0, "1 to 65535")?,
        Setting::HistoryLimit(limit) => {
            check_range("the history limit", (1..=1_000_000).contains(limit), "1 to 1000000 messages")?;
        }
        Setting::OutboxLimit(limit) => {
            check_range("the outbox limit", (1..=100_000).contains(limit), "1 to 100000 messages")?;
        }
        Setting::OutboxExpiry(expiry) => {
            let allowed = (60_000..=365 * 86_400_000).contains(&expiry.0);
            check_range("the outbox expiry", allowed, "1 minute to 365 days")?;
        }
        Setting::CarryBytes(bytes) => {
            check_range("the storage for others", (1 << 20..=1 << 40).contains(bytes), "1 MiB to 1 TiB")?;
        }
        Setting::Visibility(_) | Setting::ReadReceipts(_) | Setting::Carry(_) => {}
    }
    Ok(setting)
}

fn visible_alias(alias: &str) -> Result<String, CommandError> {
    let alias = names::normalize(alias);
    check_length("alias", &alias, ALIAS_MAX)?;
    if names::is_blank(&alias) {
        return Err(CommandError::Empty { what: "alias" });
    }
    Ok(alias)
}

fn check_length(what: &'static str, text: &str, limit: usize) -> Result<(), CommandError> {
    match text.len() {
        0 => Err(CommandError::Empty { what }),
        length if length > limit => Err(CommandError::TooLong { what, length, limit }),
        _ => Ok(()),
    }
}

fn check_range(what: &'static str, allowed: bool, range: &'static str) -> Result<(), CommandError> {
    if allowed { Ok(()) } else { Err(CommandError::OutOfRange { what, range }) }
}
