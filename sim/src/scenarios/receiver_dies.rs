//! Whoever receives messages dies while they come: between any two steps of taking one in, and begins again at once. What
//! was acknowledged is never shown again, what was not is, and nothing is lost.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{SENT_AGAIN, SHOWN},
    schedule::{Act, DiskFault, Ending, Expected, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "receiver-dies",
    about: "whoever receives messages dies at any step of taking them in, and begins again at once",
    schedule,
    meets: &[SENT_AGAIN, SHOWN],
    share: 1.5,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(2);
    let (from, to) = if draft.toss() { (0, 1) } else { (1, 0) };
    // They have a stream already, or it is opened for these messages.
    if draft.toss() {
        draft.send(SETTLED_MS, &people[from], &people[to], true);
    }
    let mut at_ms = SETTLED_MS + 400;
    for _ in 0..draft.between(1, 2) {
        for _ in 0..draft.between(1, 5) {
            let apart_ms = draft.between(0, 10);
            draft.send(at_ms + apart_ms, &people[from], &people[to], false);
        }
        if draft.toss() {
            let how = DiskFault::Slow(draft.between(1, 15));
            draft.at(at_ms - 50, Act::Disk { who: people[to].clone(), how, for_ms: 200 });
        }
        let (end_ms, back_ms) = (at_ms + draft.between(2, 30), draft.between(5, 500));
        let how = draft.pick(&[Ending::Killed, Ending::PowerCut, Ending::PowerCut]);
        draft.at(end_ms, Act::End { who: people[to].clone(), how, back_after_ms: Some(back_ms) });
        at_ms += 1_500;
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle_after_faults()
}
