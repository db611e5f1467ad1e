//! What a person gets to see of a run and of a batch.
//!
//! - `columns`: a line for each event; `summary`: a batch in some lines
//! - `conversation`: what was said, stanza by stanza, from the octets of the run
//! - `diagram`: a page with the run as a space-time diagram; `pcapng`: a capture for Wireshark

mod columns;
mod conversation;
mod diagram;
mod pcapng;
mod summary;

pub use columns::{columns, verdict};
pub use conversation::{Connection, Conversation, Layer, Piece, Way, What};
pub use diagram::diagram;
pub use pcapng::pcapng;
pub use summary::{batch, total};
