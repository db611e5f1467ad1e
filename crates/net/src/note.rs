//! What a driver tells a simulation about itself: the typed event log that checkers judge.
//!
//! In production none of this exists: [`crate::Env::note`] takes a closure and never calls it. Facts that the
//! simulated network sees by itself (connections, bytes) are noted by it, not by the drivers.
//!
//! Not a log for people: that is `tracing`.

use std::time::Duration;

use chatdev_directory::{Reason, SessionId};
use jid::{BareJid, FullJid};

/// One thing that happened in a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Server: a stream was bound to a full JID.
    Bound {
        /// The session that now owns `jid`.
        session: SessionId,
        /// Its full JID.
        jid: FullJid,
    },
    /// Server: a session's stream ended, for whatever reason.
    Ended {
        /// The session that is no more.
        session: SessionId,
        /// Its full JID.
        jid: FullJid,
    },
    /// Server: a session came into the directory, or changed in it.
    Entered {
        /// The session that is in.
        session: SessionId,
        /// Its full JID.
        jid: FullJid,
    },
    /// Server: a session went out of the directory without being reaped, or the entry did that it had inherited.
    Departed {
        /// The session that went, or that answered for the entry that did; it is bound.
        session: SessionId,
        /// Its full JID.
        jid: FullJid,
        /// How it went.
        reason: Reason,
    },
    /// Server: a silent session was removed. Noted at the removal itself, with the facts that decided it.
    Reaped {
        /// The session that was removed.
        session: SessionId,
        /// Its full JID.
        jid: FullJid,
        /// How long nothing had been heard of it, at the removal.
        silence: Duration,
        /// The limit that it had been told.
        limit: Duration,
    },
    /// Client: signed in; the server bound it to `jid`.
    SignedIn {
        /// The full JID that it got.
        jid: FullJid,
    },
    /// Client: the connection to the server is gone.
    SignedOut {
        /// In words, for the log.
        reason: String,
    },
    /// Client: its copy of the directory shows `jid` online.
    SawOnline {
        /// Who is online.
        jid: FullJid,
        /// The session, as the directory names it.
        session: String,
        /// The status that it shows.
        status: Option<String>,
    },
    /// Client: its copy of the directory shows that `jid` went.
    SawGone {
        /// Who went.
        jid: FullJid,
        /// How the directory says that it went; `None` if a new list no longer names it.
        reason: Option<Reason>,
    },
    /// Client: a person sent a message.
    Sent {
        /// To whom.
        to: BareJid,
        /// The message's origin id (XEP-0359).
        id: String,
        /// The text.
        text: String,
    },
    /// Client: a message was shown to the person.
    Shown {
        /// From whom.
        from: FullJid,
        /// The message's origin id (XEP-0359), where it had one.
        id: Option<String>,
        /// The text.
        text: String,
    },
    /// Client: a message that the person sent changed its state.
    MessageState {
        /// The message's origin id.
        id: String,
        /// The state's name: `queued`, `sent`, `delivered`, `displayed`, `failed`.
        state: &'static str,
    },
    /// Anything else worth a line in a simulation's log. Not judged by any checker.
    Remark {
        /// A short, constant word to find it by.
        kind: &'static str,
        /// In words.
        text: String,
    },
}
