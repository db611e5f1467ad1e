//! What must always be so, one file per invariant. Each is judged while the run goes on, by what both ends said and
//! did, against the model of `model`, which shares no code with what it judges.
//!
//! A checker that was never evaluated proves nothing: a batch in which that happens fails (`report/summary.rs`).

mod acknowledgements;
mod conservation;
mod convergence;
mod expectations;
mod ghosts;
mod goodbye;
mod grammar;
mod leftovers;
mod message_states;
mod messages;
mod one_owner;
mod patience;
mod peace;
mod punctuality;
mod reaping;
mod recovery;
mod session_order;
mod settled;
mod silence;
pub mod situations;
#[cfg(test)]
mod tests;
mod thrift;
mod tie_break;
mod trust;
mod views;

use std::{collections::BTreeMap, time::Duration};

use crate::{events::Entry, model::Model, scenarios::SCENARIOS, schedule::Schedule};
use situations::Situations;

/// What can only be asked of the programs themselves, at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// The server runs, and has so many in its directory.
    pub(crate) online: Option<usize>,
    /// Messages that the server routed in its present life.
    pub(crate) messages_routed: u64,
    /// Stanzas that it returned to their senders in its present life.
    pub(crate) bounced: u64,
    /// Sessions that it cut off because they did not read, in its present life.
    pub(crate) slow_readers: u64,
}

/// One invariant.
trait Checker {
    /// Its name: that of its file.
    fn name(&self) -> &'static str;

    /// In words.
    fn invariant(&self) -> &'static str;

    /// Takes in what happened next. `model` stands as it stood before.
    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings);

    /// The run is over.
    fn finish(&mut self, _end: &End<'_>, _found: &mut Findings) {}
}

/// How things stand when a run is over.
struct End<'a> {
    at: Duration,
    model: &'a Model,
    figures: Figures,
}

/// What a checker has found so far.
#[derive(Debug, Default)]
struct Findings {
    evaluated: u64,
    violations: Vec<String>,
}

/// How many violations of one invariant a run keeps.
const VIOLATIONS_MAX: usize = 100;

impl Findings {
    /// Evaluates the invariant once; where it does not hold, `violation` says how.
    fn check(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        self.evaluated += 1;
        if !holds && self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(violation());
        }
    }
}

/// What the checkers say of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What was violated, in order of time; empty for a good run.
    pub violations: Vec<Violation>,
    /// How often each checker was evaluated.
    pub evaluated: BTreeMap<&'static str, u64>,
    /// How often each interesting situation was met (see [`situations`]).
    pub sometimes: BTreeMap<&'static str, u64>,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When it was found, in simulated time.
    pub at: Duration,
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
        Box::new(acknowledgements::Acknowledgements::default()),
        Box::new(conservation::Conservation::new(schedule)),
        Box::new(grammar::Grammar::new(schedule)),
        Box::new(ghosts::Ghosts::default()),
        Box::new(goodbye::Goodbye::new(schedule)),
        Box::new(patience::Patience::default()),
        Box::new(punctuality::Punctuality::new(schedule)),
        Box::new(thrift::Thrift::default()),
        Box::new(tie_break::TieBreak::new(schedule)),
        Box::new(trust::Trust::default()),
        Box::new(peace::Peace::default()),
        Box::new(leftovers::Leftovers::new(schedule)),
        Box::new(recovery::Recovery::new(schedule)),
        Box::new(settled::Settled::default()),
        Box::new(convergence::Convergence::new(schedule)),
        Box::new(expectations::Expectations::new(schedule)),
    ]
}

/// The names of all checkers.
#[must_use]
pub fn names() -> Vec<&'static str> {
    checkers(&(SCENARIOS[0].schedule)(0)).iter().map(|checker| checker.name()).collect()
}

/// The panel, and what it has seen so far.
pub(crate) struct Judge {
    model: Model,
    situations: Situations,
    panel: Vec<(Box<dyn Checker>, Findings)>,
    violations: Vec<Violation>,
}

impl Judge {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        let panel = checkers(schedule).into_iter().map(|checker| (checker, Findings::default()));
        Self {
            model: Model::new(schedule),
            situations: Situations::new(schedule),
            panel: panel.collect(),
            violations: Vec::new(),
        }
    }

    /// Takes in what happened next.
    pub(crate) fn see(&mut self, entry: &Entry) {
        for (checker, found) in &mut self.panel {
            checker.see(entry, &self.model, found);
            collect(&mut self.violations, entry.at, checker.as_ref(), found);
        }
        self.situations.see(entry, &self.model);
        self.model.see(entry);
    }

    /// Whether something was violated by now.
    pub(crate) fn is_violated(&self) -> bool {
        !self.violations.is_empty()
    }

    /// The run is over; `failure` says why the run itself could not go on.
    pub(crate) fn finish(&mut self, at: Duration, figures: Figures, failure: Option<String>) -> Verdict {
        if let Some(found) = failure {
            let invariant = "the run comes to its end";
            self.violations.push(Violation { at, checker: "world", invariant, found });
        } else {
            let end = End { at, model: &self.model, figures };
            self.situations.finish(figures);
            for (checker, found) in &mut self.panel {
                checker.finish(&end, found);
                collect(&mut self.violations, at, checker.as_ref(), found);
            }
        }
        self.verdict()
    }

    /// What was found by now.
    pub(crate) fn verdict(&self) -> Verdict {
        let evaluated = self.panel.iter().map(|(checker, found)| (checker.name(), found.evaluated));
        Verdict {
            violations: self.violations.clone(),
            evaluated: evaluated.collect(),
            sometimes: self.situations.counts(),
        }
    }
}

impl Violation {
    /// What tells one kind of failure from another: the checker, and, of what a schedule expected, which.
    #[must_use]
    pub fn kind(&self) -> String {
        let expected = self.found.split(';').next().filter(|_| self.checker == "expectations");
        format!("{} {}", self.checker, expected.unwrap_or_default())
    }
}

fn collect(violations: &mut Vec<Violation>, at: Duration, checker: &dyn Checker, found: &mut Findings) {
    for found in found.violations.drain(..) {
        if violations.len() < VIOLATIONS_MAX {
            let (checker, invariant) = (checker.name(), checker.invariant());
            violations.push(Violation { at, checker, invariant, found });
        }
    }
}
