//! The one clock of a run: time since its beginning, the same on every thread.

use std::time::{Duration, Instant};

/// See the file's documentation. Copies are the same clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// Begins to count.
    #[expect(clippy::disallowed_methods, reason = "this is where the machine is asked")]
    #[must_use]
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Since the beginning of the run.
    #[must_use]
    pub fn now(self) -> Duration {
        self.began.elapsed()
    }

    /// That time, as tokio counts it.
    pub(crate) fn instant(self, at: Duration) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.began + at)
    }
}
