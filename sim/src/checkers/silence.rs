//! Silence is noticed: a session from which nothing came for limit + interval is no longer bound, counted
//! from what the server last read from its client, and leaving out the time for which the server itself was
//! frozen.

use std::time::Duration;

use super::{Checker, End, Findings};
use crate::{events::Entry, model::Model, schedule::Schedule};

/// See the file's documentation.
pub(super) struct Silence {
    bound: Duration,
    now: Duration,
}

impl Silence {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let chaos = Duration::from_millis(4 * schedule.network.chaos_ms_max);
        let times = Duration::from_secs(schedule.server.limit_s + schedule.server.interval_s);
        Self { bound: times + schedule.network.way_max() + chaos, now: Duration::ZERO }
    }

    fn check_all(&self, at: Duration, model: &Model, found: &mut Findings) {
        for (jid, bound) in model.registry.bound.iter().filter(|(_, bound)| bound.connection.is_some()) {
            let heard = model.heard(jid).filter(|heard| heard.at >= bound.since);
            let since = heard.map_or(bound.since, |heard| heard.at);
            let frozen = model.server_frozen(at) - heard.map_or(Duration::ZERO, |heard| heard.frozen);
            let silent = (at - since).saturating_sub(frozen);
            found.check(silent <= self.bound, || {
                format!("at {at:?} {jid} (session {}) is still bound, silent for {silent:?}", bound.session.0)
            });
        }
    }
}

impl Checker for Silence {
    fn name(&self) -> &'static str {
        "silence"
    }

    fn invariant(&self) -> &'static str {
        "a session from which nothing came for limit + interval is no longer bound"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        // Once a second is enough: what is overdue stays so until it is noticed.
        if entry.at.as_secs() > self.now.as_secs() && !model.server_is_frozen() {
            self.check_all(entry.at, model, found);
        }
        self.now = entry.at;
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        self.check_all(end.at, end.model, found);
    }
}
