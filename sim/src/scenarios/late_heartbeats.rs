//! Heartbeats come late for every reason that there is: slow and slower ways, clients that freeze around their
//! limit, clocks that run fast or slow, on either side, and time of day that jumps. Nobody is reaped who was heard
//! in time, and whoever was reaped comes back.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, MACHINES, SETTLED_MS},
};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, HEARD_LATE, REAPED, WALL_JUMPED},
    schedule::{Act, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "late-heartbeats",
    about: "slow ways, frozen clients, clocks that run wrong and jump; who is heard in time stays",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED, HEARD_LATE, WALL_JUMPED],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    draft.server().clock_rate_ppm = draft.pick(&[-500, 0, 0, 500]);
    for _ in 0..draft.between(1, 5) {
        let at_ms = draft.between(SETTLED_MS, 4_000);
        match draft.between(0, 4) {
            0 | 1 => {
                let (who, around_ms) = (draft.pick(&people), draft.between(0, 1_200));
                let for_ms = LIMIT_MS - 1_000 + around_ms;
                draft.at(at_ms, Act::Freeze { who, for_ms });
            }
            2 | 3 => {
                let (machine, by_ms) = (draft.pick(&MACHINES).to_owned(), draft.between(50, 3_000));
                let for_ms = draft.between(500, 4_000);
                let (from, to) =
                    if draft.toss() { (machine, SERVER.to_owned()) } else { (SERVER.to_owned(), machine) };
                draft.at(at_ms, Act::Slow { from, to, by_ms, for_ms });
            }
            _ => {
                let mut whoever = people.clone();
                whoever.push(SERVER.to_owned());
                let who = draft.pick(&whoever);
                let ahead_ms = draft.pick(&[-86_400_000, -3_600_000, -1_000, 1_000, 3_600_000, 86_400_000]);
                draft.at(at_ms, Act::SetWall { who, ahead_ms });
            }
        }
    }
    draft.settle(6_500)
}
