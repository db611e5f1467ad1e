//! Signing in, the server's certificate, and coming back.

use std::time::Duration;

use chatdev_client::{Command, Event, SignedOutReason};
use chatdev_directory::Fingerprint;
use chatdev_stanza::StreamCondition;

use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

fn signed_out(world: &World, who: usize) -> Option<(&SignedOutReason, Option<Duration>)> {
    world.actors[who].events.iter().rev().find_map(|event| match event {
        Event::SignedOut { reason, retry_in } => Some((reason, *retry_in)),
        _ => None,
    })
}

fn sign_ins(world: &World, who: usize) -> usize {
    world.actors[who].events.iter().filter(|event| matches!(event, Event::SignedIn { .. })).count()
}

#[test]
fn a_client_signs_in_over_starttls_and_is_in_the_directory() {
    let world = World::with(&["alice"]);
    assert_eq!(sign_ins(&world, 0), 1);
    assert!(world.server.is_online(&world.jid(0)));
    assert!(world.has_told(0, |event| *event == Event::DirectoryComplete));
}

#[test]
fn to_an_unknown_certificate_nothing_is_sent_until_the_person_has_answered() {
    let mut world = World::new();
    world.server.publicly_valid = false;
    let alice = world.add("alice", "main");
    world.start(alice);
    world.settle();
    let shown = world.server.certificate;
    assert!(world.has_told(
        alice,
        |event| matches!(event, Event::ServerUnknown { shown: told, .. } if *told == shown)
    ));
    assert!(!world.server.heard.contains("<auth"));
    world.advance(600 * SECOND);
    assert_eq!(sign_ins(&world, alice), 0);

    world.give(alice, Command::AcceptServer { fingerprint: Fingerprint([1; 32]) });
    assert_eq!(sign_ins(&world, alice), 0, "another certificate than the one that was shown");
    world.give(alice, Command::AcceptServer { fingerprint: shown });
    assert_eq!(sign_ins(&world, alice), 1);
    assert_eq!(world.actors[alice].remembered.servers.get("example.net"), Some(&shown));
}

#[test]
fn a_pinned_certificate_is_not_asked_about_again_and_a_changed_one_is_refused() {
    let mut world = World::new();
    world.server.publicly_valid = false;
    let alice = world.add("alice", "main");
    let known = world.server.certificate;
    world.actors[alice].remembered.servers.insert("example.net".to_owned(), known);
    world.start(alice);
    world.settle();
    assert_eq!(sign_ins(&world, alice), 1);

    world.kill(alice);
    world.server.certificate = Fingerprint([0xbb; 32]);
    world.server.publicly_valid = true;
    world.server.heard.clear();
    world.start(alice);
    world.advance(600 * SECOND);
    assert_eq!(sign_ins(&world, alice), 1);
    assert!(!world.server.heard.contains("<auth"));
    assert!(world.has_told(
        alice,
        |event| matches!(event, Event::ServerChanged { known: told, .. } if *told == known)
    ));
    assert_eq!(signed_out(&world, alice), Some((&SignedOutReason::ServerNotTrusted, None)));
}

#[test]
fn a_wrong_password_is_tried_once() {
    let mut world = World::new();
    let alice = world.add("alice", "main");
    world.actors[alice].config.password = chatdev_client::Password::new("wrong").unwrap();
    world.start(alice);
    world.advance(3600 * SECOND);
    let Some((SignedOutReason::NotAuthorized(_), None)) = signed_out(&world, alice) else {
        panic!("{:?}", signed_out(&world, alice));
    };
    assert_eq!(world.server.heard.matches("<auth").count(), 1);
}

#[test]
fn a_conflict_is_not_fought_over() {
    let mut world = World::with(&["alice"]);
    let twin = world.add("alice", "main");
    world.start(twin);
    world.advance(3600 * SECOND);
    assert_eq!(signed_out(&world, 0), Some((&SignedOutReason::Conflict, None)));
    assert_eq!((sign_ins(&world, 0), sign_ins(&world, twin)), (1, 1));
}

#[test]
fn a_reaped_client_says_so_and_comes_back() {
    let mut world = World::with(&["alice"]);
    let jid = world.jid(0);
    let effects = world.server.expel(world.at(), &jid, StreamCondition::ConnectionTimeout);
    world.serve(effects);
    let Some((SignedOutReason::Reaped, Some(wait))) = signed_out(&world, 0) else {
        panic!("{:?}", signed_out(&world, 0));
    };
    world.advance(wait);
    assert_eq!(sign_ins(&world, 0), 2);
    assert!(world.server.is_online(&jid));
}

#[test]
fn while_the_server_is_down_attempts_grow_rarer_but_never_stop() {
    let mut world = World::with(&["alice"]);
    world.server_down = true;
    let effects = world.server.restart();
    world.serve(effects);
    world.advance(3600 * SECOND);
    let waits: Vec<Duration> = world.actors[0]
        .events
        .iter()
        .filter_map(|event| match event {
            Event::SignedOut { retry_in, .. } => *retry_in,
            _ => None,
        })
        .collect();
    assert!(waits.iter().all(|wait| *wait >= SECOND && *wait <= 60 * SECOND), "{waits:?}");
    assert!(waits.len() > 60, "an hour has room for {} attempts at least", waits.len());
    assert!(waits[0] <= 2 * SECOND);
    world.server_down = false;
    world.advance(60 * SECOND);
    assert_eq!(sign_ins(&world, 0), 2);
}

#[test]
fn a_server_that_falls_silent_is_left_and_found_again() {
    let mut world = World::with(&["alice"]);
    world.server.silent = true;
    world.advance(60 * SECOND);
    assert!(world.has_told(0, |event| matches!(
        event,
        Event::SignedOut { reason: SignedOutReason::NoAnswer, retry_in: Some(_) }
    )));
    world.server.silent = false;
    world.advance(120 * SECOND);
    assert!(sign_ins(&world, 0) >= 2);
}

#[test]
fn an_account_is_created_once_and_then_signed_in_to() {
    let mut world = World::new();
    let dave = world.add("dave", "main");
    world.actors[dave].config.register = true;
    world.start(dave);
    world.settle();
    assert!(world.has_told(dave, |event| *event == Event::Registered));
    assert_eq!(sign_ins(&world, dave), 1);
    let effects = world.server.restart();
    world.serve(effects);
    world.advance(60 * SECOND);
    assert_eq!(sign_ins(&world, dave), 2);
    assert_eq!(world.server.heard.matches("jabber:iq:register").count(), 1);
}

#[test]
fn going_offline_says_goodbye_and_stays_away_until_asked() {
    let mut world = World::with(&["alice", "bob"]);
    world.give(0, Command::GoOffline);
    assert!(!world.server.is_online(&world.jid(0)));
    assert_eq!(signed_out(&world, 0), Some((&SignedOutReason::ByWish, None)));
    world.advance(600 * SECOND);
    assert_eq!(sign_ins(&world, 0), 1);
    world.give(0, Command::GoOnline);
    assert_eq!(sign_ins(&world, 0), 2);
}

#[test]
fn quitting_closes_everything_and_ends() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, world.jid(1).to_bare(), "one");
    world.give(0, Command::Quit);
    assert_eq!(world.actors[0].events.last(), Some(&Event::Ended));
    assert!(!world.server.is_online(&world.jid(0)));
    assert!(world.has_told(1, |event| matches!(event, Event::PeerClosed { .. })));
}
