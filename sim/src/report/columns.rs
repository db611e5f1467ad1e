//! A run as text: a line for each event, aligned by columns; and its verdict.

use std::fmt::Write as _;

use crate::{checkers::Violation, run::Outcome, schedule::Schedule};

/// How many violations of a run are shown.
const VIOLATIONS_SHOWN: usize = 5;

/// What was done, and a run, line by line. `wire`: with lines for what went over the network.
#[must_use]
pub fn columns(schedule: &Schedule, outcome: &Outcome, wire: bool) -> String {
    let mut text = String::new();
    for (number, op) in schedule.ops.iter().enumerate() {
        let _infallible = writeln!(text, "op {number:<3} {:>9} ms  {}", op.at_ms, op.act);
    }
    for entry in outcome.log.entries() {
        if wire || !entry.event.is_wire() {
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

pub(super) fn violations(violations: &[Violation]) -> String {
    let mut text = String::new();
    for violation in violations.iter().take(VIOLATIONS_SHOWN) {
        let Violation { at, checker, invariant, found } = violation;
        let ms = at.as_millis();
        let _infallible = writeln!(text, "  violated at {ms} ms: {invariant} ({checker})\n    {found}");
    }
    if violations.len() > VIOLATIONS_SHOWN {
        let _infallible = writeln!(text, "  and {} more", violations.len() - VIOLATIONS_SHOWN);
    }
    text
}
