//! The tokens in this host's own codes: who brings one in an ASK has that code (PROTOCOL.md, Verification).

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::crypto::{self, Rng};
use crate::ids::HostId;
use crate::time::{Millis, Wall};

/// Bytes of a token: 80 bits. It can only be guessed by asking, a million hashes a guess, and a QR code stays small.
const LENGTH: usize = 10;
/// A code shows a token for so long, if nobody uses it before.
const SHOWN: Millis = Millis::from_days(1);
/// A token counts for so long from its making: while it is shown, and then as long as an ASK may be on its way (14 days).
const KEPT: Millis = Millis::from_days(15);
/// Tokens kept: one a day for fifteen days, and as many that were used up within a day. The oldest goes first.
const TOKENS_MAX: usize = 32;

/// One token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CodeToken {
    token: ByteBuf,
    made: Wall,
    /// Who brought it first.
    by: Option<HostId>,
    /// A second host brought it: it verifies nobody any more.
    shared: bool,
}

/// Whose token an ASK brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// Of a code of ours, by nobody else.
    Alone,
    /// Of a code of ours that this host had brought before.
    Both(HostId),
    /// Of no code of ours, or of one that says nothing any more.
    Nothing,
}

/// The tokens of one's own codes, oldest first; the newest is in the code that is shown.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Vec<CodeToken>);

impl Tokens {
    pub(crate) fn restore(tokens: Vec<CodeToken>) -> Self {
        Self(tokens)
    }

    pub(crate) fn all(&self) -> &[CodeToken] {
        &self.0
    }

    /// The token for the code to be shown.
    pub(crate) fn shown(&self) -> Option<&[u8]> {
        self.0.last().map(|newest| newest.token.as_slice())
    }

    /// Forgets tokens whose time is over, and makes a new one if that which is shown was used or shown for long; says whether
    /// anything changed.
    pub(crate) fn renew(&mut self, now: Wall, rng: &mut Rng) -> bool {
        let before = self.0.len();
        self.0.retain(|token| now - token.made < KEPT);
        let fresh = |token: &CodeToken| token.by.is_none() && now - token.made < SHOWN;
        if self.0.last().is_some_and(fresh) {
            return self.0.len() != before;
        }
        let token = ByteBuf::from(crypto::random::<LENGTH>(rng).to_vec());
        self.0.push(CodeToken { token, made: now, by: None, shared: false });
        let surplus = self.0.len().saturating_sub(TOKENS_MAX);
        self.0.drain(..surplus);
        true
    }

    /// Makes every code shown so far worth no more than the key in it.
    pub(crate) fn withdraw(&mut self, now: Wall, rng: &mut Rng) {
        self.0.clear();
        self.renew(now, rng);
    }

    /// An ASK of `host` brought a token. Of two hosts that bring one token neither is known to be who was shown the code.
    pub(crate) fn on_brought(&mut self, token: &[u8], host: HostId, now: Wall) -> Brought {
        let known = self.0.iter_mut().find(|known| known.token == token && now - known.made < KEPT);
        let Some(known) = known else { return Brought::Nothing };
        match known.by {
            _ if known.shared => Brought::Nothing,
            None => {
                known.by = Some(host);
                Brought::Alone
            }
            Some(first) if first == host => Brought::Alone,
            Some(first) => {
                known.shared = true;
                Brought::Both(first)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    const ADA: HostId = HostId::BROADCAST;
    const GRACE: HostId = HostId::PERSISTENT_SERVER;

    fn tokens() -> (Tokens, Rng, Vec<u8>) {
        let (mut tokens, mut rng) = (Tokens::default(), Rng::from_seed([1; 32]));
        assert!(tokens.renew(Wall(0), &mut rng));
        let shown = tokens.shown().unwrap().to_vec();
        (tokens, rng, shown)
    }

    #[test]
    fn a_token_counts_for_the_first_who_brings_it_and_for_it_again() {
        let (mut tokens, _, shown) = tokens();
        assert_eq!(tokens.on_brought(&shown, ADA, Wall(1)), Brought::Alone);
        assert_eq!(tokens.on_brought(&shown, ADA, Wall(2)), Brought::Alone);
        assert_eq!(tokens.on_brought(&[7; LENGTH], ADA, Wall(3)), Brought::Nothing);
    }

    #[test]
    fn a_token_that_a_second_host_brings_counts_for_nobody_any_more() {
        let (mut tokens, _, shown) = tokens();
        tokens.on_brought(&shown, ADA, Wall(1));
        assert_eq!(tokens.on_brought(&shown, GRACE, Wall(2)), Brought::Both(ADA));
        for host in [ADA, GRACE] {
            assert_eq!(tokens.on_brought(&shown, host, Wall(3)), Brought::Nothing);
        }
    }

    #[test]
    fn the_code_shows_another_token_when_its_own_was_used_or_is_a_day_old() {
        let (mut tokens, mut rng, first) = tokens();
        assert!(!tokens.renew(Wall(0) + Millis(SHOWN.0 - 1), &mut rng));
        assert!(tokens.renew(Wall(0) + SHOWN, &mut rng));
        let second = tokens.shown().unwrap().to_vec();
        tokens.on_brought(&second, ADA, Wall(0) + SHOWN);
        assert!(tokens.renew(Wall(0) + SHOWN, &mut rng));
        assert!(![first, second].contains(&tokens.shown().unwrap().to_vec()));
    }

    #[test]
    fn a_token_counts_while_an_ask_may_be_on_its_way_and_no_longer() {
        for (age, brought) in [(Millis(KEPT.0 - 1), Brought::Alone), (KEPT, Brought::Nothing)] {
            let (mut tokens, mut rng, shown) = tokens();
            tokens.renew(Wall(0) + SHOWN, &mut rng);
            assert_eq!(tokens.on_brought(&shown, ADA, Wall(0) + age), brought);
        }
        let (mut tokens, mut rng, _) = tokens();
        tokens.renew(Wall(0) + KEPT, &mut rng);
        assert_eq!(tokens.all().len(), 1);
    }

    #[test]
    fn tokens_are_bounded_and_the_newest_stay() {
        let (mut tokens, mut rng, first) = tokens();
        for number in 0..TOKENS_MAX {
            let shown = tokens.shown().unwrap().to_vec();
            tokens.on_brought(&shown, ADA, Wall(number as u64));
            tokens.renew(Wall(number as u64), &mut rng);
        }
        assert_eq!(tokens.all().len(), TOKENS_MAX);
        assert_eq!(tokens.on_brought(&first, ADA, Wall(99)), Brought::Nothing);
    }

    #[test]
    fn a_withdrawn_token_counts_for_nobody() {
        let (mut tokens, mut rng, shown) = tokens();
        tokens.withdraw(Wall(1), &mut rng);
        assert_eq!(tokens.on_brought(&shown, ADA, Wall(2)), Brought::Nothing);
        let fresh = tokens.shown().unwrap().to_vec();
        assert_eq!(tokens.on_brought(&fresh, ADA, Wall(2)), Brought::Alone);
    }
}
