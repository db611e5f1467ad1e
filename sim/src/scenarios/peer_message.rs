//! People write to each other. Without faults every message is shown, acknowledged, and none passes the
//! server; with cut connections each is still shown at most once and in order, and nobody is told that it was
//! delivered if it was not.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::schedule::{Expected, Schedule, Step};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "peer-message",
    about: "messages go from client to client: once, in order, acknowledged, none by way of the server",
    schedule,
    meets: &["a message is shown"],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 4);
    let people = draft.people(usize::try_from(count).expect("at most four"));
    draft.start_all(&people);
    for number in 0..draft.between(2, 30) {
        let at_ms = draft.between(SETTLED_MS, 4_000);
        let from = draft.pick(&people);
        let others: Vec<String> = people.iter().filter(|name| **name != from).cloned().collect();
        let to = draft.pick(&others);
        draft.at(at_ms, Step::Send { text: format!("{number}: from {from} to {to}"), from, to });
    }
    let with_faults = seed % 3 == 2;
    if with_faults {
        for _ in 0..draft.between(1, 4) {
            let at_ms = draft.between(SETTLED_MS, 4_000);
            let cut = draft.pick(&[Step::CutByFin, Step::CutByRst, Step::CutSilently]);
            let who = draft.pick(&people);
            draft.at(at_ms, cut(who));
        }
    } else {
        draft.expect(Expected::AllDelivered);
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.expect_signed_in(&people);
    draft.over_after(if with_faults { 38_000 } else { 6_000 })
}
