//! Each checker finds what it is there to find: small logs made by hand, of which one event is wrong.

mod lives;
mod wire;

use chatdev_directory::{Reason, SessionId};
use chatdev_net::Note;
use jid::{BareJid, FullJid};

use super::*;
use crate::{
    events::Event,
    schedule::{Actor, Kind, Network, SCHEMA, SERVER, ServerPlan},
};

fn schedule() -> Schedule {
    let actor = |name: &str| Actor {
        name: name.to_owned(),
        machine: "m".to_owned(),
        account: name.to_owned(),
        resource: "desk".to_owned(),
        kind: Kind::Person,
        start_ms: 0,
        tls_at_once: false,
        clock_rate_ppm: 0,
    };
    Schedule {
        schema: SCHEMA,
        scenario: "by hand".to_owned(),
        about: None,
        seed: 0,
        network: Network::QUIET,
        server: ServerPlan::BRISK,
        actors: vec![actor("alice"), actor("bob")],
        ops: vec![],
        settle_ms: 10_000,
        expected: vec![],
    }
}

fn jid(name: &str) -> FullJid {
    FullJid::new(&format!("{name}@example.net/desk")).unwrap()
}

fn bound(session: u64, name: &str) -> Event {
    Event::Note(Note::Bound { session: SessionId(session), jid: jid(name) })
}

fn entered(session: u64, name: &str) -> Event {
    Event::Note(Note::Entered { session: SessionId(session), jid: jid(name) })
}

fn ended(session: u64, name: &str) -> Event {
    Event::Note(Note::Ended { session: SessionId(session), jid: jid(name) })
}

fn departed(session: u64, name: &str) -> Event {
    Event::Note(Note::Departed { session: SessionId(session), jid: jid(name), reason: Reason::Closed })
}

fn reaped(session: u64, name: &str, silence_ms: u64) -> Event {
    let (silence, limit) = (Duration::from_millis(silence_ms), Duration::from_secs(3));
    Event::Note(Note::Reaped { session: SessionId(session), jid: jid(name), silence, limit })
}

fn saw_online(name: &str) -> Event {
    Event::Note(Note::SawOnline { jid: jid(name), session: "k".to_owned(), status: None })
}

fn saw_gone(name: &str) -> Event {
    Event::Note(Note::SawGone { jid: jid(name), reason: Some(Reason::Closed) })
}

fn signed_in(name: &str) -> Event {
    Event::Note(Note::SignedIn { jid: jid(name) })
}

fn sent(id: &str, to: &str) -> Event {
    let to = BareJid::new(&format!("{to}@example.net")).unwrap();
    Event::Note(Note::Sent { to, id: id.to_owned(), text: format!("text of {id}") })
}

fn shown(id: &str, from: &str) -> Event {
    Event::Note(Note::Shown { from: jid(from), id: Some(id.to_owned()), text: format!("text of {id}") })
}

fn state(id: &str, state: &'static str) -> Event {
    Event::Note(Note::MessageState { id: id.to_owned(), state })
}

fn dialled() -> Event {
    Event::Opened { connection: 1, dialled: true }
}

fn read() -> Event {
    Event::Read { connection: 1, octets: 10 }
}

/// What `checker` finds in a log of (milliseconds, process, event).
fn violations(checker: &str, log: &[(u64, &str, Event)]) -> Vec<String> {
    violations_of(&schedule(), checker, log)
}

/// The same in a run of `schedule`.
fn violations_of(schedule: &Schedule, checker: &str, log: &[(u64, &str, Event)]) -> Vec<String> {
    let entries: Vec<Entry> = log
        .iter()
        .map(|(at, process, event)| Entry {
            at: Duration::from_millis(*at),
            process: (*process).into(),
            event: event.clone(),
        })
        .collect();
    let mut judge = Judge::new(schedule);
    entries.iter().for_each(|entry| judge.see(entry));
    let at = entries.last().map_or(Duration::ZERO, |entry| entry.at);
    let verdict = judge.finish(at, Figures::default(), None);
    assert!(verdict.evaluated[checker] > 0, "{checker} was not evaluated");
    verdict
        .violations
        .into_iter()
        .filter(|violation| violation.checker == checker)
        .map(|violation| violation.found)
        .collect()
}

/// `checker` finds nothing in `good`, and exactly one thing in `bad`.
fn tells(checker: &str, good: &[(u64, &str, Event)], bad: &[(u64, &str, Event)]) {
    assert_eq!(violations(checker, good), [] as [String; 0], "{checker}, on the good log");
    let found = violations(checker, bad);
    assert_eq!(found.len(), 1, "{checker}, on the bad log: {found:?}");
}

#[test]
fn two_sessions_of_one_jid_are_found() {
    let first = (1, SERVER, bound(1, "alice"));
    tells(
        "one_owner",
        &[first.clone(), (2, SERVER, ended(1, "alice")), (2, SERVER, bound(2, "alice"))],
        &[first, (2, SERVER, bound(2, "alice"))],
    );
}

