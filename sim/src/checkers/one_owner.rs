//! One owner: a full JID has at most one bound session at any time.

use chatdev_net::Note;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
pub(super) struct OneOwner;

impl Checker for OneOwner {
    fn name(&self) -> &'static str {
        "one_owner"
    }

    fn invariant(&self) -> &'static str {
        "a full JID has at most one bound session at any time"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        if let Event::Note(Note::Bound { session, jid }) = &entry.event {
            let older = model.registry.bound.get(jid);
            found.check(older.is_none(), || {
                format!("{entry}: session {} was bound while {older:?} still was", session.0)
            });
        }
    }
}
