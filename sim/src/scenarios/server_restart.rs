//! The server ends, in every manner, and begins again: everybody comes back, and all lists are equal again.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    run::SERVER,
    schedule::{Schedule, Step},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "server-restart",
    about: "the server is stopped, killed or loses power, and begins again; everybody comes back",
    schedule,
    meets: &["a client comes back after the server restarted"],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 5);
    let people = draft.people(usize::try_from(count).expect("at most five"));
    draft.start_all(&people);
    let mut at_ms = SETTLED_MS;
    for _ in 0..draft.between(1, 2) {
        at_ms += draft.between(0, 2_000);
        let end = draft.pick(&[Step::AskToStop, Step::Kill, Step::PowerCut]);
        let graceful = end(SERVER.to_owned()) == Step::AskToStop(SERVER.to_owned());
        draft.at(at_ms, end(SERVER.to_owned()));
        // A graceful stop may take as long as a client takes to hear the last words.
        at_ms += if graceful { draft.between(7_000, 8_000) } else { draft.between(50, 2_000) };
        if graceful {
            draft.at(at_ms - 1, Step::Kill(SERVER.to_owned()));
        }
        draft.at(at_ms, Step::Start(SERVER.to_owned()));
        at_ms += 1_000;
    }
    draft.expect_signed_in(&people);
    draft.over_after(16_000)
}
