//! From what a [`Collector`] gathered to a [`Report`]: which phase counts, and what is divided by what.

use std::collections::BTreeMap;
use std::time::Duration;

use super::collector::{Spent, sessions};
use super::machine::machine;
use super::track::{Track, float, growth_bytes, rounded};
use super::{Collector, Count, Operation, Phase, Tally};
use crate::report::{
    Distribution, FORMAT, Facts, Figures, Flaw, Generator, Report, Second, Server, Sessions, Span, Verdict,
    Worker,
};

/// When something was.
type Times = (Duration, Duration);

pub(super) fn report(collector: Collector, end: Duration, facts: Facts) -> Report {
    let phases = collector.spans(end);
    let (phase, measured) = measured(&collector, end);
    let before = before_sessions(&collector);
    let measured_s = (measured.1 - measured.0).as_secs_f64();
    let sessions_at_end = sessions(collector.tallies.range(..=phase).map(|(_, tally)| tally));
    let operations = operations(&collector, phase, measured_s);
    let main_completed = operations.get(&facts.scenario.operation).map_or(0, |figures| figures.completed);
    // Where something else is done than signing in, or sessions leave again, what memory grows by is not theirs alone.
    let rest = facts.sessions_to_stay > 0 && facts.scenario.operation == Operation::SignIn.name();
    let resting = if rest { sessions_at_end } else { 0 };
    let server = server(&collector, before, measured, resting, main_completed);
    let generator = generator(&collector, phase, before, measured, resting);
    let flaws = flaws(&collector, phase);
    let mut counted = session_counts(&collector, &facts, sessions_at_end);
    let timeline = timeline(collector, &phases);
    counted.most = timeline.iter().map(|second| second.sessions).max().unwrap_or_default();
    let mut report = Report {
        format: FORMAT.to_owned(),
        tool: concat!("chatdev-load ", env!("CARGO_PKG_VERSION")).to_owned(),
        started: facts.started.to_string(),
        label: facts.label,
        verdict: Verdict::default(),
        scenario: facts.scenario,
        target: facts.target,
        machine: machine(),
        phases,
        measured_s: rounded(measured_s),
        generator,
        sessions: counted,
        operations,
        flaws,
        audit: facts.audit,
        server,
        timeline,
    };
    report.judge(facts.objections);
    report
}

/// The phase that counts, and when it was: `measure`; in a scenario without it, `sign in`.
fn measured(collector: &Collector, end: Duration) -> (Phase, Times) {
    let begins = |phase| collector.phases.iter().position(|(begun, _)| *begun == phase);
    let Some(index) = begins(Phase::Measure).or_else(|| begins(Phase::SignIn)) else {
        return (Phase::Measure, (end, end));
    };
    let (phase, from) = collector.phases[index];
    let to = collector.phases.get(index + 1).map_or(end, |(_, began)| *began);
    (phase, (from, to))
}

/// When the first phase began in which there could be sessions.
fn before_sessions(collector: &Collector) -> Duration {
    let first = collector.phases.iter().find(|(phase, _)| *phase != Phase::Prepare);
    first.map_or(Duration::ZERO, |(_, began)| *began)
}

/// How each kind went. Nothing begins while the load drains, but what the measured phase left open ends there, or never does: a
/// server that stands still in mid-measurement is charged for it.
fn operations(collector: &Collector, phase: Phase, measured_s: f64) -> BTreeMap<String, Figures> {
    let of = |phase| collector.tallies.get(&phase).map(|tally| &tally.operations);
    let mut counts = of(phase).cloned().unwrap_or_default();
    let drained = of(Phase::Drain).filter(|_| phase == Phase::Measure);
    for (operation, count) in drained.into_iter().flatten() {
        counts.entry(*operation).or_default().merge_ends(count);
    }
    let named =
        |(operation, count): (Operation, Count)| (operation.name().to_owned(), figures(&count, measured_s));
    counts.into_iter().map(named).collect()
}

fn figures(count: &Count, measured_s: f64) -> Figures {
    // Those that completed while the load drained included: their octets are.
    let completed = count.latency.len();
    let is_known = completed > 0 && count.octets_out + count.octets_in > 0;
    let each = |octets| is_known.then(|| rounded(float(octets) / float(completed)));
    Figures {
        started: count.started,
        completed: count.completed,
        failed: count.failed,
        timed_out: count.timed_out,
        per_s: if measured_s > 0.0 { rounded(float(count.completed) / measured_s) } else { 0.0 },
        octets_out_each: each(count.octets_out),
        octets_in_each: each(count.octets_in),
        latency_us: Distribution::of(&count.latency),
        late_us: Distribution::summary(&count.late),
    }
}

