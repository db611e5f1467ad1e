//! A client freezes: for less than its limit, for about as long, for longer. Who was silent for too long is
//! reaped within limit + interval, and comes back when it thaws.

use super::{
    Scenario,
    draft::{Draft, INTERVAL_MS, LIMIT_MS, SETTLED_MS},
};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, HEARD_LATE, REAPED},
    schedule::{Act, Expected, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "silence",
    about: "a client freezes, is reaped if it froze for too long, and comes back",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED, HEARD_LATE],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    let who = draft.pick(&people);
    let at_ms = draft.between(SETTLED_MS, SETTLED_MS + 1_000);
    // It was heard at most an interval before it froze, and is heard at once when it thaws.
    let (for_ms, reaped) = match seed % 3 {
        0 => (draft.between(100, LIMIT_MS - INTERVAL_MS - 500), Some(0)),
        1 => (draft.between(LIMIT_MS - INTERVAL_MS - 100, LIMIT_MS + 100), None),
        _ => (draft.between(LIMIT_MS + 200, 2 * LIMIT_MS), Some(1)),
    };
    let then = reaped.map(|times| Expected::Reaped(who.clone(), times));
    draft.then(at_ms, Act::Freeze { who, for_ms }, then.into_iter().collect());
    draft.settle(4_000)
}
