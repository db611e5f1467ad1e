//! What happened, in numbers: operations, sessions, and what went wrong.

use serde::{Deserialize, Serialize};

use super::Distribution;

/// How one kind of operation went in the measured phase. What it left open is followed through the drain: how that failed, timed
/// out, and how long it took counts here too. Only [`completed`](Self::completed) is of the measured phase alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Begun.
    pub started: u64,
    /// Ended well in the measured phase.
    pub completed: u64,
    /// Ended badly, in the measured phase or the drain.
    pub failed: u64,
    /// Not ended in time, or not at all.
    pub timed_out: u64,
    /// Completed a second of the measured phase.
    pub per_s: f64,
    /// Octets of stanzas written for each that completed (those of the drain included), TLS not counted; `null` if none did, or
    /// where octets are not counted, as in signing in.
    pub octets_out_each: Option<f64>,
    /// Octets of stanzas read, likewise.
    pub octets_in_each: Option<f64>,
    /// From when they were meant to begin until they completed; `null` if none did. Its count is higher than `completed`
    /// by those that completed in the drain.
    pub latency_us: Option<Distribution>,
    /// From when they were meant to begin until they began; `null` if they had no time of their own, as in a closed loop.
    pub late_us: Option<Distribution>,
}

/// How many sessions there were, over the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// How many the scenario is about.
    pub wanted: u64,
    /// How many times a session was bound.
    pub signed_in: u64,
    /// The most at one time.
    pub most: u64,
    /// How many there were when the measured phase ended.
    pub at_end: u64,
    /// How many had to be there then; 0: none had to.
    #[serde(default)]
    pub to_stay: u64,
    /// Ended without having been asked to.
    pub lost: u64,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flaw {
    /// A short name that is the same for all of a kind.
    pub name: String,
    /// How often, over the whole run.
    pub times: u64,
    /// How often in the measured phase.
    pub times_measured: u64,
    /// When first, since the beginning of the run.
    pub first_at_s: f64,
    /// What exactly it was the first time.
    pub example: String,
}
