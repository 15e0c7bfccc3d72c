//! Worlds in which people walk and drive: contacts made instead of read.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::list::{ListedMessage, MessageList};
use super::problem::TraceError;
use super::trace::Change;
use crate::random::Random;

/// Hosts hear each other over so many metres: Wi-Fi between phones out of doors.
const RANGE_M: f64 = 50.0;
/// Positions are looked at once a second: who drives at 12 m/s is in reach of who stands for eight.
const STEP_MS: u64 = 1_000;
/// Of a hundred hosts so many drive, at 5 to 12 m/s (a bicycle, a bus); the others walk at 0.5 to 1.5.
const DRIVING_PERCENT: usize = 10;
const DRIVING: (f64, f64) = (5.0, 12.0);
const WALKING: (f64, f64) = (0.5, 1.5);
/// The longest rest at a destination, in seconds.
const REST_S: f64 = 300.0;
/// So often a destination is around one's home, where there are clusters; the others may be anywhere.
const AT_HOME: f64 = 0.85;
/// What is around one's home is normally distributed with this part of the side.
const HOME_PART: f64 = 1.0 / 12.0;
/// Messages: one each 25 s, of chat size, of use for five hours, as in the lists of the ONE's default scenario.
const MESSAGE_EVERY_MS: u64 = 25_000;
const MESSAGE_BYTES: (u64, u64) = (300, 1_000);
const MESSAGE_LIFETIME_MS: u64 = 5 * 60 * 60_000;

/// A square with people in it. As text: `waypoint:200:4km`, `clustered:500:8km:20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobility {
    /// How many hosts, from 2 to 10,000.
    pub hosts: u32,
    /// The side of the square in metres, from 100 m to 100 km.
    pub side_m: u32,
    /// Around how many places people live; 0 if they are at home everywhere.
    pub clusters: u32,
}

/// A text that is no such world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a world like `waypoint:200:4km` or `clustered:500:8km:20`: 2 to 10000 hosts, a side of 100m to 100km, 1 to 1000 clusters"
)]
pub struct ParseWorldError;

impl FromStr for Mobility {
    type Err = ParseWorldError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(':').collect();
        let (hosts, side, clusters) = match parts.as_slice() {
            ["waypoint", hosts, side] => (hosts, side, None),
            ["clustered", hosts, side, clusters] => (hosts, side, Some(clusters)),
            _ => return Err(ParseWorldError),
        };
        let number = |word: &str, low: u32, high: u32| {
            word.parse().ok().filter(|number| (low..=high).contains(number)).ok_or(ParseWorldError)
        };
        let side_m = match (side.strip_suffix("km"), side.strip_suffix('m')) {
            (Some(side), _) => number(side, 1, 100)? * 1_000,
            (None, Some(side)) => number(side, 100, 100_000)?,
            (None, None) => return Err(ParseWorldError),
        };
        let clusters = clusters.map_or(Ok(0), |clusters| number(clusters, 1, 1_000))?;
        Ok(Self { hosts: number(hosts, 2, 10_000)?, side_m, clusters })
    }
}

impl fmt::Display for Mobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hosts, side_m, clusters } = self;
        let kind = if *clusters == 0 { "waypoint" } else { "clustered" };
        write!(f, "{kind}:{hosts}:")?;
        if side_m.is_multiple_of(1_000) {
            write!(f, "{}km", side_m / 1_000)?
        } else {
            write!(f, "{side_m}m")?
        }
        if *clusters == 0 { Ok(()) } else { write!(f, ":{clusters}") }
    }
}

impl TryFrom<String> for Mobility {
    type Error = ParseWorldError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Mobility> for String {
    fn from(mobility: Mobility) -> Self {
        mobility.to_string()
    }
}

impl Mobility {
    /// What people write to each other in a world that ends at `end`, in milliseconds: so early that each message has its
    /// whole lifetime, unless the world itself is shorter than that.
    pub fn messages(&self, seed: u64, end: u64) -> MessageList {
        let mut random = Random::new(seed ^ 0x6d65_7373);
        let mut messages = Vec::new();
        let last = end.checked_sub(MESSAGE_LIFETIME_MS).filter(|last| *last > 0).unwrap_or(end);
        for (number, at) in (1..=last / MESSAGE_EVERY_MS).map(|number| (number, number * MESSAGE_EVERY_MS)) {
            let from = random.below(self.hosts.into()) as u32;
            let other = random.below(u64::from(self.hosts) - 1) as u32;
            let to = other + u32::from(other >= from);
            let bytes = random.between(MESSAGE_BYTES.0, MESSAGE_BYTES.1) as usize;
            messages.push(ListedMessage {
                at,
                name: format!("M{number}"),
                bytes,
                from,
                to,
                lifetime: MESSAGE_LIFETIME_MS,
            });
        }
        MessageList { messages }
    }

