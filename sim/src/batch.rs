//! Many seeds, on all cores: runs are independent, and what becomes of one does not depend on the thread or
//! the order.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    checkers::{Verdict, Violation},
    run::verdict,
    scenarios::Scenario,
};

/// How long, by the real clock, no run may be done before those under way are taken to turn in a circle in
/// which simulated time does not pass. A run takes less than a second, a soak half a minute.
const HUNG: Duration = Duration::from_secs(180);

/// One seed of one scenario.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The scenario's place among those of the hunt.
    pub scenario: usize,
    /// The seed.
    pub seed: u64,
}

/// What became of a scenario's batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// Seeds that were run.
    pub seeds: u64,
    /// How long their worlds lived, together.
    pub simulated: Duration,
    /// How long their threads took, together, by the real clock.
    pub took: Duration,
    /// What was violated, by seed.
    pub failures: BTreeMap<u64, Vec<Violation>>,
    /// How often each checker was evaluated.
    pub evaluated: BTreeMap<&'static str, u64>,
    /// How often each interesting situation was met.
    pub sometimes: BTreeMap<&'static str, u64>,
}

/// What a worker tells of a run.
enum News {
    Begun(usize, Task),
    Done { number: usize, task: Task, simulated: Duration, took: Duration, verdict: Verdict },
}

/// Runs seeds of `scenarios` on all cores: the `number`th run is what `tasks` says, until it says `None`. `told` hears
/// of each that is done. The batches are in the order of the scenarios.
pub fn run_all(
    scenarios: &[Scenario],
    tasks: impl Fn(usize) -> Option<Task> + Send + Sync + 'static,
    mut told: impl FnMut(&Task, &[Batch]),
) -> Vec<Batch> {
    let mut batches: Vec<Batch> = scenarios.iter().map(|_| Batch::default()).collect();
    let mut under_way = BTreeMap::new();
    let news = start_workers(scenarios, tasks);
    let failure = loop {
        match news.recv_timeout(HUNG) {
            Ok(News::Begun(number, task)) => drop(under_way.insert(number, task)),
            Ok(News::Done { number, task, simulated, took, verdict }) => {
                under_way.remove(&number);
                batches[task.scenario].add(task.seed, simulated, took, verdict);
                told(&task, &batches);
            }
            // A worker that panicked was about to tell of its seed.
            Err(RecvTimeoutError::Disconnected) => break panicked(),
            // Their threads cannot be ended; they end with the process.
            Err(RecvTimeoutError::Timeout) => break hung(),
        }
    };
    for task in under_way.into_values() {
        batches[task.scenario].add_failure(task.seed, failure.clone());
    }
    batches
}

/// Runs `count` seeds of one scenario, from `first` on.
#[must_use]
pub fn run_batch(scenario: Scenario, first: u64, count: u64) -> Batch {
    let task = move |number: usize| {
        let seed = first + number as u64;
        (seed < first + count).then_some(Task { scenario: 0, seed })
    };
    run_all(&[scenario], task, |_, _| {}).pop().unwrap_or_default()
}

fn start_workers(
    scenarios: &[Scenario],
    tasks: impl Fn(usize) -> Option<Task> + Send + Sync + 'static,
) -> mpsc::Receiver<News> {
    let (tell, news) = mpsc::channel();
    let next = Arc::new(AtomicU64::new(0));
    let tasks = Arc::new(tasks);
    for _ in 0..cores() {
        let (tell, next, tasks, scenarios) =
            (tell.clone(), Arc::clone(&next), Arc::clone(&tasks), scenarios.to_vec());
        thread::spawn(move || {
            loop {
                let number = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX);
                let Some(task) = tasks(number) else { return };
                if tell.send(News::Begun(number, task)).is_err() {
                    return;
                }
                let begun = now();
                let schedule = (scenarios[task.scenario].schedule)(task.seed);
                let verdict = verdict(&schedule);
                let simulated = Duration::from_millis(schedule.end_ms());
                let done = News::Done { number, task, simulated, took: begun.elapsed(), verdict };
                if tell.send(done).is_err() {
                    return;
                }
            }
        });
    }
    news
}

/// Of the real clock: how long a run takes is no part of it.
#[expect(clippy::disallowed_methods, reason = "no part of any run")]
fn now() -> Instant {
    Instant::now()
}

/// How many runs are under way at once.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn hung() -> Violation {
    let found = format!("it was not done after {HUNG:?} of real time");
    Violation { at: Duration::ZERO, checker: "world", invariant: "simulated time passes", found }
}

fn panicked() -> Violation {
    let found = "the simulation itself panicked; its words are above".to_owned();
    Violation { at: Duration::ZERO, checker: "world", invariant: "the run comes to its end", found }
}

impl Batch {
    /// What the batch should have met and did not.
    #[must_use]
    pub fn missed(&self, scenario: &Scenario) -> Vec<&'static str> {
        let met = |name: &&str| self.sometimes.get(name).is_some_and(|times| *times > 0);
        scenario.meets.iter().filter(|name| !met(name)).copied().collect()
    }

    fn add(&mut self, seed: u64, simulated: Duration, took: Duration, verdict: Verdict) {
        self.seeds += 1;
        self.simulated += simulated;
        self.took += took;
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
