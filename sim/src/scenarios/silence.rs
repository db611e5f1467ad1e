//! A client freezes: for less than its limit, for about as long, for longer. Who was silent for too long is
//! reaped within limit + interval, and comes back when it thaws.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
};
use crate::schedule::{Expected, Schedule, Step};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "silence",
    about: "a client freezes, is reaped if it froze for too long, and comes back",
    schedule,
    meets: &[
        "a session is reaped",
        "a reaped client comes back",
        "a session is heard again just before its limit",
    ],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    draft.start_all(&people);
    let frozen = draft.pick(&people);
    let at_ms = draft.between(SETTLED_MS, SETTLED_MS + 1_000);
    // It was heard at most an interval before it froze, and is heard at once when it thaws.
    let (for_ms, reaped) = match seed % 3 {
        0 => (draft.between(100, LIMIT_MS - 1_500), Some(0)),
        1 => (draft.between(LIMIT_MS - 1_100, LIMIT_MS + 100), None),
        _ => (draft.between(LIMIT_MS + 200, 2 * LIMIT_MS), Some(1)),
    };
    draft.at(at_ms, Step::Pause(frozen.clone()));
    draft.at(at_ms + for_ms, Step::Resume(frozen.clone()));
    if let Some(times) = reaped {
        draft.expect(Expected::Reaped(frozen, times));
    }
    draft.expect_signed_in(&people);
    draft.over_after(5_000)
}
