//! The model of the server's table of sessions and of its directory, built from what the server said it did;
//! and of which process is which client.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chatdev_directory::SessionId;
use chatdev_net::Note;
use jid::FullJid;

use crate::{
    actors::DOMAIN,
    events::{Entry, Event},
    run::SERVER,
    schedule::Schedule,
};

/// See the file's documentation.
pub(super) struct Registry {
    limit: Duration,
    /// Full JID of each client's process, from the schedule.
    jids: BTreeMap<String, String>,
    /// Bound sessions.
    pub(super) bound: BTreeMap<FullJid, Bound>,
    /// Who is in the directory, and from which session it came in.
    listed: BTreeMap<FullJid, SessionId>,
    /// When somebody was last seen to be absent, until it came again.
    absent: BTreeMap<FullJid, Duration>,
    /// Clients that are signed in, as they believe.
    pub(super) signed_in: BTreeSet<String>,
    /// Processes that run and are not frozen.
    pub(super) running: BTreeSet<String>,
}

/// A bound session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) session: SessionId,
    pub(super) since: Duration,
}

impl Registry {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let jid = |actor: &crate::schedule::Actor| format!("{}@{DOMAIN}/{}", actor.account, actor.resource);
        Self {
            limit: Duration::from_secs(schedule.limit_s),
            jids: schedule.actors.iter().map(|actor| (actor.name.clone(), jid(actor))).collect(),
            bound: BTreeMap::new(),
            listed: BTreeMap::new(),
            absent: BTreeMap::new(),
            signed_in: BTreeSet::new(),
            running: BTreeSet::new(),
        }
    }

    /// The full JID that the client `process` asks for.
    pub(super) fn jid_of(&self, process: &str) -> Option<&str> {
        self.jids.get(process).map(String::as_str)
    }

    /// The client whose full JID that is, if only one has it.
    pub(super) fn only_client_of(&self, jid: &FullJid) -> Option<&str> {
        let mut clients = self.jids.iter().filter(|(_, own)| *own == jid.as_str());
        let (client, _) = clients.next()?;
        clients.next().is_none().then_some(client)
    }

    /// Everybody in the directory.
    pub(super) fn listed(&self) -> BTreeSet<&FullJid> {
        self.listed.keys().collect()
    }

    /// When `jid` was last not in the directory; `None` if it always was, since the beginning.
    pub(super) fn last_absent(&self, jid: &FullJid, now: Duration) -> Option<Duration> {
        let Some(owner) = self.listed.get(jid) else { return Some(now) };
        // An entry that a newer session inherits and does not make its own goes without a word.
        let heir = self.bound.get(jid).filter(|heir| heir.session != *owner);
        let gone_since = heir.map(|heir| heir.since + self.limit).filter(|since| *since <= now);
        gone_since.map(|_| now).or_else(|| self.absent.get(jid).copied())
    }

    pub(super) fn see(&mut self, entry: &Entry) {
        let Entry { at, process, event } = entry;
        match event {
            Event::Started => {
                self.running.insert(process.to_string());
                if **process == *SERVER {
                    self.forget_all(*at);
                }
            }
            Event::Killed => {
                self.running.remove(&**process);
                self.signed_in.remove(&**process);
                if **process == *SERVER {
                    self.forget_all(*at);
                }
            }
            Event::Paused => drop(self.running.remove(&**process)),
            Event::Resumed => drop(self.running.insert(process.to_string())),
            Event::Note(note) => self.see_note(*at, process, note),
            _ => {}
        }
    }

    fn forget_all(&mut self, at: Duration) {
        self.bound.clear();
        for (jid, _) in std::mem::take(&mut self.listed) {
            self.absent.insert(jid, at);
        }
    }

    fn see_note(&mut self, at: Duration, process: &str, note: &Note) {
        match note {
            Note::Bound { session, jid } => {
                self.bound.insert(jid.clone(), Bound { session: *session, since: at });
            }
            Note::Ended { session, .. } => self.bound.retain(|_, bound| bound.session != *session),
            Note::Entered { session, jid } => {
                let came = self.listed.insert(jid.clone(), *session).is_none();
                if came {
                    self.absent.insert(jid.clone(), at);
                }
            }
            Note::Departed { jid, .. } | Note::Reaped { jid, .. } => {
                self.listed.remove(jid);
                self.absent.insert(jid.clone(), at);
            }
            Note::SignedIn { .. } => drop(self.signed_in.insert(process.to_owned())),
            Note::SignedOut { .. } => drop(self.signed_in.remove(process)),
            _ => {}
        }
    }
}
