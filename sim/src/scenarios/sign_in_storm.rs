//! A crowd signs in at once, and the server ends in the middle of it: everybody gets in.

use super::{
    Scenario,
    draft::{CALM_AFTER_SILENCE_MS, Draft},
};
use crate::{
    checkers::situations::BACK_AFTER_RESTART,
    schedule::{Act, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "sign-in-storm",
    about: "a crowd signs in at once, the server ends in the middle of it, and everybody gets in",
    schedule,
    meets: &[BACK_AFTER_RESTART],
    share: 0.4,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed).coarse(5);
    let count = draft.between(12, 40);
    draft.people(count);
    for _ in 0..draft.between(0, 2) {
        let at_ms = draft.between(20, 1_500);
        let down_ms = draft.between(50, 1_500);
        draft.restart_server(at_ms, down_ms);
    }
    if draft.toss() {
        let (at_ms, for_ms) = (draft.between(20, 500), draft.between(100, 2_000));
        draft.at(at_ms, Act::Freeze { who: SERVER.to_owned(), for_ms });
    }
    draft.settle(CALM_AFTER_SILENCE_MS)
}
