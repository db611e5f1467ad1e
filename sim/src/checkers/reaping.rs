//! Reaping is precise: a session is removed for silence only if nothing was heard of it for its limit, at the
//! moment of removal.
//!
//! Judged twice: by the figures that the server gives for its decision, and by the network's own record of
//! what it last read from that client, less the time for which the server itself stood still.

use std::time::Duration;

use chatdev_net::Note;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::Schedule,
};

/// The server looks at its clock once a second: when it began to stand still it knows to within that, and a stall of less
/// than half a second it does not notice.
const STALL_UNKNOWN_MAX: Duration = Duration::from_millis(1_600);

/// See the file's documentation.
pub(super) struct Reaping {
    limit: Duration,
    /// The same in simulated time, where the server's clock runs fast.
    limit_by_its_clock: Duration,
    /// Whether what is read is a whole number of elements: only then does the network's record say what the
    /// server heard.
    legible: bool,
}

impl Reaping {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let limit = Duration::from_secs(schedule.server.limit_s);
        Self {
            limit,
            limit_by_its_clock: limit.mul_f64(1.0 - f64::from(schedule.server.clock_rate_ppm.max(0)) / 1e6),
            legible: schedule.network.pieces_octets_max.is_none(),
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

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        let Event::Note(Note::Reaped { jid, silence, limit, .. }) = &entry.event else { return };
        found.check(silence >= limit, || format!("{entry}: it had been silent for {silence:?} only"));
        found.check(*limit == self.limit, || format!("{entry}: it had been told {:?}", self.limit));
        if let Some(heard) = model.heard(jid).filter(|_| self.legible) {
            // The server's own stalls count against nobody, as far as it can know how long they were.
            let stalled = model.server_frozen(entry.at) - heard.frozen;
            let unknown = STALL_UNKNOWN_MAX * (model.server_freezes() - heard.freezes);
            let silent = (entry.at - heard.at) - stalled.saturating_sub(unknown);
            found.check(silent >= self.limit_by_its_clock, || {
                format!(
                    "{entry}: it had read from it at {:?}, and itself stood still for {stalled:?}",
                    heard.at
                )
            });
        }
    }
}
