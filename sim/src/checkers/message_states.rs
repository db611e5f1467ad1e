//! A message's state only moves forward: queued, sent, delivered, displayed; failed from queued or sent, and
//! then nothing more. Delivered is said of nothing that was not shown to somebody before.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;

use super::{Checker, Findings, registry::Registry};
use crate::events::{Entry, Event};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct MessageStates {
    states: BTreeMap<String, &'static str>,
    shown: BTreeSet<String>,
}

fn may_follow(before: Option<&str>, after: &str) -> bool {
    matches!(
        (before, after),
        (None, "queued" | "sent" | "failed")
            | (Some("queued"), "sent" | "failed")
            | (Some("sent"), "delivered" | "failed")
            | (Some("delivered"), "displayed")
    )
}

impl Checker for MessageStates {
    fn name(&self) -> &'static str {
        "message_states"
    }

    fn invariant(&self) -> &'static str {
        "a message's state only moves forward, and what is called delivered was shown"
    }

    fn see(&mut self, entry: &Entry, _: &Registry, found: &mut Findings) {
        match &entry.event {
            Event::Note(Note::Shown { id: Some(id), .. }) => drop(self.shown.insert(id.clone())),
            Event::Note(Note::MessageState { id, state }) => {
                let before = self.states.insert(id.clone(), state);
                found.check(may_follow(before, state), || format!("{entry}: it was {before:?}"));
                if *state == "delivered" {
                    found.check(self.shown.contains(id), || format!("{entry}: nobody was shown it"));
                }
            }
            _ => {}
        }
    }
}
