//! What this schedule in particular says must be so in the end.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Expected, Schedule},
};

/// See the file's documentation.
pub(super) struct Expectations {
    expected: Vec<Expected>,
    reaped: BTreeMap<String, usize>,
    binds: BTreeMap<String, usize>,
    /// Of messages: text by id.
    texts: BTreeMap<String, String>,
    shown: BTreeSet<String>,
    delivered: BTreeSet<String>,
    failed: BTreeSet<String>,
    remarked: BTreeSet<(String, &'static str)>,
}

impl Expectations {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let of_ops = schedule.ops.iter().flat_map(|op| &op.then);
        Self {
            expected: schedule.expected.iter().chain(of_ops).cloned().collect(),
            reaped: BTreeMap::new(),
            binds: BTreeMap::new(),
            texts: BTreeMap::new(),
            shown: BTreeSet::new(),
            delivered: BTreeSet::new(),
            failed: BTreeSet::new(),
            remarked: BTreeSet::new(),
        }
    }

    fn holds(&self, expected: &Expected, end: &End<'_>) -> bool {
        let registry = &end.model.registry;
        let is_in =
            |client: &String| registry.signed_in.contains(client) && registry.running.contains(client);
        match expected {
            Expected::Reaped(client, times) => {
                let jid = registry.jid_of(client).unwrap_or_default();
                self.reaped.get(jid).copied().unwrap_or_default() == *times
            }
            Expected::SignedIn(client) => is_in(client),
            Expected::Away(client) => !is_in(client),
            Expected::OneSignedIn(clients) => clients.iter().filter(|client| is_in(client)).count() == 1,
            Expected::BindsAtMost(account, times) => {
                self.binds.get(account).copied().unwrap_or_default() <= *times
            }
            Expected::Delivered(text) => self.shown.contains(text) && self.delivered.contains(text),
            Expected::Failed(text) => !self.shown.contains(text) && self.failed.contains(text),
            Expected::RoutedByServer(messages) => end.figures.messages_routed == *messages,
            Expected::Remarked(client, word) => {
                self.remarked.iter().any(|(by, said)| by == client && said == word)
            }
        }
    }

    /// What is known about it, for whoever has to find out why.
    fn instead(&self, expected: &Expected, end: &End<'_>) -> String {
        let registry = &end.model.registry;
        match expected {
            Expected::Reaped(..) => format!("reaped were {:?}", self.reaped),
            Expected::SignedIn(_) | Expected::Away(_) | Expected::OneSignedIn(_) => {
                format!("signed in are {:?}", registry.signed_in)
            }
            Expected::BindsAtMost(..) => format!("bound were {:?}", self.binds),
            Expected::Delivered(text) | Expected::Failed(text) => {
                let [shown, delivered, failed] =
                    [&self.shown, &self.delivered, &self.failed].map(|set| set.contains(text));
                format!("shown: {shown}, known as delivered: {delivered}, as failed: {failed}")
            }
            Expected::RoutedByServer(_) => format!("it was {}", end.figures.messages_routed),
            Expected::Remarked(..) => format!("remarks were {:?}", self.remarked),
        }
    }
}

impl Checker for Expectations {
    fn name(&self) -> &'static str {
        "expectations"
    }

    fn invariant(&self) -> &'static str {
        "what the schedule expects comes true"
    }

    fn see(&mut self, entry: &Entry, _: &Model, _: &mut Findings) {
        let Event::Note(note) = &entry.event else { return };
        match note {
            Note::Reaped { jid, .. } => *self.reaped.entry(jid.to_string()).or_default() += 1,
            Note::Bound { jid, .. } => {
                let account = jid.node().map(|name| name.to_string()).unwrap_or_default();
                *self.binds.entry(account).or_default() += 1;
            }
            Note::Sent { id, text, .. } => drop(self.texts.insert(id.clone(), text.clone())),
            Note::Shown { text, .. } => drop(self.shown.insert(text.clone())),
            Note::MessageState { id, state: "delivered" } => {
                self.delivered.extend(self.texts.get(id).cloned());
            }
            Note::MessageState { id, state: "failed" } => self.failed.extend(self.texts.get(id).cloned()),
            Note::Remark { kind, .. } if *kind != "heard" => {
                self.remarked.insert((entry.process.to_string(), *kind));
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        for expected in &self.expected {
            found.check(self.holds(expected, end), || {
                format!("expected: {expected:?}; {}", self.instead(expected, end))
            });
        }
    }
}
