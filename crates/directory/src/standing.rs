//! Where a session stands towards the entry of its full JID. At most one session of a full JID is its owner; the newest
//! is (RFC 6120 §7.7.2.2, PROTOCOL section 2).
//!
//! ```text
//!                 first check-in or
//!               available presence            newer session opens
//!      ┌─ Out ───────────────────────► In ─────────────────────────┐
//!      │   ▲  ◄─────────────────────── │                           │
//!      │   │    unavailable presence   │                           ▼
//!      │   │                           │                      Superseded ──► closed
//!      │   │  unavailable presence,    │ first check-in or         ▲
//!      │   │  or never came in         │ available presence        │
//!      │   └───────── Heir ────────────┘                           │
//!      │               │ ▲ opens while an older session is In or Heir
//!      └───────────────┴───────────────────────────────────────────┘
//! ```
//!
//! A session that opens while an older one of the same JID is in the directory does not come in by that: its client
//! has said nothing yet. Nor may the entry go and come back. So the entry stays as it is, the newer session inherits it
//! and makes it its own with its first check-in: one change, without a departure between.

use std::net::IpAddr;
use std::sync::Arc;

use jid::FullJid;

use crate::silence::Key;

/// See the file's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not in the directory, and nor is another session of its JID.
    Out,
    /// In the directory.
    In {
        /// The COUNTER of its entry.
        counter: u64,
    },
    /// Not in yet; the entry under its JID is the one that an older session left behind.
    Heir {
        /// The COUNTER of that entry.
        counter: u64,
        /// When that entry goes if nobody makes it their own, in nanoseconds of the silence clock.
        until: u64,
    },
    /// A newer session has its JID. Whatever it does or suffers touches no entry.
    Superseded,
}

impl Standing {
    /// The COUNTER of the entry that it answers for.
    pub(crate) const fn counter(self) -> Option<u64> {
        match self {
            Self::In { counter } | Self::Heir { counter, .. } => Some(counter),
            Self::Out | Self::Superseded => None,
        }
    }
}

/// An open session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) jid: Arc<FullJid>,
    /// Where it comes from, canonical.
    pub(crate) address: IpAddr,
    pub(crate) silence: Key,
    pub(crate) standing: Standing,
}
