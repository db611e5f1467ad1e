//! The Switchboard: everything that the connections of one server share, behind one short lock of its owner.
//! Sessions, the directory, and the routes between them.
//!
//! Every protocol event is one atomic transition of it, and what it sends is appended to the recipients'
//! queues in the same hold. So the order in which people see things is the order in which they happened.
//! There is no parsing, no waiting and no I/O in here: a [`Connection`](crate::Connection) brings stanzas
//! that are read and checked, and the owner writes the [touched](Switchboard::take_touched) queues to their
//! sockets after the hold.
//!
//! # Layout
//! - `sessions.rs`: the table
//! - `lifecycle.rs`: how a session begins and ends
//! - `route.rs`: whom a stanza reaches (RFC 6120 §10, RFC 6121 §8)
//! - `presence.rs`: being available (RFC 6121 §4)
//! - `directory.rs`: what the directory is asked (PROTOCOL section 2)

mod directory;
mod lifecycle;
mod presence;
mod route;
mod sessions;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::{ConfigError, Directory, Expired, Moment, SessionId};
use chatdev_stanza::ping::Ping;
use chatdev_stanza::{Envelope, StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::{BareJid, FullJid};

use crate::admission::{Admission, Admitted, Refused};
use crate::outbound::{ConnectionId, End, Outbound, Undelivered};
use crate::{Config, Counters, Occurrence, What};

pub(crate) use directory::DirectoryAnswer;
pub(crate) use route::Passing;
use sessions::Sessions;
pub(crate) use sessions::part;

/// What all connections of a server share.
#[derive(Debug)]
pub struct Switchboard {
    config: Arc<Config>,
    server: BareJid,
    admission: Admission,
    sessions: Sessions,
    directory: Directory,
    counters: Counters,
    next_session: u64,
    /// The number for the next session that gets messages to its bare JID; see `Availability::ordinal`.
    next_ordinal: u64,
    pings: u64,
    /// Sessions whose queue was full when something was to be put into it; they end before the hold does.
    overflowed: Vec<SessionId>,
    touched: Vec<Arc<Outbound>>,
    occurrences: Vec<Occurrence>,
}

/// A session as its own connection knows it.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) session: SessionId,
    pub(crate) jid: Arc<FullJid>,
    /// The language of its stream, which its stanzas are in where they do not say (RFC 6120 §8.1.5).
    pub(crate) lang: Option<Arc<str>>,
}

impl Seat {
    /// The bare JID.
    pub(crate) fn account(&self) -> &str {
        part(self.jid.as_str()).0
    }
}

impl Switchboard {
    /// A switchboard without connections.
    ///
    /// # Errors
    /// The first value of the directory's settings that is out of its range.
    pub fn new(config: Arc<Config>) -> Result<Self, ConfigError> {
        Ok(Self {
            server: config.server_jid(),
            directory: Directory::new(config.directory.clone())?,
            config,
            admission: Admission::default(),
            sessions: Sessions::default(),
            counters: Counters::default(),
            next_session: 0,
            next_ordinal: 0,
            pings: 0,
            overflowed: Vec::new(),
            touched: Vec::new(),
            occurrences: Vec::new(),
        })
    }

    /// Lets a connection from `address` in.
    ///
    /// # Errors
    /// A limit is reached, or the server is going down; the connection is to be closed without a word.
    pub fn admit(&mut self, address: IpAddr) -> Result<Admitted, Refused> {
        self.admission.admit(address, &self.config.limits, &mut self.counters)
    }

    /// A connection is gone that never became a [`Connection`](crate::Connection), for want of a TLS
    /// handshake, say.
    pub fn release(&mut self, admitted: &Admitted) {
        self.admission.release(admitted.connection(), &mut self.counters);
    }

    /// The queues that got something, or whose connection has orders, since the last call; each once, in the
    /// order of the first touch. The owner writes each and wakes its task if not all of it could be written,
    /// or if there are orders.
    #[must_use]
    pub fn take_touched(&mut self) -> Vec<Arc<Outbound>> {
        for outbound in &self.touched {
            outbound.clear_touched();
        }
        std::mem::take(&mut self.touched)
    }

