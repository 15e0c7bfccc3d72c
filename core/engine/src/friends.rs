//! Friends, askers and ended friends: what is remembered of each, and nothing about how it came to be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::api::{ContactView, FriendState};
use crate::ask::{AskKind, Signed};
use crate::certificate::Certificate;
use crate::gate::Gate;
use crate::ids::{FriendId, HostId, IdentityKey, OlmKey, SealingKey, Tag};
use crate::record;
use crate::rows::Table;
use crate::time::{Millis, Wall};
use crate::tree::Tree;

/// Certificates of hosts that are not friends, remembered so that they can be asked: one search's answers and more.
const CERTIFICATES_MAX: usize = 1_024;

/// An ASK or RESET of ours that is not answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SentAsk {
    pub(crate) kind: AskKind,
    pub(crate) id: u64,
    pub(crate) one_time_key: OlmKey,
    pub(crate) r: IdentityKey,
    pub(crate) hash: IdentityKey,
    pub(crate) expires: Wall,
    /// What the user wrote, to ask again.
    #[serde(default)]
    pub(crate) greeting: String,
    /// Its user took it back. Its keys stay: a YES may be on its way, and is answered by an END.
    pub(crate) cancelled: bool,
}

/// An ASK of theirs that is not answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReceivedAsk {
    pub(crate) signed: Signed,
    pub(crate) expires: Wall,
}

/// A YES of ours, kept to be sealed again until the asker is seen to have it; or a NO.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredYes {
    pub(crate) ask: u64,
    /// Its pairing; [`OF_NO`](Self::OF_NO) if it is a NO.
    pub(crate) pairing: u64,
    pub(crate) reply_tag: Tag,
    pub(crate) to: SealingKey,
    pub(crate) signed: Signed,
    pub(crate) expires: Wall,
}

impl StoredYes {
    /// A NO makes no pairing, and no pairing has this row.
    pub(crate) const OF_NO: u64 = u64::MAX;

    pub(crate) fn is_no(&self) -> bool {
        self.pairing == Self::OF_NO
    }
}

/// An answered ASK of ours: what it takes to prove its YES once more, and to tell another YES from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AnsweredAsk {
    pub(crate) hash: IdentityKey,
    pub(crate) reply_tag: Tag,
    pub(crate) expires: Wall,
    /// The hash of the YES; none of a NO, and of what was answered before this was kept.
    #[serde(default)]
    pub(crate) answer: Option<IdentityKey>,
}

/// Somebody we are, were or may become friends with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Friend {
    pub(crate) id: FriendId,
    pub(crate) host: HostId,
    pub(crate) key: IdentityKey,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) state: FriendState,
    pub(crate) alias: String,
    pub(crate) local_alias: Option<String>,
    pub(crate) verified: bool,
    /// The token of its code, which our user scanned, for the ASK to it.
    #[serde(default)]
    pub(crate) scanned: Option<ByteBuf>,
    /// The token of a code of ours that its ASK brought, and nobody else's. While it is there, `verified` rests on that.
    #[serde(default)]
    pub(crate) brought: Option<ByteBuf>,
    pub(crate) blocked: bool,
    /// The greatest ask id accepted from this identity.
    pub(crate) heard_ask: u64,
    /// A request to be made as soon as the certificate is known: its greeting.
    pub(crate) wants_to_ask: Option<String>,
    pub(crate) sent: Option<SentAsk>,
    pub(crate) received: Option<ReceivedAsk>,
    pub(crate) yes: Option<StoredYes>,
    pub(crate) answered: Option<AnsweredAsk>,
    /// The pairing made by their YES to a request of ours that we had taken back, while theirs is open: it counts once theirs
    /// is accepted.
    #[serde(default)]
    pub(crate) agreed: Option<u64>,
    /// When the newest resets were begun.
    pub(crate) resets: Vec<Wall>,
    /// When the friendship ended.
    pub(crate) ended: Option<Wall>,
}

