//! [`Seconds`]: a run in slices of a second, each phase counted from its own beginning.
//!
//! Workers hand over their tallies at about the same times, not exactly; a tally belongs to the second in which its middle
//! lies. Rates divide by the time that the tallies really cover. Only the newest seconds keep whole histograms: of older
//! ones the percentiles are what was known when they were closed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::track::{float, rounded};
use super::{Operation, Phase, Tally};
use crate::report::{Distribution, Moment};

/// How many seconds keep their histograms, each of some 100 KiB a kind of operation.
const OPEN_MAX: usize = 5;

/// A second: of which phase, and which one of it.
pub(super) type Key = (Phase, u64);

/// All seconds so far.
#[derive(Debug, Default)]
pub(super) struct Seconds {
    open: BTreeMap<Key, Slice>,
    closed: BTreeMap<Key, Closed>,
}

/// What came in one second.
#[derive(Debug, Default)]
pub(super) struct Slice {
    pub(super) tally: Tally,
    /// Which workers gave something.
    pub(super) workers: BTreeSet<usize>,
    /// Sum of the times that their tallies cover.
    covered: Duration,
}

/// What is left of it.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) operations: BTreeMap<Operation, Moment>,
    pub(super) sessions: i64,
}

impl Seconds {
    /// A tally, its phase's beginning, and the time that it covers.
    pub(super) fn add(
        &mut self,
        worker: usize,
        phase: (Phase, Duration),
        from: Duration,
        to: Duration,
        tally: &Tally,
    ) {
        let (phase, began) = phase;
        let middle = from + to.saturating_sub(from) / 2;
        let mut key = (phase, middle.saturating_sub(began).as_secs());
        // Too late for its own second: it counts in the oldest that is open.
        if self.closed.last_key_value().is_some_and(|(last, _)| key <= *last) {
            key = self.open.keys().next().copied().unwrap_or(key);
        }
        let slice = self.open.entry(key).or_default();
        slice.tally.merge(tally);
        slice.workers.insert(worker);
        slice.covered += to.saturating_sub(from);
        while self.open.len() > OPEN_MAX {
            self.close_first();
        }
    }

    fn close_first(&mut self) {
        if let Some((key, slice)) = self.open.pop_first() {
            self.closed.insert(key, slice.close());
        }
    }

    /// The newest second that all of so many workers have told about, or else the newest.
    pub(super) fn newest(&self, workers: usize) -> Option<&Slice> {
        let told = self.open.values().rev().find(|slice| slice.workers.len() == workers && slice.is_long());
        told.or_else(|| self.open.values().next_back())
    }

    /// All of them, closed, in their order.
    pub(super) fn finish(mut self) -> BTreeMap<Key, Closed> {
        while !self.open.is_empty() {
            self.close_first();
        }
        self.closed
    }
}

impl Slice {
    /// Long enough for a rate to mean something.
    fn is_long(&self) -> bool {
        self.seconds() > 0.5
    }

    fn seconds(&self) -> f64 {
        self.covered.as_secs_f64() / float(self.workers.len().max(1) as u64)
    }

    /// How each kind of operation went.
    pub(super) fn moments(&self) -> BTreeMap<Operation, Moment> {
        let seconds = self.seconds();
        let moment = |count: &super::Count| {
            let latency = Distribution::summary(&count.latency);
            Moment {
                per_s: if seconds > 0.0 { rounded(float(count.completed) / seconds) } else { 0.0 },
                failed: count.failed + count.timed_out,
                p50_us: latency.as_ref().map(|latency| latency.p50),
                p99_us: latency.as_ref().map(|latency| latency.p99),
                max_us: latency.as_ref().map(|latency| latency.max),
            }
        };
        self.tally.operations.iter().map(|(operation, count)| (*operation, moment(count))).collect()
    }

    fn close(&self) -> Closed {
        Closed { operations: self.moments(), sessions: self.tally.sessions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn pings(count: u64) -> Tally {
        let mut tally = Tally::default();
        for _ in 0..count {
            tally.count(Operation::Ping).complete(ms(1));
        }
        tally
    }

    fn rates(seconds: Seconds) -> Vec<(u64, f64)> {
        let rate = |closed: &Closed| closed.operations[&Operation::Ping].per_s.round();
        seconds.finish().iter().map(|((_, index), closed)| (*index, rate(closed))).collect()
    }

    #[test]
    fn a_rate_is_over_the_time_that_was_covered() {
        let mut seconds = Seconds::default();
        let phase = (Phase::Measure, ms(3400));
        for worker in 0..2 {
            seconds.add(worker, phase, ms(3400), ms(4405), &pings(1005));
            seconds.add(worker, phase, ms(4405), ms(4655), &pings(250));
        }
        assert_eq!(rates(seconds), [(0, 2000.0), (1, 2000.0)]);
    }

    #[test]
    fn a_tally_that_comes_too_late_is_counted_all_the_same() {
        let mut seconds = Seconds::default();
        let phase = (Phase::Measure, ms(0));
        for second in 0..7 {
            seconds.add(0, phase, ms(second * 1000), ms(second * 1000 + 1000), &pings(10));
        }
        seconds.add(1, phase, ms(0), ms(1000), &pings(10));
        let late = |(index, rate): &(u64, f64)| (*index, *rate);
        let rates: Vec<_> = rates(seconds).iter().map(late).collect();
        assert_eq!(rates[..3], [(0, 10.0), (1, 10.0), (2, 20.0)], "2 is the oldest one open");
    }

    #[test]
    fn the_newest_second_is_one_that_all_workers_told_about() {
        let mut seconds = Seconds::default();
        let phase = (Phase::Measure, ms(0));
        seconds.add(0, phase, ms(0), ms(1000), &pings(1));
        seconds.add(1, phase, ms(0), ms(1000), &pings(2));
        seconds.add(0, phase, ms(1000), ms(2000), &pings(50));
        let newest = seconds.newest(2).expect("there is one");
        assert_eq!(newest.moments()[&Operation::Ping].per_s.round(), 3.0);
    }
}
