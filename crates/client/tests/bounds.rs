//! Every bound of the client brain, reached from outside (those of one file alone are tested in it).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "what the tests of the client share is not all used by each")]

#[path = "behaviour/actor.rs"]
mod actor;
#[path = "behaviour/script.rs"]
mod script;
#[path = "behaviour/world.rs"]
mod world;

use std::net::SocketAddr;
use std::time::Duration;

use chatdev_client::{Client, Command, Event, FailReason, Limits, MessageState, Output, SignedOutReason};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::actor::{Actor, StorageMood};
use crate::script::account;
use crate::world::{Who, World};

const SECOND: Duration = Duration::from_secs(1);
const ALICE: Who = 0;

/// These people, signed in, Alice among them with other limits.
fn with(names: &[&str], change: impl FnOnce(&mut Limits)) -> World {
    let mut world = World::new();
    for name in names {
        world.add(name, "main");
    }
    change(&mut world.actors[ALICE].config.limits);
    for who in 0..names.len() {
        world.start(who);
    }
    world.settle();
    world.advance(25 * SECOND);
    world
}

fn queue_is_full() -> MessageState {
    MessageState::Failed { reason: FailReason::QueueFull, may_have_arrived: false }
}

#[test]
fn one_more_peer_stream_closes_the_one_that_was_used_least_recently() {
    let mut world = with(&["alice", "bob", "carol", "eve"], |limits| limits.peer_streams_max = 2);
    for name in ["bob", "carol", "bob", "eve"] {
        world.say(ALICE, account(name), "hello");
    }
    let closed: Vec<_> = world.actors[ALICE]
        .events
        .iter()
        .filter_map(|event| match event {
            Event::PeerClosed { jid, .. } => Some(jid.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(closed, ["carol@example.net/main"]);
    world.advance(2 * SECOND);
    let again = world.say(ALICE, account("carol"), "and again");
    assert_eq!(world.state(ALICE, again), &MessageState::Delivered);
}

#[test]
fn where_every_peer_stream_carries_something_the_newcomer_is_refused() {
    let mut world = with(&["alice", "bob", "carol"], |limits| limits.peer_streams_max = 1);
    world.actors[ALICE].storage = StorageMood::Holds;
    world.say(1, account("alice"), "from bob");
    world.release_one(ALICE);
    let refused = world.say(2, account("alice"), "from carol");
    world.advance(SECOND);
    assert_eq!(world.bodies(ALICE), ["from bob"]);
    assert_eq!(world.state(2, refused), &MessageState::Sent { sealed: true }, "and tries again");
    world.release_storage(ALICE);
    world.advance(30 * SECOND);
    assert_eq!(world.state(2, refused), &MessageState::Delivered);
    assert_eq!(world.bodies(ALICE), ["from bob", "from carol"]);
}

#[test]
fn one_more_message_than_a_session_may_owe_fails() {
    let mut world = with(&["alice", "bob"], |limits| limits.unacknowledged_max = 2);
    world.say(ALICE, account("bob"), "zero");
    world.actors[1].storage = StorageMood::Holds;
    let messages = ["one", "two", "three"].map(|text| world.say(ALICE, account("bob"), text));
    assert_eq!(world.state(ALICE, messages[2]), &queue_is_full());
    world.release_storage(1);
    assert_eq!(world.state(ALICE, messages[1]), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["zero", "one", "two"]);
    let next = world.say(ALICE, account("bob"), "four");
    assert_eq!(world.state(ALICE, next), &MessageState::Delivered);
}

#[test]
fn one_more_message_than_may_wait_for_a_way_fails() {
    let mut world = World::new();
    world.server_down = true;
    world.add("alice", "main");
    world.actors[ALICE].config.limits.undecided_max = 2;
    world.start(ALICE);
    let messages = ["one", "two", "three"].map(|text| world.say(ALICE, account("bob"), text));
    assert_eq!(world.state(ALICE, messages[1]), &MessageState::Queued);
    assert_eq!(world.state(ALICE, messages[2]), &queue_is_full());
}

#[test]
fn the_oldest_of_too_many_receipts_is_no_longer_waited_for() {
    let mut world = World::new();
    world.server.drop_directory();
    for name in ["alice", "bob"] {
        world.add(name, "main");
    }
    world.actors[ALICE].config.limits.receipts_awaited_max = 1;
    world.start(ALICE);
    world.start(1);
    world.settle();
    let first = world.write(ALICE, account("bob"), "one");
    let second = world.write(ALICE, account("bob"), "two");
    world.settle();
    assert_eq!(world.bodies(1), ["one", "two"]);
    assert_eq!(world.state(ALICE, first), &MessageState::Sent { sealed: false }, "and stays so");
    assert_eq!(world.state(ALICE, second), &MessageState::Delivered);
}

#[test]
fn who_does_not_shake_hands_at_the_door_makes_room_for_the_next() {
    let mut world = with(&["alice"], |_| ());
    let at = world.at();
    let client = world.actors[ALICE].client.as_mut().unwrap();
    let mut knock = |at, port| client.handle_accepted(at, SocketAddr::from(([10, 0, 0, 66], port))).is_some();
    let inside = (0..9).map(|port| knock(at, port)).collect::<Vec<_>>();
    assert_eq!(inside, [true, true, true, true, true, true, true, true, false]);
    while client.poll_output().is_some() {}
    world.advance(10 * SECOND);
    let at = world.at();
    let client = world.actors[ALICE].client.as_mut().unwrap();
    assert!(client.handle_accepted(at, SocketAddr::from(([10, 0, 0, 66], 9))).is_some());
}

#[test]
fn a_connection_that_does_not_come_about_is_given_up() {
    let actor = Actor::new(0, "alice", "main");
    let world = World::new();
    let rng = ChaCha20Rng::seed_from_u64(1);
    let mut client = Client::new(actor.config, actor.remembered, rng, world.at());
    assert!(matches!(client.poll_output(), Some(Output::Connect { .. })));
    assert_eq!(client.poll_timeout(), Some(15 * SECOND));
    let mut later = world;
    later.now = 15 * SECOND;
    client.handle_timeout(later.at());
    let outputs: Vec<_> = std::iter::from_fn(|| client.poll_output()).collect();
    let given_up = |output: &Output| {
        matches!(
            output,
            Output::Event(Event::SignedOut { reason: SignedOutReason::NoConnection(_), retry_in: Some(_) })
        )
    };
    assert!(outputs.iter().any(given_up), "{outputs:?}");
    assert!(outputs.iter().any(|output| matches!(output, Output::Close { .. })), "{outputs:?}");
}

#[test]
fn a_server_that_does_not_say_whether_it_has_a_directory_is_left() {
    let mut world = World::new();
    world.add("alice", "main");
    world.start(ALICE);
    while !world.server.heard.contains("xmpp-bind") {
        world.happen_some(1);
    }
    world.server.silent = true;
    world.advance(20 * SECOND);
    assert!(world.has_told(ALICE, |event| matches!(
        event,
        Event::SignedOut { reason: SignedOutReason::NoAnswer, retry_in: Some(_) }
    )));
}

#[test]
fn signing_in_is_given_up_after_its_time() {
    let mut world = World::new();
    world.add("alice", "main");
    world.actors[ALICE].config.limits.sign_in_wait = 7 * SECOND;
    world.start(ALICE);
    while !world.server.heard.contains("<auth") {
        world.happen_some(1);
    }
    world.server.silent = true;
    let given_up = |event: &Event| matches!(event, Event::SignedOut { retry_in: Some(_), .. });
    world.advance(6 * SECOND);
    assert!(!world.has_told(ALICE, given_up));
    world.advance(SECOND);
    assert!(world.has_told(ALICE, given_up));
}

#[test]
fn a_peer_that_stops_while_a_stream_to_it_opens_is_given_up() {
    let mut world = with(&["alice", "bob"], |_| ());
    let message = world.write(ALICE, account("bob"), "hello");
    while !world.between_clients.contains("<stream:stream") {
        world.happen_some(1);
    }
    // Bob's process is frozen: his connections stay and nothing comes of them.
    world.actors[1].client = None;
    world.advance(9 * SECOND);
    assert_eq!(world.state(ALICE, message), &MessageState::Queued);
    world.advance(SECOND);
    let failed = MessageState::Failed { reason: FailReason::Unreachable, may_have_arrived: false };
    assert_eq!(world.state(ALICE, message), &failed);
}

#[test]
fn a_message_waits_only_so_long_for_the_stream_of_a_peer_that_stopped() {
    let mut world = with(&["alice", "bob"], |_| ());
    world.write(1, account("alice"), "from bob");
    while !world.between_clients.contains("<stream:features") {
        world.happen_some(1);
    }
    let message = world.write(ALICE, account("bob"), "from alice");
    // Bob gives his stream up; Alice is not told.
    world.lose_peers(1);
    world.advance(9 * SECOND);
    assert_eq!(world.state(ALICE, message), &MessageState::Queued);
    world.advance(SECOND);
    assert_eq!(world.state(ALICE, message), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["from alice"]);
}

#[test]
fn quitting_does_not_wait_for_ever_for_a_peer_that_is_silent() {
    let mut world = with(&["alice", "bob"], |_| ());
    world.say(ALICE, account("bob"), "one");
    // Bob's process is frozen: his connections stay and nothing comes of them.
    world.actors[1].client = None;
    let message = world.say(ALICE, account("bob"), "two");
    world.give(ALICE, Command::Quit);
    assert!(!world.has_told(ALICE, |event| *event == Event::Ended), "what is queued gets its chance");
    world.advance(10 * SECOND);
    assert_eq!(world.actors[ALICE].events.last(), Some(&Event::Ended));
    let failed = MessageState::Failed { reason: FailReason::Ended, may_have_arrived: true };
    assert_eq!(world.state(ALICE, message), &failed);
}
