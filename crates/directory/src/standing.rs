//! Where a session stands towards the entry of its full JID. At most one session of a full JID is its owner; the newest
//! is (RFC 6120 §7.7.2.2, PROTOCOL section 2).
//!
//! | from | what happens | to |
//! |---|---|---|
//! | – | opens; the entry of its JID is there | `Heir` |
//! | – | opens; it is not | `Out` |
//! | `Out`, `Heir` | first check-in or available presence | `In` |
//! | `In`, `Heir` | unavailable presence: the entry goes | `Out` |
//! | `Heir` | does not come in within the limit: the entry goes | `Out` |
//! | any | a newer session of its JID opens | `Superseded` |
//! | `In`, `Heir` | ends or is reaped: the entry goes | – |
//! | `Out`, `Superseded` | ends or is reaped | – |
//!
//! A session that opens while an older one of the same JID is in the directory does not come in by that: its client
//! has said nothing yet. Nor may the entry go and come back. So the entry stays as it is, the newer session inherits it
//! and makes it its own with its first check-in: one change, without a departure between.

use crate::view::View;

/// See the file's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not in the directory, and nor is another session of its JID.
    Out,
    /// In the directory.
    In {
        /// The COUNTER of its entry.
        counter: u64,
    },
    /// Not in yet; the entry under its JID is the one that an older session left behind. Boxed, since few are heirs
    /// and not for long.
    Heir(Box<Inheritance>),
    /// A newer session has its JID. Whatever it does or suffers touches no entry.
    Superseded,
}

/// The entry that a session has inherited and not made its own yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inheritance {
    /// The COUNTER of that entry.
    pub(crate) counter: u64,
    /// Where the session that announced it came from.
    pub(crate) origin: View,
    /// When it goes if it is not claimed, in nanoseconds of the silence clock.
    pub(crate) until: u64,
}

impl Standing {
    /// The COUNTER of the entry that it answers for.
    pub(crate) fn counter(&self) -> Option<u64> {
        match self {
            Self::In { counter } => Some(*counter),
            Self::Heir(inheritance) => Some(inheritance.counter),
            Self::Out | Self::Superseded => None,
        }
    }
}
