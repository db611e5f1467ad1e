//! One connection with a peer, from the first packet to the end: its phase, its stream, and what is still owed on it.
//!
//! ```text
//!   Connecting ──▶ Securing ──▶ Opening ◀──▶ Checking
//!    (dialled)      (TLS)          │      (who are they?)
//!                                  ▼
//!                                Open ──▶ Draining ──▶ Closing
//!                                       (tie-break)
//! ```
//!
//! What it does *not* do: decide anything; `client/peer_*.rs` does.

use std::collections::VecDeque;
use std::time::Duration;

use chatdev_directory::Fingerprint;
use chatdev_stream::Peer;
use jid::FullJid;

use crate::output::ConnectionId;
use crate::schedule::Round;

/// Who dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    /// We did, to reach this session.
    Dialled { to: FullJid },
    /// They did.
    Answered,
}

/// How far a link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The connection is being made.
    Connecting,
    /// The TLS handshake is under way. One that was answered must be done by its deadline; one that was dialled has
    /// that of its attempt.
    Securing { until: Option<Duration> },
    /// Headers are exchanged, and acknowledgements enabled.
    Opening,
    /// The directory does not (yet) confirm who they claim to be; the check-in of this round decides.
    Checking { claimed: FullJid, round: Round },
    /// Messages flow, both ways.
    Open { remote: FullJid },
    /// Another stream took its place: nothing new is written, what is owed is waited for.
    Draining { remote: FullJid },
    /// Our closing tag is out; what they still say is heard.
    Closing { remote: Option<FullJid> },
}

/// One connection with a peer.
pub(crate) struct Link {
    pub(crate) id: ConnectionId,
    pub(crate) side: Side,
    pub(crate) phase: Phase,
    /// The certificate that the other side holds, once it is secured.
    pub(crate) shown: Option<Fingerprint>,
    pub(crate) stream: Option<Box<Peer>>,
    /// Octets that the stream does not take at the moment: at most what one input brought.
    pub(crate) unread: Vec<u8>,
    /// The numbers of received messages that are not yet acknowledged, in the order in which they came.
    pub(crate) owed: VecDeque<u64>,
    /// When it was used last, in uses of all links: the least recently used is closed first where there are too many.
    pub(crate) used: u64,
}

impl Link {
    pub(crate) fn new(id: ConnectionId, side: Side, phase: Phase) -> Self {
        Self {
            id,
            side,
            phase,
            shown: None,
            stream: None,
            unread: Vec::new(),
            owed: VecDeque::new(),
            used: 0,
        }
    }

    /// The session at the other end, once it is known to be that.
    pub(crate) fn remote(&self) -> Option<&FullJid> {
        match &self.phase {
            Phase::Open { remote } | Phase::Draining { remote } => Some(remote),
            Phase::Closing { remote } => remote.as_ref(),
            _ => None,
        }
    }

    /// Whether new messages may be written.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// Whether it may yet become an open stream with this session. Somebody whose claim is still being checked is not
    /// known to be that, and keeps nobody from dialling.
    pub(crate) fn is_on_its_way_to(&self, jid: &FullJid) -> bool {
        matches!(self.phase, Phase::Opening)
            && self.stream.as_ref().and_then(|stream| stream.other()) == Some(jid)
    }
}
