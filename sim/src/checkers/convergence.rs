//! Convergence: when all has been calm for long enough, who is signed in (as the clients believe), who is
//! bound and who is listed (as the server says) are the same, and every client's list shows exactly those who
//! are listed, each with the status that it set last.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::{Model, Registry},
    schedule::{Act, Kind, Schedule},
};

/// See the file's documentation.
pub(super) struct Convergence {
    people: BTreeSet<String>,
    /// What each client sees: whom, with which status.
    views: BTreeMap<Arc<str>, BTreeMap<FullJid, Option<String>>>,
    acts: Vec<Act>,
    /// What each client said last of itself, in its present life.
    statuses: BTreeMap<String, String>,
}

impl Convergence {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        Self {
            people: people.map(|actor| actor.name.clone()).collect(),
            views: BTreeMap::new(),
            acts: schedule.ops.iter().map(|op| op.act.clone()).collect(),
            statuses: BTreeMap::new(),
        }
    }
}

impl Convergence {
    /// What `client` sees of others is what they said of themselves.
    fn check_statuses(&self, client: &str, registry: &Registry, found: &mut Findings) {
        let Some(view) = self.views.get(client) else { return };
        for (jid, seen) in view {
            // Of two clients of one JID it is not said here whose session it is.
            let mut clients = registry.clients_of(jid.as_str());
            let Some(owner) = clients.next().filter(|owner| self.people.contains(*owner)) else { continue };
            if clients.next().is_some() {
                continue;
            }
            let said = self.statuses.get(owner);
            found.check(seen.as_ref() == said, || {
                format!("{client} sees the status {seen:?} of {jid}, who said {said:?}")
            });
        }
    }
}

impl Checker for Convergence {
    fn name(&self) -> &'static str {
        "convergence"
    }

    fn invariant(&self) -> &'static str {
        "in the end the signed in, the bound, the listed, and every client's list are the same"
    }

    fn see(&mut self, entry: &Entry, model: &Model, _: &mut Findings) {
        match &entry.event {
            Event::Started => {
                self.views.remove(&entry.process);
                self.statuses.remove(&*entry.process);
            }
            Event::Note(Note::SawOnline { jid, status, .. }) => {
                let view = self.views.entry(Arc::clone(&entry.process)).or_default();
                view.insert(jid.clone(), status.clone());
            }
            Event::Note(Note::SawGone { jid, .. }) => {
                self.views.entry(Arc::clone(&entry.process)).or_default().remove(jid);
            }
            Event::Fault { op, over: false } => {
                let Act::SetStatus { who, status } = &self.acts[*op] else { return };
                if model.registry.running.contains(who) {
                    self.statuses.insert(who.clone(), status.clone());
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        let registry = &end.model.registry;
        let alive: BTreeSet<&str> =
            registry.signed_in.intersection(&registry.running).map(String::as_str).collect();
        // A puppet believes nothing: it does not notice when it is gone.
        let people = alive.iter().filter(|client| self.people.contains(**client));
        let believed: BTreeSet<&str> = people.filter_map(|client| registry.jid_of(client)).collect();
        let of_people: BTreeSet<&str> =
            self.people.iter().filter_map(|client| registry.jid_of(client)).collect();
        let bound = registry.bound.keys().map(|jid| jid.as_str()).filter(|jid| of_people.contains(jid));
        let bound: BTreeSet<&str> = bound.collect();
        found.check(believed == bound, || format!("signed in are {believed:?}, bound are {bound:?}"));
        let listed = registry.listed();
        if let Some(online) = end.figures.online {
            found.check(online == listed.len(), || {
                format!("the server counts {online} in its directory, and said that {listed:?} are in it")
            });
        }
        for client in alive.into_iter().filter(|client| self.people.contains(*client)) {
            let view = self.views.get(client);
            let seen: BTreeSet<&FullJid> = view.into_iter().flat_map(BTreeMap::keys).collect();
            found.check(seen == listed, || format!("{client} sees {seen:?}, listed are {listed:?}"));
            self.check_statuses(client, registry, found);
        }
    }
}
