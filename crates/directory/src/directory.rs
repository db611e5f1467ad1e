//! The directory itself: which sessions are open, whose each full JID is, and the ways in and out that every session
//! takes. What a session says of itself is in `check_in.rs`, the end of its silence in `reaping.rs`, what others are
//! told in `changes.rs`.

#![expect(clippy::disallowed_types, reason = "looked up, never iterated into anything that shows")]

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use jid::FullJid;
use jiff::Timestamp;
use thiserror::Error;

use crate::changes::{Changes, Watcher};
use crate::records::Records;
use crate::sessions::{Session, Sessions};
use crate::silence::{Key, Silence};
use crate::standing::{Inheritance, Standing};
use crate::view::View;
use crate::{Config, ConfigError, Departure, Entry, Moment, Reason, SessionId, Version};

/// Who is online. See the crate's documentation for what each step costs.
#[derive(Clone, Debug)]
pub struct Directory {
    pub(crate) config: Config,
    pub(crate) sessions: Sessions,
    /// The newest open session of each full JID. Looked up only.
    pub(crate) owners: HashMap<Arc<FullJid>, SessionId>,
    /// The heirs, in the order in which what they inherited goes: `(until, session)`. Without those that were said to
    /// be due, until they are found not to be due after all.
    pub(crate) heirs: BTreeSet<(u64, SessionId)>,
    pub(crate) records: Records,
    pub(crate) silence: Silence,
    pub(crate) counters: Counters,
}

/// Totals since the start (each only grows), for metrics and checks. What is so now has methods of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Check-ins, accepted or not.
    pub check_ins: u64,
    /// Sessions that came into the directory.
    pub entered: u64,
    /// Entries that changed: profile, endpoints, fingerprint, or to a newer session.
    pub changed: u64,
    /// Endpoints not accepted.
    pub endpoints_refused: u64,
    /// Entries that went by [`Reason::Left`].
    pub left: u64,
    /// Entries that went by [`Reason::Closed`].
    pub closed: u64,
    /// Entries that went by [`Reason::Reaped`].
    pub reaped: u64,
    /// Records and places among the silent that were looked at or moved: the work done, whatever the clock says.
    pub touched: u64,
}

