//! How a link with nothing to say shows that it is there, and how its silence is noticed. QUIC's own keep-alive has one interval
//! for the whole life of a link, and a host dials its server before it has heard how many others there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quinn::Connection;
use tokio::sync::mpsc::WeakUnboundedSender;
use tokio::time::sleep;

use super::link::Outgoing;

/// A link shows itself after so much silence where few hosts are.
pub(super) const PULSE_MIN: Duration = Duration::from_secs(15);

/// And at least so often where a thousand are, so that firewalls keep their entry: the shortest time in common use for a
/// flow in both directions is 120 s (Linux, `nf_conntrack_udp_timeout_stream`), and looks are 15 s apart.
pub(super) const PULSE_MAX: Duration = Duration::from_secs(100);

/// What was sent and not acknowledged is asked after this often, by QUIC more often still.
const LOOK: Duration = Duration::from_secs(5);

/// So many looks without any answer, 45 s, are a lost link.
const UNANSWERED_MAX: u32 = 9;

/// How long links keep quiet, for all of a host.
#[derive(Clone, Debug)]
pub(super) struct Pace(Arc<AtomicU64>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(millis(PULSE_MIN))))
    }
}

impl Pace {
    /// As long as between two beacons, within limits: with a thousand hosts and two servers that is 1 % of the air.
    pub(super) fn follow(&self, beacons: Duration) {
        self.0.store(millis(beacons.clamp(PULSE_MIN, PULSE_MAX)), Ordering::Relaxed);
    }

    pub(super) fn quiet(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What was seen of a link at one look.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Datagrams from the peer.
    heard: u64,
    /// What was sent that asks for an answer, repetitions included.
    asked: u64,
}

/// What follows from a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Look again after this.
    Wait(Duration),
    /// Show the peer this host, and look again after this.
    Show(Duration),
    Lost,
}

/// Follows one link from look to look.
#[derive(Debug, Default)]
struct Watch {
    last: Seen,
    silent: Duration,
    unanswered: u32,
}

impl Watch {
    /// `since` is the time since the look before.
    fn look(&mut self, now: Seen, since: Duration, quiet: Duration) -> Verdict {
        if now.heard != self.last.heard {
            *self = Self { last: now, ..Self::default() };
            return Verdict::Wait(PULSE_MIN);
        }
        self.silent += since;
        if self.unanswered > 0 || now.asked != self.last.asked {
            self.unanswered += 1;
            return if self.unanswered > UNANSWERED_MAX { Verdict::Lost } else { Verdict::Wait(LOOK) };
        }
        if self.silent < quiet {
            return Verdict::Wait(PULSE_MIN);
        }
        self.unanswered = 1;
        Verdict::Show(LOOK)
    }
}

/// Keeps a link alive, and ends when the peer is no longer heard: 45 s after something was sent to it, which is at the latest
/// twice `quiet` after it was heard last.
pub(super) async fn silence(connection: &Connection, pulse: &WeakUnboundedSender<Outgoing>, pace: &Pace) {
    let mut watch = Watch { last: seen(connection), ..Watch::default() };
    let mut wait = PULSE_MIN;
    loop {
        sleep(wait).await;
        match watch.look(seen(connection), wait, pace.quiet()) {
            Verdict::Wait(next) => wait = next,
            Verdict::Show(next) => {
                wait = next;
                // Without a driver the link ends by itself.
                let _ = pulse.upgrade().map(|outgoing| outgoing.send(Outgoing::Frame(Vec::new())));
            }
            Verdict::Lost => return,
        }
    }
}

fn seen(connection: &Connection) -> Seen {
    let stats = connection.stats();
    Seen { heard: stats.udp_rx.datagrams, asked: stats.frame_tx.stream + stats.frame_tx.ping }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at a link until it is lost or `looks` are over: when it showed itself, and when it was lost, in seconds.
    fn follow(mut at: impl FnMut(u64) -> Seen, quiet: Duration, looks: usize) -> (Vec<u64>, Option<u64>) {
        let (mut watch, mut now, mut wait, mut shown) = (Watch::default(), 0, PULSE_MIN, Vec::new());
        for _ in 0..looks {
            now += wait.as_secs();
            match watch.look(at(now), wait, quiet) {
                Verdict::Wait(next) => wait = next,
                Verdict::Show(next) => {
                    shown.push(now);
                    wait = next;
                }
                Verdict::Lost => return (shown, Some(now)),
            }
        }
        (shown, None)
    }

    #[test]
    fn a_silent_link_shows_itself_and_is_lost_45_seconds_later() {
        assert_eq!(follow(|_| Seen::default(), PULSE_MIN, 100), (vec![15], Some(15 + 45)));
        assert_eq!(follow(|_| Seen::default(), PULSE_MAX, 100), (vec![105], Some(105 + 45)));
    }

    #[test]
    fn what_was_sent_and_is_not_answered_is_a_lost_link_well_before_the_link_would_show_itself() {
        let at = |now| Seen { heard: 0, asked: u64::from(now > 31) };
        assert_eq!(follow(at, PULSE_MAX, 100), (vec![], Some(45 + 45)));
    }

    #[test]
    fn a_link_whose_peer_is_heard_is_never_lost_and_stays_quiet_while_it_is() {
        let (shown, lost) = follow(|now| Seen { heard: now / 60, asked: now }, PULSE_MAX, 10_000);
        assert_eq!((shown.len(), lost), (0, None));
        // The peer answers at once whatever is shown.
        let mut heard = 0;
        let mut asked_at = 15;
        let answer = |now| {
            if now >= asked_at + 5 {
                heard += 1;
                asked_at = now + 15;
            }
            Seen { heard, asked: heard }
        };
        let (shown, lost) = follow(answer, PULSE_MIN, 1_000);
        assert!(shown.len() > 300 && lost.is_none(), "{} {lost:?}", shown.len());
    }

    #[test]
    fn links_show_themselves_as_often_as_beacons_within_limits() {
        let pace = Pace::default();
        assert_eq!(pace.quiet(), PULSE_MIN);
        for (beacons, quiet) in [(5, 15), (60, 60), (160, 100), (3_600, 100)] {
            pace.follow(Duration::from_secs(beacons));
            assert_eq!(pace.quiet(), Duration::from_secs(quiet), "{beacons} s");
        }
    }
}