    /// Who meets whom until `end`, in milliseconds.
    pub fn contacts(&self, seed: u64, end: u64) -> Walk {
        let mut random = Random::new(seed);
        let side = f64::from(self.side_m);
        let homes: Vec<Point> = (0..self.clusters).map(|_| Point::anywhere(&mut random, side)).collect();
        let hosts = (0..self.hosts as usize).map(|host| {
            let (slow, fast) = if host * 100 < DRIVING_PERCENT * self.hosts as usize { DRIVING } else { WALKING };
            let home = random.pick(&homes).copied();
            let at = somewhere(home, side, &mut random);
            Walker { at, to: at, home, speeds: (slow, fast), speed: slow, rest: unit(&mut random) * REST_S }
        });
        let hosts = hosts.collect();
        Walk { hosts, side, random, now: 0, end, open: BTreeSet::new(), ready: VecDeque::new() }
    }
}

/// The contacts of a world, step by step.
pub struct Walk {
    hosts: Vec<Walker>,
    side: f64,
    random: Random,
    now: u64,
    end: u64,
    open: BTreeSet<(u32, u32)>,
    ready: VecDeque<Change>,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    y: f64,
}

struct Walker {
    at: Point,
    to: Point,
    home: Option<Point>,
    speeds: (f64, f64),
    speed: f64,
    /// Seconds until it goes on.
    rest: f64,
}

impl Point {
    fn anywhere(random: &mut Random, side: f64) -> Self {
        Self { x: unit(random) * side, y: unit(random) * side }
    }

    fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

fn unit(random: &mut Random) -> f64 {
    random.below(1 << 53) as f64 / (1u64 << 53) as f64
}

/// A destination: around home as often as people are, or anywhere.
fn somewhere(home: Option<Point>, side: f64, random: &mut Random) -> Point {
    let Some(home) = home.filter(|_| random.chance(AT_HOME)) else { return Point::anywhere(random, side) };
    // Two normally distributed numbers at once (Box and Muller).
    let (radius, angle) = ((-2.0 * (1.0 - unit(random)).ln()).sqrt(), unit(random) * std::f64::consts::TAU);
    let (sin, cos) = angle.sin_cos();
    let spread = radius * side * HOME_PART;
    Point { x: (home.x + spread * cos).clamp(0.0, side), y: (home.y + spread * sin).clamp(0.0, side) }
}

impl Walker {
    fn walk(&mut self, mut seconds: f64, side: f64, random: &mut Random) {
        while seconds > 0.0 {
            let rested = self.rest.min(seconds);
            self.rest -= rested;
            seconds -= rested;
            let left = self.at.distance(self.to);
            let reach = self.speed * seconds;
            if reach < left {
                let part = reach / left;
                self.at.x += (self.to.x - self.at.x) * part;
                self.at.y += (self.to.y - self.at.y) * part;
                return;
            }
            if seconds > 0.0 {
                seconds -= left / self.speed;
                self.at = self.to;
                self.to = somewhere(self.home, side, random);
                self.speed = self.speeds.0 + unit(random) * (self.speeds.1 - self.speeds.0);
                self.rest = unit(random) * REST_S;
            }
        }
    }
}

impl Walk {
    /// What has changed until `at`, in milliseconds.
    pub(crate) fn go_on_to(&mut self, at: u64) -> VecDeque<Change> {
        while self.now.saturating_add(STEP_MS) <= at.min(self.end) {
            self.step();
        }
        std::mem::take(&mut self.ready)
    }

    fn step(&mut self) {
        self.now += STEP_MS;
        for host in &mut self.hosts {
            host.walk(STEP_MS as f64 / 1_000.0, self.side, &mut self.random);
        }
        let near = self.near();
        let change = |(first, second): &(u32, u32), up| Change { at: self.now, first: *first, second: *second, up };
        let ended = self.open.difference(&near).map(|pair| change(pair, false));
        let begun = near.difference(&self.open).map(|pair| change(pair, true));
        self.ready.extend(ended.chain(begun));
        self.open = near;
    }

