//! The scenarios: each turns a seed into a [`Schedule`], and says which interesting situations a batch of its
//! seeds has to meet.
//!
//! Seeds 0, 4, 8 … of each run on a quiet network; the others switch jitter, torn writes, chaos points and
//! drawn turns on and off at random, so that every family is also met alone.

mod check_in;
mod draft;
mod heartbeat_at_limit;
mod peer_message;
mod server_frozen;
mod server_restart;
mod sign_in;
mod sign_in_while_reaped;
mod silence;
mod two_at_once;

use crate::schedule::Schedule;

/// A kind of story.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name: that of its file, with hyphens.
    pub name: &'static str,
    /// In words.
    pub about: &'static str,
    /// The story that a seed tells.
    pub schedule: fn(u64) -> Schedule,
    /// Situations that some seeds of a batch must meet.
    pub meets: &'static [&'static str],
}

/// All of them.
pub const SCENARIOS: [Scenario; 9] = [
    sign_in::SCENARIO,
    check_in::SCENARIO,
    peer_message::SCENARIO,
    silence::SCENARIO,
    heartbeat_at_limit::SCENARIO,
    sign_in_while_reaped::SCENARIO,
    two_at_once::SCENARIO,
    server_restart::SCENARIO,
    server_frozen::SCENARIO,
];

/// The scenario of that name.
#[must_use]
pub fn find(name: &str) -> Option<Scenario> {
    SCENARIOS.into_iter().find(|scenario| scenario.name == name)
}
