//! What becomes of sessions.

use std::{collections::BTreeMap, time::Duration};

use chatdev_net::Note;
use jid::FullJid;
use memchr::memmem;

use super::{Counts, count};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{SERVER, Schedule},
};

/// A session was removed for its silence.
pub const REAPED: &str = "a session is reaped";
/// Several sessions were removed for their silence in one tick.
pub const REAPED_TOGETHER: &str = "several sessions are reaped in one tick";
/// A session that was silent for more than nine tenths of its limit was heard again, and stayed.
pub const HEARD_LATE: &str = "a session is heard again just before its limit";
/// A session was heard again at the very instant of its limit, and stayed.
pub const HEARD_AT_LIMIT: &str = "a session is heard again exactly at its limit";
/// A newer session took the JID of one that was silent for all but 50 ms of its limit, or longer.
pub const TAKEN_WHILE_DYING: &str = "a sign-in takes the JID of a session that is about to be reaped";
/// A session was bound at most 50 ms after the older one of its JID was reaped.
pub const TAKEN_AFTER_REAPED: &str = "a sign-in comes just after the older session was reaped";
/// Two sessions were bound to one full JID within two ticks.
pub const TWO_AT_ONCE: &str = "two sign-ins of one full JID come in one tick";
/// A client signed in again after the server began another life.
pub const BACK_AFTER_RESTART: &str = "a client comes back after the server restarted";
/// A client was told that its resource was taken.
pub const CONFLICT: &str = "a session ends by conflict";
/// A client was told, or found out, that it was reaped, and came back.
pub const BACK_AFTER_REAPED: &str = "a reaped client comes back";
/// The server was frozen for longer than its limit.
pub const SERVER_FROZEN: &str = "the server is frozen for longer than its limit";
/// An answer of the directory did not hold everything.
pub const PAGED: &str = "a list is told on several pages";
/// A client was told the whole list although it had one.
pub const RESET: &str = "a client's list is reset";
/// Somebody came into a directory that had changed a hundred times.
pub const LATECOMER: &str = "somebody comes into a directory with a past";

const CLOSE: Duration = Duration::from_millis(50);
const PAST_ENTRIES: u64 = 30;

/// See the file's documentation.
pub(super) struct Sessions {
    limit: Duration,
    tick: Duration,
    /// When the last session of each JID was bound, was reaped, and ended.
    bound: BTreeMap<FullJid, Duration>,
    reaped: BTreeMap<FullJid, Duration>,
    ended: BTreeMap<FullJid, Duration>,
    /// Who had a JID last, and when the server had last heard it.
    heard: BTreeMap<FullJid, Duration>,
    reaped_last: Option<Duration>,
    entered: u64,
    server_lives: u64,
    /// In which life of the server each client last signed in.
    signed_in: BTreeMap<String, u64>,
}

impl Sessions {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            limit: Duration::from_secs(schedule.server.limit_s),
            tick: Duration::from_millis(schedule.network.tick_ms),
            bound: BTreeMap::new(),
            reaped: BTreeMap::new(),
            ended: BTreeMap::new(),
            heard: BTreeMap::new(),
            reaped_last: None,
            entered: 0,
            server_lives: 0,
            signed_in: BTreeMap::new(),
        }
    }

    pub(super) fn see(&mut self, entry: &Entry, model: &Model, counts: &mut Counts) {
        match &entry.event {
            Event::Started if *entry.process == *SERVER => self.server_lives += 1,
            Event::Resumed if *entry.process == *SERVER => {
                // Over all; a run freezes it once or twice.
                count(counts, SERVER_FROZEN, model.server_frozen(entry.at) > self.limit);
            }
            Event::Read { .. } => self.see_read(entry, model, counts),
            Event::Said { text, .. } if *entry.process == *SERVER => {
                count(counts, PAGED, memmem::find(text, b"more='true'").is_some());
                count(
                    counts,
                    RESET,
                    memmem::find(text, b"reset='true'").is_some() && self.entered > PAST_ENTRIES,
                );
            }
            Event::Note(note) => self.see_note(entry, note, model, counts),
            _ => {}
        }
    }

    fn see_read(&self, entry: &Entry, model: &Model, counts: &mut Counts) {
        let client = model.traffic.heard_by(entry);
        let Some(client) = client.filter(|client| model.registry.signed_in.contains(*client)) else { return };
        let before = model.traffic.last_heard(client);
        let gap = before.map_or(Duration::ZERO, |before| entry.at - before.at);
        count(counts, HEARD_LATE, gap * 10 > self.limit * 9 && gap <= self.limit);
        count(counts, HEARD_AT_LIMIT, gap == self.limit);
    }

    fn see_note(&mut self, entry: &Entry, note: &Note, model: &Model, counts: &mut Counts) {
        let at = entry.at;
        match note {
            Note::Reaped { jid, .. } => {
                count(counts, REAPED, true);
                count(counts, REAPED_TOGETHER, self.reaped_last == Some(at));
                self.reaped_last = Some(at);
                self.reaped.insert(jid.clone(), at);
            }
            Note::Ended { jid, .. } => drop(self.ended.insert(jid.clone(), at)),
            Note::Bound { jid, .. } => self.see_bound(at, jid, model, counts),
            Note::Entered { .. } => self.entered += 1,
            Note::SignedIn { jid } => {
                count(counts, LATECOMER, self.entered > PAST_ENTRIES);
                let life = self.signed_in.insert(entry.process.to_string(), self.server_lives);
                count(counts, BACK_AFTER_RESTART, life.is_some_and(|life| life < self.server_lives));
                count(counts, BACK_AFTER_REAPED, life.is_some() && self.reaped.contains_key(jid));
            }
            Note::SignedOut { reason } => {
                count(counts, CONFLICT, reason.contains("same resource") || reason.contains("Conflict"));
            }
            _ => {}
        }
    }

    fn see_bound(&mut self, at: Duration, jid: &FullJid, model: &Model, counts: &mut Counts) {
        let reaped = self.reaped.get(jid).is_some_and(|reaped| at - *reaped <= CLOSE);
        count(counts, TAKEN_AFTER_REAPED, reaped);
        let taken = self.ended.get(jid) == Some(&at) && !reaped;
        let silence = self.heard.get(jid).map_or(Duration::ZERO, |heard| at - *heard);
        count(counts, TAKEN_WHILE_DYING, taken && silence + CLOSE >= self.limit);
        let before = self.bound.insert(jid.clone(), at);
        count(counts, TWO_AT_ONCE, before.is_some_and(|before| at - before <= 2 * self.tick));
        // The older one of two clients is heard no more; the newer one was heard just now.
        let clients = model.registry.clients_of(jid.as_str());
        let heard = clients.filter_map(|client| model.traffic.last_heard(client)).map(|heard| heard.at);
        if let Some(oldest) = heard.min() {
            self.heard.insert(jid.clone(), oldest);
        }
    }
}
