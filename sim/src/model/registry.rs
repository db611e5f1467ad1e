//! The model of the server's table of sessions and of its directory, built from what the server said it did;
//! and of which process is which client.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chatdev_directory::SessionId;
use chatdev_net::Note;
use jid::FullJid;

use super::Traffic;
use crate::{
    actors::DOMAIN,
    events::{Entry, Event},
    schedule::{SERVER, Schedule},
};

/// See the file's documentation.
pub(crate) struct Registry {
    /// Full JID of each client's process, from the schedule.
    jids: BTreeMap<String, String>,
    /// The clients of each full JID.
    clients: BTreeMap<String, Vec<String>>,
    /// Bound sessions.
    pub(crate) bound: BTreeMap<FullJid, Bound>,
    /// Who is in the directory.
    listed: BTreeSet<FullJid>,
    /// When somebody was last seen to be absent, until it came again.
    absent: BTreeMap<FullJid, Duration>,
    /// Clients that are signed in, as they believe.
    pub(crate) signed_in: BTreeSet<String>,
    /// Processes that run, frozen or not.
    pub(crate) running: BTreeSet<String>,
    /// Processes that are frozen.
    pub(crate) frozen: BTreeSet<String>,
}

/// A bound session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    pub(crate) session: SessionId,
    pub(crate) since: Duration,
    /// The connection that its client was last heard on, where that is known.
    pub(crate) connection: Option<u64>,
}

/// Whose stream is bound was heard just before.
const FRESH: Duration = Duration::from_millis(500);

impl Registry {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let jid = |actor: &crate::schedule::Actor| format!("{}@{DOMAIN}/{}", actor.account, actor.resource);
        let mut clients = BTreeMap::<String, Vec<String>>::new();
        for actor in &schedule.actors {
            clients.entry(jid(actor)).or_default().push(actor.name.clone());
        }
        Self {
            jids: schedule.actors.iter().map(|actor| (actor.name.clone(), jid(actor))).collect(),
            clients,
            bound: BTreeMap::new(),
            listed: BTreeSet::new(),
            absent: BTreeMap::new(),
            signed_in: BTreeSet::new(),
            running: BTreeSet::new(),
            frozen: BTreeSet::new(),
        }
    }

    /// The full JID that the client `process` asks for.
    pub(crate) fn jid_of(&self, process: &str) -> Option<&str> {
        self.jids.get(process).map(String::as_str)
    }

    /// The clients that ask for this full JID.
    pub(crate) fn clients_of<'a>(&'a self, jid: &'a str) -> impl Iterator<Item = &'a str> {
        self.clients.get(jid).into_iter().flatten().map(String::as_str)
    }

    /// Whether somebody is in the directory.
    pub(crate) fn is_listed(&self, jid: &FullJid) -> bool {
        self.listed.contains(jid)
    }

    /// Everybody in the directory.
    pub(crate) fn listed(&self) -> BTreeSet<&FullJid> {
        self.listed.iter().collect()
    }

    /// When `jid` was last not in the directory; `None` if it always was, since the beginning.
    pub(crate) fn last_absent(&self, jid: &FullJid, now: Duration) -> Option<Duration> {
        if self.listed.contains(jid) { self.absent.get(jid).copied() } else { Some(now) }
    }

    pub(super) fn see(&mut self, entry: &Entry, traffic: &Traffic) {
        let Entry { at, process, event } = entry;
        match event {
            Event::Started => {
                self.running.insert(process.to_string());
                self.frozen.remove(&**process);
                if **process == *SERVER {
                    self.forget_all(*at);
                }
            }
            Event::Finished | Event::Killed => {
                self.running.remove(&**process);
                self.signed_in.remove(&**process);
                if **process == *SERVER {
                    self.forget_all(*at);
                }
            }
            Event::Paused => drop(self.frozen.insert(process.to_string())),
            Event::Resumed => drop(self.frozen.remove(&**process)),
            Event::Note(note) => self.see_note(*at, process, note, traffic),
            _ => {}
        }
    }

    fn forget_all(&mut self, at: Duration) {
        self.bound.clear();
        for jid in std::mem::take(&mut self.listed) {
            self.absent.insert(jid, at);
        }
    }

    fn see_note(&mut self, at: Duration, process: &str, note: &Note, traffic: &Traffic) {
        match note {
            Note::Bound { session, jid } => {
                let heard = self.clients_of(jid.as_str()).filter_map(|client| traffic.last_heard(client));
                // Of two that come at once it is not known which is bound.
                let mut fresh = heard.filter(|heard| at - heard.at <= FRESH).map(|heard| heard.connection);
                let first = fresh.next();
                let connection = first.filter(|_| fresh.next().is_none());
                drop(fresh);
                self.bound.insert(jid.clone(), Bound { session: *session, since: at, connection });
            }
            Note::Ended { session, .. } => self.bound.retain(|_, bound| bound.session != *session),
            Note::Entered { jid, .. } if self.listed.insert(jid.clone()) => {
                self.absent.insert(jid.clone(), at);
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
