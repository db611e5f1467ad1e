//! What this schedule in particular says must be so in the end.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;

use super::{Checker, End, Findings, registry::Registry};
use crate::{
    events::{Entry, Event},
    schedule::{Expected, Schedule, Step},
};

/// See the file's documentation.
pub(super) struct Expectations {
    expected: Vec<Expected>,
    texts: BTreeSet<String>,
    reaped: BTreeMap<String, usize>,
    binds: BTreeMap<String, usize>,
    ids: BTreeMap<String, String>,
    shown: BTreeSet<String>,
    delivered: BTreeSet<String>,
}

impl Expectations {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let text = |step: &Step| match step {
            Step::Send { text, .. } => Some(text.clone()),
            _ => None,
        };
        Self {
            expected: schedule.expected.clone(),
            texts: schedule.steps.iter().filter_map(|timed| text(&timed.step)).collect(),
            reaped: BTreeMap::new(),
            binds: BTreeMap::new(),
            ids: BTreeMap::new(),
            shown: BTreeSet::new(),
            delivered: BTreeSet::new(),
        }
    }

    fn holds(&self, expected: &Expected, end: &End<'_>) -> bool {
        let is_in = |client: &String| {
            end.registry.signed_in.contains(client) && end.registry.running.contains(client)
        };
        match expected {
            Expected::Reaped(client, times) => {
                let jid = end.registry.jid_of(client).unwrap_or_default();
                self.reaped.get(jid).copied().unwrap_or_default() == *times
            }
            Expected::SignedIn(client) => is_in(client),
            Expected::Away(client) => !is_in(client),
            Expected::OneSignedIn(clients) => clients.iter().filter(|client| is_in(client)).count() == 1,
            Expected::Binds(account, times) => self.binds.get(account).copied().unwrap_or_default() == *times,
            Expected::AllDelivered => self.shown == self.texts && self.delivered == self.texts,
            Expected::RoutedByServer(messages) => end.figures.messages_routed == *messages,
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

    fn see(&mut self, entry: &Entry, _: &Registry, _: &mut Findings) {
        let Event::Note(note) = &entry.event else { return };
        match note {
            Note::Reaped { jid, .. } => *self.reaped.entry(jid.to_string()).or_default() += 1,
            Note::Bound { jid, .. } => {
                let account = jid.node().map(|name| name.to_string()).unwrap_or_default();
                *self.binds.entry(account).or_default() += 1;
            }
            Note::Sent { id, text, .. } => drop(self.ids.insert(id.clone(), text.clone())),
            Note::Shown { text, .. } => drop(self.shown.insert(text.clone())),
            Note::MessageState { id, state: "delivered" } => {
                self.delivered.extend(self.ids.get(id).cloned());
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        for expected in &self.expected {
            found.check(self.holds(expected, end), || {
                let Self { reaped, binds, shown, delivered, texts, .. } = self;
                let signed_in = &end.registry.signed_in;
                let messages = format!("{} sent, {} shown, {} delivered", texts.len(), shown.len(), delivered.len());
                let figures = end.figures;
                format!(
                    "expected: {expected:?}; reaped {reaped:?}, bound {binds:?}, signed in {signed_in:?}, {messages}, {figures:?}"
                )
            });
        }
    }
}
