//! Interesting situations, counted: a batch that never meets one has not tested what it claims to test.

use std::{collections::BTreeMap, time::Duration};

use chatdev_net::Note;
use jid::FullJid;

use super::{registry::Registry, traffic::Traffic};
use crate::{
    events::{Entry, Event},
    run::SERVER,
    schedule::Schedule,
};

/// A session was removed for its silence.
const REAPED: &str = "a session is reaped";
/// A session that was silent for more than nine tenths of its limit was heard again, and stayed.
const HEARD_LATE: &str = "a session is heard again just before its limit";
/// A newer session took the JID of one that was silent for all but 50 ms of its limit, or longer.
const TAKEN_WHILE_DYING: &str = "a sign-in takes the JID of a session that is about to be reaped";
/// A session was bound at most 50 ms after the older one of its JID was reaped.
const TAKEN_AFTER_REAPED: &str = "a sign-in comes just after the older session was reaped";
/// Two sessions were bound to one full JID within two ticks.
const TWO_AT_ONCE: &str = "two sign-ins of one full JID come in one tick";
/// A client signed in again after the server began another life.
const BACK_AFTER_RESTART: &str = "a client comes back after the server restarted";
/// A message was shown.
const SHOWN: &str = "a message is shown";
/// A client was told that its resource was taken.
const CONFLICT: &str = "a session ends by conflict";
/// A client was told, or found out, that it was reaped, and came back.
const BACK_AFTER_REAPED: &str = "a reaped client comes back";
/// The server was frozen for longer than its limit.
const SERVER_FROZEN: &str = "the server is frozen for longer than its limit";

/// All of them.
pub const SOMETIMES: [&str; 10] = [
    REAPED,
    HEARD_LATE,
    TAKEN_WHILE_DYING,
    TAKEN_AFTER_REAPED,
    TWO_AT_ONCE,
    BACK_AFTER_RESTART,
    SHOWN,
    CONFLICT,
    BACK_AFTER_REAPED,
    SERVER_FROZEN,
];

const CLOSE: Duration = Duration::from_millis(50);

/// Counts them in one run.
pub(super) struct Sometimes {
    limit: Duration,
    tick: Duration,
    counts: BTreeMap<&'static str, u64>,
    traffic: Traffic,
    bound: BTreeMap<FullJid, Duration>,
    reaped: BTreeMap<FullJid, Duration>,
    server_lives: u64,
    server_frozen_since: Option<Duration>,
    /// In which life of the server each client last signed in.
    signed_in: BTreeMap<String, u64>,
    /// When the last session of each JID ended, and since when it had been bound.
    ended: BTreeMap<FullJid, (Duration, Duration)>,
}

impl Sometimes {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            limit: Duration::from_secs(schedule.limit_s),
            tick: Duration::from_millis(schedule.network.tick_ms),
            counts: SOMETIMES.into_iter().map(|name| (name, 0)).collect(),
            traffic: Traffic::default(),
            bound: BTreeMap::new(),
            reaped: BTreeMap::new(),
            server_lives: 0,
            server_frozen_since: None,
            signed_in: BTreeMap::new(),
            ended: BTreeMap::new(),
        }
    }

    pub(super) fn counts(self) -> BTreeMap<&'static str, u64> {
        self.counts
    }

    fn count(&mut self, name: &'static str, so: bool) {
        *self.counts.entry(name).or_default() += u64::from(so);
    }

    pub(super) fn see(&mut self, entry: &Entry, registry: &Registry) {
        match &entry.event {
            Event::Started if *entry.process == *SERVER => self.server_lives += 1,
            Event::Paused if *entry.process == *SERVER => self.server_frozen_since = Some(entry.at),
            Event::Resumed if *entry.process == *SERVER => {
                let frozen = entry.at - self.server_frozen_since.take().unwrap_or(entry.at);
                self.count(SERVER_FROZEN, frozen > self.limit);
            }
            Event::Read { .. } => self.see_read(entry, registry),
            Event::Note(note) => self.see_note(entry, note, registry),
            _ => {}
        }
        self.traffic.see(entry);
    }

    fn see_read(&mut self, entry: &Entry, registry: &Registry) {
        let Some(client) = self.traffic.heard_by(entry).filter(|client| registry.signed_in.contains(*client))
        else {
            return;
        };
        let gap = self.traffic.last_heard(client).map_or(Duration::ZERO, |before| entry.at - before);
        self.count(HEARD_LATE, gap * 10 > self.limit * 9 && gap <= self.limit);
    }

    fn see_note(&mut self, entry: &Entry, note: &Note, registry: &Registry) {
        let at = entry.at;
        match note {
            Note::Reaped { jid, .. } => {
                self.count(REAPED, true);
                self.reaped.insert(jid.clone(), at);
            }
            Note::Ended { jid, .. } => {
                let since = registry.bound.get(jid).map_or(at, |bound| bound.since);
                self.ended.insert(jid.clone(), (at, since));
            }
            Note::Bound { jid, .. } => self.see_bound(at, jid),
            Note::SignedIn { jid } => {
                let life = self.signed_in.insert(entry.process.to_string(), self.server_lives);
                self.count(BACK_AFTER_RESTART, life.is_some_and(|life| life < self.server_lives));
                self.count(BACK_AFTER_REAPED, life.is_some() && self.reaped.contains_key(jid));
            }
            Note::SignedOut { reason } => self.count(CONFLICT, reason.contains("same resource")),
            Note::Shown { .. } => self.count(SHOWN, true),
            _ => {}
        }
    }

    fn see_bound(&mut self, at: Duration, jid: &FullJid) {
        let reaped = self.reaped.get(jid).is_some_and(|reaped| at - *reaped <= CLOSE);
        self.count(TAKEN_AFTER_REAPED, reaped);
        let taken = self.ended.get(jid).is_some_and(|(ended, since)| {
            *ended == at && !reaped && self.silence(jid, at).unwrap_or(at - *since) + CLOSE >= self.limit
        });
        self.count(TAKEN_WHILE_DYING, taken);
        let before = self.bound.insert(jid.clone(), at);
        self.count(TWO_AT_ONCE, before.is_some_and(|before| at - before <= 2 * self.tick));
    }

    /// For how long the frozen owner of `jid` has not been heard: the schedule names it by the JID's
    /// resource.
    fn silence(&self, jid: &FullJid, at: Duration) -> Option<Duration> {
        let old = format!("{}-old", jid.node()?.as_str());
        self.traffic.last_heard(&old).map(|heard| at - heard)
    }
}
