//! XML streams as state machines without I/O: RFC 6120 §4 to §7, both sides of client streams, and the peer streams of
//! ChatDev with the acknowledgements of XEP-0198.
//!
//! # Layout, in reading order
//! - [`Receiving`]: what a server does with a client's stream; [`Initiating`]: what the client does
//! - [`Peer`]: either side of a stream between two clients
//! - [`sasl`]: the mechanisms
//! - `wire` and `header`: what all streams have in common
//!
//! # How a machine is driven
//! Octets go in with `handle_bytes`, answers with the other `handle_*`, time with `handle_timeout`. After each of them the
//! owner drains: `poll_event` until there is none, `output` to the connection, `poll_timeout` for the next deadline. If
//! input is left, and the machine does not wait for an answer (`is_waiting`), the owner calls `handle_bytes` again. `now` is
//! monotonic and the same for all calls of one instant, in which input goes before time-outs. `Closed` is the last event.
//!
//! Nothing here knows sockets, clocks, accounts, certificates or the directory.

mod closed;
mod header;
pub mod initiating;
pub mod peer;
pub mod receiving;
mod resting_rng;
pub mod sasl;
mod transport;
mod wire;

pub use closed::{Closed, Side};
pub use initiating::Initiating;
pub use peer::Peer;
pub use receiving::Receiving;
pub use resting_rng::RestingRng;
pub use transport::{TlsFacts, Transport};
