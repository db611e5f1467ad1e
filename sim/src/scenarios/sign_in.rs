//! Two to six people sign in, by STARTTLS and by TLS at once, and each sees all of them.

use super::{Scenario, draft::Draft};
use crate::schedule::Schedule;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "sign-in",
    about: "people sign in, by STARTTLS or TLS at once, and each sees everybody",
    schedule,
    meets: &[],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(2, 6);
    draft.people(count);
    draft.settle(3_000)
}
