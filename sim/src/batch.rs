//! Many seeds, on all cores: runs are independent, and what becomes of one does not depend on the thread or the order.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{checkers::Violation, run::run, scenarios::Scenario};

/// What became of a scenario's batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// Seeds that were run.
    pub seeds: u64,
    /// How long their worlds lived, together.
    pub simulated: Duration,
    /// What was violated, by seed.
    pub failures: BTreeMap<u64, Vec<Violation>>,
    /// How often each checker was evaluated.
    pub evaluated: BTreeMap<&'static str, u64>,
    /// How often each interesting situation was met.
    pub sometimes: BTreeMap<&'static str, u64>,
}

impl Batch {
    /// What the batch should have met and did not.
    #[must_use]
    pub fn missed(&self, scenario: &Scenario) -> Vec<&'static str> {
        let met = |name: &&str| self.sometimes.get(name).is_some_and(|times| *times > 0);
        scenario.meets.iter().filter(|name| !met(name)).copied().collect()
    }
}

/// Runs `count` seeds from `first` on, on all cores. `progress` is told of each one that is done.
pub fn run_batch(scenario: &Scenario, first: u64, count: u64, progress: impl Fn() + Sync) -> Batch {
    let next = AtomicU64::new(first);
    let batch = Mutex::new(Batch::default());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let schedule = (scenario.schedule)(seed);
                    let outcome = run(&schedule);
                    let mut batch = batch.lock().expect("nothing panics while it holds the batch");
                    batch.add(seed, Duration::from_millis(schedule.end_ms), outcome.verdict);
                    progress();
                }
            });
        }
    });
    batch.into_inner().expect("nothing panics while it holds the batch")
}

impl Batch {
    fn add(&mut self, seed: u64, simulated: Duration, verdict: crate::checkers::Verdict) {
        self.seeds += 1;
        self.simulated += simulated;
        for (name, times) in verdict.evaluated {
            *self.evaluated.entry(name).or_default() += times;
        }
        for (name, times) in verdict.sometimes {
            *self.sometimes.entry(name).or_default() += times;
        }
        if !verdict.violations.is_empty() {
            self.failures.insert(seed, verdict.violations);
        }
    }
}
