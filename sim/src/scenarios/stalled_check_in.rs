//! A check-in waits in a queue while its sender's limit runs out: behind a server that stands still, behind a
//! write that is stalled, behind both. What was waiting when the server came to speaks for its sender; what came
//! after the limit does not.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, REAPED, SERVER_FROZEN},
    schedule::{Act, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "stalled-check-in",
    about: "check-ins wait behind a server that stands still and behind stalled writes",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED, SERVER_FROZEN],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    for _ in 0..draft.between(1, 3) {
        let (at_ms, for_ms) = (draft.between(SETTLED_MS, 3_000), draft.between(800, LIMIT_MS + 1_000));
        let who = draft.pick(&people);
        if draft.toss() {
            draft.at(at_ms, Act::Stall { who, for_ms });
        } else {
            draft.at(at_ms, Act::Freeze { who, for_ms });
        }
    }
    let (at_ms, for_ms) = (draft.between(SETTLED_MS, 4_000), draft.between(100, LIMIT_MS + 500));
    draft.at(at_ms, Act::Freeze { who: SERVER.to_owned(), for_ms });
    draft.settle(6_500)
}
