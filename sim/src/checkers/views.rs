//! Views are truthful: a watcher sees somebody go only if that one was absent from the directory after the
//! watcher saw it come, and sees nobody go who is not there. So a newer session is never taken away in
//! anybody's eyes by the end of an older one.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::Schedule,
};

/// See the file's documentation.
pub(super) struct Views {
    /// What a watcher sees is so old at most: an answer's way, and its handling.
    age_max: Duration,
    /// When each watcher saw each of the others come.
    seen: BTreeMap<Arc<str>, BTreeMap<FullJid, Duration>>,
}

impl Views {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let chaos = Duration::from_millis(4 * schedule.network.chaos_ms_max);
        Self { age_max: schedule.network.way_max() + chaos, seen: BTreeMap::new() }
    }
}

impl Checker for Views {
    fn name(&self) -> &'static str {
        "views"
    }

    fn invariant(&self) -> &'static str {
        "a watcher sees somebody go only if it saw it come, and it has been absent since"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            // A new life begins with an empty list.
            Event::Started => drop(self.seen.remove(&entry.process)),
            Event::Note(Note::SawOnline { jid, .. }) => {
                self.seen.entry(Arc::clone(&entry.process)).or_default().insert(jid.clone(), entry.at);
            }
            Event::Note(Note::SawGone { jid, .. }) => {
                let came = self.seen.get_mut(&entry.process).and_then(|seen| seen.remove(jid));
                let absent = model.registry.last_absent(jid, entry.at);
                let justified = came.is_some_and(|came| absent.is_some_and(|at| at + self.age_max >= came));
                found.check(justified, || {
                    format!("{entry}: seen to come at {came:?}, last absent at {absent:?}")
                });
            }
            _ => {}
        }
    }
}