    /// What became of sessions since the last call.
    #[must_use]
    pub fn take_occurrences(&mut self) -> Vec<Occurrence> {
        std::mem::take(&mut self.occurrences)
    }

    /// When [`Self::handle_timeout`] is wanted next (monotonic).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.directory.poll_timeout()
    }

    /// Pings the sessions that were silent for half of their limit; tells the connections of those that were
    /// silent for all of it, or did not claim in time what they inherited, to look at their sockets once
    /// more.
    pub fn handle_timeout(&mut self, at: Moment) {
        while let Some(expired) = self.directory.expire(at) {
            match expired {
                Expired::Ping(session) => self.ping(session),
                Expired::Due(session) | Expired::Unclaimed(session) => {
                    if let Some(due) = self.sessions.get(session) {
                        let outbound = Arc::clone(&due.outbound);
                        outbound.order_due();
                        self.touch(&outbound);
                    }
                }
            }
        }
        self.settle(at);
    }

    /// The server itself stood still for `length`; no session is reaped for that. To be said before what
    /// waited is handled.
    pub fn handle_stall(&mut self, length: Duration) {
        self.directory.stalled(length);
    }

    /// Lets nobody in any more, and has every connection say `<system-shutdown/>` and close its stream (RFC
    /// 6120 §4.9.3.20).
    pub fn shut_down(&mut self) {
        for outbound in self.admission.shut_down() {
            outbound.order_end(End { error: StreamError::new(StreamCondition::SystemShutdown), cut: false });
            self.touch(&outbound);
        }
    }

    /// Closes all sessions of an account that is no more, or whose password the operator changed.
    pub fn expel(&mut self, at: Moment, account: &BareJid) {
        for session in self.sessions.of_account(account.as_str()) {
            let text = "the account was removed, or its password changed";
            let error = StreamError::new(StreamCondition::NotAuthorized).with_text(text);
            self.expel_session(at, session, error);
        }
        self.settle(at);
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters { sessions: self.sessions.len() as u64, ..self.counters }
    }

    /// Who is online.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// Something complete came from a session. `false` if it was ended meanwhile: nothing more is taken from
    /// it.
    pub(crate) fn seen(&mut self, at: Moment, session: SessionId) -> bool {
        let Some(seen) = self.sessions.get_mut(session) else { return false };
        seen.last_seen = at.mono;
        self.directory.seen(at.mono, session);
        true
    }

    /// Gives a session something of the server's own: an answer, an error, a ping.
    pub(crate) fn answer(&mut self, session: SessionId, element: &Element) {
        self.deliver(session, Undelivered::Dropped, |out| out.extend_from_slice(element.as_bytes()));
    }

    /// Puts a stanza into the queue of a session. `false` if there is no such session, or its queue is full;
    /// then the session is cut off before the hold ends.
    fn deliver(
        &mut self,
        session: SessionId,
        undelivered: Undelivered,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        let Some(recipient) = self.sessions.get(session) else { return false };
        let outbound = Arc::clone(&recipient.outbound);
        if outbound.append(undelivered, write).is_err() {
            if planted(Canary::FullQueueDropsNewest) {
                return true;
            }
            self.overflowed.push(session);
            return false;
        }
        self.touch(&outbound);
        true
    }

    fn touch(&mut self, outbound: &Arc<Outbound>) {
        if outbound.touch() {
            self.touched.push(Arc::clone(outbound));
        }
    }

    /// XEP-0199: whatever the client answers shows that it lives.
    fn ping(&mut self, session: SessionId) {
        let Some(silent) = self.sessions.get(session) else { return };
        let to = Arc::clone(&silent.jid);
        let id = format!("ping-{}", self.pings);
        self.pings += 1;
        let ping = Envelope::id(&id).from(&self.server).to(&to).get(&Ping);
        self.answer(session, &ping);
    }

    fn record(&mut self, session: SessionId, jid: &Arc<FullJid>, what: What) {
        self.occurrences.push(Occurrence { session, jid: Arc::clone(jid), what });
    }

    /// Lets go of a connection that has ended.
    pub(crate) fn release_connection(&mut self, connection: ConnectionId) {
        self.admission.release(connection, &mut self.counters);
    }
}
