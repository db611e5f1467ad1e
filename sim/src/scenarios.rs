//! The scenarios: each turns a seed into a [`Schedule`], and says which interesting situations a batch of its
//! seeds has to meet.
//!
//! Seeds 0, 4, 8 … of most run on a quiet network; the others switch jitter, torn writes, chaos points and
//! drawn turns on and off at random, so that every family is also met alone.

mod batch_reaping;
mod check_in;
mod conflict_storm;
mod directory_churn;
mod disks;
mod draft;
mod heartbeat_at_limit;
mod impersonation;
mod late_heartbeats;
mod lying_directory;
mod partition;
mod peer_message;
mod peer_streams;
mod receiver_dies;
mod rude_clients;
mod server_frozen;
mod server_restart;
mod sign_in;
mod sign_in_storm;
mod sign_in_while_reaped;
mod silence;
mod slow_readers;
mod soak;
mod soak_crowd;
mod split;
mod stalled_check_in;
mod swarm;
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
    /// How many seeds it gets in a batch, for each that an ordinary one gets.
    pub share: f64,
}

/// All of them.
pub const SCENARIOS: [Scenario; 27] = [
    sign_in::SCENARIO,
    sign_in_storm::SCENARIO,
    check_in::SCENARIO,
    silence::SCENARIO,
    heartbeat_at_limit::SCENARIO,
    late_heartbeats::SCENARIO,
    stalled_check_in::SCENARIO,
    sign_in_while_reaped::SCENARIO,
    batch_reaping::SCENARIO,
    two_at_once::SCENARIO,
    conflict_storm::SCENARIO,
    server_restart::SCENARIO,
    server_frozen::SCENARIO,
    partition::SCENARIO,
    split::SCENARIO,
    directory_churn::SCENARIO,
    peer_message::SCENARIO,
    peer_streams::SCENARIO,
    receiver_dies::SCENARIO,
    impersonation::SCENARIO,
    lying_directory::SCENARIO,
    slow_readers::SCENARIO,
    rude_clients::SCENARIO,
    disks::SCENARIO,
    swarm::SCENARIO,
    soak::SCENARIO,
    soak_crowd::SCENARIO,
];

/// The scenario of that name.
#[must_use]
pub fn find(name: &str) -> Option<Scenario> {
    SCENARIOS.into_iter().find(|scenario| scenario.name == name)
}

impl Scenario {
    /// How many seeds it gets in a batch where an ordinary one gets `seeds`: at least one.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "small numbers"
    )]
    pub fn seeds(&self, seeds: u64) -> u64 {
        ((seeds as f64 * self.share).round() as u64).max(1)
    }
}
