//! [`Connection`]: what reading remembers of one connection.

use super::guess;
use crate::framing::Framer;
use crate::model::{At, ConnectionId, End, Layer, Side};
use crate::tls::{Session, Why};
use crate::understanding::Place;

/// How one side's octets are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// As XML.
    #[default]
    Clear,
    /// As TLS.
    Sealed,
    /// As XML that was within TLS, which the source has opened.
    Opened,
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) ends: [End; 2],
    pub(super) framers: [Framer; 2],
    pub(super) ways: [Way; 2],
    pub(super) tls: Option<Session>,
    pub(super) opened_at: At,
    pub(super) from_start: bool,
    pub(super) has_xmpp_port: bool,
    /// Whether it is known to be XMPP, and its beginning is told.
    pub(super) is_shown: bool,
    /// Whether it is known to be none.
    pub(super) is_given_up: bool,
    /// Whether anything was said, or is missing.
    pub(super) has_spoken: bool,
    /// Why not all of it can be read inside TLS.
    pub(super) unreadable: Option<Why>,
    /// Which sides have said all.
    pub(super) finished: [bool; 2],
    /// Octets of each side that could not be opened.
    pub(super) sealed: [u64; 2],
    /// What is to be told of TLS once it is known to be XMPP.
    pub(super) hello: Option<(Side, (&'static str, String))>,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, opened_at: At, ends: &[End; 2], from_start: bool) -> Self {
        let framer = || if from_start { Framer::default() } else { Framer::in_the_middle() };
        Self {
            id,
            ends: ends.clone(),
            framers: [framer(), framer()],
            ways: [Way::Clear; 2],
            tls: None,
            opened_at,
            from_start,
            has_xmpp_port: ends.iter().any(guess::has_xmpp_port),
            is_shown: false,
            is_given_up: false,
            has_spoken: false,
            unreadable: None,
            finished: [false; 2],
            sealed: [0; 2],
            hello: None,
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.ways.contains(&Way::Sealed)
    }

    pub(super) fn place(&self, at: At, side: Side) -> Place {
        let layer = if self.ways[side.index()] == Way::Clear { Layer::Clear } else { Layer::Tls };
        Place { at, side: Some(side), layer }
    }
}
