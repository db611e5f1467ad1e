//! Reaping is precise: a session is removed for silence only if nothing was heard of it for its limit, at the
//! moment of removal.
//!
//! Judged twice: by the figures that the server gives for its decision, and by the network's own record of
//! what it last read from that client.

use std::time::Duration;

use chatdev_net::Note;

use super::{Checker, Findings, registry::Registry, traffic::Traffic};
use crate::{
    events::{Entry, Event},
    schedule::Schedule,
};

/// See the file's documentation.
pub(super) struct Reaping {
    limit: Duration,
    /// Whether what is read is a whole number of elements: only then does the network's record say what the
    /// server heard.
    legible: bool,
    traffic: Traffic,
}

impl Reaping {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            limit: Duration::from_secs(schedule.limit_s),
            legible: schedule.network.pieces_octets_max.is_none(),
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
        if let Some(client) = registry.only_client_of(jid).filter(|_| self.legible)
            && let Some(heard) = self.traffic.last_heard(client)
        {
            found.check(entry.at - heard >= self.limit, || {
                format!("{entry}: it had read from {client} at {heard:?}")
            });
        }
    }
}
