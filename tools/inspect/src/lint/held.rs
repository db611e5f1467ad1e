//! [`Held`]: findings that depend on what the *other* side has said before, kept until it is certain that nothing of that is late.
//!
//! Where a capture lacks a packet of one side, what follows it is put together later than the other side's answers, though it was said before
//! them. So such a finding waits until the other side is heard again: if octets are missing there, or what is heard is older, it was a
//! false alarm.

use super::rules::*;
use super::said::{Said, What};
use crate::entry::Finding;
use crate::model::{At, Side};

/// Findings of one connection that wait; one more is told at once.
const HELD_MAX: usize = 64;

/// Rules that ask for what the other side has said.
const DEPEND_ON_OTHERS: [Rule; 9] = [
    BIND_OFFERED_EARLY,
    CHECK_IN_SINCE,
    IQ_ANSWER_UNASKED,
    MECHANISM_NOT_OFFERED,
    SASL_UNASKED,
    SM_BEFORE_ENABLE,
    SM_H_TOO_HIGH,
    SM_UNASKED,
    STANZA_TOO_EARLY,
];

#[derive(Debug)]
struct Waiting {
    finding: Finding,
    /// Who broke the rule, where and when.
    by: Side,
    number: u64,
    at: At,
}

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: Vec<Waiting>,
}

impl Held {
    /// Something is said: what it decides is told, or dropped. Before the rules look at it.
    pub(super) fn decide(&mut self, said: &Said<'_>, out: &mut Vec<Finding>) {
        let is_missing = matches!(said.what, What::Missing);
        if self.waiting.is_empty() || said.entry.side.is_none() || said.entry.raw.is_empty() && !is_missing {
            return;
        }
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.by == said.side {
                self.waiting.push(waiting);
            } else if !is_missing && said.at() >= waiting.at {
                out.push(waiting.told());
            }
        }
    }

    /// Takes out of `found`, which are those of one entry, what has to wait.
    pub(super) fn hold(&mut self, said: &Said<'_>, found: &mut Vec<Finding>) {
        let depends = |finding: &Finding| DEPEND_ON_OTHERS.iter().any(|rule| rule.name == finding.rule);
        let room = HELD_MAX.saturating_sub(self.waiting.len());
        for _ in 0..room {
            let Some(place) = found.iter().position(depends) else { return };
            let finding = found.remove(place);
            let (number, at) = (said.entry.number, said.at());
            self.waiting.push(Waiting { finding, by: said.side, number, at });
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, out: &mut Vec<Finding>) {
        out.extend(std::mem::take(&mut self.waiting).into_iter().map(Waiting::told));
    }
}

impl Waiting {
    /// It is told later than it was found, and says where.
    fn told(self) -> Finding {
        Finding { found: format!("#{}: {}", self.number, self.finding.found), ..self.finding }
    }
}
