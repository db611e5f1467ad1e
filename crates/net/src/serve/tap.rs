//! The tap: what clients and server say to each other, as a program may write it down for whoever debugs a protocol.
//!
//! A [`Tap`] that is given to [`Server::with_tap`](super::Server::with_tap) is told, for each connection, where it
//! comes from, every piece of XML in either direction, whether TLS was on, and how it ended; the other end of it,
//! [`Drain`], gives that to one thread that writes. It is told in clear what went over TLS, so secrets are taken out
//! before anything is queued (`redact.rs`). Without a tap, none of this exists but an empty option.
//!
//! The server never waits for it: the queue between has a limit in bytes, and what does not fit is counted and told as
//! missing when there is room again. Bytes that cannot be read as XML are counted too, and not shown: what they hold is
//! not known.
//!
//! - `queue.rs`: the queue, and its two ends
//! - `record.rs`: what is told
//! - `tee.rs`: one connection, as its line and its task tell of it
//! - `direction.rs`: bytes of one direction → pieces of XML as they were said
//! - `redact.rs`: what is a secret
//!
//! Not here: files and their format (the program brings them), connections between clients (they do not pass the
//! server), and connections that were refused before their first byte.

mod direction;
mod queue;
mod record;
mod redact;
mod tee;

pub use queue::{Batch, Drain, QUEUED_BYTES_MAX, Tap};
pub use record::{Ending, Entry, Record, Speaker};

pub(super) use tee::{Tee, limits};
