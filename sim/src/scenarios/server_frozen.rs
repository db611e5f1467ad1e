//! The server itself freezes for longer than the limit that it told everybody. That is nobody's silence but
//! its own: no session is reaped for it.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
};
use crate::{
    checkers::situations::SERVER_FROZEN,
    schedule::{Act, Expected, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "server-frozen",
    about: "the server freezes for longer than its limit; nobody is reaped for it",
    schedule,
    meets: &[SERVER_FROZEN],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    let at_ms = draft.between(SETTLED_MS, SETTLED_MS + 1_000);
    let for_ms = draft.between(600, LIMIT_MS + 2_000);
    draft.at(at_ms, Act::Freeze { who: SERVER.to_owned(), for_ms });
    for name in people {
        draft.expect(Expected::Reaped(name, 0));
    }
    draft.settle(6_000)
}
