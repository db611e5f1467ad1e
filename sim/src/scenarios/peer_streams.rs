//! Two people write to each other at the very same moment, so that both dial; and whatever they say is cut in the
//! middle, again and again. One stream stays, no message is lost, none is shown twice.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{BOTH_DIALLED, CUT_MID_MESSAGE, SENT_AGAIN},
    schedule::{Act, Expected, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "peer-streams",
    about: "two people dial each other at once, and their streams are cut in the middle of messages",
    schedule,
    meets: &[BOTH_DIALLED, CUT_MID_MESSAGE, SENT_AGAIN],
    share: 2.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(2);
    let cuts = if seed.is_multiple_of(4) { 0 } else { draft.between(1, 4) };
    let mut at_ms = SETTLED_MS;
    for _ in 0..draft.between(1, 3) {
        for (from, to) in [(0, 1), (1, 0)] {
            let apart_ms = draft.between(0, 12);
            for _ in 0..draft.between(1, 6) {
                draft.send(at_ms + apart_ms, &people[from], &people[to], cuts == 0);
            }
        }
        at_ms += draft.between(0, 900);
    }
    for _ in 0..cuts {
        let cut_ms = draft.between(SETTLED_MS - 5, at_ms);
        let (who, how) = (draft.pick(&people), draft.manner());
        let octets = draft.between(1, 2_500);
        draft.at(cut_ms, Act::CutAfter { who, octets, how, for_ms: 1_000 });
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle_after_faults()
}
