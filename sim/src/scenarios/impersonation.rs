//! Somebody dials people and claims to be one of them: with a certificate of its own, with a copy of theirs. It gets
//! nowhere, and nobody is disturbed by it.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
};
use crate::{
    checkers::situations::{IMPOSTOR_REFUSED, SHOWN},
    schedule::{Act, Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "impersonation",
    about: "an impostor dials people, with its own certificate or a copied one; it gets nowhere",
    schedule,
    meets: &[IMPOSTOR_REFUSED, SHOWN],
    share: 0.7,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let people = draft.people(3);
    // Mallory is signed in as herself, and has a tool beside her client.
    let mallory = draft.actor("mallory", "mallory", Kind::Person, 40);
    let who = draft.actor("tool", "mallory", Kind::Impostor, 50);
    let messages = draft.between(1, 10);
    draft.chatter(&people, messages, (SETTLED_MS, 3_500), true);
    for _ in 0..draft.between(1, 6) {
        let at_ms = draft.between(SETTLED_MS - 900, 3_500);
        let victim = draft.pick(&people);
        let claims = draft.pick_other(&people, &victim);
        let copied = draft.toss();
        let holds = if draft.toss() { Some(mallory.clone()) } else { None };
        draft.at(at_ms, Act::Impersonate { who: who.clone(), victim, claims, copied, holds });
    }
    draft.expect(Expected::RoutedByServer(0));
    draft.settle(4_500)
}
