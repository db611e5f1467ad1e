//! How one side of a connection is told about, and what all connections share.

use super::lately::Lately;
use super::{Holding, Limits, Oddities};
use crate::model::{At, ConnectionId, Ending, Happening, Layer, Listener, Side};

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) holding: Holding,
    pub(super) lately: Lately,
    pub(super) oddities: Oddities,
}

/// Tells of one side of a connection.
pub(super) struct Voice<'a, L> {
    pub(super) id: ConnectionId,
    pub(super) side: Side,
    /// When this is: the time of the segment that causes it.
    pub(super) now: At,
    pub(super) listener: &'a mut L,
}

impl<L: Listener> Voice<'_, L> {
    pub(super) fn octets(&mut self, at: At, octets: &[u8]) {
        self.listener.take(Happening::Octets {
            at,
            id: self.id,
            side: self.side,
            layer: Layer::Clear,
            octets,
        });
    }

    pub(super) fn missing(&mut self, octets: u64) {
        self.listener.take(Happening::Missing {
            at: self.now,
            id: self.id,
            side: self.side,
            octets: Some(octets),
        });
    }

    pub(super) fn finished(&mut self) {
        self.listener.take(Happening::Ended { at: self.now, id: self.id, how: Ending::Finished(self.side) });
    }

    pub(super) fn differs(&mut self, offset: u64) {
        let who = match self.side {
            Side::Dialler => "dialler",
            Side::Answerer => "answerer",
        };
        let text = format!(
            "the {who} sent octet {offset} and what follows it again with other content; the first copy counts"
        );
        self.listener.take(Happening::Remark { at: self.now, id: Some(self.id), text: &text });
    }
}