impl Directory {
    /// An empty directory.
    ///
    /// # Errors
    /// The first value of `config` that is out of its range.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            records: Records::new(config.departures_max),
            config,
            sessions: Sessions::default(),
            owners: HashMap::new(),
            heirs: BTreeSet::new(),
            silence: Silence::new(),
            counters: Counters::default(),
        })
    }

    /// A session is bound: `jid` is its own from now on, and its silence is timed. It is not in the directory yet.
    /// `address` is where it comes from.
    ///
    /// Returns the session that had `jid` until now. That one is to be closed with `<conflict/>` (RFC 6120 §7.7.2.2);
    /// nothing that it does touches an entry any more.
    ///
    /// # Errors
    /// The number is in use, or [`Config::sessions_max`] is reached; nothing changes.
    pub fn open(
        &mut self,
        at: Moment,
        session: SessionId,
        jid: FullJid,
        address: IpAddr,
    ) -> Result<Option<SessionId>, OpenError> {
        if self.sessions.key(session).is_some() {
            return Err(OpenError::AlreadyOpen);
        }
        if self.sessions.len() >= self.config.sessions_max as usize {
            return Err(OpenError::Full { sessions_max: self.config.sessions_max });
        }
        let older = self.owners.get(&jid).copied();
        let jid = match older.and_then(|older| self.sessions.get(older)) {
            Some(older) => older.jid.clone(),
            None => Arc::new(jid),
        };
        let key = self.silence.open(at.mono, session, self.config.limit);
        let standing = older.map_or(Standing::Out, |older| self.supersede(at, older, session, key));
        self.owners.insert(jid.clone(), session);
        self.sessions.insert(session, key, Session { jid, address: address.to_canonical(), standing });
        Ok(older)
    }

    /// `older` loses its JID to `newer`, which is timed at `key`. Returns where that leaves `newer`.
    fn supersede(&mut self, at: Moment, older: SessionId, newer: SessionId, key: Key) -> Standing {
        let older_key = self.sessions.key(older).expect("an owner is an open session");
        let older_session = self.sessions.at_mut(older_key);
        let origin = older_session.origin();
        let inheritance = match std::mem::replace(&mut older_session.standing, Standing::Superseded) {
            Standing::In { counter } => {
                let limit = u64::try_from(self.config.limit.as_nanos()).expect("a limit is at most a day");
                let until = self.silence.clock(at.mono).saturating_add(limit);
                Box::new(Inheritance { counter, origin, until })
            }
            // Handed on with its deadline: signing in again and again does not keep an entry alive.
            Standing::Heir(inheritance) => {
                self.heirs.remove(&(inheritance.until, older));
                inheritance
            }
            Standing::Out | Standing::Superseded => return Standing::Out,
        };
        self.heirs.insert((inheritance.until, newer));
        self.records.hand_on(inheritance.counter, key);
        if planted(Canary::ReplacedSessionSaysGone) {
            let jid = self.sessions.at(older_key).jid.clone();
            self.records.leave_behind(Departure { jid, last: at.wall_second(), reason: Reason::Closed });
        }
        Standing::Heir(inheritance)
    }

    /// A complete element or a white-space keep-alive came from `session`. O(1).
    pub fn seen(&mut self, now: Duration, session: SessionId) {
        if let Some(key) = self.sessions.key(session) {
            self.silence.seen(now, key);
        }
    }

    /// The answer to `session` named this limit (whole seconds, rounded up): it counts for its silence from now on.
    /// Until then [`Config::limit`] does.
    pub fn told(&mut self, session: SessionId, limit: Duration) {
        if let Some(key) = self.sessions.key(session) {
            self.silence.told(key, limit);
        }
    }

    /// The limit that `session` was last told.
    #[must_use]
    pub fn limit(&self, session: SessionId) -> Option<Duration> {
        self.sessions.key(session).map(|key| self.silence.limit(key))
    }

    /// The stream of `session` ended; `reason` is what others are told, [`Reason::Closed`] unless the directory itself
    /// said otherwise. Returns whether it was open. The JID's entry goes only if it is this session's to take away.
    pub fn close(&mut self, at: Moment, session: SessionId, reason: Reason) -> bool {
        self.end(session, at.wall_second(), reason)
    }

    /// Ends a session that was last seen at `last`.
    pub(crate) fn end(&mut self, session: SessionId, last: Timestamp, reason: Reason) -> bool {
        self.depart(session, last, reason);
        if planted(Canary::ReapByJid) && self.is_superseded(session) {
            return true; // timed on; see `Directory::reap_by_jid`
        }
        let Some((key, ended)) = self.sessions.remove(session) else { return false };
        self.silence.close(key);
        if ended.standing != Standing::Superseded {
            self.owners.remove(&ended.jid);
        }
        true
    }

    /// Whether a newer session has the JID of this one.
    pub(crate) fn is_superseded(&self, session: SessionId) -> bool {
        self.sessions.get(session).is_some_and(|session| session.standing == Standing::Superseded)
    }

    /// Takes away the entry that `session` answers for. Returns whether there was one.
    pub(crate) fn depart(&mut self, session: SessionId, last: Timestamp, reason: Reason) -> bool {
        let Some(key) = self.sessions.key(session) else { return false };
        let leaving = self.sessions.at_mut(key);
        let Some(counter) = leaving.standing.counter() else { return false };
        let before = std::mem::replace(&mut leaving.standing, Standing::Out);
        let jid = leaving.jid.clone();
        if let Standing::Heir(inheritance) = before {
            self.heirs.remove(&(inheritance.until, session));
        }
        self.records.depart(counter, Departure { jid, last, reason });
        match reason {
            Reason::Left => self.counters.left += 1,
            Reason::Closed => self.counters.closed += 1,
            Reason::Reaped => self.counters.reaped += 1,
        }
        true
    }

    /// What changed after `since`, as `watcher` may see it; `None` if it is no open session. A watcher need not be in
    /// the directory. No `since`, or one that cannot be answered from, gives the list from its start.
    #[must_use]
    pub fn changes(&self, watcher: SessionId, since: Option<&Version>) -> Option<Changes<'_>> {
        let session = self.sessions.get(watcher)?;
        let own = match &session.standing {
            Standing::Superseded => None,
            standing => standing.counter().or_else(|| self.records.departure(&session.jid)),
        };
        let watcher = Watcher {
            epoch: if planted(Canary::EpochNotRenewed) { 1 } else { self.config.epoch },
            view: View::of(session.address),
            visibility: self.config.visibility,
            endpoints: self.config.endpoints,
            own,
        };
        Some(Changes::new(&self.records, &self.sessions, watcher, since))
    }

    /// The entry of `session`, whole, if it is in the directory.
    #[must_use]
    pub fn entry(&self, session: SessionId) -> Option<&Arc<Entry>> {
        match self.sessions.get(session)?.standing {
            Standing::In { counter } => Some(&self.records.live(counter).entry),
            _ => None,
        }
    }

    /// The open session whose `jid` is, in the directory or not.
    #[must_use]
    pub fn owner(&self, jid: &FullJid) -> Option<SessionId> {
        self.owners.get(jid).copied()
    }

    /// How this directory is run.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Open sessions.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Entries: who is online.
    #[must_use]
    pub fn online(&self) -> usize {
        self.records.live_count()
    }

    /// Departures that are remembered.
    #[must_use]
    pub fn departures(&self) -> usize {
        self.records.gone_count()
    }

    /// COUNTER: changes since the start.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.records.counter()
    }

    /// The totals so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        Counters { touched: self.records.touched() + self.silence.touched(), ..self.counters }
    }
}

/// A session cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// A [`SessionId`] is never used twice.
    #[error("a session of this number is open already")]
    AlreadyOpen,
    /// See [`Config::sessions_max`].
    #[error("{sessions_max} sessions are open, which is the limit")]
    Full {
        /// The limit.
        sessions_max: u32,
    },
}
