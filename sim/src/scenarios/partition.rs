//! The network between clients and server fails: for a moment, for longer than the limit, in one direction, in both,
//! for one machine or for all; dials are refused or hang. It heals, before or after the limit, and everybody is
//! where they belong.

use super::{
    Scenario,
    draft::{CALM_AFTER_SILENCE_MS, Draft, LIMIT_MS, MACHINES, SETTLED_MS},
};
use crate::{
    checkers::situations::{HEALED_AFTER_LIMIT, HEALED_BEFORE_LIMIT, ONE_WAY, REAPED},
    schedule::{Act, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "partition",
    about: "ways between clients and server are shut, in one direction or both, and open again",
    schedule,
    meets: &[HEALED_BEFORE_LIMIT, HEALED_AFTER_LIMIT, ONE_WAY, REAPED],
    share: 1.2,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(4);
    for _ in 0..draft.between(1, 3) {
        let at_ms = draft.between(SETTLED_MS, 4_000);
        let for_ms = match draft.between(0, 2) {
            0 => draft.between(20, 800),
            1 => draft.between(LIMIT_MS - 1_000, LIMIT_MS + 500),
            _ => draft.between(LIMIT_MS + 500, 2 * LIMIT_MS),
        };
        let machine = draft.pick(&MACHINES);
        match draft.between(0, 4) {
            0 => draft.part(at_ms, SERVER, machine, for_ms),
            1 => MACHINES.iter().for_each(|machine| draft.part(at_ms, SERVER, machine, for_ms)),
            2 => draft.at(at_ms, Act::Shut { from: SERVER.to_owned(), to: machine.to_owned(), for_ms }),
            3 => draft.at(at_ms, Act::Shut { from: machine.to_owned(), to: SERVER.to_owned(), for_ms }),
            _ => {
                let (hang, how, who) = (draft.toss(), draft.manner(), draft.pick(&people));
                draft.at(at_ms, Act::Dials { to: SERVER.to_owned(), hang, for_ms });
                draft.at(at_ms + 10, Act::Cut { who, how });
            }
        }
    }
    draft.settle(CALM_AFTER_SILENCE_MS - 5_000)
}
