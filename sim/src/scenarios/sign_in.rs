//! Two to six people sign in, by STARTTLS and by TLS at once, and each sees all of them.

use super::{Scenario, draft::Draft};
use crate::schedule::Schedule;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "sign-in",
    about: "people sign in, by STARTTLS or TLS at once, and each sees everybody",
    schedule,
    meets: &[],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 6);
    let people = draft.people(usize::try_from(count).expect("at most six"));
    draft.start_all(&people);
    draft.expect_signed_in(&people);
    draft.over_after(4_000)
}
