//! Puppets write to each other by way of the server, some faster than others read. Who does not read is cut off when
//! its queue is full; every message arrives or comes back to its sender, once.

use super::{
    Scenario,
    draft::{Draft, SETTLED_MS},
    heartbeat_at_limit::CHECK_IN,
};
use crate::{
    checkers::situations::{BOUNCED, CUT_OFF},
    schedule::{Act, Kind, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "slow-readers",
    about: "messages by way of the server to whoever does not read: each arrives or comes back, once",
    schedule,
    meets: &[CUT_OFF, BOUNCED],
    share: 1.0,
};

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.people(1);
    let puppets = ["fast", "slow", "third"].map(|name| draft.actor(name, name, Kind::Puppet, 20));
    draft.server().outbound_octets_max = usize::try_from(draft.between(8_000, 60_000)).expect("small");
    // Puppets answer no pings, and shall be there to the end.
    draft.server().limit_s = 60;
    for who in &puppets {
        draft.at(1_000, Act::Write { who: who.clone(), xml: CHECK_IN.to_owned() });
    }
    let body_octets = draft.pick(&[10, 1_000, 10_000, 10_000]);
    let body = "x".repeat(usize::try_from(body_octets).expect("small"));
    let deaf_ms = draft.between(SETTLED_MS, 2_000);
    let for_ms = draft.between(200, 3_000);
    draft.at(deaf_ms, Act::Deafen { who: puppets[1].clone(), for_ms });
    for number in 0..draft.between(20, 120) {
        let at_ms = draft.between(SETTLED_MS, 3_500);
        let who = draft.pick(&[puppets[0].clone(), puppets[2].clone()]);
        let to = if draft.between(0, 4) == 0 { puppets[0].clone() } else { puppets[1].clone() };
        let message = |id: &str| {
            format!("<message to='{to}@example.net/desk' id='{id}' type='chat'><body>{body}</body></message>")
        };
        let mut xml = message(&format!("m{number}"));
        if draft.between(0, 3) == 0 {
            // Two that come in one breath.
            xml += &message(&format!("m{number}-too"));
        }
        draft.at(at_ms, Act::Write { who, xml });
    }
    // What is written meanwhile is read at once.
    if draft.toss() {
        let (at_ms, for_ms) = (draft.between(SETTLED_MS, 3_000), draft.between(20, 400));
        draft.at(at_ms, Act::Freeze { who: SERVER.to_owned(), for_ms });
    }
    if draft.between(0, 2) == 0 {
        let (at_ms, how) = (draft.between(SETTLED_MS, 3_500), draft.manner());
        draft.at(at_ms, Act::Cut { who: puppets[1].clone(), how });
    }
    draft.settle(6_000)
}
