//! The last millisecond: a client lets itself be heard one tick before its limit is over, at the limit, and
//! one tick after it. Input goes before time-outs at one instant, so the first two stay, and nobody is told
//! that they went.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS},
};
use crate::{
    checkers::situations::{HEARD_AT_LIMIT, HEARD_LATE, REAPED},
    schedule::{Act, Expected, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "heartbeat-at-limit",
    about: "a heartbeat arrives one tick before the limit, at it, one tick after it",
    schedule,
    meets: &[REAPED, HEARD_LATE, HEARD_AT_LIMIT],
    share: 1.0,
};

pub(super) const CHECK_IN: &str = "<iq type='set' id='c'><check-in xmlns='urn:chatdev:directory:1'/></iq>";

/// Everything that is a complete element or a keep-alive counts as being heard.
const WAYS: [&str; 4] =
    [CHECK_IN, " ", "<message to='puppet@example.net'/>", "<iq type='result' id='unasked'/>"];

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed).exact();
    draft.people(1);
    // Other phases of the server's timer.
    let puppet = draft.actor("puppet", "puppet", Kind::Puppet, 10 + seed * 7 % 500);
    let write = |xml: &str| Act::Write { who: puppet.clone(), xml: xml.to_owned() };
    let mut at_ms = 1_000;
    draft.at(at_ms, write(CHECK_IN));
    for _ in 0..draft.between(0, 2) {
        at_ms += LIMIT_MS - draft.between(0, 1);
        let way = draft.pick(&WAYS);
        draft.at(at_ms, write(way));
    }
    // One tick before, at, one tick after; then further away on either side.
    let late_ms: i64 = [-1, 0, 1, -2, 2, -40, 40, 0, 1][usize::try_from(seed % 9).expect("less than nine")];
    at_ms = (at_ms + LIMIT_MS).saturating_add_signed(late_ms);
    let way = draft.pick(&WAYS);
    let name = puppet.clone();
    let then = if late_ms > 0 {
        vec![Expected::Reaped(name.clone(), 1), Expected::Away(name)]
    } else {
        vec![Expected::Reaped(name.clone(), 0), Expected::SignedIn(name)]
    };
    draft.then(at_ms, write(way), then);
    draft.settle(LIMIT_MS - 100)
}
