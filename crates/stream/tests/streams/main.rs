//! The machines as their owners see them: whole conversations, in memory, with a seeded generator and a clock that is
//! turned by hand.

#![allow(
    clippy::unwrap_used,
    reason = "all of this is test code, and a test that can't go on shall say where"
)]

mod client_side;
mod pair;
mod peers;
mod script;
mod server_side;
mod transcript;

mod deadlines;
mod hostile;
mod peer_streams;
mod refusals;
mod rfc6120_example;
mod sasl_pairs;
mod sign_in;
mod splits;
mod stream_errors;
mod stretching;
