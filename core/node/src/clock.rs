//! The two clocks of the engine.

use std::time::{Duration, Instant, SystemTime};

use permesso_engine::time::{Now, Tick, Wall};

/// Reads the time of timers, which goes on while the device sleeps, and the time of people.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    origin: Duration,
    awake_origin: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { origin: suspend_aware(), awake_origin: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        Now { tick: self.tick(), wall: wall() }
    }

    /// Milliseconds since the clock was made, sleep included.
    pub(crate) fn tick(&self) -> Tick {
        Tick(millis(suspend_aware().saturating_sub(self.origin)))
    }

    /// How long to sleep until `tick`; zero if it has come.
    pub(crate) fn until(&self, tick: Tick) -> Duration {
        Duration::from_millis((tick - self.tick()).0)
    }

    /// How long the device has slept since the clock was made. Zero where the platform's `Instant` counts sleep.
    pub(crate) fn slept(&self) -> Duration {
        suspend_aware().saturating_sub(self.origin).saturating_sub(self.awake_origin.elapsed())
    }
}

fn wall() -> Wall {
    // A clock before 1970 is wrong by decades; zero is as good as any.
    Wall(millis(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(unix)]
fn suspend_aware() -> Duration {
    // On Linux CLOCK_MONOTONIC stands still while the device sleeps, on Apple systems it does not.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(CLOCK);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
fn suspend_aware() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use permesso_engine::time::Millis;

    #[test]
    fn the_clock_goes_forward_with_real_time() {
        let clock = Clock::new();
        let start = clock.tick();
        std::thread::sleep(Duration::from_millis(30));
        let passed = clock.tick() - start;
        assert!(passed >= Millis(29) && passed < Millis(5_000), "{passed:?}");
        assert!(clock.until(clock.tick() + Millis(50)) <= Duration::from_millis(50));
        assert_eq!(clock.until(start), Duration::ZERO);
        assert!(clock.slept() < Duration::from_millis(100));
    }
}
