//! [`Entry`]: one line of a conversation, understood: what every output shows, every filter asks, and every rule looks at.
//!
//! An entry borrows from what was read; [`Entry::into_owned`] is for those who keep it.

use std::borrow::Cow;
use std::fmt;

use crate::model::{At, ConnectionId, Layer, Side};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A connection begins or ends, or what protects it changes.
    Connection,
    /// TLS: `<starttls/>`, `<proceed/>`, the handshake, what cannot be read.
    Tls,
    /// A stream header, features, the end, a stream error (RFC 6120 §4).
    Stream,
    /// Authentication (RFC 6120 §6, XEP-0388).
    Sasl,
    /// `<message/>`
    Message,
    /// `<presence/>`
    Presence,
    /// `<iq/>`
    Iq,
    /// Stream management (XEP-0198).
    Sm,
    /// Any other top-level element.
    Nonza,
    /// White space between elements (RFC 6120 §4.6.1).
    KeepAlive,
    /// Octets that are not in the source.
    Missing,
    /// What is no XML as XMPP has it.
    Broken,
    /// Words of the source.
    Remark,
}

impl Kind {
    /// All, in the order in which statistics have them.
    pub const ALL: [Self; 13] = [
        Self::Message,
        Self::Presence,
        Self::Iq,
        Self::Sm,
        Self::Nonza,
        Self::Stream,
        Self::Sasl,
        Self::Tls,
        Self::Connection,
        Self::KeepAlive,
        Self::Missing,
        Self::Broken,
        Self::Remark,
    ];

    /// The word for it in outputs and filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Stream => "stream",
            Self::Sasl => "sasl",
            Self::Message => "message",
            Self::Presence => "presence",
            Self::Iq => "iq",
            Self::Sm => "sm",
            Self::Nonza => "nonza",
            Self::KeepAlive => "keepalive",
            Self::Missing => "missing",
            Self::Broken => "broken",
            Self::Remark => "remark",
        }
    }

    /// Whether it is a stanza (RFC 6120 §8).
    #[must_use]
    pub fn is_stanza(self) -> bool {
        matches!(self, Self::Message | Self::Presence | Self::Iq)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// No stream header yet, or the beginning was not seen.
    #[default]
    Opening,
    /// Headers and features are exchanged; nobody is authenticated.
    Negotiating,
    /// In the middle of authentication.
    Authenticating,
    /// Authenticated, and not bound.
    Authenticated,
    /// Stanzas flow: bound, or a stream between servers or peers.
    Established,
    /// A side has ended its stream.
    Closing,
    /// The connection is over.
    Ended,
}

impl Phase {
    /// The word for it in outputs and filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Negotiating => "negotiating",
            Self::Authenticating => "authenticating",
            Self::Authenticated => "authenticated",
            Self::Established => "established",
            Self::Closing => "closing",
            Self::Ended => "ended",
        }
    }
}

/// What a stanza carries: a child of its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// Name of its namespace; empty where it is in that of the stream.
    pub namespace: Cow<'a, str>,
    /// Its name, without a prefix.
    pub name: Cow<'a, str>,
    /// What people call it, such as "service discovery", where it is known.
    pub title: Option<&'static str>,
}

impl Payload<'_> {
    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Payload<'static> {
        Payload {
            namespace: Cow::Owned(self.namespace.into_owned()),
            name: Cow::Owned(self.name.into_owned()),
            title: self.title,
        }
    }
}

/// An answer, and what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Number of the entry with the request.
    pub to: u64,
    /// Nanoseconds between them; `None` where the source has no clock.
    pub latency: Option<u64>,
}

/// The same message was seen before, on this or another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Number of the entry where it was seen first.
    pub first: u64,
    /// Nanoseconds since then; `None` where the source has no clock.
    pub after: Option<u64>,
    /// So many times it was seen before.
    pub times: u32,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Breaks a SHOULD.
    Warning,
    /// Breaks a MUST.
    Error,
}

