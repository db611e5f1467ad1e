//! When to check in (PROTOCOL section 2, "Time"): up to 10 % early, never late, at the pace that the server tells.
//!
//! A *round* is one check-in and the further pages that its answer asks for. One round is under way at a time. What this
//! does *not* do: write or read check-ins (`directory_service.rs`).

use std::time::Duration;

use chatdev_canary::{Canary, planted};
use rand_chacha::ChaCha20Rng;

use crate::chance::between;

/// Bounds of the check-in schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckInLimits {
    /// Least time between two rounds that something other than the schedule asked for: an unknown peer at the door, a
    /// new status. Default 1 s.
    pub forced_gap: Duration,
    /// An answer that is later than one interval and this is not waited for: the connection is dead. The first answer of a
    /// session, which tells the interval, has this long alone. Default 10 s.
    pub answer_max: Duration,
    /// A server that tells a shorter interval is asked this often instead. Default 1 s.
    pub interval_min: Duration,
    /// A server that tells a longer interval is asked this often instead. Default 1 h.
    pub interval_max: Duration,
}

impl Default for CheckInLimits {
    fn default() -> Self {
        Self {
            forced_gap: Duration::from_secs(1),
            answer_max: Duration::from_secs(10),
            interval_min: Duration::from_secs(1),
            interval_max: Duration::from_secs(3600),
        }
    }
}

/// The interval assumed until the server has told one.
const INTERVAL_UNTOLD: Duration = Duration::from_secs(20);

/// Which round of check-ins: the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Round(u64);

/// What the schedule wants done at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Begin a round.
    CheckIn,
    /// The answer is still out: a white-space keep-alive says that we are here.
    KeepAlive,
    /// The answer is not coming.
    Dead,
}

#[derive(Debug)]
pub(crate) struct CheckIns {
    limits: CheckInLimits,
    interval: Duration,
    begun: u64,
    completed: u64,
    /// When the round under way began, and since when its next page has been awaited.
    under_way: Option<(Duration, Duration)>,
    /// When the next round, or keep-alive while one is under way, is wanted.
    next_at: Duration,
    begun_at: Option<Duration>,
    forced: bool,
}

impl CheckIns {
    /// The first round is due at once.
    pub(crate) fn new(now: Duration, limits: CheckInLimits) -> Self {
        Self {
            limits,
            interval: INTERVAL_UNTOLD,
            begun: 0,
            completed: 0,
            under_way: None,
            next_at: now,
            begun_at: None,
            forced: false,
        }
    }

    /// What is due; the caller carries it out and says so ([`Self::handle_sent`] for a check-in).
    pub(crate) fn poll(&mut self, now: Duration) -> Option<Due> {
        if self.under_way.is_some_and(|(_, awaited)| now >= awaited + self.patience()) {
            return Some(Due::Dead);
        }
        if self.under_way.is_none() && now >= self.round_at() {
            return Some(Due::CheckIn);
        }
        if self.under_way.is_some() && now >= self.next_at {
            self.next_at = now + self.interval;
            return Some(Due::KeepAlive);
        }
        None
    }

    /// A round began: its first request was sent at `now`.
    pub(crate) fn handle_sent(&mut self, now: Duration, rng: &mut ChaCha20Rng) {
        self.begun += 1;
        self.under_way = Some((now, now));
        self.begun_at = Some(now);
        self.forced = false;
        self.next_at = now + early(rng, self.interval);
    }

    /// A page came and asks for another, which was requested at once.
    pub(crate) fn handle_page(&mut self, now: Duration) {
        if let Some((_, awaited)) = &mut self.under_way {
            *awaited = now;
        }
    }

    /// The round is complete; the last answer told `interval`. Counted from the request, so that a slow answer makes nobody late.
    pub(crate) fn handle_complete(&mut self, interval: Duration, rng: &mut ChaCha20Rng) -> Option<Round> {
        let (began, _) = self.under_way.take()?;
        self.interval = interval.clamp(self.limits.interval_min, self.limits.interval_max);
        self.next_at = began + early(rng, self.interval);
        self.completed += 1;
        Some(Round(self.completed))
    }

    /// Asks for a round beside the schedule. The answer is the round that will have seen everything up to now: never the
    /// one under way, whose question may be older than the change.
    pub(crate) fn force(&mut self) -> Round {
        self.forced = true;
        Round(self.begun + 1)
    }

    pub(crate) fn poll_timeout(&self) -> Duration {
        match self.under_way {
            Some((_, awaited)) => self.next_at.min(awaited + self.patience()),
            None => self.round_at(),
        }
    }

    /// The interval that the server told last.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    fn round_at(&self) -> Duration {
        let forced_at = self.begun_at.map_or(Duration::ZERO, |begun| begun + self.limits.forced_gap);
        if self.forced { self.next_at.min(forced_at) } else { self.next_at }
    }

    /// How long an answer is waited for. Until the server has told its pace there is none to allow for.
    fn patience(&self) -> Duration {
        if self.completed == 0 { self.limits.answer_max } else { self.interval + self.limits.answer_max }
    }
}

