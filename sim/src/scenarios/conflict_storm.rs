//! Two devices that are set to one resource, each started again and again by its person. Each start throws the
//! other out once, and no more: nobody fights, and when they stop, one is signed in.

use super::{Scenario, draft::Draft};
use crate::{
    checkers::situations::CONFLICT,
    schedule::{Act, Ending, Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "conflict-storm",
    about: "two devices of one resource are started again and again; none fights, one stays",
    schedule,
    meets: &[CONFLICT],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.people(1);
    let twins = ["twin-a", "twin-b"].map(|name| {
        let start_ms = draft.between(5, 200);
        draft.actor(name, "twin", Kind::Person, start_ms)
    });
    let mut starts = 2;
    for _ in 0..draft.between(2, 6) {
        let (at_ms, who) = (draft.between(300, 3_500), draft.pick(&twins));
        let how = draft.pick(&[Ending::Asked, Ending::Killed]);
        let back_after_ms = Some(draft.between(1, 400));
        draft.at(at_ms, Act::End { who, how, back_after_ms });
        starts += 1;
    }
    draft.expect(Expected::OneSignedIn(twins.to_vec()));
    draft.expect(Expected::BindsAtMost("twin".to_owned(), starts));
    draft.settle(5_000)
}
