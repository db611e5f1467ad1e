//! The time of what happens: that of the machine when the proxy began, and what has passed since; so it never goes back.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::model::At;

/// Tells the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    began: Instant,
    began_at: u64,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a live source is the one to ask the machine")]
    pub(super) fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began_at = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
        Self { began: Instant::now(), began_at }
    }

    pub(super) fn now(&self) -> At {
        let passed = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        At(self.began_at.saturating_add(passed))
    }
}
