//! People on both sides of a split write to each other. The direct way is cut while the way to the server lives, and
//! the other way round: a conversation needs no server once it is open, and a message that cannot get there says so.

use super::{
    Scenario,
    draft::{CALM_AFTER_SILENCE_MS, Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{HEALED_AFTER_LIMIT, HEALED_BEFORE_LIMIT, SHOWN, SHOWN_WITHOUT_SERVER},
    schedule::{Act, Expected, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "split",
    about: "the direct way is cut while the server's lives, and the other way round, with people on both sides",
    schedule,
    meets: &[HEALED_BEFORE_LIMIT, HEALED_AFTER_LIMIT, SHOWN, SHOWN_WITHOUT_SERVER],
    share: 1.2,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(2);
    let (left, right) = (draft.machine_of(&people[0]), draft.machine_of(&people[1]));
    if draft.toss() {
        draft.send(SETTLED_MS, &people[0], &people[1], true);
    }
    let (at_ms, for_ms) = (draft.between(SETTLED_MS + 300, 2_500), draft.between(100, 7_000));
    match draft.between(0, 3) {
        0 => draft.part(at_ms, &left, &right, for_ms),
        1 => draft.at(at_ms, Act::Shut { from: left, to: right, for_ms }),
        2 => {
            draft.part(at_ms, SERVER, &left, for_ms);
            draft.part(at_ms, SERVER, &right, for_ms);
        }
        _ => {
            draft.part(at_ms, &left, &right, for_ms);
            draft.part(at_ms, SERVER, &right, for_ms);
        }
    }
    let messages = draft.between(1, 12);
    draft.chatter(&people, messages, (SETTLED_MS, at_ms + for_ms + 1_000), false);
    // When all is well again, so is their conversation.
    let later_ms = at_ms + for_ms + 14_000;
    draft.send(later_ms, &people[0], &people[1], true);
    draft.send(later_ms + 50, &people[1], &people[0], true);
    draft.expect(Expected::RoutedByServer(0));
    draft.settle(CALM_AFTER_SILENCE_MS - 10_000)
}
