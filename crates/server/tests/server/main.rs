//! The server's brain from outside: dialogues of scripted clients, in files named by what they hold to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bounds;
mod client;
mod directory_service;
mod extensions;
mod reaping;
mod rfc6120_bind;
mod rfc6120_from;
mod rfc6121_presence;
mod rfc6121_routing;
mod screenplays;
mod shutdown;
mod small_world;
mod storage;
mod stretching;
mod undelivered;
mod wire;
mod world;
mod xep0077_register;
