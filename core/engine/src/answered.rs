//! What was answered to whom within the last minute, so that nobody is made to answer without end: a question is answered
//! once, an address only so often.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::api::NetAddr;
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// Addresses that are answered within one minute.
const ADDRESSES_MAX: usize = 1_024;
/// The span for which answers to one address are counted.
pub(crate) const COUNTED_FOR: Millis = Millis::from_minutes(1);

/// Why a question is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It was answered already.
    Repeated,
    /// Its address had its share.
    AboveRate,
    /// Too many addresses ask.
    TooMany,
}

/// Answers of the last minute, by address.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    by_address: Tree<NetAddr, VecDeque<(Tick, [u8; 8])>>,
}

impl Answered {
    /// Counts one more answer to a question with this nonce from this address, if the rate allows it. The repetition of a
    /// question is not answered again: answers go by unicast, which the radio repeats by itself.
    pub(crate) fn take(
        &mut self,
        from: &NetAddr,
        nonce: &[u8; 8],
        per_minute: u32,
        now: Tick,
    ) -> Result<(), Unanswered> {
        let address = counted_as(from);
        self.by_address.retain(|_, answers| answers.back().is_some_and(|(at, _)| now - *at < COUNTED_FOR));
        if self.by_address.len() >= ADDRESSES_MAX && !self.by_address.contains_key(&address) {
            return Err(Unanswered::TooMany);
        }
        let answers = self.by_address.entry(address).or_default();
        answers.retain(|(at, _)| now - *at < COUNTED_FOR);
        if answers.iter().any(|(_, answered)| answered == nonce) {
            return Err(Unanswered::Repeated);
        }
        if answers.len() >= per_minute as usize {
            return Err(Unanswered::AboveRate);
        }
        answers.push_back((now, *nonce));
        Ok(())
    }
}

/// Answers are counted by address, whatever the port, for a flood may choose ports as it likes. On the loopback, where
/// nobody else can send from, each port is a host.
fn counted_as(from: &NetAddr) -> NetAddr {
    match from.ip().to_canonical() {
        ip if ip.is_loopback() => *from,
        ip => SocketAddr::new(ip, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u32, port: u16) -> NetAddr {
        NetAddr::from((std::net::Ipv4Addr::from_bits(0x0a00_0000 + last), port))
    }

    #[test]
    fn an_address_has_its_share_of_a_minute_whatever_its_port() {
        let mut answered = Answered::default();
        assert_eq!(answered.take(&from(1, 7), &[1; 8], 2, Tick(0)), Ok(()));
        assert_eq!(answered.take(&from(1, 8), &[2; 8], 2, Tick(0)), Ok(()));
        assert_eq!(answered.take(&from(1, 9), &[3; 8], 2, Tick(59_999)), Err(Unanswered::AboveRate));
        assert_eq!(answered.take(&from(2, 7), &[3; 8], 2, Tick(59_999)), Ok(()));
        assert_eq!(answered.take(&from(1, 9), &[3; 8], 2, Tick(60_000)), Ok(()));
    }

    #[test]
    fn a_question_is_answered_once() {
        let mut answered = Answered::default();
        assert_eq!(answered.take(&from(1, 7), &[1; 8], 2, Tick(0)), Ok(()));
        assert_eq!(answered.take(&from(1, 7), &[1; 8], 2, Tick(1)), Err(Unanswered::Repeated));
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_those_already_counted_go_on() {
        let mut answered = Answered::default();
        for last in 0..1_024 {
            assert_eq!(answered.take(&from(last, 7), &[1; 8], 2, Tick(0)), Ok(()));
        }
        assert_eq!(answered.take(&from(9_999, 7), &[1; 8], 2, Tick(0)), Err(Unanswered::TooMany));
        assert_eq!(answered.take(&from(1, 7), &[2; 8], 2, Tick(0)), Ok(()));
    }
}
