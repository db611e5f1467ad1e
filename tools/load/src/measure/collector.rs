//! [`Collector`]: takes what the workers counted and looks at the processes, while a run goes on; in the end all of it is a
//! [`Report`]. It runs on a thread that drives no sessions, and never waits for one that does.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::machine::Busyness;
use super::seconds::Seconds;
use super::track::Track;
use super::{Operation, Phase, Process, Tally};
use crate::report::{Facts, Moment, Report, Span};

/// Of shorter times it is not asked how busy a worker was: every worker is, for a while.
const BUSY_SPAN_MIN: Duration = Duration::from_millis(500);

/// See the file's documentation. All times are since the beginning of the run.
///
/// ```text
/// phase(…) at the beginning of each phase; it looks at the processes too
/// add(…)   each tally that a worker hands over: once a second of its phase, and when a phase ends
/// tick(…)  once a second
/// glance() whenever somebody wants to see something
/// finish() when the last tally has been added
/// ```
#[derive(Debug)]
pub struct Collector {
    pub(super) watched: Vec<Track>,
    pub(super) own: Track,
    /// Ascending.
    pub(super) machine: Vec<(Duration, Busyness)>,
    /// Each phase with its beginning, in order.
    pub(super) phases: Vec<(Phase, Duration)>,
    pub(super) tallies: BTreeMap<Phase, Tally>,
    pub(super) workers: BTreeMap<usize, BTreeMap<Phase, Spent>>,
    pub(super) seconds: Seconds,
    newest_tick: (Duration, Duration),
}

/// How long a worker was in a phase, and what CPU time it needed for that.
#[derive(Debug, Default)]
pub(super) struct Spent {
    time: Duration,
    cpu: Duration,
    busiest_percent: f64,
}

/// How things stand, for somebody who watches.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// The phase that is on.
    pub phase: Phase,
    /// Since the beginning of the run.
    pub at: Duration,
    /// How long the load has been running, warm-up included; `None` before it and after it.
    pub loaded: Option<Duration>,
    /// Sessions that are bound.
    pub sessions: u64,
    /// What happened in the newest second that all workers told about.
    pub operations: BTreeMap<Operation, Moment>,
    /// Everything that went wrong so far.
    pub flaws: u64,
    /// What goes wrong most often.
    pub worst_flaw: Option<String>,
    /// CPU of the server since the tick before, in percent of one core; `None` if it is not watched.
    pub server_cpu_percent: Option<f64>,
    /// CPU of this process, likewise.
    pub generator_cpu_percent: f64,
}

impl Collector {
    /// Begins with nothing; `watched` are the processes of the server, if they are on this machine.
    ///
    /// # Errors
    ///
    /// This is not Linux.
    pub fn new(watched: Vec<Process>) -> io::Result<Self> {
        Ok(Self {
            watched: watched.into_iter().map(Track::of).collect(),
            own: Track::of(Process::own()?),
            machine: Vec::new(),
            phases: Vec::new(),
            tallies: BTreeMap::new(),
            workers: BTreeMap::new(),
            seconds: Seconds::default(),
            newest_tick: (Duration::ZERO, Duration::ZERO),
        })
    }

    /// A phase begins, and the one before ends. Of phases that are left out nothing is said. The phase that is on already
    /// goes on.
    pub fn phase(&mut self, phase: Phase, at: Duration) {
        if self.phases.last().is_some_and(|(last, _)| *last == phase) {
            return;
        }
        self.phases.push((phase, at));
        self.tick(at);
        // Not while the load is about to begin: looking at all of a process's pages holds it up.
        if !matches!(phase, Phase::WarmUp | Phase::Measure) {
            self.look_at_pss(at);
        }
    }

    /// What a worker counted from one time to another, all of it in one phase, and the CPU time of its thread meanwhile.
    /// It may come after the next phase has begun, and workers may come in any order.
    pub fn add(
        &mut self,
        worker: usize,
        phase: Phase,
        from: Duration,
        to: Duration,
        tally: &Tally,
        cpu: Duration,
    ) {
        let began = self.phases.iter().find(|(begun, _)| *begun == phase).map_or(from, |(_, began)| *began);
        self.seconds.add(worker, (phase, began), from, to, tally);
        self.tallies.entry(phase).or_default().merge(tally);
        let spent = self.workers.entry(worker).or_default().entry(phase).or_default();
        spent.add(to.saturating_sub(from), cpu);
    }

