//! Signing in again under the same resource while the older session is being reaped: in every order, around
//! the very instant. The newer session is never removed, and nobody sees it go.
//!
//! The older session's last words come at a time that is known, and so does the instant of its end; the newcomer's
//! way to its session takes a number of round trips that is known about as well. What is not known is swept
//! over by the seeds.

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
    heartbeat_at_limit::CHECK_IN,
};
use crate::{
    checkers::situations::{REAPED, TAKEN_AFTER_REAPED, TAKEN_WHILE_DYING},
    schedule::{Act, Kind, Schedule},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "sign-in-while-reaped",
    about: "a sign-in under the same resource while the older session is being reaped, in every order",
    schedule,
    meets: &[REAPED, TAKEN_WHILE_DYING, TAKEN_AFTER_REAPED],
    share: 1.5,
};

/// Ways of one write that a newcomer's sign-in takes, from its dial to its bound session: TLS, stream, SASL, stream,
/// binding; with STARTTLS some more.
const WAYS: u64 = 11;

/// Before and after the instant, so many milliseconds are swept.
const BEFORE_MS: u64 = 40;
const AFTER_MS: u64 = 20;

fn schedule(seed: u64) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.people(1);
    draft.actor("twin-old", "twin", Kind::Puppet, 20);
    let last_ms = draft.between(SETTLED_MS, SETTLED_MS + 300);
    for at_ms in [1_000, last_ms] {
        draft.at(at_ms, Act::Write { who: "twin-old".to_owned(), xml: CHECK_IN.to_owned() });
    }
    let reaped_ms = last_ms + draft.latency_ms() + LIMIT_MS;
    let swept_ms = draft.between(0, BEFORE_MS + AFTER_MS);
    let start_ms = reaped_ms + swept_ms - BEFORE_MS - WAYS * draft.latency_ms();
    let kind = if draft.toss() { Kind::Person } else { Kind::Puppet };
    draft.actor("twin-new", "twin", kind, start_ms);
    if kind == Kind::Puppet {
        let xml = CHECK_IN.to_owned();
        draft.at(start_ms + 1_000, Act::Write { who: "twin-new".to_owned(), xml });
    }
    draft.settle(1_800)
}
