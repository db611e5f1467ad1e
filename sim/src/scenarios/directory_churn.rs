//! The directory under churn: more people than fit on a page, who come, go and change all the time, a server that
//! remembers only a few departures, and restarts in the middle of a walk. All lists become equal, whether they were
//! told by deltas or whole.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{LATECOMER, PAGED, RESET},
    schedule::{Act, Ending, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "directory-churn",
    about: "more people than fit on a page come, go and change; deltas and whole lists become equal",
    schedule,
    meets: &[PAGED, RESET, LATECOMER],
    share: 1.2,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed).coarse(2);
    let count = draft.between(6, 12);
    let people = draft.people(count);
    draft.server().departures_max = draft.pick(&[1, 2, 4, 10_000]);
    draft.server().page_entries = draft.pick(&[1, 2, 3, 5]);
    for _ in 0..draft.between(5, 25) {
        let at_ms = draft.between(400, 5_000);
        // The first two stay, and see it all.
        let who = draft.pick(&people[2..]);
        if draft.toss() {
            draft.at(at_ms, Act::SetStatus { who, status: format!("as of {at_ms}") });
        } else {
            let how = draft.pick(&[Ending::Asked, Ending::Killed]);
            let back_ms = draft.between(1, 1_500);
            let back_after_ms = if draft.between(0, 3) == 0 { None } else { Some(back_ms) };
            draft.at(at_ms, Act::End { who, how, back_after_ms });
        }
    }
    // Whoever was asleep has to be told everything, or anew.
    for who in &people[..2] {
        let (at_ms, for_ms) = (draft.between(SETTLED_MS, 4_000), draft.between(500, 2_500));
        draft.at(at_ms, Act::Freeze { who: who.clone(), for_ms });
    }
    if draft.between(0, 2) == 0 {
        let at_ms = draft.between(SETTLED_MS, 4_000);
        draft.restart_server(at_ms, 300);
    }
    // One who comes last is told everything at once; the others were told it bit by bit.
    draft.actor("latecomer", "latecomer", Kind::Person, 7_000);
    draft.settle_after_faults()
}