impl Severity {
    /// The word for it in outputs and filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What an entry does against a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, such as `iq-without-id`; stable.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The section, such as `RFC 6120 §8.1.3`.
    pub section: &'static str,
    /// What was found, in words.
    pub found: String,
}

/// One line of a conversation.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// From 1, in the order of the source.
    pub number: u64,
    /// When its last octet came.
    pub at: At,
    /// Where it was said; `None` for remarks on the whole.
    pub connection: Option<ConnectionId>,
    /// Who said it; `None` for what is about the connection.
    pub side: Option<Side>,
    /// How it was protected.
    pub layer: Layer,
    /// What it is.
    pub kind: Kind,
    /// How far the connection had come when it was said.
    pub phase: Phase,
    /// Who the ends are, as far as is known by now (a JID, a domain, an address), by [`Side::index`]; empty without a connection.
    pub ends: [Cow<'a, str>; 2],
    /// Name of the root element, with its prefix if it has one; empty where there is none.
    pub name: Cow<'a, str>,
    /// The stanza's `type`, as written.
    pub stanza_type: Option<Cow<'a, str>>,
    /// Its `id`.
    pub id: Option<Cow<'a, str>>,
    /// Its `from`.
    pub from: Option<Cow<'a, str>>,
    /// Its `to`.
    pub to: Option<Cow<'a, str>>,
    /// The children of its root, the first few.
    pub payloads: Vec<Payload<'a>>,
    /// What it is in two or three words: `disco info get`, `chat message`, `features`.
    pub title: Cow<'a, str>,
    /// What it says, on one line: an excerpt of the body, what changed in the directory, what a counter became. May be empty.
    pub detail: Cow<'a, str>,
    /// What it answers.
    pub answers: Option<Answer>,
    /// Where the same message was seen before.
    pub seen: Option<Sighting>,
    /// What it does against a specification.
    pub findings: Vec<Finding>,
    /// Octets that it took in its stream.
    pub octets: u64,
    /// What was said, as it was said; empty where nothing was.
    pub raw: Cow<'a, [u8]>,
}

impl Entry<'_> {
    /// An entry that says nothing yet.
    #[must_use]
    pub fn empty(number: u64, at: At, kind: Kind) -> Self {
        Self {
            number,
            at,
            connection: None,
            side: None,
            layer: Layer::Clear,
            kind,
            phase: Phase::Opening,
            ends: [Cow::Borrowed(""), Cow::Borrowed("")],
            name: Cow::Borrowed(""),
            stanza_type: None,
            id: None,
            from: None,
            to: None,
            payloads: Vec::new(),
            title: Cow::Borrowed(""),
            detail: Cow::Borrowed(""),
            answers: None,
            seen: None,
            findings: Vec::new(),
            octets: 0,
            raw: Cow::Borrowed(&[]),
        }
    }

    /// Who said it; both ends' names where nobody did.
    #[must_use]
    pub fn speaker(&self) -> &str {
        &self.ends[self.side.unwrap_or(Side::Dialler).index()]
    }

    /// Whom it was said to: the other end of the connection (which need not be the stanza's `to`).
    #[must_use]
    pub fn hearer(&self) -> &str {
        &self.ends[self.side.unwrap_or(Side::Dialler).other().index()]
    }

    /// What was said, as text; what is no UTF-8 is shown as U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.raw)
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Entry<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let [dialler, answerer] = self.ends;
        Entry {
            ends: [own(dialler), own(answerer)],
            name: own(self.name),
            stanza_type: self.stanza_type.map(own),
            id: self.id.map(own),
            from: self.from.map(own),
            to: self.to.map(own),
            payloads: self.payloads.into_iter().map(Payload::into_owned).collect(),
            title: own(self.title),
            detail: own(self.detail),
            raw: Cow::Owned(self.raw.into_owned()),
            ..self
        }
    }
}