impl Friend {
    /// The tag under which an answer to our open ASK travels.
    pub(crate) fn reply_tags(&self) -> impl Iterator<Item = Tag> + '_ {
        let open = self.sent.iter().map(|ask| crate::ask::reply_tag(ask.r.as_bytes()));
        open.chain(self.answered.iter().map(|ask| ask.reply_tag))
    }

    /// Our ASK to it that waits for an answer.
    pub(crate) fn open_ask(&self) -> Option<&SentAsk> {
        self.sent.as_ref().filter(|ask| !ask.cancelled)
    }

    /// When the time of something about it is over first; the keys of an ended friendship are `kept` for so long.
    fn first_expiry(&self, kept: Millis) -> Option<Wall> {
        let expiries = [
            self.sent.as_ref().map(|ask| ask.expires),
            self.received.as_ref().map(|ask| ask.expires),
            self.yes.as_ref().map(|yes| yes.expires),
            self.answered.as_ref().map(|answered| answered.expires),
            self.ended.map(|ended| ended + kept),
        ];
        expiries.into_iter().flatten().min()
    }

    /// Both have said yes.
    pub(crate) fn become_friend(&mut self) {
        self.state = FriendState::Friend;
        self.received = None;
        self.wants_to_ask = None;
        self.scanned = None;
        self.verified |= self.brought.is_some();
    }

    /// The user says whether its key was compared: whatever a code said counts no more.
    pub(crate) fn set_verified(&mut self, verified: bool) {
        self.verified = verified;
        self.brought = None;
    }

    /// Whether mail for it may be made.
    pub(crate) fn is_friend(&self) -> bool {
        self.state == FriendState::Friend && !self.blocked
    }

    /// Where we stand with it, as presence is told: a blocked host is nobody.
    pub(crate) fn presence_state(&self) -> FriendState {
        if self.blocked { FriendState::Unknown } else { self.state }
    }

    /// What an address book needs of it.
    pub(crate) fn contact(&self) -> ContactView {
        ContactView {
            friend: self.id,
            host: self.host,
            key: self.key,
            alias: self.alias.clone(),
            local_alias: self.local_alias.clone(),
            state: self.state,
            verified: self.verified,
            blocked: self.blocked,
        }
    }

    /// The name to show.
    pub(crate) fn name(&self) -> &str {
        self.local_alias.as_deref().unwrap_or(&self.alias)
    }
}

/// Everybody with a friend record, in the order they were met.
#[derive(Default)]
pub(crate) struct Friends {
    friends: Tree<FriendId, Friend>,
    by_host: BTreeMap<HostId, FriendId>,
    by_reply_tag: BTreeMap<Tag, FriendId>,
    /// Reply tags that are not yet wanted of anybody.
    fresh: Vec<Tag>,
    /// Those with whom a request is to be made.
    wanting: BTreeSet<FriendId>,
    /// Before this moment nobody's time is over; none if somebody has changed since that was looked up.
    nobody_before: Option<Wall>,
    next: u32,
    strangers: Tree<HostId, (u64, Certificate)>,
    strangers_by_arrival: BTreeMap<u64, HostId>,
    arrivals: u64,
}

impl Friends {
    pub(crate) fn restore(&mut self, value: &[u8]) -> Option<()> {
        let friend: Friend = record::decode(value)?;
        self.next = self.next.max(friend.id.0.saturating_add(1));
        self.index(&friend);
        self.friends.insert(friend.id, friend);
        Some(())
    }

    pub(crate) fn get(&self, id: FriendId) -> Option<&Friend> {
        self.friends.get(&id)
    }

    pub(crate) fn by_host(&self, host: HostId) -> Option<&Friend> {
        self.friends.get(self.by_host.get(&host)?)
    }

    pub(crate) fn by_reply_tag(&self, tag: Tag) -> Option<&Friend> {
        self.friends.get(self.by_reply_tag.get(&tag)?)
    }

