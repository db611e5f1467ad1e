//! Conservation: a message that goes by way of the server arrives or comes back to its sender, and only one of the two, once:
//! it never just disappears; and messages from one to another arrive in the order in which they were written. Judged between puppets, which hear and say everything openly. What the server has written to
//! a connection that is then lost, nobody can know of.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;
use memchr::memmem;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Act, Kind, Manner, SERVER, Schedule},
};

/// See the file's documentation.
pub(super) struct Conservation {
    /// Message ids: sender and receiver.
    sent: BTreeMap<String, (String, String)>,
    /// Which message of all each one is, in the order in which they are written; and the last that came, by sender and
    /// receiver.
    numbers: BTreeMap<String, usize>,
    last: BTreeMap<(String, String), usize>,
    /// (id, client that heard it or of it).
    arrived: BTreeSet<(String, String)>,
    /// Message ids that the server wrote to their receivers.
    written: BTreeSet<String>,
    /// Whose stream has ended.
    ended: BTreeSet<String>,
    /// Whose connection lost what was on it.
    lossy: BTreeSet<String>,
}

impl Conservation {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let mut sent = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        let mut lossy = BTreeSet::new();
        for op in &schedule.ops {
            match &op.act {
                Act::Write { who, xml } => {
                    for message in xml.split_inclusive("</message>") {
                        let Some((id, to)) = id_and_receiver(message) else { continue };
                        if is_puppet(schedule, &to) {
                            numbers.insert(id.clone(), numbers.len() + 1);
                            sent.insert(id, (who.clone(), to));
                        }
                    }
                }
                Act::Cut { who, how: Manner::Fin | Manner::Rst | Manner::Silent } => {
                    lossy.insert(who.clone());
                }
                _ => {}
            }
        }
        let last = BTreeMap::new();
        Self {
            sent,
            numbers,
            last,
            arrived: BTreeSet::new(),
            written: BTreeSet::new(),
            ended: BTreeSet::new(),
            lossy,
        }
    }

    fn see_heard(&mut self, entry: &Entry, text: &str, found: &mut Findings) {
        let Some(id) = text.split_once(" id='").and_then(|(_, rest)| rest.split_once('\'')) else { return };
        let Some((sender, receiver)) = self.sent.get(id.0) else { return };
        let bounced = memmem::find(text.as_bytes(), b"type='error'").is_some();
        let right = if bounced { sender } else { receiver };
        found.check(*entry.process == **right, || format!("{entry}: it was for {right}"));
        let other = if bounced { receiver } else { sender };
        let both = self.arrived.contains(&(id.0.to_owned(), other.clone())) && sender != receiver;
        // Told of its failure, it may have arrived all the same if the connection was cut below it.
        let known = both && !self.lossy.contains(receiver) && !self.ended.contains(receiver);
        found.check(!known, || format!("{entry}: it arrived and came back"));
        if !bounced {
            let number = self.numbers.get(id.0).copied().unwrap_or_default();
            let last = self.last.entry((sender.clone(), receiver.clone())).or_default();
            found.check(*last < number, || format!("{entry}: number {number} after {last}"));
            *last = number;
        }
        let new = self.arrived.insert((id.0.to_owned(), entry.process.to_string()));
        found.check(new, || format!("{entry}: for the second time"));
    }
}

/// What a message says of itself.
fn id_and_receiver(xml: &str) -> Option<(String, String)> {
    let start = xml.strip_prefix("<message ")?;
    let attribute = |name: &str| start.split_once(name)?.1.split_once('\'').map(|(value, _)| value);
    let receiver = attribute("to='")?.split_once('@')?.0;
    Some((attribute("id='")?.to_owned(), receiver.to_owned()))
}

fn is_puppet(schedule: &Schedule, name: &str) -> bool {
    schedule.actor(name).is_some_and(|actor| actor.kind == Kind::Puppet)
}

impl Checker for Conservation {
    fn name(&self) -> &'static str {
        "conservation"
    }

    fn invariant(&self) -> &'static str {
        "a message by way of the server arrives or comes back, once"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        if self.sent.is_empty() {
            return;
        }
        match &entry.event {
            Event::Said { connection, text, .. } if *entry.process == *SERVER => {
                let Some(to) = model.traffic.dialler(*connection) else { return };
                for at in memmem::find_iter(text, b" id='") {
                    let id = text[at + 5..].split(|octet| *octet == b'\'').next().unwrap_or_default();
                    let id = String::from_utf8_lossy(id).into_owned();
                    if self.sent.get(&id).is_some_and(|(_, receiver)| **receiver == **to) {
                        self.written.insert(id);
                    }
                }
            }
            Event::Note(Note::Remark { kind: "heard", text }) if text.starts_with("<message") => {
                self.see_heard(entry, text, found);
            }
            Event::Note(Note::SignedOut { .. }) => drop(self.ended.insert(entry.process.to_string())),
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        let registry = &end.model.registry;
        for (id, (sender, receiver)) in &self.sent {
            let heard = |client: &String| self.arrived.contains(&(id.clone(), client.clone()));
            // Whoever went before can be told nothing.
            let can_know = |client: &String| !self.ended.contains(client) && !self.lossy.contains(client);
            let mut bound = registry.bound.keys();
            let is_bound =
                bound.any(|jid| registry.clients_of(jid.as_str()).any(|client| client == receiver));
            // Of a session that lives and reads nothing is left in its queue; one that is gone was owed what it was not
            // written.
            let missing = if is_bound { can_know(receiver) } else { !self.written.contains(id) };
            let lost = can_know(sender) && !heard(sender) && !heard(receiver) && missing;
            found.check(!lost, || format!("{id} from {sender} to {receiver} neither arrived nor came back"));
        }
    }
}
