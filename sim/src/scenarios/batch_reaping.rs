//! A crowd falls silent at one instant: all of it is reaped, at once, and some of it comes back at that very moment.

use super::{
    Scenario,
    draft::{CALM_AFTER_SILENCE_MS, Draft, LIMIT_MS, SETTLED_MS},
};
use crate::{
    checkers::situations::{REAPED, REAPED_TOGETHER},
    schedule::{Act, Ending, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "batch-reaping",
    about: "a crowd falls silent at once and is reaped at once; some come back at that moment",
    schedule,
    meets: &[REAPED, REAPED_TOGETHER],
    share: 0.7,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(5, 9);
    let people = draft.people(count);
    let at_ms = draft.between(SETTLED_MS, SETTLED_MS + 1_000);
    for who in &people[1..] {
        let back_ms = LIMIT_MS - draft.between(0, 1_200) + draft.between(0, 1_000);
        let back_after_ms = if draft.toss() { Some(back_ms) } else { None };
        draft.at(at_ms, Act::End { who: who.clone(), how: Ending::PowerCut, back_after_ms });
    }
    // Everybody is heard at the same time first, so that their limits are over together.
    for who in &people[1..] {
        draft.at(at_ms - 5, Act::SetStatus { who: who.clone(), status: "soon gone".to_owned() });
    }
    let fewer = CALM_AFTER_SILENCE_MS - 14_000;
    draft.settle(fewer)
}
