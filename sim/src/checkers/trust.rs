//! Trust: a client takes a person's first key by itself, and never a second one: that is for its own person to say
//! (PROTOCOL section 3). Nobody here ever says so.

use std::{collections::BTreeMap, sync::Arc};

use chatdev_net::Note;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Trust {
    /// The key that each client took for each person, in its present life.
    taken: BTreeMap<(Arc<str>, String), String>,
}

impl Checker for Trust {
    fn name(&self) -> &'static str {
        "trust"
    }

    fn invariant(&self) -> &'static str {
        "a client takes one key of a person by itself, and no other"
    }

    fn see(&mut self, entry: &Entry, _: &Model, found: &mut Findings) {
        match &entry.event {
            Event::Started => self.taken.retain(|(client, _), _| *client != entry.process),
            Event::Note(Note::Remark { kind: "device trusted", text }) => {
                let Some((jid, key)) = text.split_once(' ') else { return };
                let before = self.taken.insert((Arc::clone(&entry.process), jid.to_owned()), key.to_owned());
                found.check(before.as_deref().is_none_or(|before| before == key), || {
                    format!("{entry}: it had taken {before:?} before")
                });
            }
            _ => {}
        }
    }
}
