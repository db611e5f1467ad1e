//! What the directory tells of a full JID: it is online ([`Entry`]) or it went ([`Departure`]). Plain values, read by
//! the server that writes them to the wire and by the client that keeps a [`Mirror`](crate::Mirror) of them.

use std::str::FromStr;
use std::sync::Arc;

use jid::FullJid;
use jiff::Timestamp;
use thiserror::Error;

use crate::{Endpoint, Fingerprint, Profile, SessionTag, Version};

/// Somebody who is online: `<user/>`.
///
/// The JID is shared: the server holds it once for the session, its entry and every index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub jid: Arc<FullJid>,
    /// Which session of that full JID.
    pub session: SessionTag,
    /// Nick, availability, status.
    pub profile: Profile,
    /// Where their client listens, as far as the one who asks may see it.
    pub endpoints: Box<[Endpoint]>,
    /// The certificate that their client will show; `None` for a client that takes no peer streams.
    pub fingerprint: Option<Fingerprint>,
    /// When this session came into the directory, in whole seconds.
    pub since: Timestamp,
}

/// Somebody who was online: `<gone/>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Who.
    pub jid: Arc<FullJid>,
    /// When they were last seen, in whole seconds.
    pub last: Timestamp,
    /// How they went.
    pub reason: Reason,
}

/// How somebody went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Unavailable presence: they said so. The session may still be there.
    Left,
    /// Their stream ended, cleanly or not.
    Closed,
    /// Silent for the limit: removed by the server.
    Reaped,
}

impl Reason {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Closed => "closed",
            Self::Reaped => "reaped",
        }
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        match text {
            "left" => Ok(Self::Left),
            "closed" => Ok(Self::Closed),
            "reaped" => Ok(Self::Reaped),
            _ => Err(UnknownReason),
        }
    }
}

/// The text is no reason of a departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the reason of a departure is one of left, closed, reaped")]
pub struct UnknownReason;

/// What is so now of one full JID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is online, like this. Shared, so that telling everybody copies no text.
    Online(Arc<Entry>),
    /// It went.
    Gone(Departure),
}

impl Change {
    /// Of whom this speaks.
    #[must_use]
    pub fn jid(&self) -> &Arc<FullJid> {
        match self {
            Self::Online(entry) => &entry.jid,
            Self::Gone(departure) => &departure.jid,
        }
    }
}

/// One answer of the directory, without its time values: what changed after the version that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The list starts anew with this page.
    pub reset: bool,
    /// Oldest change first, each full JID at most once.
    pub changes: Vec<Change>,
    /// Where this page ends: what to ask for next.
    pub version: Version,
    /// There is more to ask for now.
    pub more: bool,
}

/// What a check-in announces, when it announces anything: all three replace what was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Nick, availability, status.
    pub profile: Profile,
    /// Where the client listens, most wanted first.
    pub endpoints: Vec<Endpoint>,
    /// The SHA-256 of the certificate it will show.
    pub fingerprint: Option<Fingerprint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back_as_they_were_written() {
        for reason in [Reason::Left, Reason::Closed, Reason::Reaped] {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert_eq!("".parse::<Reason>(), Err(UnknownReason));
    }
}
