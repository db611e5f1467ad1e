//! Many seeds, on all cores: runs are independent, and what becomes of one does not depend on the thread or
//! the order.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use crate::{
    checkers::{Verdict, Violation},
    run::run,
    scenarios::Scenario,
};

/// How long, by the real clock, no run may be done before those under way are taken to turn in a circle in
/// which simulated time does not pass. A run takes less than a second.
const HUNG: Duration = Duration::from_secs(60);

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

/// What a worker tells of a seed.
enum News {
    Begun(u64),
    Done { seed: u64, simulated: Duration, verdict: Verdict },
}

/// Runs `count` seeds from `first` on, on all cores.
#[must_use]
pub fn run_batch(scenario: Scenario, first: u64, count: u64) -> Batch {
    let next = Arc::new(AtomicU64::new(first));
    let (tell, news) = mpsc::channel();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    for _ in 0..cores {
        let (next, tell) = (Arc::clone(&next), tell.clone());
        thread::spawn(move || work(scenario, &next, first + count, &tell));
    }
    drop(tell);
    let mut batch = Batch::default();
    let mut under_way = BTreeSet::new();
    loop {
        match news.recv_timeout(HUNG) {
            Ok(News::Begun(seed)) => drop(under_way.insert(seed)),
            Ok(News::Done { seed, simulated, verdict }) => {
                under_way.remove(&seed);
                batch.add(seed, simulated, verdict);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            // Their threads cannot be ended; they end with the process.
            Err(RecvTimeoutError::Timeout) => {
                under_way.iter().for_each(|seed| batch.add_failure(*seed, hung()));
                return batch;
            }
        }
    }
    // A worker that panicked was about to tell of its seed.
    under_way.iter().for_each(|seed| batch.add_failure(*seed, panicked()));
    batch
}

fn work(scenario: Scenario, next: &AtomicU64, end: u64, tell: &mpsc::Sender<News>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end || tell.send(News::Begun(seed)).is_err() {
            return;
        }
        let schedule = (scenario.schedule)(seed);
        let verdict = run(&schedule).verdict;
        let simulated = Duration::from_millis(schedule.end_ms);
        if tell.send(News::Done { seed, simulated, verdict }).is_err() {
            return;
        }
    }
}

fn hung() -> Violation {
    let found = format!("it was not done after {HUNG:?} of real time");
    Violation { checker: "world", invariant: "simulated time passes", found }
}

fn panicked() -> Violation {
    let found = "the simulation itself panicked; its words are above".to_owned();
    Violation { checker: "world", invariant: "the run comes to its end", found }
}

impl Batch {
    /// What the batch should have met and did not.
    #[must_use]
    pub fn missed(&self, scenario: &Scenario) -> Vec<&'static str> {
        let met = |name: &&str| self.sometimes.get(name).is_some_and(|times| *times > 0);
        scenario.meets.iter().filter(|name| !met(name)).copied().collect()
    }

    fn add(&mut self, seed: u64, simulated: Duration, verdict: Verdict) {
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

    fn add_failure(&mut self, seed: u64, failure: Violation) {
        self.seeds += 1;
        self.failures.insert(seed, vec![failure]);
    }
}
