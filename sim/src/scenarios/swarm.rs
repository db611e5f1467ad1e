//! Everything at once: each seed switches families of faults on and off, and whatever is on happens to whomever.

use super::{
    Scenario,
    draft::{CALM_AFTER_SILENCE_MS, Draft, LIMIT_MS, MACHINES},
    heartbeat_at_limit::CHECK_IN,
};
use crate::{
    checkers::situations::{BACK_AFTER_REAPED, BACK_AFTER_RESTART, CONFLICT, REAPED, SENT_AGAIN, SHOWN},
    schedule::{Act, DiskFault, Ending, Kind, SERVER, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "swarm",
    about: "everything at once: each seed draws families of faults, and whatever is drawn happens to whomever",
    schedule,
    meets: &[REAPED, BACK_AFTER_REAPED, BACK_AFTER_RESTART, CONFLICT, SENT_AGAIN, SHOWN],
    share: 2.0,
};

/// The families, one bit each.
const FAMILIES: u64 = 10;

/// Faults at these times.
const FROM_MS: u64 = 300;
const TO_MS: u64 = 7_000;

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed).coarse(2);
    let count = draft.between(3, 7);
    let people = draft.people(count);
    if draft.toss() {
        draft.actor("twin", &people[1], Kind::Person, 700);
    }
    draft.actor("puppet", "puppet", Kind::Puppet, 100);
    draft.actor("mallory", "mallory", Kind::Impostor, 100);
    draft.server().page_entries = draft.pick(&[2, 200]);
    draft.server().departures_max = draft.pick(&[2, 10_000]);
    draft.server().clock_rate_ppm = draft.pick(&[-500, 0, 500]);
    let messages = draft.between(5, 30);
    draft.chatter(&people, messages, (FROM_MS, TO_MS), false);
    for at_ms in (1_000..TO_MS).step_by(1_500) {
        draft.at(at_ms, Act::Write { who: "puppet".to_owned(), xml: CHECK_IN.to_owned() });
    }
    // None, one alone, or any.
    let on: Vec<u64> = match draft.between(0, 9) {
        0 => vec![],
        1 | 2 => vec![draft.between(0, FAMILIES - 1)],
        _ => (0..FAMILIES).filter(|_| draft.toss()).collect(),
    };
    if !on.is_empty() {
        for _ in 0..draft.between(2, 14) {
            let family = draft.pick(&on);
            fault(&mut draft, family, &people);
        }
    }
    draft.settle(CALM_AFTER_SILENCE_MS)
}

fn fault(draft: &mut Draft, family: u64, people: &[String]) {
    let (at_ms, who) = (draft.between(FROM_MS, TO_MS), draft.pick(people));
    let for_ms = draft.between(10, LIMIT_MS + 2_000);
    match family {
        0 => draft.at(at_ms, Act::Freeze { who, for_ms }),
        1 => {
            let how = draft.manner();
            draft.at(at_ms, Act::Cut { who, how });
        }
        2 => {
            let (how, octets) = (draft.manner(), draft.between(1, 4_000));
            draft.at(at_ms, Act::CutAfter { who, octets, how, for_ms });
        }
        3 => {
            let how = draft.pick(&[Ending::Asked, Ending::Killed, Ending::PowerCut]);
            let back_after_ms = if draft.between(0, 3) == 0 { None } else { Some(for_ms) };
            draft.at(at_ms, Act::End { who, how, back_after_ms });
        }
        4 => draft.restart_server(at_ms, for_ms),
        5 => {
            let mut machines = MACHINES.to_vec();
            machines.push(SERVER);
            let from = draft.pick(&machines);
            machines.retain(|machine| *machine != from);
            let to = draft.pick(&machines);
            if draft.toss() {
                draft.part(at_ms, from, to, for_ms);
            } else {
                draft.at(at_ms, Act::Shut { from: from.to_owned(), to: to.to_owned(), for_ms });
            }
        }
        6 => {
            if draft.toss() {
                draft.at(at_ms, Act::Stall { who, for_ms });
            } else {
                draft.at(at_ms, Act::Deafen { who, for_ms });
            }
        }
        7 => {
            let how = draft.pick(&[DiskFault::Failing, DiskFault::Slow(20), DiskFault::Slow(300)]);
            draft.at(at_ms, Act::Disk { who, how, for_ms });
        }
        8 => draft.at(at_ms, Act::Freeze { who: SERVER.to_owned(), for_ms }),
        _ => {
            let (claims, copied) = (draft.pick_other(people, &who), draft.toss());
            draft.at(
                at_ms,
                Act::Impersonate { who: "mallory".to_owned(), victim: who, claims, copied, holds: None },
            );
        }
    }
}
