//! The server lies: it shows another's key, and another's endpoint, in the place of somebody's, or hides a key. Who
//! knew the key before is not deceived: nothing goes to the other one, nothing goes out in the clear, and when the
//! lie is over the conversation goes on.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{LIE_NOTICED, SHOWN},
    schedule::{Act, Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "lying-directory",
    about: "the server shows another's key for somebody's, or hides it; nothing goes astray or in the clear",
    schedule,
    meets: &[LIE_NOTICED, SHOWN],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    let (alice, bob, carol) = (people[0].clone(), people[1].clone(), people[2].clone());
    // Whoever is led to Mallory finds whom they look for.
    let mallory = draft.actor("mallory", "mallory", Kind::Impostor, 30);
    // They know each other.
    draft.send(SETTLED_MS, &alice, &bob, true);
    let lie_ms = draft.between(SETTLED_MS + 300, SETTLED_MS + 800);
    let for_ms = draft.between(2_000, 3_500);
    if seed.is_multiple_of(2) {
        let shown = if draft.toss() { mallory } else { carol };
        draft.at(lie_ms, Act::Lie { to: alice.clone(), about: bob.clone(), shown, for_ms });
    } else {
        draft.at(lie_ms, Act::Hide { from: alice.clone(), of: bob.clone(), for_ms });
    }
    // The entry is told anew, and with it the lie.
    draft.at(lie_ms + 20, Act::SetStatus { who: bob.clone(), status: "somebody else?".to_owned() });
    if draft.toss() {
        let how = draft.manner();
        draft.at(lie_ms + 1_200, Act::Cut { who: alice.clone(), how });
    }
    for _ in 0..draft.between(1, 4) {
        let at_ms = draft.between(lie_ms, lie_ms + for_ms - 100);
        draft.send(at_ms, &alice, &bob, false);
    }
    // The truth is told anew.
    draft.at(lie_ms + for_ms + 20, Act::SetStatus { who: bob.clone(), status: "myself".to_owned() });
    draft.expect(Expected::RoutedByServer(0));
    draft.settle_after_faults()
}
