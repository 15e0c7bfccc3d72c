//! Before second 0: whoever will write to each other becomes friends, by the real handshake over a contact of their own.

use permesso_engine::api::Command;

use super::problem::TraceError;
use super::world::TraceWorld;

/// Whatever radios the scenario has, friends are made over a good one, in bytes per second: it is not what is measured.
const RATE: u64 = 1_000_000;
/// Two hosts have so long, in milliseconds; they take some twenty.
const PATIENCE: u64 = 60_000;

impl TraceWorld {
    /// Makes two hosts friends.
    pub(super) fn befriend(&mut self, asker: usize, other: usize) -> Result<(), TraceError> {
        let failed = TraceError::NotFriends { first: self.address(asker), second: self.address(other) };
        let Some(id) = self.hosts.get(other).map(|host| host.id) else { return Err(failed) };
        let until = self.now + PATIENCE;
        self.begin_contact(asker, other, 0, RATE);
        let mut asked = false;
        while self.step(until) {
            let quiet = self.contact(asker, other).is_none_or(|contact| contact.is_quiet());
            if !asked && quiet {
                asked = true;
                self.command(asker, Command::AskFriendship { host: id, greeting: String::new() });
            }
            for (host, asker) in std::mem::take(&mut self.askers) {
                self.command(host, Command::AnswerFriendship { host: asker, accept: true, tell: false });
            }
            if asked && quiet && self.are_friends(asker, other) && self.are_friends(other, asker) {
                self.end_contact(asker, other);
                return Ok(());
            }
        }
        Err(failed)
    }

    fn are_friends(&self, host: usize, friend: usize) -> bool {
        self.hosts.get(friend).is_some_and(|friend| self.friendships.contains(&(host, friend.id)))
    }
}
