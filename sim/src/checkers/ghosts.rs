//! No ghosts: whoever is in the directory has a session. When one ends, its entry goes in the same moment, or a newer
//! session of the same JID is there to inherit it.

use std::{collections::BTreeMap, time::Duration};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// What happens in one hold of the server's table may take so long by a real clock; in simulated time it takes none.
const MOMENT: Duration = Duration::from_millis(50);

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Ghosts {
    /// Whose session ended at which moment, to be looked at when that is over.
    ended: BTreeMap<FullJid, Duration>,
}

impl Ghosts {
    fn look(&mut self, model: &Model, found: &mut Findings) {
        for (jid, at) in std::mem::take(&mut self.ended) {
            let registry = &model.registry;
            let is_ghost = registry.is_listed(&jid) && !registry.bound.contains_key(&jid);
            found.check(!is_ghost, || format!("{jid} is listed, although its session ended at {at:?}"));
        }
    }
}

impl Checker for Ghosts {
    fn name(&self) -> &'static str {
        "ghosts"
    }

    fn invariant(&self) -> &'static str {
        "whoever is in the directory has a session"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        if self.ended.values().any(|at| *at + MOMENT < entry.at) {
            self.look(model, found);
        }
        if let Event::Note(Note::Ended { jid, .. }) = &entry.event {
            self.ended.insert(jid.clone(), entry.at);
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        self.look(end.model, found);
    }
}
