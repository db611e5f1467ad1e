//! One connection to the server: bytes, TLS, stanzas, and signing in. What is sent and what comes back means nothing here.
//!
//! Signing in is done by `stream::Initiating`, the client's own core. Behind it a session keeps next to nothing: a
//! socket, what is unfinished of a stanza, and what the socket did not take yet.

mod frame;
mod framer;
mod link;
mod raw;
mod sign_in;
mod socket;

pub use frame::Stanza;
pub use framer::{Frame, Framer};
pub use link::Link;
pub use raw::pair_up;
pub use sign_in::{SignInError, SignInWith, SignedIn, sign_in};
pub use socket::Socket;
