//! People come and go, in every manner, change their status, lose their connections and come back; in the end
//! all lists are equal.

use super::{Scenario, draft::Draft};
use crate::schedule::{Schedule, Step};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "check-in",
    about: "people come, go, change and lose their connections; all lists become equal",
    schedule,
    meets: &["a session is reaped", "a reaped client comes back"],
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    let count = draft.between(3, 6);
    let people = draft.people(usize::try_from(count).expect("at most six"));
    draft.start_all(&people);
    let mut stay = people.clone();
    for _ in 0..draft.between(2, 10) {
        let at_ms = draft.between(200, 6_000);
        let who = draft.pick(&people);
        match draft.between(0, 5) {
            0 => draft.at(at_ms, Step::SetStatus { of: who, status: format!("as of {at_ms}") }),
            1 => draft.at(at_ms, Step::CutByFin(who)),
            2 => draft.at(at_ms, Step::CutByRst(who)),
            3 => draft.at(at_ms, Step::CutSilently(who)),
            4 => {
                let for_ms = draft.between(10, 4_000);
                draft.at(at_ms, Step::Stall(who.clone()));
                draft.at(at_ms + for_ms, Step::LetGo(who));
            }
            _ if stay.len() > 2 => {
                let leave = draft.pick(&[Step::AskToStop, Step::Kill, Step::PowerCut]);
                stay.retain(|name| *name != who);
                draft.at(at_ms, leave(who));
            }
            _ => {}
        }
    }
    draft.expect_signed_in(&stay);
    // A client whose connection fell silent finds out by a check-in that is not answered for seven seconds;
    // or, while it was signing in, when the negotiation's thirty seconds are over.
    let silent = draft.has(|step| matches!(step, Step::CutSilently(_)));
    draft.over_after(if silent { 38_000 } else { 14_000 })
}