/// 2 to 10 % before the interval is over: early enough that a timer which fires late does not make a check-in late, spread
/// so that clients which signed in together drift apart.
fn early(rng: &mut ChaCha20Rng, interval: Duration) -> Duration {
    if planted(Canary::CheckInLate) {
        return interval * 3;
    }
    between(rng, interval * 90 / 100, interval * 98 / 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::SeedableRng as _;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn first_round(interval: Duration, seed: u64) -> (CheckIns, ChaCha20Rng) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut schedule = CheckIns::new(Duration::ZERO, CheckInLimits::default());
        assert_eq!(schedule.poll(Duration::ZERO), Some(Due::CheckIn));
        schedule.handle_sent(Duration::ZERO, &mut rng);
        assert_eq!(schedule.handle_complete(interval, &mut rng), Some(Round(1)));
        (schedule, rng)
    }

    proptest! {
        #[test]
        fn a_check_in_is_at_most_a_tenth_early_and_never_late(
            seed: u64,
            intervals in prop::collection::vec(1_u64..120, 1..20),
            answer_ms in 0_u64..900,
        ) {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut schedule = CheckIns::new(Duration::ZERO, CheckInLimits::default());
            let mut now = Duration::ZERO;
            for interval in intervals.into_iter().map(Duration::from_secs) {
                prop_assert_eq!(schedule.poll(now), Some(Due::CheckIn));
                let sent = now;
                schedule.handle_sent(sent, &mut rng);
                schedule.handle_complete(interval, &mut rng);
                now = (sent + Duration::from_millis(answer_ms)).max(schedule.poll_timeout());
                prop_assert!(now >= sent + interval * 9 / 10);
                prop_assert!(now <= sent + interval);
            }
        }
    }

    #[test]
    fn a_round_that_was_asked_for_comes_at_once_but_not_more_often_than_the_gap_allows() {
        let (mut schedule, mut rng) = first_round(20 * SECOND, 1);
        assert_eq!(schedule.force(), Round(2));
        assert_eq!(schedule.poll(SECOND / 2), None);
        assert_eq!(schedule.poll_timeout(), SECOND);
        assert_eq!(schedule.poll(SECOND), Some(Due::CheckIn));
        schedule.handle_sent(SECOND, &mut rng);
        assert_eq!(schedule.handle_complete(20 * SECOND, &mut rng), Some(Round(2)));
        assert_eq!(schedule.poll(2 * SECOND), None);
    }

    #[test]
    fn a_round_under_way_is_not_the_one_that_a_newcomer_waits_for() {
        let (mut schedule, mut rng) = first_round(20 * SECOND, 1);
        schedule.handle_sent(19 * SECOND, &mut rng);
        assert_eq!(schedule.force(), Round(3));
        assert_eq!(schedule.handle_complete(20 * SECOND, &mut rng), Some(Round(2)));
        assert_eq!(schedule.poll(20 * SECOND), Some(Due::CheckIn));
    }

    #[test]
    fn while_an_answer_is_out_a_keep_alive_speaks_for_us_and_then_the_connection_is_given_up() {
        let (mut schedule, mut rng) = first_round(20 * SECOND, 1);
        schedule.handle_sent(20 * SECOND, &mut rng);
        assert_eq!(schedule.poll(40 * SECOND), Some(Due::KeepAlive));
        assert_eq!(schedule.poll(40 * SECOND), None);
        assert_eq!(schedule.poll(50 * SECOND), Some(Due::Dead));
    }

    #[test]
    fn the_first_answer_of_a_session_is_not_waited_for_an_interval_longer() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut schedule = CheckIns::new(Duration::ZERO, CheckInLimits::default());
        schedule.handle_sent(Duration::ZERO, &mut rng);
        assert_eq!(schedule.poll_timeout(), 10 * SECOND);
        assert_eq!(schedule.poll(9 * SECOND), None);
        assert_eq!(schedule.poll(10 * SECOND), Some(Due::Dead));
    }

    #[test]
    fn each_page_of_a_long_answer_renews_the_patience() {
        let (mut schedule, mut rng) = first_round(20 * SECOND, 1);
        schedule.handle_sent(20 * SECOND, &mut rng);
        schedule.handle_page(45 * SECOND);
        assert_ne!(schedule.poll(51 * SECOND), Some(Due::Dead));
        assert_eq!(schedule.poll(75 * SECOND), Some(Due::Dead));
    }

    #[test]
    fn a_server_cannot_make_us_check_in_without_pause() {
        let (mut schedule, _) = first_round(Duration::ZERO, 1);
        assert_eq!(schedule.poll(SECOND * 89 / 100), None);
    }
}
