//! Reconnect back-off: how long to wait before the server is tried again (RFC 6120 §3.3).
//!
//! What it does *not* do: decide whether to reconnect at all (that is `server.rs`, by the reason of the end), or read a clock.

use std::time::Duration;

use chatdev_canary::{Canary, planted};
use rand_chacha::ChaCha20Rng;

use crate::chance::between;

/// Bounds of the wait between two attempts to reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffLimits {
    /// No attempt follows another sooner than this. Default 1 s.
    pub floor: Duration,
    /// No wait is longer than this. Default 60 s.
    pub cap: Duration,
}

impl Default for BackoffLimits {
    fn default() -> Self {
        Self { floor: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

/// A window that doubles with each failure; the wait is drawn evenly from `floor ..= window`, so that a crowd that lost
/// its server at one instant does not come back at one instant.
#[derive(Debug)]
pub(crate) struct Backoff {
    limits: BackoffLimits,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(limits: BackoffLimits) -> Self {
        Self { limits, failures: 0 }
    }

    /// The wait after one more failure.
    pub(crate) fn next(&mut self, rng: &mut ChaCha20Rng) -> Duration {
        if planted(Canary::NoBackOff) {
            // Not nothing: a world in which no time passes between two attempts would not go on.
            return Duration::from_millis(50);
        }
        self.failures = self.failures.saturating_add(1);
        let factor = 2_u32.checked_pow(self.failures).unwrap_or(u32::MAX);
        let window = self.limits.floor.saturating_mul(factor).min(self.limits.cap);
        between(rng, self.limits.floor, window.max(self.limits.floor))
    }

    /// Forgets the failures. Called once a sign-in proved to be of use, not when it merely began: a server that drops
    /// each new session at once must not be hammered.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    use super::*;

    proptest! {
        #[test]
        fn every_wait_lies_between_floor_and_cap(seed: u64, failures in 1_usize..80) {
            let limits = BackoffLimits::default();
            let mut backoff = Backoff::new(limits);
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            for _ in 0..failures {
                let wait = backoff.next(&mut rng);
                prop_assert!(wait >= limits.floor && wait <= limits.cap);
            }
        }

        #[test]
        fn the_first_wait_after_a_reset_is_at_most_twice_the_floor(seed: u64, failures in 0_usize..40) {
            let limits = BackoffLimits::default();
            let mut backoff = Backoff::new(limits);
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            for _ in 0..failures {
                backoff.next(&mut rng);
            }
            backoff.reset();
            prop_assert!(backoff.next(&mut rng) <= limits.floor * 2);
        }
    }

    #[test]
    fn two_clients_that_fail_together_do_not_come_back_together() {
        let mut waits: Vec<Duration> = (0..20)
            .map(|seed| Backoff::new(BackoffLimits::default()).next(&mut ChaCha20Rng::seed_from_u64(seed)))
            .collect();
        waits.sort();
        waits.dedup();
        assert_eq!(waits.len(), 20);
    }

    #[test]
    fn a_cap_below_the_floor_waits_the_floor() {
        let limits = BackoffLimits { floor: Duration::from_secs(5), cap: Duration::from_secs(1) };
        let wait = Backoff::new(limits).next(&mut ChaCha20Rng::seed_from_u64(1));
        assert_eq!(wait, Duration::from_secs(5));
    }
}