    /// The pairs in reach of each other. Hosts are sorted into squares of the range's side, so that only neighbours are compared.
    fn near(&self) -> BTreeSet<(u32, u32)> {
        let square = |at: Point| ((at.x / RANGE_M) as u32, (at.y / RANGE_M) as u32);
        let mut squares: Vec<((u32, u32), u32, Point)> =
            (0..).zip(&self.hosts).map(|(host, walker)| (square(walker.at), host, walker.at)).collect();
        squares.sort_unstable_by_key(|(square, host, _)| (*square, *host));
        let mut near = Vec::new();
        for (index, ((column, row), host, at)) in squares.iter().enumerate() {
            // The rest of one's own column up to the next row, and three rows of the next column.
            let own = squares.iter().skip(index + 1).take_while(|((x, y), _, _)| x == column && *y <= row + 1);
            let from = squares.partition_point(|(square, _, _)| *square < (column + 1, row.saturating_sub(1)));
            let next = squares.iter().skip(from).take_while(|((x, y), _, _)| *x == column + 1 && *y <= row + 1);
            let in_reach = own.chain(next).filter(|(_, _, other)| at.distance(*other) <= RANGE_M);
            near.extend(in_reach.map(|(_, other, _)| (*host.min(other), *host.max(other))));
        }
        near.into_iter().collect()
    }
}

impl Iterator for Walk {
    type Item = Result<Change, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            if self.now + STEP_MS > self.end {
                return None;
            }
            self.step();
        }
        self.ready.pop_front().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn changes(text: &str, seed: u64, end: u64) -> Vec<Change> {
        text.parse::<Mobility>().unwrap().contacts(seed, end).map(Result::unwrap).collect()
    }

    #[test]
    fn a_world_is_written_as_it_is_read_and_what_is_none_is_refused() {
        for text in ["waypoint:200:4km", "clustered:500:8km:20", "waypoint:2:150m"] {
            assert_eq!(text.parse::<Mobility>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "waypoint",
            "waypoint:1:4km",
            "waypoint:5:4",
            "waypoint:5:4km:2",
            "clustered:5:4km",
            "clustered:5:4km:0",
        ] {
            assert_eq!(text.parse::<Mobility>(), Err(ParseWorldError), "{text}");
        }
    }

    #[test]
    fn one_seed_gives_one_world_and_another_gives_another() {
        let [first, again, other] = [1, 1, 2].map(|seed| changes("clustered:40:1km:3", seed, 30 * MINUTE));
        assert!(first.len() > 100 && first == again && first != other, "{} changes", first.len());
        let world: Mobility = "waypoint:5:1km".parse().unwrap();
        assert_eq!(world.messages(1, 30 * MINUTE), world.messages(1, 30 * MINUTE));
        assert!(world.messages(1, 30 * MINUTE).messages.iter().all(|message| message.from != message.to));
    }

    #[test]
    fn contacts_begin_and_end_when_a_comparison_of_all_pairs_says_so() {
        let world: Mobility = "clustered:60:700m:4".parse().unwrap();
        let mut walk = world.contacts(3, 10 * MINUTE);
        for _ in 0..600 {
            walk.step();
            let mut expected = BTreeSet::new();
            for (one, first) in (0..).zip(&walk.hosts) {
                for (other, second) in (0..).zip(&walk.hosts).filter(|(other, _)| *other > one) {
                    if first.at.distance(second.at) <= RANGE_M {
                        expected.insert((one, other));
                    }
                }
            }
            assert_eq!(walk.open, expected);
        }
        // What was up and what was down makes up what is open.
        let mut open = BTreeSet::new();
        for Change { first, second, up, .. } in &walk.ready {
            let changed = if *up { open.insert((*first, *second)) } else { open.remove(&(*first, *second)) };
            assert!(changed, "{first} and {second}");
        }
        assert_eq!(open, walk.open);
    }

    #[test]
    fn nobody_leaves_the_square_or_is_faster_than_a_bus() {
        let world: Mobility = "waypoint:20:1km".parse().unwrap();
        let mut walk = world.contacts(1, 0);
        for _ in 0..3_600 {
            let before: Vec<Point> = walk.hosts.iter().map(|host| host.at).collect();
            walk.step();
            for (number, (host, before)) in walk.hosts.iter().zip(before).enumerate() {
                let fastest = if number < 2 { DRIVING.1 } else { WALKING.1 };
                assert!(host.at.distance(before) <= fastest + 1e-6, "host {number}");
                assert!((0.0..=1_000.0).contains(&host.at.x) && (0.0..=1_000.0).contains(&host.at.y));
            }
        }
    }
}
