//! Days: twenty people, at the pace of production, with the faults of ordinary life. Nothing grows, nobody is
//! forgotten, and every message finds its way or says that it does not.

use super::{Scenario, draft::Draft};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, BACK_AFTER_RESTART, REAPED, SHOWN},
    schedule::{Act, Ending, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "soak",
    about: "a day of twenty people at production's pace, with the faults of ordinary life",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED, BACK_AFTER_RESTART, SHOWN],
    share: 0.02,
};

const HOUR_MS: u64 = 3_600_000;

fn schedule(seed: u64) -> Schedule {
    of(Draft::new(SCENARIO.name, seed), 20, 24, 6)
}

/// `count` people for `hours`; `families`: 4, of faults that concern one person; 6, those that concern all as well.
pub(super) fn of(draft: Draft, count: u64, hours: u64, families: u64) -> Schedule {
    let mut draft = draft.exact().coarse(50);
    let people = draft.people(count);
    draft.server().interval_s = 20;
    draft.server().limit_s = 60;
    for actor in draft.actors() {
        // One machine: what a soak needs is people, not ways.
        "left".clone_into(&mut actor.machine);
    }
    for hour in 0..hours {
        let (from_ms, to_ms) = (hour * HOUR_MS + 60_000, (hour + 1) * HOUR_MS - 400_000);
        draft.chatter(&people, 40, (from_ms, to_ms), false);
        for _ in 0..draft.between(2, 6) {
            let (at_ms, who) = (draft.between(from_ms, to_ms), draft.pick(&people));
            fault(&mut draft, families, at_ms, who);
        }
    }
    draft.settle(240_000)
}

fn fault(draft: &mut Draft, families: u64, at_ms: u64, who: String) {
    match draft.between(0, families) {
        0 => draft.at(at_ms, Act::SetStatus { who, status: format!("as of {at_ms}") }),
        1 => {
            let for_ms = draft.between(1_000, 200_000);
            draft.at(at_ms, Act::Freeze { who, for_ms });
        }
        2 => {
            let how = draft.pick(&[Ending::Asked, Ending::Killed, Ending::PowerCut]);
            let back_after_ms = Some(draft.between(1_000, 300_000));
            draft.at(at_ms, Act::End { who, how, back_after_ms });
        }
        3 => draft.at(at_ms, Act::SetWall { who, ahead_ms: 3_600_000 }),
        4 => {
            let how = draft.manner();
            draft.at(at_ms, Act::Cut { who, how });
        }
        5 => draft.restart_server(at_ms, 10_000),
        _ => {
            let for_ms = draft.between(1_000, 100_000);
            draft.part(at_ms, SERVER, "left", for_ms);
        }
    }
}
