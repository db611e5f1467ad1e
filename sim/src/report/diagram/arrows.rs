//! The arrows: what was said, from whom to whom.

use serde::Serialize;

use super::{Places, around, micros};
use crate::report::conversation::{Conversation, Layer, Piece, What};

/// The most arrows that a page has.
const ARROWS_MAX: usize = 40_000;

/// The most octets of an arrow's text that a page keeps.
const TEXT_OCTETS_MAX: usize = 8_000;

/// A piece of what was said.
#[derive(Serialize)]
pub(super) struct Arrow {
    /// The writer's lane.
    from: usize,
    /// The reader's lane; `None`: nobody had taken the connection.
    to: Option<usize>,
    written: u64,
    read: Option<u64>,
    what: &'static str,
    connection: u64,
    sealed: bool,
    text: String,
}

/// The arrows of a run and how many more there would be. Where there are too many, those around `focus` stay, or
/// the last.
pub(super) fn arrows(
    conversation: &Conversation,
    places: &Places<'_>,
    focus: Option<u64>,
) -> (Vec<Arrow>, usize) {
    let pieces = conversation.pieces();
    let shown = around(&pieces, ARROWS_MAX, |piece| focus.is_none_or(|focus| micros(piece.written) <= focus));
    let arrows = shown.iter().filter_map(|piece| arrow(piece, places)).collect();
    (arrows, pieces.len() - shown.len())
}

fn arrow(piece: &Piece<'_>, places: &Places<'_>) -> Option<Arrow> {
    Some(Arrow {
        from: places.of_process(piece.from)?,
        to: piece.to.and_then(|to| places.of_process(to)),
        written: micros(piece.written),
        read: piece.read.map(micros),
        what: match piece.what {
            What::Iq => "iq",
            What::Message => "message",
            What::Presence => "presence",
            What::Stream => "stream",
            What::Ack => "ack",
            What::KeepAlive => "keep-alive",
            What::Rest => "rest",
        },
        connection: piece.connection,
        sealed: piece.layer == Layer::Sealed,
        text: shortened(piece.text),
    })
}

fn shortened(text: &[u8]) -> String {
    let shown = &text[..text.len().min(TEXT_OCTETS_MAX)];
    let mut shown = String::from_utf8_lossy(shown).into_owned();
    if text.len() > TEXT_OCTETS_MAX {
        shown += &format!(" … and {} octets more", text.len() - TEXT_OCTETS_MAX);
    }
    shown
}
