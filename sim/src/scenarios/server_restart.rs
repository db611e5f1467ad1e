//! The server ends, in every manner, and begins again: everybody comes back, and all lists are equal again.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{checkers::situations::BACK_AFTER_RESTART, schedule::Schedule};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "server-restart",
    about: "the server is stopped, killed or loses power, and begins again; everybody comes back",
    schedule,
    meets: &[BACK_AFTER_RESTART],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 5);
    let people = draft.people(count);
    let mut at_ms = SETTLED_MS;
    for _ in 0..draft.between(1, 2) {
        at_ms += draft.between(0, 2_000);
        let down_ms = draft.between(50, 2_000);
        draft.restart_server(at_ms, down_ms);
        at_ms += down_ms + 1_000;
    }
    if draft.toss() {
        draft.chatter(&people, 3, (SETTLED_MS, at_ms), false);
    }
    draft.settle_after_faults()
}
