//! People come and go, in every manner, change their status, lose their connections and come back; in the end
//! all lists are equal.

use super::{Scenario, draft::Draft};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, REAPED},
    schedule::{Act, Ending, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "check-in",
    about: "people come, go, change and lose their connections; all lists become equal",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(3, 6);
    let people = draft.people(count);
    let mut leaving = 0;
    for _ in 0..draft.between(2, 10) {
        let at_ms = draft.between(200, 5_000);
        let who = draft.pick(&people);
        match draft.between(0, 4) {
            0 => draft.at(at_ms, Act::SetStatus { who, status: format!("as of {at_ms}") }),
            1 | 2 => {
                let how = draft.manner();
                draft.at(at_ms, Act::Cut { who, how });
            }
            3 => {
                let for_ms = draft.between(10, 4_000);
                draft.at(at_ms, Act::Stall { who, for_ms });
            }
            _ if leaving + 2 < people.len() => {
                leaving += 1;
                let how = draft.pick(&[Ending::Asked, Ending::Killed, Ending::PowerCut]);
                let back_after_ms = if draft.toss() { Some(draft.between(1, 4_000)) } else { None };
                draft.at(at_ms, Act::End { who, how, back_after_ms });
            }
            _ => {}
        }
    }
    draft.settle_after_faults()
}
