//! [`Phase`]: what a run consists of, one after the other.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of a run. Each begins at most once; a scenario may leave some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Accounts are made, in band: the server is asked for them, and nothing of that is measured.
    Prepare,
    /// Sessions are opened. In a scenario without [`Measure`](Self::Measure) this is what is measured.
    SignIn,
    /// The load runs, and does not count yet: caches fill, buffers grow.
    WarmUp,
    /// The load runs, and counts.
    Measure,
    /// No new operations; those that are under way may end.
    Drain,
}

impl Phase {
    /// As people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::SignIn => "sign in",
            Self::WarmUp => "warm up",
            Self::Measure => "measure",
            Self::Drain => "drain",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
