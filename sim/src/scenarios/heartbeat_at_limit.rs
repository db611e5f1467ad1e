//! The last millisecond: a client lets itself be heard one tick before its limit is over, at the limit, and
//! one tick after it. Input goes before time-outs at one instant, so the first two stay, and nobody is told
//! that they went.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS},
};
use crate::schedule::{Expected, Kind, Schedule, Step};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "heartbeat-at-limit",
    about: "a heartbeat arrives one tick before the limit, at it, one tick after it",
    schedule,
    meets: &["a session is reaped", "a session is heard again just before its limit"],
};

const CHECK_IN: &str = "<iq type='set' id='c'><check-in xmlns='urn:chatdev:directory:1'/></iq>";

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed).exact();
    let watchers = draft.people(1);
    draft.start_all(&watchers);
    draft.actor("puppet", "puppet", Kind::Puppet);
    draft.at(draft_start(seed), Step::Start("puppet".to_owned()));
    let mut at_ms = 1_000;
    let write = |draft: &mut Draft, at_ms, xml: &str| {
        draft.at(at_ms, Step::Write { puppet: "puppet".to_owned(), xml: xml.to_owned() });
    };
    write(&mut draft, at_ms, CHECK_IN);
    // Everything that is a complete element or a keep-alive counts as being heard.
    let ways = [CHECK_IN, " ", "<message to='puppet@example.net'/>", "<iq type='result' id='unasked'/>"];
    for _ in 0..draft.between(0, 2) {
        at_ms += LIMIT_MS - draft.between(0, 1);
        let way = draft.pick(&ways);
        write(&mut draft, at_ms, way);
    }
    // One tick before, at, one tick after; then further away on either side.
    let late_ms: i64 = [-1, 0, 1, -2, 2, -40, 40, 0, 1][usize::try_from(seed % 9).expect("less than nine")];
    at_ms = (at_ms + LIMIT_MS).saturating_add_signed(late_ms);
    let way = draft.pick(&ways);
    write(&mut draft, at_ms, way);
    let reaped = usize::from(late_ms > 0);
    draft.expect(Expected::Reaped("puppet".to_owned(), reaped));
    draft.expect(if reaped == 0 {
        Expected::SignedIn("puppet".to_owned())
    } else {
        Expected::Away("puppet".to_owned())
    });
    draft.expect_signed_in(&watchers);
    draft.over_after(LIMIT_MS - 100)
}

/// Other phases of the server's timer.
fn draft_start(seed: u64) -> u64 {
    10 + seed * 7 % 500
}
