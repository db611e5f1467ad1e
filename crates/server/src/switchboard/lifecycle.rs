//! How a session begins and how it ends: bind (RFC 6120 §7), conflict, cut off, expelled, reaped, closed.
//!
//! However it ends, it ends once, in one step: out of the table, out of the directory, and whoever saw its
//! presence sees it go.

use std::net::IpAddr;
use std::sync::Arc;

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Moment, OpenError, Reason, SessionId};
use chatdev_stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use jid::{BareJid, ResourceRef};

use super::sessions::Session;
use super::{Seat, Switchboard};
use crate::What;
use crate::outbound::{End, Outbound};

impl Switchboard {
    /// A connection has signed in: its address may have another one that is not.
    pub(crate) fn signed_in(&mut self, outbound: &Outbound) {
        self.counters.sign_ins += 1;
        self.admission.signed_in(outbound.connection());
    }

    /// Binds a resource. Where it is in use the newer session wins, and the older gets `<conflict/>` (RFC
    /// 6120 §7.7.2.2, third way): it is mostly the same client coming back after its network changed.
    ///
    /// # Errors
    /// What the client is told: a limit is reached, or the server is going down.
    pub(crate) fn bind(
        &mut self,
        at: Moment,
        outbound: &Arc<Outbound>,
        account: &BareJid,
        resource: &ResourceRef,
        address: IpAddr,
    ) -> Result<Seat, StanzaError> {
        if self.admission.is_shutting_down() {
            return Err(StanzaCondition::ServiceUnavailable.into());
        }
        let in_use = self.sessions.find(account.as_str(), resource.as_str());
        let others = self.sessions.count(account.as_str()) - usize::from(in_use.is_some());
        if others >= self.config.limits.sessions_per_account_max {
            let text = format!("the account has {others} sessions, which is the limit");
            return Err(StanzaError::new(StanzaCondition::ResourceConstraint).with_text(text));
        }
        let session = SessionId(self.next_session);
        let jid = account.with_resource(resource);
        match self.directory.open(at, session, jid.clone(), address) {
            Ok(older) => debug_assert!(
                older == in_use || planted(Canary::EndNotTold),
                "directory and table agree on who has a full JID"
            ),
            Err(OpenError::AlreadyOpen) => unreachable!("session numbers only grow"),
            Err(full @ OpenError::Full { .. }) => {
                return Err(StanzaError::new(StanzaCondition::ResourceConstraint).with_text(full.to_string()));
            }
        }
        self.next_session += 1;
        if let Some(older) = in_use {
            self.counters.replaced += 1;
            let text = "a newer session took this resource";
            if planted(Canary::OlderSessionStays) {
                self.end(at, older, Reason::Closed);
            }
            self.expel_session(at, older, StreamError::new(StreamCondition::Conflict).with_text(text));
        }
        let jid = Arc::new(jid);
        self.sessions.insert(session, Session::new(Arc::clone(&jid), Arc::clone(outbound), at.mono));
        self.record(session, &jid, What::Bound);
        Ok(Seat { session, jid, lang: None })
    }

    /// The stream of a session ended by itself.
    pub(crate) fn close(&mut self, at: Moment, session: SessionId) {
        self.end(at, session, Reason::Closed);
    }

    /// What was due of a session goes if it still is at this very moment: an entry that it inherited and did not
    /// make its own, and the session itself if it has been silent for its limit. `false` if it lives.
    pub(crate) fn reap(&mut self, at: Moment, session: SessionId) -> bool {
        self.disinherit(at, session);
        let limit = self.directory.limit(session);
        if !self.directory.reap(at, session) {
            return false;
        }
        self.counters.reaped += 1;
        if let (Some(limit), Some(reaped)) = (limit, self.sessions.get(session)) {
            let jid = Arc::clone(&reaped.jid);
            let silence = at.mono.saturating_sub(reaped.last_seen);
            self.record(session, &jid, What::Reaped { silence, limit });
        }
        self.end(at, session, Reason::Reaped);
        true
    }

    /// Takes away what a session inherited and did not make its own in time. It is said of the heir, which
    /// answers for the entry; the session that announced the entry has ended.
    fn disinherit(&mut self, at: Moment, heir: SessionId) {
        if self.directory.disinherit(at, heir)
            && let Some(session) = self.sessions.get(heir)
        {
            let jid = Arc::clone(&session.jid);
            self.record(heir, &jid, What::Departed(Reason::Closed));
        }
    }

    /// Ends a session from outside; its connection says why.
    pub(super) fn expel_session(&mut self, at: Moment, session: SessionId, error: StreamError) {
        self.end_by_order(at, session, End { error, cut: false });
    }

    /// Cuts off the sessions that could not take what they were to get.
    pub(crate) fn settle(&mut self, at: Moment) {
        // Each end tells others of it and may overflow them in turn; every round ends a session, so this
        // comes to an end.
        while let Some(session) = self.overflowed.pop() {
            let text = "what waits for this connection is over the limit, and nobody reads it";
            let error = StreamError::new(StreamCondition::ResourceConstraint).with_text(text);
            if self.end_by_order(at, session, End { error, cut: true }) {
                self.counters.slow_readers += 1;
            }
        }
    }

    fn end_by_order(&mut self, at: Moment, session: SessionId, order: End) -> bool {
        let Some(outbound) = self.end(at, session, Reason::Closed) else { return false };
        outbound.order_end(order);
        self.touch(&outbound);
        true
    }

    /// Takes a session out of everything. Returns its queue; `None` if it had ended before.
    fn end(&mut self, at: Moment, session: SessionId, reason: Reason) -> Option<Arc<Outbound>> {
        let ended = self.sessions.remove(session)?;
        let before = self.directory.counter();
        if !planted(Canary::EndNotTold) || reason != Reason::Closed {
            self.directory.close(at, session, reason);
        }
        if self.directory.counter() != before {
            self.record(session, &ended.jid, What::Departed(reason));
        }
        self.farewell(&ended);
        self.record(session, &ended.jid, What::Ended);
        Some(ended.outbound)
    }
}
