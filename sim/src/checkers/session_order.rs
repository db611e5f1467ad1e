//! Sessions in order: within one life of the server their numbers grow, and nothing happens to a session that
//! has ended. In particular an older session's end or reaping touches no newer session of its JID.

use chatdev_net::Note;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::SERVER,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct SessionOrder {
    last: Option<u64>,
}

impl Checker for SessionOrder {
    fn name(&self) -> &'static str {
        "session_order"
    }

    fn invariant(&self) -> &'static str {
        "session numbers grow, and whatever happens to a session happens while it is bound"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            Event::Started if *entry.process == *SERVER => self.last = None,
            Event::Note(Note::Bound { session, .. }) => {
                found.check(self.last < Some(session.0), || {
                    format!("{entry}: the last one was {:?}", self.last)
                });
                self.last = Some(session.0);
            }
            Event::Note(
                Note::Entered { session, jid }
                | Note::Departed { session, jid, .. }
                | Note::Reaped { session, jid, .. }
                | Note::Ended { session, jid },
            ) => {
                let owner = model.registry.bound.get(jid).map(|bound| bound.session);
                found.check(owner == Some(*session), || format!("{entry}: bound to the JID is {owner:?}"));
            }
            _ => {}
        }
    }
}