#[test]
fn an_older_session_that_acts_after_its_end_is_found() {
    let log =
        [(1, SERVER, bound(1, "alice")), (2, SERVER, ended(1, "alice")), (2, SERVER, bound(2, "alice"))];
    let with = |event| [&log[..], &[(3, SERVER, event)]].concat();
    tells("session_order", &with(departed(2, "alice")), &with(departed(1, "alice")));
    tells("session_order", &with(reaped(2, "alice", 3_000)), &with(reaped(1, "alice", 3_000)));
    tells("session_order", &with(bound(3, "bob")), &with(bound(1, "bob")));
}

#[test]
fn reaping_too_early_is_found_by_the_servers_figures_and_by_the_networks() {
    let by = |read_ms, silence_ms| {
        [
            (0, "alice", dialled()),
            (1, SERVER, read()),
            (1, SERVER, bound(1, "alice")),
            (read_ms, SERVER, read()),
            (5_000, SERVER, reaped(1, "alice", silence_ms)),
        ]
    };
    tells("reaping", &by(2_000, 3_000), &by(2_000, 2_999));
    // The server says that it heard nothing for three seconds, and the network knows better.
    tells("reaping", &by(2_000, 3_000), &by(2_001, 3_000));
}

#[test]
fn a_silent_session_that_stays_is_found() {
    let until = |ms| {
        [
            (0, "alice", dialled()),
            (0, SERVER, read()),
            (0, SERVER, bound(1, "alice")),
            (1_000, SERVER, read()),
            (ms, "bob", Event::Started),
        ]
    };
    assert!(violations("silence", &until(4_999)).is_empty());
    assert!(!violations("silence", &until(5_500)).is_empty());
}

#[test]
fn somebody_who_goes_in_others_eyes_without_having_gone_is_found() {
    let log = [
        (1, SERVER, bound(1, "bob")),
        (2, SERVER, entered(1, "bob")),
        (50, "alice", saw_online("bob")),
        (1_000, SERVER, departed(1, "bob")),
        (1_000, SERVER, ended(1, "bob")),
        (1_005, "alice", saw_gone("bob")),
    ];
    let never_left = [&log[..3], &log[5..]].concat();
    tells("views", &log, &never_left);
    let twice = [&log[..], &[(1_010, "alice", saw_gone("bob"))]].concat();
    tells("views", &log, &twice);
    // A newer session takes the place of the older one, which then ends: nobody goes.
    let replaced = [
        &log[..3],
        &[(900, SERVER, ended(1, "bob")), (900, SERVER, bound(2, "bob"))],
        &[(910, SERVER, entered(2, "bob")), (1_005, "alice", saw_gone("bob"))],
    ]
    .concat();
    tells("views", &log, &replaced);
}

#[test]
fn messages_that_come_twice_elsewhere_altered_or_out_of_order_are_found() {
    let log =
        [(1, "alice", sent("a", "bob")), (2, "alice", sent("b", "bob")), (5, "bob", shown("a", "alice"))];
    let with = |process, event| [&log[..], &[(6, process, event)]].concat();
    let good = with("bob", shown("b", "alice"));
    tells("messages", &good, &with("alice", shown("b", "alice")));
    tells("messages", &good, &with("bob", shown("b", "bob")));
    tells("messages", &good, &with("bob", shown("c", "alice")));
    let altered = Note::Shown { from: jid("alice"), id: Some("b".to_owned()), text: "another".to_owned() };
    tells("messages", &good, &with("bob", Event::Note(altered)));
    let swapped = [&log[..2], &[(5, "bob", shown("b", "alice")), (6, "bob", shown("a", "alice"))]].concat();
    tells("messages", &good, &swapped);
    assert!(!violations("messages", &with("bob", shown("a", "alice"))).is_empty(), "shown twice");
}

#[test]
fn a_state_that_moves_back_and_a_receipt_before_its_message_are_found() {
    let log = |shown_ms, last| {
        let mut log = vec![
            (1, "alice", sent("a", "bob")),
            (1, "alice", state("a", "queued")),
            (2, "alice", state("a", "sent")),
            (shown_ms, "bob", shown("a", "alice")),
            (5, "alice", state("a", last)),
        ];
        log.sort_by_key(|(at, ..)| *at);
        log
    };
    tells("message_states", &log(3, "delivered"), &log(6, "delivered"));
    tells("message_states", &log(3, "failed"), &log(3, "queued"));
}

#[test]
fn lists_that_differ_in_the_end_are_found() {
    let log = [
        (0, "alice", Event::Started),
        (1, SERVER, bound(1, "alice")),
        (2, "alice", signed_in("alice")),
        (3, SERVER, entered(1, "alice")),
        (4, "alice", saw_online("alice")),
    ];
    tells("convergence", &log, &log[..4]);
    // Bound, and nobody there who believes so.
    let ghost =
        [&log[..], &[(5, "alice", Event::Note(Note::SignedOut { reason: "gone".to_owned() }))]].concat();
    tells("convergence", &log, &ghost);
}
