//! Two clients ask for one full JID in the same tick. One has it in the end; the other is told of the
//! conflict, and does not come back by itself, for then they would throw each other out for ever.

use super::{Scenario, draft::Draft};
use crate::schedule::{Expected, Kind, Schedule, Step};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "two-at-once",
    about: "two sign-ins of one full JID in one tick: one stays, the other does not fight",
    schedule,
    meets: &["two sign-ins of one full JID come in one tick", "a session ends by conflict"],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.people(1);
    draft.at(10, Step::Start("alice".to_owned()));
    draft.actor("twin-a", "twin", Kind::Person);
    draft.actor("twin-b", "twin", Kind::Person);
    let at_ms = draft.between(50, 500);
    let apart_ms = if draft.toss() { 0 } else { draft.between(0, 3) };
    draft.at(at_ms, Step::Start("twin-a".to_owned()));
    draft.at(at_ms + apart_ms, Step::Start("twin-b".to_owned()));
    draft.expect(Expected::OneSignedIn(vec!["twin-a".to_owned(), "twin-b".to_owned()]));
    // Neither throws the other out a second time.
    draft.expect(Expected::Binds("twin".to_owned(), 2));
    draft.expect(Expected::SignedIn("alice".to_owned()));
    draft.over_after(6_000)
}
