//! ChatDev: the `client` room. The brain of a signed-in account, sans-I/O: it opens no socket, reads no clock and stores
//! nothing itself.
//!
//! Inputs are the `handle_*` methods of [`Client`], outputs are drained with [`Client::poll_output`] until `None`, and
//! [`Client::poll_timeout`] says when to call [`Client::handle_timeout`]. What travels is specified in `crates/PROTOCOL.md`,
//! sections 2 (the directory) and 3 (peer streams).

mod backoff;
mod chance;
mod client;
mod command;
mod config;
mod dial_plan;
pub mod display;
mod doorkeeper;
mod event;
mod identity;
mod lane;
mod link;
mod output;
mod peer_trust;
mod progress;
mod reachability;
mod receipts;
mod schedule;
mod sendable;
mod sequence;
mod server_trust;
mod storage;

pub use backoff::BackoffLimits;
pub use chatdev_stanza::directory::RefusedEndpoint;
pub use chatdev_stream::sasl::{Password, PasswordError};
pub use client::Client;
pub use command::{Command, MessageId};
pub use config::{Config, Limits, Participation, ServerSecurity, Target};
pub use dial_plan::DialLimits;
pub use doorkeeper::DoorLimits;
pub use event::{Event, FailReason, MessageState, Person, Reach, Received, SignedOutReason, Way};
pub use output::{ConnectionId, Handshake, Output, Secured};
pub use peer_trust::{Trust, TrustLimits};
pub use schedule::CheckInLimits;
pub use storage::{Record, Remembered, RequestId, StoreAnswer, StoreRequest};
