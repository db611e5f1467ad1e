//! How a stream came to its end.

use chatdev_stanza::StreamError;

/// One of the two ends of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This one.
    Us,
    /// The other one.
    Them,
}

/// How a stream came to its end. Nothing comes in any more, and what is sent would not be read.
///
/// The owner writes what [`output`](crate::Receiving::output) still holds and drops the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Both closing tags were exchanged (RFC 6120 §4.4).
    Orderly {
        /// Who closed first.
        by: Side,
    },
    /// A stream error ended it (RFC 6120 §4.9).
    Failed {
        /// Who raised it.
        by: Side,
        /// The error.
        error: StreamError,
    },
    /// The connection ended without a closing tag, or ours was not answered in time.
    Lost,
}
