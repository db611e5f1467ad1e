//! No message stays on its way for ever: when all has been calm for long enough, whoever sent one to somebody who is
//! there, with the one device that they have, knows what became of it. Only of a message that went by way of the server, to somebody who had shown no key,
//! a lost connection leaves it at that it was sent.

use std::collections::BTreeMap;

use chatdev_net::Note;
use jid::BareJid;
use memchr::memmem;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Settled {
    /// Messages whose senders live on.
    open: BTreeMap<String, Open>,
}

struct Open {
    sender: String,
    to: BareJid,
    state: &'static str,
    /// It was written to a stream between clients.
    sealed: bool,
}

impl Checker for Settled {
    fn name(&self) -> &'static str {
        "settled"
    }

    fn invariant(&self) -> &'static str {
        "in the end the sender of every message to somebody who is there knows what became of it"
    }

    fn see(&mut self, entry: &Entry, model: &Model, _: &mut Findings) {
        match &entry.event {
            // What a client did not live to see, it cannot know; there is no outbox.
            Event::Killed | Event::Finished => self.open.retain(|_, open| *open.sender != *entry.process),
            Event::Said { connection, text, .. }
                if model.traffic.is_between_clients(*connection)
                    && memmem::find(text, b"<message ").is_some() =>
            {
                let said = self.open.iter_mut().filter(|(id, _)| memmem::find(text, id.as_bytes()).is_some());
                said.for_each(|(_, open)| open.sealed = true);
            }
            Event::Note(Note::Sent { to, id, .. }) => {
                let (sender, to) = (entry.process.to_string(), to.clone());
                self.open.insert(id.clone(), Open { sender, to, state: "new", sealed: false });
            }
            Event::Note(Note::MessageState { id, state: "delivered" | "failed" }) => {
                self.open.remove(id);
            }
            Event::Note(Note::MessageState { id, state }) => {
                if let Some(open) = self.open.get_mut(id) {
                    open.state = state;
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        let registry = &end.model.registry;
        let there = |account: &BareJid| {
            let mut sessions = registry.bound.keys().filter(|jid| jid.to_bare() == *account);
            sessions.any(|jid| registry.clients_of(jid.as_str()).count() == 1)
        };
        for (id, Open { sender, to, state, sealed }) in &self.open {
            let can_know = registry.signed_in.contains(sender) && there(to) && (*sealed || *state != "sent");
            found.check(!can_know, || format!("message {id} from {sender} to {to} is still {state}"));
        }
        found.evaluated += 1;
    }
}
