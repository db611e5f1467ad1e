//! What must always be so, one file per invariant. Each is judged by what both ends said and did, against a
//! model of its own that shares no code with what it judges.
//!
//! A checker that was never evaluated proves nothing: a batch in which that happens fails (`report.rs`).

mod convergence;
mod expectations;
mod message_states;
mod messages;
mod one_owner;
mod reaping;
mod registry;
mod session_order;
mod silence;
mod sometimes;
#[cfg(test)]
mod tests;
mod traffic;
mod views;

use std::collections::BTreeMap;
#[cfg(test)]
use std::time::Duration;

use crate::{events::Entry, run::Figures, scenarios::SCENARIOS, schedule::Schedule};
use registry::Registry;
pub use sometimes::SOMETIMES;
use sometimes::Sometimes;

/// One invariant.
trait Checker {
    /// Its name: that of its file.
    fn name(&self) -> &'static str;

    /// In words.
    fn invariant(&self) -> &'static str;

    /// Takes in what happened next. `registry` stands as it stood before.
    fn see(&mut self, entry: &Entry, registry: &Registry, found: &mut Findings);

    /// The run is over.
    fn finish(&mut self, _end: &End<'_>, _found: &mut Findings) {}
}

/// How things stand when a run is over.
struct End<'a> {
    registry: &'a Registry,
    figures: Figures,
}

/// What a checker has found so far.
#[derive(Debug, Default)]
struct Findings {
    evaluated: u64,
    violations: Vec<String>,
}

impl Findings {
    /// Evaluates the invariant once; where it does not hold, `violation` says how.
    fn check(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        self.evaluated += 1;
        if !holds {
            self.violations.push(violation());
        }
    }
}

/// What the checkers say of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was violated, in words; empty for a good run.
    pub violations: Vec<Violation>,
    /// How often each checker was evaluated.
    pub evaluated: BTreeMap<&'static str, u64>,
    /// How often each interesting situation was met (see [`SOMETIMES`]).
    pub sometimes: BTreeMap<&'static str, u64>,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which checker found it; `world` where the run itself failed.
    pub checker: &'static str,
    /// What has to be so.
    pub invariant: &'static str,
    /// How it was not.
    pub found: String,
}

/// All checkers, for a run of `schedule`.
fn checkers(schedule: &Schedule) -> Vec<Box<dyn Checker>> {
    vec![
        Box::new(one_owner::OneOwner),
        Box::new(session_order::SessionOrder::default()),
        Box::new(reaping::Reaping::new(schedule)),
        Box::new(silence::Silence::new(schedule)),
        Box::new(views::Views::new(schedule)),
        Box::new(messages::Messages::new(schedule)),
        Box::new(message_states::MessageStates::default()),
        Box::new(convergence::Convergence::new(schedule)),
        Box::new(expectations::Expectations::new(schedule)),
    ]
}

/// The names of all checkers.
#[must_use]
pub fn names() -> Vec<&'static str> {
    checkers(&(SCENARIOS[0].schedule)(0)).iter().map(|checker| checker.name()).collect()
}

/// Judges a run.
pub(crate) fn judge(
    schedule: &Schedule,
    entries: &[Entry],
    figures: Figures,
    failure: Option<String>,
) -> Verdict {
    let mut registry = Registry::new(schedule);
    let mut sometimes = Sometimes::new(schedule);
    let mut panel: Vec<_> =
        checkers(schedule).into_iter().map(|checker| (checker, Findings::default())).collect();
    for entry in entries {
        for (checker, found) in &mut panel {
            checker.see(entry, &registry, found);
        }
        sometimes.see(entry, &registry);
        registry.see(entry);
    }
    let failed = failure.is_some();
    let world =
        failure.map(|found| Violation { checker: "world", invariant: "the run comes to its end", found });
    let mut verdict = Verdict {
        violations: world.into_iter().collect(),
        evaluated: BTreeMap::new(),
        sometimes: sometimes.counts(),
    };
    let end = End { registry: &registry, figures };
    for (mut checker, mut found) in panel {
        if !failed {
            checker.finish(&end, &mut found);
        }
        let (name, invariant) = (checker.name(), checker.invariant());
        verdict.evaluated.insert(name, found.evaluated);
        let violations = found.violations.into_iter();
        verdict.violations.extend(violations.map(|found| Violation { checker: name, invariant, found }));
    }
    verdict
}
