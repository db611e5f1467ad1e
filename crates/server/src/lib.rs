//! The server's brain: who is signed in, what reaches whom, and the directory served (crates/PROTOCOL.md).
//!
//! Two owners (crates/README.md): a [`Connection`] for each client, with no lock, reads what comes, signs in,
//! checks and sorts; the one [`Switchboard`], behind one short lock of the owner's, is where everything that
//! was read takes effect. Neither knows sockets, clocks, tasks or SQL. Time and randomness come in, bytes go
//! out through an [`Outbound`] for each connection, storage is asked for with a [`StorageRequest`], and a
//! password is handed out to be stretched ([`Effect::Stretch`]).
//!
//! # How it is driven
//! 1. [`Switchboard::admit`] lets a connection in; [`Connection::new`] begins its stream.
//! 2. Whatever happens to the connection (bytes, TLS done, storage answered, a password stretched, orders, a
//!    deadline, its end) is one call of a `handle_*` method.
//! 3. After each, [`Connection::needs_commit`] says whether something waits to take effect: hold the
//!    Switchboard, [`Connection::commit`], [`Switchboard::take_touched`], let go,
//!    [`Connection::handle_committed`]; again, until it no longer does.
//! 4. Then [`Connection::poll_effect`] until there is none, write the touched queues, and wait for the next
//!    thing, for [`Connection::poll_timeout`] at the latest.
//!
//! # Layout, in reading order
//! - [`Config`], [`Limits`], [`Counters`], [`Occurrence`]: what is decided, bounded, counted, told
//! - `connection`: one client's stream, and what is answered without the others; one file for each extension
//!   in `connection/extensions`
//! - `switchboard`: what all share
//! - `admission`, `outbound`: the door, and the queues
//! - [`StorageRequest`], [`MemoryStore`]: what is kept

mod admission;
mod config;
mod connection;
mod counters;
mod memory_store;
mod occurrence;
mod outbound;
mod storage;
mod switchboard;

pub use admission::{Admitted, Refused};
pub use config::{Config, Limits};
pub use connection::{Connection, Effect};
pub use counters::Counters;
pub use memory_store::MemoryStore;
pub use occurrence::{Occurrence, What};
pub use outbound::{ConnectionId, Orders, Outbound};
pub use storage::{RequestId, StorageAnswer, StorageRequest};
pub use switchboard::Switchboard;