    /// Looks at the processes.
    pub fn tick(&mut self, at: Duration) {
        for track in self.watched.iter_mut().chain([&mut self.own]) {
            track.look(at);
        }
        self.machine.extend(Busyness::now().map(|busyness| (at, busyness)));
        self.newest_tick = (self.newest_tick.1, at);
    }

    fn look_at_pss(&mut self, at: Duration) {
        for track in self.watched.iter_mut().chain([&mut self.own]) {
            track.look_at_pss(at);
        }
    }

    /// How things stand.
    #[must_use]
    pub fn glance(&self, at: Duration) -> Glance {
        let (from, to) = self.newest_tick;
        let flaws = || self.tallies.values().flat_map(|tally| &tally.flaws);
        let newest = self.seconds.newest(self.workers.len());
        Glance {
            phase: self.phases.last().map_or(Phase::Prepare, |(phase, _)| *phase),
            at,
            loaded: self.loaded(at),
            sessions: sessions(self.tallies.values()),
            operations: newest.map(super::seconds::Slice::moments).unwrap_or_default(),
            flaws: flaws().map(|(_, flaw)| flaw.times).sum(),
            worst_flaw: flaws().max_by_key(|(_, flaw)| flaw.times).map(|(name, _)| name.to_string()),
            server_cpu_percent: self.server_cpu_percent(from, to),
            generator_cpu_percent: self.own.cpu_percent(from, to),
        }
    }

    fn loaded(&self, at: Duration) -> Option<Duration> {
        let is_load = |phase| matches!(phase, Phase::WarmUp | Phase::Measure);
        let (_, began) = self.phases.iter().find(|(phase, _)| is_load(*phase))?;
        let (last, _) = self.phases.last()?;
        is_load(*last).then(|| at.saturating_sub(*began))
    }

    /// The report, once every tally has been added; the last phase ends now.
    #[must_use]
    pub fn finish(mut self, at: Duration, facts: Facts) -> Report {
        self.tick(at);
        self.look_at_pss(at);
        super::summing::report(self, at, facts)
    }

    /// CPU of all watched processes together; `None` if there are none.
    pub(super) fn server_cpu_percent(&self, from: Duration, to: Duration) -> Option<f64> {
        let percents = self.watched.iter().map(|track| track.cpu_percent(from, to));
        (!self.watched.is_empty()).then(|| percents.sum())
    }

    /// The phases, the last of which ends at `end`.
    pub(super) fn spans(&self, end: Duration) -> Vec<Span> {
        let ends = self.phases.iter().skip(1).map(|(_, began)| *began).chain([end]);
        let spans = self.phases.iter().zip(ends).map(|((phase, from), to)| Span {
            phase: *phase,
            from_s: super::track::rounded(from.as_secs_f64()),
            to_s: super::track::rounded(to.as_secs_f64()),
        });
        spans.collect()
    }
}

impl Spent {
    fn add(&mut self, time: Duration, cpu: Duration) {
        self.time += time;
        self.cpu += cpu;
        if time >= BUSY_SPAN_MIN {
            self.busiest_percent = self.busiest_percent.max(percent(cpu, time));
        }
    }

    /// In percent of one core.
    pub(super) fn mean_percent(&self) -> f64 {
        percent(self.cpu, self.time)
    }

    /// Likewise, in the busiest of the times between two tallies; never below the mean.
    pub(super) fn busiest_percent(&self) -> f64 {
        self.busiest_percent.max(self.mean_percent())
    }
}

fn percent(cpu: Duration, time: Duration) -> f64 {
    if time > Duration::ZERO { cpu.as_secs_f64() / time.as_secs_f64() * 100.0 } else { 0.0 }
}

/// How many sessions there are after all of these.
pub(super) fn sessions<'a>(tallies: impl Iterator<Item = &'a Tally>) -> u64 {
    u64::try_from(tallies.map(|tally| tally.sessions).sum::<i64>()).unwrap_or_default()
}
