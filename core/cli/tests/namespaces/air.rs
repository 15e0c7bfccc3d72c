//! A radio's air between hosts in network namespaces: each has a TAP device, and a task in this process carries what one
//! sends to whoever is in its reach. It loses, doubles and delays as told, which no bridge does, and a host between two others
//! need not bring them together.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

/// The longest Ethernet frame: 1,500 bytes and two addresses, a type, and a VLAN's tag.
const FRAME_MAX: usize = 1_518;
/// Frames on their way; more are lost, as from a radio's full queue.
const UNDER_WAY_MAX: usize = 4_096;
/// How often it is looked whether the air is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the air does to frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// Of a hundred frames so many do not arrive at one of those in reach.
    pub(crate) lost_percent: u64,
    /// Of a hundred that arrive so many arrive twice.
    pub(crate) doubled_percent: u64,
    /// Each takes a random time up to this, so that they overtake each other.
    pub(crate) delay: Duration,
}

/// What became of frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) arrived: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Not carried, because the two are out of each other's reach.
    pub(crate) out_of_reach: u64,
}

#[derive(Debug, Default)]
struct Rules {
    apart: BTreeSet<(u8, u8)>,
    weather: Weather,
    carried: Carried,
}

/// The air; it is silent when this is dropped.
pub(crate) struct Air {
    rules: Arc<Mutex<Rules>>,
    ended: Arc<AtomicBool>,
    devices: Arc<Mutex<BTreeMap<u8, Arc<SyncDevice>>>>,
    carrying: Option<JoinHandle<()>>,
}

impl Air {
    pub(crate) fn new() -> Self {
        let (rules, ended, devices) = (Arc::default(), Arc::default(), Arc::default());
        let carrying = Carrying {
            rules: Arc::clone(&rules),
            ended: Arc::clone(&ended),
            devices: Arc::clone(&devices),
            random: ChaCha8Rng::from_seed([7; 32]),
            under_way: BTreeMap::new(),
            number: 0,
        };
        Self { rules, ended, devices, carrying: Some(thread::spawn(move || carrying.run())) }
    }

    /// Makes the TAP device `name` as a host's, in the namespace of this process and down.
    pub(crate) fn add(&self, host: u8, name: &str) -> std::io::Result<()> {
        let device = DeviceBuilder::new().name(name).layer(Layer::L2).enable(false).build_sync()?;
        device.set_nonblocking(true)?;
        locked(&self.devices).insert(host, Arc::new(device));
        Ok(())
    }

    /// Whether two hosts reach each other from now on; at first all do.
    pub(crate) fn set_reach(&self, a: u8, b: u8, reach: bool) {
        let pair = (a.min(b), a.max(b));
        let apart = &mut locked(&self.rules).apart;
        if reach {
            apart.remove(&pair);
        } else {
            apart.insert(pair);
        }
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        locked(&self.rules).weather = weather;
    }

    /// What became of the frames so far.
    pub(crate) fn carried(&self) -> Carried {
        locked(&self.rules).carried
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(carrying) = self.carrying.take() {
            // A test that has failed already fails no more by this.
            let _ = carrying.join();
        }
    }
}

/// The task that carries frames.
struct Carrying {
    rules: Arc<Mutex<Rules>>,
    ended: Arc<AtomicBool>,
    devices: Arc<Mutex<BTreeMap<u8, Arc<SyncDevice>>>>,
    random: ChaCha8Rng,
    /// By the moment of arrival, and a number that tells those of one moment apart.
    under_way: BTreeMap<(Instant, u64), (u8, Vec<u8>)>,
    number: u64,
}

impl Carrying {
    fn run(mut self) {
        while !self.ended.load(Ordering::Relaxed) {
            let devices = locked(&self.devices).clone();
            self.wait(&devices);
            for (from, device) in &devices {
                let mut frame = [0; FRAME_MAX];
                while let Ok(length) = device.recv(&mut frame) {
                    self.send(*from, &frame[..length], &devices);
                }
            }
            self.deliver(&devices);
        }
    }

    /// Until a host sends something, or something is due to arrive.
    fn wait(&self, devices: &BTreeMap<u8, Arc<SyncDevice>>) {
        let due = self.under_way.keys().next().map(|(due, _)| due.saturating_duration_since(Instant::now()));
        let most = Timespec::try_from(due.unwrap_or(LOOK_EVERY).min(LOOK_EVERY)).unwrap();
        let mut waited: Vec<PollFd> =
            devices.values().map(|device| PollFd::from_borrowed_fd(device.as_fd(), PollFlags::IN)).collect();
        // Interrupted by a signal, it is called again.
        let _ = poll(&mut waited, Some(&most));
    }

    fn send(&mut self, from: u8, frame: &[u8], devices: &BTreeMap<u8, Arc<SyncDevice>>) {
        let rules = Arc::clone(&self.rules);
        let mut rules = locked(&rules);
        for to in devices.keys().copied().filter(|to| *to != from) {
            if rules.apart.contains(&(from.min(to), from.max(to))) {
                rules.carried.out_of_reach += 1;
            } else if self.happens(rules.weather.lost_percent) || self.under_way.len() >= UNDER_WAY_MAX {
                rules.carried.lost += 1;
            } else {
                rules.carried.arrived += 1;
                self.plan(to, frame, rules.weather.delay);
                if self.happens(rules.weather.doubled_percent) {
                    rules.carried.doubled += 1;
                    self.plan(to, frame, rules.weather.delay);
                }
            }
        }
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.random.next_u64() % 100 < percent
    }

    fn plan(&mut self, to: u8, frame: &[u8], delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap();
        let after = Duration::from_micros(self.random.next_u64() % (micros + 1));
        self.number += 1;
        self.under_way.insert((Instant::now() + after, self.number), (to, frame.to_vec()));
    }

    fn deliver(&mut self, devices: &BTreeMap<u8, Arc<SyncDevice>>) {
        let later = self.under_way.split_off(&(Instant::now(), u64::MAX));
        for (to, frame) in std::mem::replace(&mut self.under_way, later).into_values() {
            if let Some(device) = devices.get(&to) {
                // An interface that is down hears nothing.
                let _ = device.send(&frame);
            }
        }
    }
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
