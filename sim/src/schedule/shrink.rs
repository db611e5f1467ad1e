//! Makes a failing schedule smaller, as long as it fails in the same way: what is left is what matters.
//!
//! Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) over the
//! operations; then actors that nobody names, everything unusual about the network, and times. Bounded by a number
//! of runs, not by a clock: the same schedule is always made smaller in the same way.

use super::{Act, Expected, Kind, Network, Op, Schedule};

/// Runs that making a schedule smaller may take, by default: ten to twenty seconds.
pub const RUNS_MAX: usize = 400;

/// The smallest schedule found that still `fails`, within so many runs. `schedule` itself is taken to fail; `in_the_end`:
/// because something has not come true by then, so that it must not end sooner.
#[must_use]
pub fn shrink(
    schedule: &Schedule,
    runs_max: usize,
    in_the_end: bool,
    fails: impl FnMut(&Schedule) -> bool,
) -> Schedule {
    let mut shrinking = Shrinking { smallest: schedule.clone(), runs_left: runs_max, fails };
    shrinking.remove_ops();
    shrinking.simplify_network();
    shrinking.remove_actors();
    shrinking.shorten();
    shrinking.remove_ops();
    if !in_the_end {
        shrinking.settle_sooner();
    }
    shrinking.smallest
}

struct Shrinking<F> {
    smallest: Schedule,
    runs_left: usize,
    fails: F,
}

impl<F: FnMut(&Schedule) -> bool> Shrinking<F> {
    /// Whether `candidate` fails as well; then it is the smallest.
    fn try_out(&mut self, candidate: Schedule) -> bool {
        if self.runs_left == 0 || candidate == self.smallest {
            return false;
        }
        self.runs_left -= 1;
        let failed = (self.fails)(&candidate);
        if failed {
            self.smallest = candidate;
        }
        failed
    }

    /// Leaves operations out, in halves, quarters, … and one by one.
    fn remove_ops(&mut self) {
        let mut parts = 2;
        while !self.smallest.ops.is_empty() && self.runs_left > 0 {
            let ops = self.smallest.ops.clone();
            let parts_now = parts.min(ops.len());
            let size = ops.len().div_ceil(parts_now);
            let removed = (0..ops.len()).step_by(size).any(|from| {
                let rest = ops.iter().enumerate().filter(|(at, _)| *at < from || *at >= from + size);
                let rest: Vec<Op> = rest.map(|(_, op)| op.clone()).collect();
                self.try_out(Schedule { ops: rest, ..self.smallest.clone() })
            });
            if removed {
                parts = (parts_now - 1).max(2);
            } else if size == 1 {
                return;
            } else {
                parts = parts_now * 2;
            }
        }
    }

    fn simplify_network(&mut self) {
        let now = self.smallest.network;
        let quiet = Network { tick_ms: now.tick_ms, latency_ms: now.latency_ms, ..Network::QUIET };
        if self.try_out(Schedule { network: quiet, ..self.smallest.clone() }) {
            return;
        }
        let simpler: [fn(&mut Network); 4] = [
            |network| network.jitter_ms_max = 0,
            |network| network.pieces_octets_max = None,
            |network| network.chaos_ms_max = 0,
            |network| network.random_turns = false,
        ];
        for simplify in simpler {
            let mut candidate = self.smallest.clone();
            simplify(&mut candidate.network);
            self.try_out(candidate);
        }
    }

    fn remove_actors(&mut self) {
        for index in (0..self.smallest.actors.len()).rev() {
            let mut candidate = self.smallest.clone();
            let name = candidate.actors.remove(index).name;
            if !is_named(&candidate, &name) {
                self.try_out(candidate);
            }
        }
        for index in 0..self.smallest.actors.len() {
            let mut candidate = self.smallest.clone();
            candidate.actors[index].clock_rate_ppm = 0;
            self.try_out(candidate);
        }
    }

    /// Halves what lasts, a few times.
    fn shorten(&mut self) {
        for index in 0..self.smallest.ops.len() {
            for _ in 0..4 {
                let act = &self.smallest.ops[index].act;
                let shorter = act.lasting(act.lasts_ms() / 2);
                let mut candidate = self.smallest.clone();
                candidate.ops[index].act = shorter;
                if !self.try_out(candidate) {
                    break;
                }
            }
        }
    }

    fn settle_sooner(&mut self) {
        while self.smallest.settle_ms > 1_000 {
            let settle_ms = self.smallest.settle_ms / 2;
            if !self.try_out(Schedule { settle_ms, ..self.smallest.clone() }) {
                return;
            }
        }
    }
}

/// Whether an operation or an expectation names the client, or its account.
fn is_named(schedule: &Schedule, name: &str) -> bool {
    let by_act = |act: &Act| {
        act.actors().any(|named| named == name) || matches!(act, Act::Send { to, .. } if to == name)
    };
    let by_expected = |expected: &Expected| match expected {
        Expected::Reaped(client, _)
        | Expected::SignedIn(client)
        | Expected::Away(client)
        | Expected::Remarked(client, _) => client == name,
        Expected::OneSignedIn(clients) => clients.iter().any(|client| client == name),
        Expected::Delivered(_)
        | Expected::Failed(_)
        | Expected::BindsAtMost(..)
        | Expected::RoutedByServer(_) => false,
    };
    let of_ops = schedule.ops.iter().flat_map(|op| &op.then);
    schedule.ops.iter().any(|op| by_act(&op.act))
        || schedule.expected.iter().chain(of_ops).any(by_expected)
        // An impostor without anybody to fool is no loss, but a puppet's silence may matter.
        || schedule.actors.iter().all(|actor| actor.kind != Kind::Person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios;

    fn swarm() -> Schedule {
        let scenario = scenarios::find("swarm").expect("there is a swarm");
        let mut seeds = (0..).map(scenario.schedule);
        seeds.find(|schedule| schedule.ops.len() > 30).expect("some are long")
    }

    #[test]
    fn what_does_not_matter_is_left_out() {
        let schedule = swarm();
        let guilty = [3, 17, schedule.ops.len() - 1].map(|index| schedule.ops[index].clone());
        let fails = |candidate: &Schedule| {
            guilty
                .iter()
                .all(|op| candidate.ops.iter().any(|other| other.at_ms == op.at_ms && other.act == op.act))
        };
        let small = shrink(&schedule, RUNS_MAX, false, fails);
        let lasting = guilty.iter().filter(|op| op.act.lasts_ms() > 0).count();
        assert_eq!(small.ops.len(), 3, "{lasting} of them last");
        assert_eq!(small.network.jitter_ms_max, 0);
        assert!(small.actors.len() < schedule.actors.len());
        assert!(small.settle_ms <= 1_500);
    }

    #[test]
    fn what_lasts_is_shortened_as_far_as_it_matters() {
        let mut schedule = swarm();
        schedule.ops =
            vec![Op { at_ms: 5, act: Act::Freeze { who: "alice".into(), for_ms: 1_000 }, then: vec![] }];
        let fails = |candidate: &Schedule| candidate.ops.first().is_some_and(|op| op.act.lasts_ms() > 200);
        let small = shrink(&schedule, RUNS_MAX, false, fails);
        assert_eq!(small.ops[0].act.lasts_ms(), 250);
    }

    #[test]
    fn it_ends_after_so_many_runs() {
        let mut runs = 0;
        let small = shrink(&swarm(), 7, false, |_| {
            runs += 1;
            false
        });
        assert_eq!(small, swarm());
        assert_eq!(runs, 7);
    }
}
