//! The server itself freezes for longer than the limit that it told everybody. That is nobody's silence but
//! its own: no session is reaped for it.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
};
use crate::{
    run::SERVER,
    schedule::{Expected, Schedule, Step},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "server-frozen",
    about: "the server freezes for longer than its limit; nobody is reaped for it",
    schedule,
    meets: &["the server is frozen for longer than its limit"],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    draft.start_all(&people);
    let at_ms = draft.between(SETTLED_MS, SETTLED_MS + 1_000);
    let for_ms = draft.between(600, LIMIT_MS + 2_000);
    draft.at(at_ms, Step::Pause(SERVER.to_owned()));
    draft.at(at_ms + for_ms, Step::Resume(SERVER.to_owned()));
    for name in &people {
        draft.expect(Expected::Reaped(name.clone(), 0));
    }
    draft.expect_signed_in(&people);
    draft.over_after(8_000)
}
