//! Reaping is precise: a session is removed for silence only if nothing was heard of it for its limit, at the moment of removal.
//!
//! Judged twice: by the figures that the server gives for its decision, and by the network's own record. A client's last write that had certainly arrived by
//! then must be at least the limit ago.

use std::time::Duration;

use chatdev_net::Note;

use super::{Checker, Findings, registry::Registry, traffic::Traffic};
use crate::{
    events::{Entry, Event},
    schedule::{Schedule, Step},
};

/// See the file's documentation.
pub(super) struct Reaping {
    limit: Duration,
    way_max: Duration,
    /// Whether every write is a whole number of elements that arrives: only then does the network's record say what the server could hear.
    legible: bool,
    traffic: Traffic,
}

impl Reaping {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let stalls = schedule.steps.iter().any(|timed| matches!(timed.step, Step::Stall(_)));
        Self {
            limit: Duration::from_secs(schedule.limit_s),
            way_max: schedule.network.way_max() + Duration::from_millis(schedule.network.chaos_ms_max),
            legible: schedule.network.pieces_octets_max.is_none() && !stalls,
            traffic: Traffic::default(),
        }
    }
}

impl Checker for Reaping {
    fn name(&self) -> &'static str {
        "reaping"
    }

    fn invariant(&self) -> &'static str {
        "a session is reaped only after a silence of its limit, measured at its removal"
    }

    fn see(&mut self, entry: &Entry, registry: &Registry, found: &mut Findings) {
        self.traffic.see(entry);
        let Event::Note(Note::Reaped { jid, silence, limit, .. }) = &entry.event else { return };
        found.check(silence >= limit, || format!("{entry}: it had been silent for {silence:?} only"));
        found.check(*limit == self.limit, || format!("{entry}: it had been told {:?}", self.limit));
        let arrived_by = entry.at.saturating_sub(self.way_max);
        if let Some(client) = registry.only_client_of(jid).filter(|_| self.legible)
            && let Some(wrote) = self.traffic.last_write(client, arrived_by)
        {
            found.check(entry.at - wrote >= self.limit, || {
                format!("{entry}: {client} had written at {wrote:?}, which had arrived")
            });
        }
    }
}
