//! Two clients ask for one full JID in the same tick. One has it in the end; the other is told of the
//! conflict, and does not come back by itself, for then they would throw each other out for ever.

use super::{Scenario, draft::Draft};
use crate::{
    checkers::situations::{CONFLICT, TWO_AT_ONCE},
    schedule::{Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "two-at-once",
    about: "two sign-ins of one full JID in one tick: one stays, the other does not fight",
    schedule,
    meets: &[TWO_AT_ONCE, CONFLICT],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.people(1);
    let at_ms = draft.between(50, 500);
    let apart_ms = if draft.toss() { 0 } else { draft.between(0, 3) };
    let twins = vec![
        draft.actor("twin-a", "twin", Kind::Person, at_ms),
        draft.actor("twin-b", "twin", Kind::Person, at_ms + apart_ms),
    ];
    draft.expect(Expected::OneSignedIn(twins));
    // Neither throws the other out a second time.
    draft.expect(Expected::BindsAtMost("twin".to_owned(), 2));
    draft.settle(5_000)
}
