//! Peace: when nothing is done to the world any more, two clients of one resource do not throw each other out in turns.

use std::{collections::BTreeMap, time::Duration};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// A client that began, or came back, when the last fault was over may throw the other one out once.
const TAKEN_MAX: u64 = 1;

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Peace {
    /// How often each JID was taken from an older session since all is calm.
    taken: BTreeMap<FullJid, u64>,
    /// When the last session of each JID ended.
    ended: BTreeMap<FullJid, Duration>,
}

impl Checker for Peace {
    fn name(&self) -> &'static str {
        "peace"
    }

    fn invariant(&self) -> &'static str {
        "once all is calm, a resource is taken from a session that lives at most once"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            Event::Note(Note::SignedOut { reason }) if reason.contains("same resource") => {
                let jid = model.registry.jid_of(&entry.process).and_then(|jid| FullJid::new(jid).ok());
                let Some(jid) = jid.filter(|_| entry.at > model.calm) else { return };
                let times = self.taken.entry(jid).or_default();
                *times += 1;
                found.check(*times <= TAKEN_MAX, || format!("{entry}: for the {times}th time"));
            }
            Event::Note(Note::Bound { jid, .. }) => {
                found.check(true, String::new);
                self.ended.remove(jid);
            }
            _ => {}
        }
    }
}
