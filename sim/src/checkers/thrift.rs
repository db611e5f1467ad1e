//! Thrift: what a check-in is told follows the changes since the last one, not the number of those who are online.

use std::collections::BTreeMap;

use chatdev_net::Note;
use memchr::memmem;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::SERVER,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Thrift {
    /// Changes of the directory in this life of the server.
    changes: u64,
    told: BTreeMap<u64, Told>,
    /// By connection: the changes that there had been when the server last read something on it.
    asked: BTreeMap<u64, u64>,
}

/// What a connection was told.
#[derive(Clone, Copy, Default)]
struct Told {
    /// The changes that there had been.
    by: u64,
    /// It is being told the whole list, page by page.
    walking: bool,
}

impl Thrift {
    fn see_answer(&mut self, entry: &Entry, connection: u64, answer: &[u8], found: &mut Findings) {
        let count = |what: &[u8]| memmem::find_iter(answer, what).count() as u64;
        let has = |what: &[u8]| memmem::find(answer, what).is_some();
        let before = self.told.get(&connection).copied();
        let (reset, more) = (has(b"reset='true'"), has(b"more='true'"));
        let walking = reset || before.is_none_or(|before| before.walking);
        if let Some(before) = before.filter(|_| !walking) {
            let (told, changes) = (count(b"<user ") + count(b"<gone "), self.changes - before.by);
            found.check(told <= changes, || {
                format!("at {:?} connection #{connection} is told {told} of {changes} changes", entry.at)
            });
        }
        // A walk that is over has told what changed meanwhile, or will.
        // What changed while the answer was on its way out is told by the next one.
        let asked = self.asked.get(&connection).copied().unwrap_or_default();
        let by = if walking || more { before.map_or(0, |before| before.by) } else { asked };
        self.told.insert(connection, Told { by, walking: walking && more });
    }
}

impl Checker for Thrift {
    fn name(&self) -> &'static str {
        "thrift"
    }

    fn invariant(&self) -> &'static str {
        "a check-in is told no more than what changed since the last one"
    }

    fn see(&mut self, entry: &Entry, _: &Model, found: &mut Findings) {
        if *entry.process != *SERVER {
            return;
        }
        match &entry.event {
            Event::Started => *self = Self::default(),
            Event::Note(
                Note::Bound { .. } | Note::Entered { .. } | Note::Departed { .. } | Note::Reaped { .. },
            ) => {
                self.changes += 1;
            }
            Event::Closed { connection } => {
                self.told.remove(connection);
                self.asked.remove(connection);
            }
            Event::Read { connection, .. } => drop(self.asked.insert(*connection, self.changes)),
            Event::Said { connection, text, .. } => {
                if let Some(at) = memmem::find(text, b"<online xmlns='urn:chatdev:directory:1'") {
                    self.see_answer(entry, *connection, &text[at..], found);
                }
            }
            _ => {}
        }
    }
}
