//! Checkers that follow processes, connections and sessions to their ends.

use super::*;

fn signed_out(name: &'static str, reason: &str) -> (u64, &'static str, Event) {
    (50, name, Event::Note(Note::SignedOut { reason: reason.to_owned() }))
}

#[test]
fn whoever_is_listed_without_a_session_is_found() {
    let log = [
        (1, SERVER, bound(1, "bob")),
        (2, SERVER, entered(1, "bob")),
        (9, SERVER, departed(1, "bob")),
        (9, SERVER, ended(1, "bob")),
        (100, "alice", Event::Started),
    ];
    let stays = [&log[..2], &log[3..]].concat();
    tells("ghosts", &log, &stays);
    let heir = [&log[..2], &[log[3].clone(), (9, SERVER, bound(2, "bob"))], &log[4..]].concat();
    tells("ghosts", &heir, &stays);
}

#[test]
fn a_session_that_outlives_its_connection_is_found() {
    let log = |ended_ms| {
        vec![
            (0, "alice", dialled()),
            (1, SERVER, read()),
            (1, SERVER, bound(1, "alice")),
            (100, "alice", Event::Closed { connection: 1 }),
            (ended_ms, SERVER, ended(1, "alice")),
        ]
    };
    tells(
        "goodbye",
        &log(104),
        &[&log(104)[..4], &[(500, "bob", Event::Started), (501, SERVER, ended(1, "alice"))], &again()]
            .concat(),
    );
}

/// Another session that ends in time, so that the checker is evaluated.
fn again() -> Vec<(u64, &'static str, Event)> {
    vec![
        (600, "bob", Event::Opened { connection: 7, dialled: true }),
        (601, SERVER, Event::Read { connection: 7, octets: 9 }),
        (601, SERVER, bound(2, "bob")),
        (700, "bob", Event::Closed { connection: 7 }),
        (703, SERVER, ended(2, "bob")),
    ]
}

#[test]
fn a_connection_that_one_end_holds_for_ever_is_found() {
    let opened = [
        (0, SERVER, Event::Started),
        (0, "alice", dialled()),
        (0, SERVER, Event::Opened { connection: 1, dialled: false }),
        (100, "alice", Event::Closed { connection: 1 }),
    ];
    let closed =
        [&opened[..], &[(5_000, SERVER, Event::Closed { connection: 1 }), (30_000, "bob", Event::Started)]]
            .concat();
    let held = [&opened[..], &[(30_000, "bob", Event::Started)]].concat();
    tells("leftovers", &closed, &held);
    let just_now = [&opened[..], &[(10_000, "bob", Event::Started)]].concat();
    tells("leftovers", &just_now, &held);
}

#[test]
fn a_client_that_does_not_come_back_is_found_unless_its_resource_was_taken() {
    let log = [(0, SERVER, Event::Started), (0, "alice", Event::Started), (5, "alice", signed_in("alice"))];
    let lost = [&log[..], &[signed_out("alice", "the connection ended")]].concat();
    tells("recovery", &log, &lost);
    let taken =
        [&log[..], &[signed_out("alice", "another session signed in under the same resource")]].concat();
    tells("recovery", &taken, &lost);
    let killed = [&lost[..], &[(60, "alice", Event::Killed)]].concat();
    assert!(violations_of(&schedule(), "settled", &killed).is_empty());
}

#[test]
fn a_second_key_that_is_taken_without_asking_is_found() {
    let took = |key: &str| {
        let text = format!("bob@example.net {key}");
        (1, "alice", Event::Note(Note::Remark { kind: "device trusted", text }))
    };
    tells("trust", &[took("AA:BB"), took("AA:BB")], &[took("AA:BB"), took("CC:DD")]);
}

#[test]
fn closing_the_stream_that_should_stay_is_found() {
    let said = |at, who: &'static str, connection, by_dialler, text: &str| {
        (at, who, Event::Said { connection, by_dialler, sealed: true, text: text.as_bytes().to_vec() })
    };
    let opened = |connection, one: &'static str, other: &'static str| {
        [
            (0, one, Event::Opened { connection, dialled: true }),
            (0, other, Event::Opened { connection, dialled: false }),
            said(1, other, connection, false, "<enabled xmlns='urn:xmpp:sm:3'/>"),
        ]
    };
    let both = [opened(1, "alice", "bob"), opened(2, "bob", "alice")].concat();
    let close = |connection| said(2, "alice", connection, connection == 1, "</stream:stream>");
    tells("tie_break", &[&both[..], &[close(2)]].concat(), &[&both[..], &[close(1)]].concat());
    let again = [&both[..], &opened(3, "alice", "bob"), &[close(1)]].concat();
    assert!(violations("tie_break", &again).is_empty(), "a newer one of the same dialler takes its place");
}

#[test]
fn two_that_throw_each_other_out_for_ever_are_found() {
    let conflict =
        |at| (at, "alice", Event::Note(Note::SignedOut { reason: "the same resource".to_owned() }));
    let log = [(1, SERVER, bound(1, "alice")), conflict(100)];
    tells("peace", &log, &[&log[..], &[conflict(200)]].concat());
}

#[test]
fn a_message_of_which_nobody_knows_what_became_of_it_is_found() {
    let log = |last| {
        vec![
            (0, SERVER, Event::Started),
            (0, "alice", Event::Opened { connection: 2, dialled: true }),
            (0, "bob", Event::Opened { connection: 2, dialled: false }),
            (1, SERVER, bound(1, "bob")),
            (2, "alice", signed_in("alice")),
            (3, "alice", sent("a", "bob")),
            (3, "alice", state("a", last)),
        ]
    };
    tells("settled", &log("failed"), &log("queued"));
    // Only what was seen to go from client to client is known to have been taken.
    assert!(violations("settled", &log("sent")).is_empty());
    let text = b"<message id='a'/>".to_vec();
    let said = (4, "alice", Event::Said { connection: 2, by_dialler: true, sealed: true, text });
    tells("settled", &log("failed"), &[&log("sent")[..], &[said]].concat());
}

#[test]
fn what_is_called_delivered_and_not_on_its_receivers_disk_is_found() {
    let text = b"<message id='a'/>".to_vec();
    let log = |stored_ms| {
        let stored = Note::Remark { kind: "stored", text: "a".to_owned() };
        let mut log = vec![
            (0, "bob", Event::Opened { connection: 2, dialled: false }),
            (1, "alice", sent("a", "bob")),
            (1, "alice", state("a", "queued")),
            (2, "alice", Event::Said { connection: 2, by_dialler: true, sealed: true, text: text.clone() }),
            (2, "alice", state("a", "sent")),
            (3, "bob", shown("a", "alice")),
            (stored_ms, "bob", Event::Note(stored)),
            (5, "alice", state("a", "delivered")),
        ];
        log.sort_by_key(|(at, ..)| *at);
        log
    };
    tells("message_states", &log(4), &log(6));
}
