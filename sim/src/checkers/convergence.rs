//! Convergence: when all has been calm for long enough, who is signed in (as the clients believe), who is
//! bound and who is listed (as the server says) are the same, and every client's list shows exactly those who
//! are listed.

use std::collections::{BTreeMap, BTreeSet};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, End, Findings, registry::Registry};
use crate::{
    events::{Entry, Event},
    schedule::{Kind, Schedule},
};

/// See the file's documentation.
pub(super) struct Convergence {
    people: BTreeSet<String>,
    views: BTreeMap<String, BTreeSet<FullJid>>,
}

impl Convergence {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        Self { people: people.map(|actor| actor.name.clone()).collect(), views: BTreeMap::new() }
    }
}

impl Checker for Convergence {
    fn name(&self) -> &'static str {
        "convergence"
    }

    fn invariant(&self) -> &'static str {
        "in the end the signed in, the bound, the listed, and every client's list are the same"
    }

    fn see(&mut self, entry: &Entry, _: &Registry, _: &mut Findings) {
        let view = self.views.entry(entry.process.to_string()).or_default();
        match &entry.event {
            Event::Started => view.clear(),
            Event::Note(Note::SawOnline { jid, .. }) => drop(view.insert(jid.clone())),
            Event::Note(Note::SawGone { jid, .. }) => drop(view.remove(jid)),
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        let registry = end.registry;
        let alive: BTreeSet<&str> =
            registry.signed_in.intersection(&registry.running).map(String::as_str).collect();
        let believed: BTreeSet<&str> = alive.iter().filter_map(|client| registry.jid_of(client)).collect();
        let bound: BTreeSet<&str> = registry.bound.keys().map(|jid| jid.as_str()).collect();
        found.check(believed == bound, || format!("signed in are {believed:?}, bound are {bound:?}"));
        let listed = registry.listed();
        if let Some(online) = end.figures.online {
            found.check(online == listed.len(), || {
                format!("the server counts {online} in its directory, and said that {listed:?} are in it")
            });
        }
        for client in alive.into_iter().filter(|client| self.people.contains(*client)) {
            let view: BTreeSet<&FullJid> = self.views.get(client).into_iter().flatten().collect();
            found.check(view == listed, || format!("{client} sees {view:?}, listed are {listed:?}"));
        }
    }
}
