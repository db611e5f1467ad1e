//! A hunt over scenarios: a batch of so many seeds, or as many as a number of minutes holds, with a line that tells
//! how far it is.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    batch::{Batch, Task, cores, run_all},
    checkers,
    failure::{self, Failure},
    report,
    scenarios::{SCENARIOS, Scenario},
};

/// How many failures are made small: each takes ten to twenty seconds.
const EXAMINED_MAX: usize = 3;

/// In a hunt by time, a scenario that takes long has one turn among so many.
const RARE_EVERY: usize = 200;

/// What to hunt through.
#[derive(Clone, Copy, Debug)]
pub enum Extent {
    /// So many seeds of an ordinary scenario; others by their share.
    Seeds(u64),
    /// As many as there is time for.
    Minutes(f64),
}

/// Hunts, and tells `out` what came of it. Whether all was good.
///
/// # Errors
/// Those of `out`, and of the files of failures.
pub fn hunt(
    out: &mut impl Write,
    scenarios: &[Scenario],
    first: u64,
    extent: Extent,
    folder: &Path,
) -> io::Result<bool> {
    let begun = now();
    let bar = progress(scenarios, extent);
    let mut runs = 0_u64;
    let told = |task: &Task, batches: &[Batch]| {
        runs += 1;
        let failed: usize = batches.iter().map(|batch| batch.failures.len()).sum();
        let days = batches.iter().map(|batch| batch.simulated).sum::<Duration>().as_secs_f64() / 86_400.0;
        let rate = f64::from(u32::try_from(runs).unwrap_or(u32::MAX)) / begun.elapsed().as_secs_f64();
        let name = scenarios[task.scenario].name;
        let bad = if failed > 0 { format!(", {failed} FAILED") } else { String::new() };
        bar.set_message(format!("{rate:.0} seeds/s, {days:.1} simulated days{bad}, {name}"));
        match extent {
            Extent::Seeds(_) => bar.inc(1),
            Extent::Minutes(_) => bar.set_position(begun.elapsed().as_secs()),
        }
    };
    let batches = match extent {
        Extent::Seeds(seeds) => run_all(scenarios, one_after_another(scenarios, first, seeds), told),
        Extent::Minutes(minutes) => run_all(scenarios, in_turns(scenarios, first, minutes), told),
    };
    bar.finish_and_clear();
    for (scenario, batch) in scenarios.iter().zip(&batches) {
        write!(out, "{}", report::batch(scenario, batch))?;
    }
    write!(out, "{}", report::total(&batches, begun.elapsed(), cores()))?;
    out.flush()?;
    let whole = scenarios.len() == SCENARIOS.len() && matches!(extent, Extent::Seeds(_));
    let idle = if whole { idle_checkers(&batches) } else { vec![] };
    for name in &idle {
        writeln!(out, "FAILED: the checker {name} was never evaluated")?;
    }
    examine_failures(out, scenarios, &batches, folder)?;
    let missed = |(scenario, batch): (&Scenario, &Batch)| batch.missed(scenario).is_empty();
    let met = !whole || scenarios.iter().zip(&batches).all(missed);
    Ok(idle.is_empty() && met && batches.iter().all(|batch| batch.failures.is_empty()))
}

/// All seeds of a scenario, then those of the next: the long ones first, so that no core waits for them in the end.
fn one_after_another(
    scenarios: &[Scenario],
    first: u64,
    seeds: u64,
) -> impl Fn(usize) -> Option<Task> + Send + Sync + use<> {
    let mut order: Vec<usize> = (0..scenarios.len()).collect();
    order.sort_by(|one, other| scenarios[*one].share.total_cmp(&scenarios[*other].share));
    let counts: Vec<(usize, u64)> = order.into_iter().map(|at| (at, scenarios[at].seeds(seeds))).collect();
    move |number| {
        let mut number = number as u64;
        for (scenario, count) in &counts {
            if number < *count {
                return Some(Task { scenario: *scenario, seed: first + number });
            }
            number -= count;
        }
        None
    }
}

/// One seed of each in turn, but those of a small share only now and then.
fn in_turns(
    scenarios: &[Scenario],
    first: u64,
    minutes: f64,
) -> impl Fn(usize) -> Option<Task> + Send + Sync + use<> {
    let scenarios = scenarios.to_vec();
    let until = now() + Duration::from_secs_f64(minutes * 60.0);
    move |number| {
        let (round, at) = (number / scenarios.len(), number % scenarios.len());
        // A turn that a rare one does not take is another's.
        let is_rare = scenarios[at].share < 0.1 && scenarios.len() > 1;
        let scenario = if is_rare && round % RARE_EVERY != RARE_EVERY / 2 { at / 2 } else { at };
        let seed = first + number as u64;
        (now() < until).then_some(Task { scenario, seed })
    }
}

fn idle_checkers(batches: &[Batch]) -> Vec<&'static str> {
    let mut evaluated: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, times) in batches.iter().flat_map(|batch| &batch.evaluated) {
        *evaluated.entry(name).or_default() += times;
    }
    checkers::names().into_iter().filter(|name| evaluated.get(name).is_none_or(|times| *times == 0)).collect()
}

fn examine_failures(
    out: &mut impl Write,
    scenarios: &[Scenario],
    batches: &[Batch],
    folder: &Path,
) -> io::Result<()> {
    let failed = scenarios.iter().zip(batches).filter_map(|(scenario, batch)| {
        let (seed, violations) = batch.failures.iter().next()?;
        // What hung, or ended the simulation itself, has no time, and is not run again here.
        (violations.first()?.at > Duration::ZERO).then_some((scenario.schedule)(*seed))
    });
    for schedule in failed.take(EXAMINED_MAX) {
        writeln!(out, "making {} seed {} smaller …", schedule.scenario, schedule.seed)?;
        out.flush()?;
        if let Some(failure) = failure::examine(&schedule, folder)? {
            write!(out, "{}", told_of(&failure))?;
        }
    }
    Ok(())
}

/// A failure in words.
#[must_use]
pub fn told_of(failure: &Failure) -> String {
    let Failure { schedule, ops_before, violation, folder } = failure;
    let mut text = format!(
        "must be so:  {}\nfound:       {}\nwith {} of {ops_before} operations left:\n",
        violation.invariant,
        violation.found,
        schedule.ops.len()
    );
    for op in &schedule.ops {
        text += &format!("  at {:>6} ms  {}\n", op.at_ms, op.act);
    }
    text += &format!("again with:  {}\nfiles:       {}\n", failure::replay_command(folder), folder.display());
    text
}

fn progress(scenarios: &[Scenario], extent: Extent) -> ProgressBar {
    let length = match extent {
        Extent::Seeds(seeds) => scenarios.iter().map(|scenario| scenario.seeds(seeds)).sum(),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a person's minutes")]
        Extent::Minutes(minutes) => (minutes * 60.0) as u64,
    };
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Of the real clock: how long a hunt takes is no part of any run.
#[expect(clippy::disallowed_methods, reason = "no part of any run")]
fn now() -> Instant {
    Instant::now()
}
