//! Who is verified by a code of ours: the token in a code comes back in the ASK of who scanned it (PROTOCOL.md, Verification).

use serde_bytes::ByteBuf;

use super::Engine;
use crate::api::FriendState;
use crate::friends::Friend;
use crate::ids::{FriendId, HostId};
use crate::tokens::Brought;

impl Engine {
    /// A new ASK came, with a token or without: what it says counts once the user accepts. Names the host that had brought the
    /// same token before.
    pub(super) fn note_token(&mut self, friend: FriendId, host: HostId, token: Option<&[u8]>) -> Option<HostId> {
        let core = &mut self.core;
        let brought = match token {
            Some(token) => core.account.on_token(token, host, core.now.wall, &mut core.rng, &mut core.gate),
            None => Brought::Nothing,
        };
        let counts = token.filter(|_| brought == Brought::Alone).map(|token| ByteBuf::from(token.to_vec()));
        self.friends.change(friend, &mut self.core.gate, |friend| {
            // Who is verified already stays so, and by what it is.
            if !friend.verified {
                friend.brought = counts;
            }
        });
        let Brought::Both(first) = brought else { return None };
        self.on_code_shared(token, first);
        Some(first)
    }

    /// Two hosts had the same code of ours, and only one of them can be who was shown it: the code says nothing of the first
    /// any more.
    fn on_code_shared(&mut self, token: Option<&[u8]>, first: HostId) {
        let rests = |friend: &&Friend| friend.brought.as_deref().map(Vec::as_slice) == token;
        if let Some(first) = self.friends.by_host(first).filter(rests).map(|friend| friend.id) {
            self.friends.change(first, &mut self.core.gate, |friend| friend.set_verified(false));
            self.tell_friend(first);
        }
    }

    /// The user wants a new code: who asked with an older one and is no friend yet is not verified by it.
    pub(super) fn withdraw_codes(&mut self) {
        let core = &mut self.core;
        core.account.withdraw_tokens(core.now.wall, &mut core.rng, &mut core.gate);
        let waiting = |friend: &&Friend| friend.brought.is_some() && friend.state != FriendState::Friend;
        let waiting: Vec<FriendId> = self.friends.all().filter(waiting).map(|friend| friend.id).collect();
        for friend in waiting {
            self.friends.change(friend, &mut self.core.gate, |friend| friend.brought = None);
            self.tell_friend(friend);
        }
    }
}