    /// Every tag under which an answer may come.
    pub(crate) fn reply_tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.by_reply_tag.keys().copied()
    }

    /// Reply tags that were made since this was asked last.
    pub(crate) fn take_fresh(&mut self) -> Vec<Tag> {
        std::mem::take(&mut self.fresh)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Friend> {
        self.friends.values()
    }

    /// Those that are to be asked as soon as their certificates are known.
    pub(crate) fn wanting(&self) -> &BTreeSet<FriendId> {
        &self.wanting
    }

    /// Those of whom the [time of something](Friend::first_expiry) is over. It is asked each minute, and mostly the answer is nobody:
    /// hundreds of records are not looked through for that.
    pub(crate) fn due(&mut self, now: Wall, kept: Millis) -> Vec<Friend> {
        if self.nobody_before.is_some_and(|moment| now < moment) {
            return Vec::new();
        }
        let expiries = self.friends.values().filter_map(|friend| Some((friend, friend.first_expiry(kept)?)));
        let (due, later): (Vec<_>, Vec<_>) = expiries.partition(|(_, expires)| *expires <= now);
        let first = later.into_iter().map(|(_, expires)| expires).min().unwrap_or(Wall(u64::MAX));
        self.nobody_before = Some(first).filter(|_| due.is_empty());
        due.into_iter().map(|(friend, _)| friend.clone()).collect()
    }

    /// Whether a host is a friend that is not blocked.
    pub(crate) fn is_friend(&self, host: HostId) -> bool {
        self.by_host(host).is_some_and(Friend::is_friend)
    }

    /// The record of a host, made if there is none; a key once stored stays.
    pub(crate) fn meet(&mut self, host: HostId, key: IdentityKey, alias: &str) -> FriendId {
        if let Some(id) = self.by_host.get(&host) {
            return *id;
        }
        let id = FriendId(self.next);
        self.next += 1;
        let certificate = self.strangers.get(&host).map(|(_, certificate)| certificate.clone());
        let friend = Friend {
            id,
            host,
            key,
            certificate,
            state: FriendState::Unknown,
            alias: alias.to_owned(),
            local_alias: None,
            verified: false,
            scanned: None,
            brought: None,
            blocked: false,
            heard_ask: 0,
            wants_to_ask: None,
            sent: None,
            received: None,
            yes: None,
            answered: None,
            agreed: None,
            resets: Vec::new(),
            ended: None,
        };
        self.by_host.insert(host, id);
        self.friends.insert(id, friend);
        id
    }

    /// Changes a record and stores it.
    pub(crate) fn change<T>(
        &mut self,
        id: FriendId,
        gate: &mut Gate,
        change: impl FnOnce(&mut Friend) -> T,
    ) -> Option<T> {
        let friend = self.friends.get_mut(&id)?;
        let before: Vec<Tag> = friend.reply_tags().collect();
        for tag in &before {
            self.by_reply_tag.remove(tag);
        }
        let result = change(friend);
        match friend.wants_to_ask {
            Some(_) => self.wanting.insert(id),
            None => self.wanting.remove(&id),
        };
        self.nobody_before = None;
        gate.write(record::put(Table::Friend, id.0.into(), friend));
        let friend = self.friends.get(&id)?;
        for tag in friend.reply_tags() {
            self.by_reply_tag.insert(tag, id);
            if !before.contains(&tag) {
                self.fresh.push(tag);
            }
        }
        Some(result)
    }

    /// Remembers a verified certificate; a friend's is stored if its sealing key is newer.
    pub(crate) fn on_certificate(&mut self, certificate: &Certificate, gate: &mut Gate) {
        let host = certificate.host_id();
        if let Some(id) = self.by_host.get(&host).copied() {
            let newer = self.friends.get(&id).is_some_and(|friend| {
                let known = friend.certificate.as_ref();
                friend.key == certificate.key
                    && known.is_none_or(|known| known.sealing_number < certificate.sealing_number)
            });
            if newer {
                self.change(id, gate, |friend| friend.certificate = Some(certificate.clone()));
            }
            return;
        }
        if let Some((arrival, _)) = self.strangers.remove(&host) {
            self.strangers_by_arrival.remove(&arrival);
        }
        self.arrivals += 1;
        self.strangers.insert(host, (self.arrivals, certificate.clone()));
        self.strangers_by_arrival.insert(self.arrivals, host);
        if self.strangers.len() > CERTIFICATES_MAX
            && let Some((_, oldest)) = self.strangers_by_arrival.pop_first()
        {
            self.strangers.remove(&oldest);
        }
    }

    /// Whether this very certificate was verified before: a signature is looked at once, not on each link.
    pub(crate) fn knows(&self, certificate: &Certificate) -> bool {
        let host = certificate.host_id();
        let stranger = self.strangers.get(&host).map(|(_, known)| known);
        self.by_host(host).and_then(|friend| friend.certificate.as_ref()).or(stranger) == Some(certificate)
    }

    /// The identity key of a host we hold a certificate or a record of.
    pub(crate) fn key_of(&self, host: HostId) -> Option<IdentityKey> {
        let stranger = || self.strangers.get(&host).map(|(_, certificate)| certificate.key);
        self.by_host(host).map(|friend| friend.key).or_else(stranger)
    }

    fn index(&mut self, friend: &Friend) {
        self.by_host.insert(friend.host, friend.id);
        if friend.wants_to_ask.is_some() {
            self.wanting.insert(friend.id);
        }
        for tag in friend.reply_tags() {
            self.by_reply_tag.insert(tag, friend.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;

    fn certificate(sealing_number: u64) -> Certificate {
        let identity = Identity::from_secret([1; 32]);
        Certificate::issue(&identity, SealingKey([2; 32]), sealing_number, OlmKey([3; 32]), 0)
    }

    #[test]
    fn only_the_very_certificate_that_was_verified_is_known() {
        let (good, mut gate) = (certificate(7), Gate::default());
        for is_friend in [false, true] {
            let mut friends = Friends::default();
            if is_friend {
                friends.meet(good.host_id(), good.key, "Ada");
            }
            assert!(!friends.knows(&good));
            friends.on_certificate(&good, &mut gate);
            assert!(friends.knows(&good));
            assert!(!friends.knows(&Certificate { signature: [9; 64], ..good.clone() }));
            assert!(!friends.knows(&Certificate { sealing_number: 8, ..good.clone() }));
            assert!(!friends.knows(&certificate(8)));
            friends.on_certificate(&certificate(8), &mut gate);
            assert!(friends.knows(&certificate(8)) && !friends.knows(&good));
        }
    }

    #[test]
    fn what_is_over_is_found_each_time_until_it_is_dealt_with_and_again_after_a_change() {
        let (mut friends, mut gate, kept) = (Friends::default(), Gate::default(), Millis(50));
        let [ada, grace] = [1, 2].map(|n| {
            let key = IdentityKey([n; 32]);
            friends.meet(crate::identity::host_id_of(&key), key, "name")
        });
        let due = |friends: &mut Friends, now| {
            friends.due(Wall(now), kept).into_iter().map(|friend| friend.id).collect::<Vec<_>>()
        };
        assert_eq!(due(&mut friends, 1_000_000), []);
        friends.change(ada, &mut gate, |friend| friend.ended = Some(Wall(100)));
        friends.change(grace, &mut gate, |friend| friend.ended = Some(Wall(300)));
        assert_eq!(due(&mut friends, 149), []);
        assert_eq!(due(&mut friends, 150), [ada]);
        assert_eq!(due(&mut friends, 350), [ada, grace], "nothing was done about the first");
        friends.change(ada, &mut gate, |friend| friend.ended = None);
        friends.change(grace, &mut gate, |friend| friend.ended = None);
        assert_eq!(due(&mut friends, 350), []);
        friends.change(grace, &mut gate, |friend| friend.ended = Some(Wall(200)));
        assert_eq!(due(&mut friends, 350), [grace], "its time was over when it came");
    }

    #[test]
    fn who_is_to_be_asked_is_known_after_a_change_and_after_a_restart() {
        let (mut friends, mut gate) = (Friends::default(), Gate::default());
        let good = certificate(7);
        let id = friends.meet(good.host_id(), good.key, "Ada");
        friends.change(id, &mut gate, |friend| friend.wants_to_ask = Some("hello".to_owned()));
        assert_eq!(friends.wanting().iter().collect::<Vec<_>>(), [&id]);
        let mut again = Friends::default();
        again.restore(&record::encode(friends.get(id).unwrap())).unwrap();
        assert_eq!(again.wanting(), friends.wanting());
        friends.change(id, &mut gate, Friend::become_friend);
        assert!(friends.wanting().is_empty());
    }

    #[test]
    fn certificates_of_strangers_are_remembered_in_bounded_number() {
        let (mut friends, mut gate) = (Friends::default(), Gate::default());
        let of = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            Certificate { key: IdentityKey(key), ..certificate(1) }
        };
        for number in 0..=CERTIFICATES_MAX {
            friends.on_certificate(&of(number), &mut gate);
        }
        assert!(!friends.knows(&of(0)) && friends.knows(&of(1)) && friends.knows(&of(CERTIFICATES_MAX)));
    }
}
