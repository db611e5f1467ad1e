//! A crowd: a thousand people for six hours, at the pace of production, with what happens to single ones of them. (A server
//! that restarts tells each of a thousand people of all the others: a million entries; `soak` has that.)

use super::{Scenario, draft::Draft, soak};
use crate::{
    checkers::situations::{REAPED, SHOWN},
    schedule::Schedule,
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "soak-crowd",
    about: "six hours of a thousand people at production's pace",
    schedule,
    meets: &[REAPED, SHOWN],
    share: 0.01,
};

fn schedule(seed: u64) -> Schedule {
    soak::of(Draft::new(SCENARIO.name, seed), 1_000, 6, 4)
}
