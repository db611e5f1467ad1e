//! Interesting situations, counted: a batch that never meets one has not tested what it claims to test.

mod conversations;
mod faults;
mod sessions;

use std::collections::BTreeMap;

use super::Figures;
use crate::{events::Entry, model::Model, schedule::Schedule};
pub use conversations::{
    BOTH_DIALLED, CUT_MID_MESSAGE, IMPOSTOR_REFUSED, LIE_NOTICED, SENT_AGAIN, SHOWN, SHOWN_WITHOUT_SERVER,
};
pub use faults::{
    BOUNCED, CUT_OFF, DIED_STORING, HEALED_AFTER_LIMIT, HEALED_BEFORE_LIMIT, ONE_WAY, STORAGE_FAILED,
    STREAM_ERROR, WALL_JUMPED,
};
pub use sessions::{
    BACK_AFTER_REAPED, BACK_AFTER_RESTART, CONFLICT, HEARD_AT_LIMIT, HEARD_LATE, LATECOMER, PAGED, REAPED,
    REAPED_TOGETHER, RESET, SERVER_FROZEN, TAKEN_AFTER_REAPED, TAKEN_WHILE_DYING, TWO_AT_ONCE,
};

/// How often each situation was met.
pub(super) type Counts = BTreeMap<&'static str, u64>;

fn count(counts: &mut Counts, name: &'static str, so: bool) {
    if so {
        *counts.entry(name).or_default() += 1;
    }
}

/// Counts them in one run.
pub(super) struct Situations {
    sessions: sessions::Sessions,
    conversations: conversations::Conversations,
    faults: faults::Faults,
    counts: Counts,
}

impl Situations {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            sessions: sessions::Sessions::new(schedule),
            conversations: conversations::Conversations::default(),
            faults: faults::Faults::new(schedule),
            counts: Counts::new(),
        }
    }

    pub(super) fn see(&mut self, entry: &Entry, model: &Model) {
        self.sessions.see(entry, model, &mut self.counts);
        self.conversations.see(entry, model, &mut self.counts);
        self.faults.see(entry, &mut self.counts);
    }

    pub(super) fn finish(&mut self, figures: Figures) {
        self.faults.finish(figures, &mut self.counts);
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }
}