fn flaws(collector: &Collector, measured: Phase) -> Vec<Flaw> {
    let mut all = Tally::default();
    for tally in collector.tallies.values() {
        all.merge(tally);
    }
    let in_measured = collector.tallies.get(&measured).map(|tally| &tally.flaws);
    let flaw = |(name, flaw): (std::borrow::Cow<'static, str>, super::Flaw)| Flaw {
        times: flaw.times,
        times_measured: in_measured.and_then(|flaws| flaws.get(&name)).map_or(0, |flaw| flaw.times),
        first_at_s: rounded(flaw.first_at.as_secs_f64()),
        example: flaw.example,
        name: name.into_owned(),
    };
    let mut flaws: Vec<_> = all.flaws.into_iter().map(flaw).collect();
    flaws.sort_by_key(|flaw| std::cmp::Reverse(flaw.times));
    flaws
}

fn session_counts(collector: &Collector, facts: &Facts, at_end: u64) -> Sessions {
    let signed_in =
        |tally: &Tally| tally.operations.get(&Operation::SignIn).map_or(0, |count| count.completed);
    Sessions {
        wanted: facts.sessions_wanted,
        signed_in: collector.tallies.values().map(signed_in).sum(),
        most: 0,
        at_end,
        to_stay: facts.sessions_to_stay,
        lost: collector.tallies.values().map(|tally| tally.lost).sum(),
    }
}

fn server(
    collector: &Collector,
    before: Duration,
    measured: Times,
    sessions: u64,
    completed: u64,
) -> Option<Server> {
    let (from, to) = measured;
    let summary = |track: &Track| track.summary(before, measured, sessions);
    let processes: Vec<_> = collector.watched.iter().map(summary).collect();
    let cpu: Duration = collector.watched.iter().map(|track| track.cpu(from, to)).sum();
    let growth: f64 = processes.iter().map(|process| growth_bytes(&process.memory)).sum();
    Some(Server {
        cpu_s: rounded(cpu.as_secs_f64()),
        cpu_percent: rounded(collector.server_cpu_percent(from, to)?),
        cpu_us_per_operation: (completed > 0).then(|| rounded(cpu.as_secs_f64() * 1e6 / float(completed))),
        bytes_per_session: (sessions > 0).then(|| rounded(growth / float(sessions))),
        processes,
    })
}

fn generator(
    collector: &Collector,
    phase: Phase,
    before: Duration,
    measured: Times,
    sessions: u64,
) -> Generator {
    let (from, to) = measured;
    let worker = |phases: &BTreeMap<Phase, Spent>| Worker {
        cpu_percent: rounded(phases.get(&phase).map_or(0.0, Spent::mean_percent)),
        cpu_percent_max: rounded(phases.get(&phase).map_or(0.0, Spent::busiest_percent)),
    };
    let until = |at| collector.machine.iter().rfind(|(time, _)| *time <= at).map(|(_, busyness)| *busyness);
    let machine = until(from).zip(until(to)).map(|(earlier, later)| later.since(earlier) * 100.0);
    Generator {
        bottleneck: false,
        reasons: Vec::new(),
        workers: collector.workers.values().map(worker).collect(),
        cpu_percent: rounded(collector.own.cpu_percent(from, to)),
        machine_percent: machine.map(rounded),
        memory: collector.own.memory(before, to, sessions),
    }
}

fn timeline(collector: Collector, phases: &[Span]) -> Vec<Second> {
    let Collector { watched, own, seconds, .. } = collector;
    let mut sessions = 0;
    let second = |((phase, index), closed): ((Phase, u64), super::seconds::Closed)| {
        let span = phases.iter().find(|span| span.phase == phase)?;
        let from_s = rounded(span.from_s + float(index));
        let to_s = rounded((from_s + 1.0).min(span.to_s));
        sessions += closed.sessions;
        let (from, to) = (Duration::from_secs_f64(from_s), Duration::from_secs_f64(to_s));
        let server_rss = watched.iter().map(|track| track.usage(to).map_or(0, |usage| usage.rss_bytes));
        let cpu: f64 = watched.iter().map(|track| track.cpu_percent(from, to)).sum();
        Some(Second {
            from_s,
            to_s,
            phase,
            sessions: u64::try_from(sessions).unwrap_or_default(),
            operations: closed
                .operations
                .into_iter()
                .map(|(kind, moment)| (kind.name().to_owned(), moment))
                .collect(),
            server_cpu_percent: (!watched.is_empty()).then(|| rounded(cpu)),
            server_rss_bytes: (!watched.is_empty()).then(|| server_rss.sum()),
            generator_cpu_percent: Some(rounded(own.cpu_percent(from, to))),
        })
    };
    seconds.finish().into_iter().filter_map(second).collect()
}

#[cfg(test)]
mod tests;
