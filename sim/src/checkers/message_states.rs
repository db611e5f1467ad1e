//! A message's state only moves forward: queued, sent, delivered, displayed; failed from queued or sent, and
//! then nothing more. Delivered is said of nothing that was not shown to somebody before, and, where it went from client to
//! client, noted on the receiver's disk: an acknowledgement is a promise.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;
use memchr::memmem;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct MessageStates {
    states: BTreeMap<String, &'static str>,
    shown: BTreeSet<String>,
    stored: BTreeSet<String>,
    /// Messages that were written to a stream between clients, and have not been delivered.
    direct: BTreeSet<String>,
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

impl MessageStates {
    fn see_state(&mut self, entry: &Entry, id: &str, state: &'static str, found: &mut Findings) {
        let before = self.states.insert(id.to_owned(), state);
        found.check(may_follow(before, state), || format!("{entry}: it was {before:?}"));
        if state == "delivered" {
            found.check(self.shown.contains(id), || format!("{entry}: nobody was shown it"));
            let kept = !self.direct.remove(id) || self.stored.contains(id);
            found.check(kept, || format!("{entry}: its receiver has not noted it on disk"));
        }
    }
}

impl Checker for MessageStates {
    fn name(&self) -> &'static str {
        "message_states"
    }

    fn invariant(&self) -> &'static str {
        "a message's state only moves forward, and what is called delivered was shown, and noted on disk"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            Event::Said { connection, text, .. }
                if model.traffic.is_between_clients(*connection)
                    && memmem::find(text, b"<message ").is_some() =>
            {
                let open = self.states.iter().filter(|(_, state)| matches!(**state, "queued" | "sent"));
                let said = open.filter(|(id, _)| memmem::find(text, id.as_bytes()).is_some());
                self.direct.extend(said.map(|(id, _)| id.clone()));
            }
            Event::Note(Note::Shown { id: Some(id), .. }) => {
                self.shown.insert(id.clone());
            }
            Event::Note(Note::Remark { kind: "stored", text }) => {
                self.stored.insert(text.clone());
            }
            Event::Note(Note::MessageState { id, state }) => self.see_state(entry, id, state, found),
            _ => {}
        }
    }
}
