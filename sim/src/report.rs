//! What a person gets to see of a run and of a batch, as text.

use std::fmt::Write as _;

use crate::{
    batch::Batch, checkers::Violation, events::Event, run::Outcome, scenarios::Scenario, schedule::Schedule,
};

/// How many failing seeds of a batch are shown.
const FAILURES_SHOWN: usize = 5;
/// How many violations of a run are shown.
const VIOLATIONS_SHOWN: usize = 5;

/// A run, line by line. `wire`: with a line for each write to the network.
#[must_use]
pub fn columns(outcome: &Outcome, wire: bool) -> String {
    let mut text = String::new();
    for entry in outcome.log.entries() {
        if wire || !matches!(entry.event, Event::Wrote { .. } | Event::Read { .. }) {
            let _infallible = writeln!(text, "{entry}");
        }
    }
    text
}

/// The verdict of a run, and its two hashes.
#[must_use]
pub fn verdict(schedule: &Schedule, outcome: &Outcome) -> String {
    let mut text = format!("{} seed {}: {}\n", schedule.scenario, schedule.seed, outcome.log.digest());
    text += &violations(&outcome.verdict.violations);
    text
}

fn violations(violations: &[Violation]) -> String {
    let mut text = String::new();
    for violation in violations.iter().take(VIOLATIONS_SHOWN) {
        let Violation { checker, invariant, found } = violation;
        let _infallible = writeln!(text, "  violated: {invariant} ({checker})\n    {found}");
    }
    if violations.len() > VIOLATIONS_SHOWN {
        let _infallible = writeln!(text, "  and {} more", violations.len() - VIOLATIONS_SHOWN);
    }
    text
}

/// A scenario's batch, in some lines; the last says how to see a failure again.
#[must_use]
pub fn batch(scenario: &Scenario, batch: &Batch) -> String {
    let mut text = format!(
        "{:<22} {:>5} seeds {:>8.1} simulated minutes  {}\n",
        scenario.name,
        batch.seeds,
        batch.simulated.as_secs_f64() / 60.0,
        if batch.failures.is_empty() { "good" } else { "FAILED" }
    );
    for name in scenario.meets {
        let times = batch.sometimes.get(name).copied().unwrap_or_default();
        let missed = if times == 0 { "  FAILED: never met" } else { "" };
        let _infallible = writeln!(text, "    {times:>6} × {name}{missed}");
    }
    for (seed, found) in batch.failures.iter().take(FAILURES_SHOWN) {
        let _infallible = writeln!(text, "  seed {seed}");
        text += &violations(found);
    }
    if let Some(seed) = batch.failures.keys().next() {
        let count = batch.failures.len();
        let _infallible = writeln!(text, "  {count} of {} seeds failed; see one again with", batch.seeds);
        let _infallible = writeln!(text, "  just sim {} --seed {seed}", scenario.name);
    }
    text
}
