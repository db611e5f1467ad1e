//! Disks that are slow or fail, under clients and under the server, and power that goes while they work. What was
//! acknowledged is there afterwards; what was not is sent again, and shown once.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{DIED_STORING, SHOWN, STORAGE_FAILED},
    schedule::{Act, DiskFault, Ending, Expected, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "disks",
    about: "disks are slow or fail, and the power goes while they work; what was acknowledged is there",
    schedule,
    meets: &[STORAGE_FAILED, DIED_STORING, SHOWN],
    share: 1.5,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    let messages = draft.between(3, 25);
    draft.chatter(&people, messages, (SETTLED_MS, 4_500), false);
    for _ in 0..draft.between(1, 3) {
        let (at_ms, for_ms) = (draft.between(SETTLED_MS - 500, 4_000), draft.between(100, 2_500));
        let who = if draft.between(0, 4) == 0 { SERVER.to_owned() } else { draft.pick(&people) };
        let how = if draft.between(0, 3) == 0 {
            DiskFault::Failing
        } else {
            DiskFault::Slow(draft.between(5, 400))
        };
        draft.at(at_ms, Act::Disk { who: who.clone(), how, for_ms });
        if draft.toss() {
            let (end_ms, back_ms) = (at_ms + draft.between(10, for_ms), draft.between(50, 1_500));
            let how = draft.pick(&[Ending::Killed, Ending::PowerCut]);
            draft.at(end_ms, Act::End { who, how, back_after_ms: Some(back_ms) });
        }
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle_after_faults()
}
