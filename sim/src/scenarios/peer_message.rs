//! People write to each other. Without faults every message is shown, acknowledged, and none passes the
//! server; with cut connections each is still shown at most once and in order, and nobody is told that it was
//! delivered if it was not.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::SHOWN,
    schedule::{Act, Expected, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "peer-message",
    about: "messages go from client to client: once, in order, acknowledged, none by way of the server",
    schedule,
    meets: &[SHOWN],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 4);
    let people = draft.people(count);
    let with_faults = seed % 3 == 2;
    let messages = draft.between(2, 30);
    draft.chatter(&people, messages, (SETTLED_MS, 3_500), !with_faults);
    if with_faults {
        for _ in 0..draft.between(1, 4) {
            let (at_ms, who, how) = (draft.between(SETTLED_MS, 3_500), draft.pick(&people), draft.manner());
            draft.at(at_ms, Act::Cut { who, how });
        }
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle_after_faults()
}
