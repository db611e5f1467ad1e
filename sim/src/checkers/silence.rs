//! Silence is noticed: a session from which nothing came for limit + interval is no longer bound, counted
//! from what the server last read from its client, and leaving out the time for which the server itself was
//! frozen.

use std::time::Duration;

use super::{Checker, End, Findings, registry::Registry, traffic::Traffic};
use crate::{
    events::{Entry, Event},
    run::SERVER,
    schedule::Schedule,
};

/// See the file's documentation.
pub(super) struct Silence {
    bound: Duration,
    traffic: Traffic,
    server_frozen_since: Option<Duration>,
    server_frozen: Duration,
    now: Duration,
}

impl Silence {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let chaos = Duration::from_millis(4 * schedule.network.chaos_ms_max);
        Self {
            bound: Duration::from_secs(schedule.limit_s + schedule.interval_s)
                + schedule.network.way_max()
                + chaos,
            traffic: Traffic::default(),
            server_frozen_since: None,
            server_frozen: Duration::ZERO,
            now: Duration::ZERO,
        }
    }

    fn check_all(&self, at: Duration, registry: &Registry, found: &mut Findings) {
        for (jid, bound) in &registry.bound {
            let Some(client) = registry.only_client_of(jid) else { continue };
            let heard = self.traffic.last_heard(client).unwrap_or_default().max(bound.since);
            let silent = (at - heard).saturating_sub(self.server_frozen);
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

    fn see(&mut self, entry: &Entry, registry: &Registry, found: &mut Findings) {
        self.traffic.see(entry);
        match entry.event {
            Event::Paused if *entry.process == *SERVER => self.server_frozen_since = Some(entry.at),
            Event::Resumed if *entry.process == *SERVER => {
                self.server_frozen += entry.at - self.server_frozen_since.take().unwrap_or(entry.at);
            }
            _ => {}
        }
        // Once a second is enough: what is overdue stays so until it is noticed.
        if entry.at.as_secs() > self.now.as_secs() && self.server_frozen_since.is_none() {
            self.check_all(entry.at, registry, found);
        }
        self.now = entry.at;
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        self.check_all(self.now, end.registry, found);
    }
}
