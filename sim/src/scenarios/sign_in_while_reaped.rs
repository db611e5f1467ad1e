//! Signing in again under the same resource while the older session is being reaped: in every order, around
//! the very instant. The newer session is never removed, and nobody sees it go.
//!
//! The instant is found by running the story without the newcomer first, and the newcomer's way to its
//! session by running it with one that comes early.

use std::time::Duration;

use chatdev_net::Note;

use super::{
    Scenario,
    draft::{Draft, LIMIT_MS, SETTLED_MS},
};
use crate::{
    events::Event,
    run::run,
    schedule::{Expected, Kind, Schedule, Step},
};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "sign-in-while-reaped",
    about: "a sign-in under the same resource while the older session is being reaped, in every order",
    schedule,
    meets: &[
        "a session is reaped",
        "a sign-in takes the JID of a session that is about to be reaped",
        "a sign-in comes just after the older session was reaped",
    ],
};

/// By how many milliseconds the newcomer comes before or after the instant, at most.
const AROUND_MS: u64 = 20;

fn schedule(seed: u64) -> Schedule {
    let alone = story(seed, None);
    let reaped_at = when(&alone, |note| matches!(note, Note::Reaped { .. })).unwrap_or_default();
    let probe_ms = SETTLED_MS + 500;
    let probe = story(seed, Some(probe_ms));
    let way_ms = when(&probe, is_second_bind()).unwrap_or_default().saturating_sub(probe_ms);
    // 41 seeds in a row meet every millisecond; the story around it differs from seed to seed.
    let offset_ms = seed % (2 * AROUND_MS + 1);
    story(seed, Some((reaped_at + offset_ms).saturating_sub(AROUND_MS + way_ms)))
}

/// When the first such note was made, in milliseconds.
fn when(schedule: &Schedule, mut which: impl FnMut(&Note) -> bool) -> Option<u64> {
    let outcome = run(schedule);
    let mut entries = outcome.log.entries().iter();
    let found = entries.find(|entry| matches!(&entry.event, Event::Note(note) if which(note)));
    found.and_then(|entry| u64::try_from(entry.at.max(Duration::ZERO).as_millis()).ok())
}

fn is_second_bind() -> impl FnMut(&Note) -> bool {
    let mut binds = 0;
    move |note| {
        let of_alice = matches!(note, Note::Bound { jid, .. } if jid.as_str().starts_with("alice@"));
        binds += u32::from(of_alice);
        of_alice && binds == 2
    }
}

fn story(seed: u64, newcomer_ms: Option<u64>) -> Schedule {
    let mut draft = Draft::new(SCENARIO.name, seed);
    draft.actor("alice-old", "alice", Kind::Person);
    draft.actor("alice-new", "alice", Kind::Person);
    draft.actor("bob", "bob", Kind::Person);
    draft.start_all(&["alice-old".to_owned(), "bob".to_owned()]);
    let end = draft.pick(&[Step::Pause, Step::PowerCut, Step::CutSilently]);
    let end_ms = draft.between(SETTLED_MS, SETTLED_MS + 300);
    draft.at(end_ms, end("alice-old".to_owned()));
    if end("alice-old".to_owned()) == Step::CutSilently("alice-old".to_owned()) {
        // It must not find out and come back.
        draft.at(end_ms, Step::Pause("alice-old".to_owned()));
    }
    if let Some(at_ms) = newcomer_ms {
        draft.at(at_ms, Step::Start("alice-new".to_owned()));
        draft.expect(Expected::SignedIn("alice-new".to_owned()));
    }
    draft.expect(Expected::SignedIn("bob".to_owned()));
    draft.over_after(LIMIT_MS + 3_000)
}
