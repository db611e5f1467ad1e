//! Recovery: when all has been calm for long enough, every client that runs is signed in again, all by itself; only one
//! whose resource another client took stays away.

use std::collections::BTreeSet;

use chatdev_net::Note;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Kind, Schedule},
};

/// See the file's documentation.
pub(super) struct Recovery {
    people: BTreeSet<String>,
    /// Whose resource was taken, since it last signed in or began.
    conflicts: BTreeSet<String>,
}

impl Recovery {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        Self { people: people.map(|actor| actor.name.clone()).collect(), conflicts: BTreeSet::new() }
    }
}

impl Checker for Recovery {
    fn name(&self) -> &'static str {
        "recovery"
    }

    fn invariant(&self) -> &'static str {
        "in the end every client that runs is signed in, unless another one took its resource"
    }

    fn see(&mut self, entry: &Entry, _: &Model, _: &mut Findings) {
        match &entry.event {
            Event::Started | Event::Note(Note::SignedIn { .. }) => {
                self.conflicts.remove(&*entry.process);
            }
            Event::Note(Note::SignedOut { reason }) if reason.contains("same resource") => {
                self.conflicts.insert(entry.process.to_string());
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        let registry = &end.model.registry;
        // Where the server is away for good, nobody can come back to it.
        if !registry.running.contains(crate::schedule::SERVER) {
            return;
        }
        for client in self.people.iter().filter(|client| registry.running.contains(*client)) {
            let gave_way = self.conflicts.contains(client);
            found.check(registry.signed_in.contains(client) || gave_way, || {
                format!("{client} runs and is not signed in")
            });
        }
    }
}
