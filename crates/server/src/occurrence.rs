//! What became of sessions, in the order in which it did: for logs, and for the simulation's checkers.
//! Collected under the Switchboard's hold, taken by whoever held it.

use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::{Reason, SessionId};
use jid::FullJid;

/// Something that happened to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The session.
    pub session: SessionId,
    /// Its full JID.
    pub jid: Arc<FullJid>,
    /// What happened.
    pub what: What,
}

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was bound to its full JID.
    Bound,
    /// It came into the directory, or changed in it.
    Entered,
    /// It went out of the directory while its stream went on, or because its stream ended. Said of an heir as
    /// well, if the entry goes that it inherited: the older session, which announced it, has ended. Not said
    /// of a session that was reaped.
    Departed(Reason),
    /// It was silent for its limit, and removed.
    Reaped {
        /// How long nothing had been heard of it at the removal.
        silence: Duration,
        /// The limit that it had been told.
        limit: Duration,
    },
    /// Its stream ended, for whatever reason.
    Ended,
}
