//! A process's clocks: how they stand to simulated time. A rate error makes both run fast or slow; the wall
//! clock can also be set wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How a machine's clocks differ from simulated time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skew {
    /// Parts per million by which both clocks run fast (or, negative, slow).
    pub rate_ppm: i32,
    /// Milliseconds by which the wall clock is ahead.
    pub wall_ms: i64,
}

/// The clocks of one process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Simulated time at the start of the process.
    start: Duration,
    skew: Skew,
}

const MILLION: i128 = 1_000_000;

impl Clock {
    pub(crate) fn new(start: Duration, skew: Skew) -> Self {
        Self { start, skew }
    }

    /// The wall clock jumps to where `wall_ms` puts it. The rate stays: monotonic time must not jump.
    pub(crate) fn set_wall(&mut self, wall_ms: i64) {
        self.skew.wall_ms = wall_ms;
    }

    fn scaled(&self, real: Duration) -> Duration {
        let nanos = i128::try_from(real.as_nanos()).unwrap_or(i128::MAX);
        let scaled = nanos * (MILLION + i128::from(self.skew.rate_ppm)) / MILLION;
        Duration::from_nanos(u64::try_from(scaled.max(0)).unwrap_or(u64::MAX))
    }

    /// Monotonic time of the process.
    pub(crate) fn mono(&self, now: Duration) -> Duration {
        self.scaled(now.saturating_sub(self.start))
    }

    /// The time of day that the process believes in.
    pub(crate) fn wall(&self, now: Duration, epoch: Timestamp) -> Timestamp {
        let since = SignedDuration::try_from(self.scaled(now)).unwrap_or(SignedDuration::MAX);
        let ahead = SignedDuration::from_millis(self.skew.wall_ms);
        epoch.saturating_add(since).and_then(|time| time.saturating_add(ahead)).unwrap_or(Timestamp::MAX)
    }

    /// How long to sleep, in simulated time, until the process's monotonic clock shows `deadline`. Never too
    /// short.
    pub(crate) fn real_until(&self, now: Duration, deadline: Duration) -> Duration {
        let left = i128::try_from(deadline.saturating_sub(self.mono(now)).as_nanos()).unwrap_or(i128::MAX);
        let rate = MILLION + i128::from(self.skew.rate_ppm);
        let real = left.saturating_mul(MILLION).saturating_add(rate - 1) / rate;
        Duration::from_nanos(u64::try_from(real).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(5);

    #[test]
    fn an_exact_clock_counts_from_the_start_of_its_process() {
        let clock = Clock::new(START, Skew::default());
        assert_eq!(clock.mono(Duration::from_secs(7)), Duration::from_secs(2));
        assert_eq!(clock.real_until(START, Duration::from_secs(2)), Duration::from_secs(2));
        assert_eq!(clock.real_until(Duration::from_secs(9), Duration::from_secs(2)), Duration::ZERO);
    }

    #[test]
    fn a_fast_clock_reaches_its_deadlines_early_and_never_too_early() {
        for rate_ppm in [-500, -50, 50, 333, 500] {
            let clock = Clock::new(START, Skew { rate_ppm, wall_ms: 0 });
            for ms in [1, 7, 20_000, 86_400_000] {
                let deadline = Duration::from_millis(ms);
                let real = clock.real_until(START, deadline);
                assert!(clock.mono(START + real) >= deadline);
                assert_eq!(real < deadline, rate_ppm > 0, "{rate_ppm} {ms}");
            }
        }
    }

    #[test]
    fn the_wall_clock_can_be_wrong_and_jump_while_the_other_goes_on() {
        let epoch: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let mut clock = Clock::new(START, Skew { rate_ppm: 0, wall_ms: -1_000 });
        assert_eq!(clock.wall(START, epoch).to_string(), "2026-11-22T00:00:04Z");
        let before = clock.mono(START);
        clock.set_wall(3_600_000);
        assert_eq!(clock.wall(START, epoch).to_string(), "2026-11-22T01:00:05Z");
        assert_eq!(clock.mono(START), before);
    }
}
