//! How the network of a run treats bytes, and how late things may be.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::{Pieces, Settings};

/// See the file's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The grain of time.
    pub tick_ms: u64,
    /// Of every write.
    pub latency_ms: u64,
    /// Of single writes, on top of it, drawn.
    pub jitter_ms_max: u64,
    /// Writes and reads are broken into pieces of up to so many octets; `None`: not at all.
    pub pieces_octets_max: Option<usize>,
    /// Longest wait at a chaos point.
    pub chaos_ms_max: u64,
    /// Machines take turns in a drawn order.
    pub random_turns: bool,
    /// Real rustls: outcomes only.
    pub real_tls: bool,
}

impl Network {
    /// A millisecond's grain, two milliseconds' way, nothing else.
    pub const QUIET: Self = Self {
        tick_ms: 1,
        latency_ms: 2,
        jitter_ms_max: 0,
        pieces_octets_max: None,
        chaos_ms_max: 0,
        random_turns: false,
        real_tls: false,
    };

    pub(crate) fn settings(&self, seed: u64) -> Settings {
        Settings {
            tick: Duration::from_millis(self.tick_ms),
            latency: Duration::from_millis(self.latency_ms),
            jitter_ms_max: self.jitter_ms_max,
            pieces: self.pieces_octets_max.map_or(Pieces::Whole, Pieces::UpTo),
            chaos_ms_max: self.chaos_ms_max,
            random_turns: self.random_turns,
            real_tls: self.real_tls,
            ..Settings::quiet(seed)
        }
    }

    /// The longest that a write is under way where no fault delays it, the grain of time included.
    #[must_use]
    pub fn way_max(&self) -> Duration {
        Duration::from_millis(self.latency_ms + self.jitter_ms_max + 2 * self.tick_ms)
    }
}
