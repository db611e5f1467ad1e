//! The client brain from outside: several clients and a scripted server in one world without sockets or clocks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod actor;
mod exactly_once;
mod identity;
mod listing;
mod ordinary;
mod peer_streams;
mod script;
mod server_connection;
mod world;
