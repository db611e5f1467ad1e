//! Messages from client to client.

use std::time::Duration;

use chatdev_client::{Event, FailReason, MessageState, Way};

use crate::actor::StorageMood;
use crate::script::account;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_message_goes_directly_and_is_acknowledged() {
    let mut world = World::with(&["alice", "bob"]);
    let message = world.say(0, account("bob"), "hello");
    assert_eq!(
        world.states(0, message),
        [&MessageState::Queued, &MessageState::Sent { sealed: true }, &MessageState::Delivered]
    );
    assert_eq!(world.bodies(1), ["hello"]);
    assert_eq!(world.received(1)[0].way, Way::Sealed(world.actors[0].shows));
    assert_eq!(world.server.messages_routed, 0);
    assert!(!world.server.heard.contains("hello"));
}

#[test]
fn one_stream_carries_several_messages_both_ways() {
    let mut world = World::with(&["alice", "bob"]);
    for turn in 0..20 {
        world.say(0, account("bob"), &format!("a{turn}"));
        world.say(1, account("alice"), &format!("b{turn}"));
    }
    let expected = |who: char| (0..20).map(|turn| format!("{who}{turn}")).collect::<Vec<_>>();
    assert_eq!(world.bodies(1), expected('a'));
    assert_eq!(world.bodies(0), expected('b'));
    assert_eq!(world.dials, 1);
}

#[test]
fn a_burst_beyond_what_one_answer_takes_arrives_whole_and_in_order() {
    let mut world = World::with(&["alice", "bob"]);
    let texts: Vec<String> = (0..200).map(|number| format!("m{number}")).collect();
    for text in &texts {
        world.write(0, account("bob"), text);
    }
    world.settle();
    assert_eq!(world.bodies(1), texts);
}

#[test]
fn of_two_simultaneous_streams_one_stays_and_no_message_is_lost() {
    let mut world = World::with(&["alice", "bob"]);
    let to_bob = world.write(0, account("bob"), "from alice");
    let to_alice = world.write(1, account("alice"), "from bob");
    world.settle();
    assert_eq!(world.dials, 2, "both dialled");
    for turn in 0..5 {
        world.say(0, account("bob"), &format!("a{turn}"));
        world.say(1, account("alice"), &format!("b{turn}"));
    }
    assert_eq!(world.dials, 2);
    assert_eq!(world.state(0, to_bob), &MessageState::Delivered);
    assert_eq!(world.state(1, to_alice), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["from alice", "a0", "a1", "a2", "a3", "a4"]);
    assert_eq!(world.bodies(0), ["from bob", "b0", "b1", "b2", "b3", "b4"]);
    assert!(!world.has_told(0, |event| matches!(event, Event::PeerClosed { .. })));
    assert!(!world.has_told(1, |event| matches!(event, Event::PeerClosed { .. })));
}

#[test]
fn the_stream_that_loses_is_drained_before_the_other_one_carries() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "before");
    world.say(1, account("alice"), "before");
    world.cut_peers();
    world.advance(5 * SECOND);
    world.dials = 0;
    world.actors[0].storage = StorageMood::Holds;
    // Bob's stream is a little ahead; Alice dials before she knows who is at her door.
    let first = world.write(1, account("alice"), "from bob");
    world.happen_some(2);
    world.write(0, account("bob"), "from alice");
    world.settle();
    assert_eq!(world.dials, 2);
    let second = world.say(1, account("alice"), "and more");
    assert_eq!(world.bodies(0), ["before", "from bob"], "one path carries at a time");
    world.release_storage(0);
    assert_eq!(world.bodies(0), ["before", "from bob", "and more"]);
    assert_eq!(world.state(1, first), &MessageState::Delivered);
    assert_eq!(world.state(1, second), &MessageState::Delivered);
    assert_eq!(world.between_clients.matches("from bob").count(), 1, "nothing was sent twice");
    assert_eq!(world.bodies(1), ["before", "from alice"]);
}

#[test]
fn a_message_that_waited_for_their_stream_dials_when_it_does_not_open() {
    let mut world = World::with(&["alice", "bob"]);
    world.write(0, account("bob"), "from alice");
    while !world.between_clients.contains("<stream:features") {
        world.happen_some(1);
    }
    let message = world.write(1, account("alice"), "from bob");
    world.happen_some(1);
    assert_eq!(world.dials, 1, "hers is about to open");
    world.cut_peers();
    world.advance(SECOND);
    assert_eq!(world.state(1, message), &MessageState::Delivered);
    assert_eq!(world.bodies(0), ["from bob"]);
    assert_eq!(world.dials, 2);
}

#[test]
fn a_stream_that_is_dead_at_the_other_end_is_found_out_when_they_dial_anew() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.lose_peers(1);
    // Of two streams Alice keeps the one that she dialled; of this one Bob knows nothing any more.
    let message = world.say(1, account("alice"), "two");
    let closed = |event: &Event| matches!(event, Event::PeerClosed { .. });
    world.advance(9 * SECOND);
    assert!(!world.has_told(0, closed), "an answer has ten seconds");
    assert_ne!(world.state(1, message), &MessageState::Delivered);
    world.advance(SECOND);
    assert!(world.has_told(0, closed));
    world.advance(20 * SECOND);
    assert_eq!(world.state(1, message), &MessageState::Delivered);
    assert_eq!(world.bodies(0), ["two"]);
}

#[test]
fn a_peer_that_cannot_be_reached_is_an_honest_failure_and_never_clear_text() {
    let mut world = World::with(&["alice", "bob"]);
    world.actors[1].unreachable = true;
    let message = world.say(0, account("bob"), "hello");
    world.advance(4 * SECOND);
    let failed = MessageState::Failed { reason: FailReason::Unreachable, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert_eq!(world.server.messages_routed, 0);
    assert!(!world.server.heard.contains("hello"));
}

#[test]
fn somebody_who_seals_and_is_away_gets_nothing_through_the_server() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    world.kill(1);
    world.advance(25 * SECOND);
    let message = world.say(0, account("bob"), "are you there?");
    let failed = MessageState::Failed { reason: FailReason::NotOnline, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert_eq!(world.server.messages_routed, 0);
}

#[test]
fn attempts_to_reach_one_peer_are_rate_limited() {
    let mut world = World::with(&["alice", "bob"]);
    world.actors[1].unreachable = true;
    for _ in 0..100 {
        world.say(0, account("bob"), "hello?");
        world.advance(SECOND / 10);
    }
    assert!(world.dials <= 5, "{} dials in ten seconds", world.dials);
}

#[test]
fn a_conversation_outlives_the_server() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.server_down = true;
    let effects = world.server.restart();
    world.serve(effects);
    world.say(1, account("alice"), "two");
    world.advance(300 * SECOND);
    world.say(0, account("bob"), "three");
    assert_eq!(world.bodies(1), ["one", "three"]);
    assert_eq!(world.bodies(0), ["two"]);
    world.server_down = false;
    world.advance(120 * SECOND);
    world.say(0, account("bob"), "four");
    assert_eq!(world.bodies(1), ["one", "three", "four"]);
    assert_eq!(world.dials, 1, "still the same stream");
}

#[test]
fn a_message_goes_to_every_accepted_device_and_counts_once() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "first");
    let second = world.add("bob", "phone");
    world.start(second);
    world.advance(25 * SECOND);
    let fingerprint = world.actors[second].shows;
    world.give(0, chatdev_client::Command::AcceptDevice { jid: account("bob"), fingerprint });
    let message = world.say(0, account("bob"), "to both");
    assert_eq!(world.bodies(1), ["first", "to both"]);
    assert_eq!(world.bodies(second), ["to both"]);
    assert_eq!(world.states(0, message).len(), 3);
}

#[test]
fn a_full_jid_names_one_session() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "first");
    let second = world.add("bob", "phone");
    world.start(second);
    world.advance(25 * SECOND);
    let fingerprint = world.actors[second].shows;
    world.give(0, chatdev_client::Command::AcceptDevice { jid: account("bob"), fingerprint });
    world.say(0, world.jid(second), "to the phone");
    assert_eq!(world.bodies(1), ["first"]);
    assert_eq!(world.bodies(second), ["to the phone"]);
}

#[test]
fn what_is_said_before_the_list_is_known_waits_for_it() {
    let mut world = World::with(&["bob"]);
    let alice = world.add("alice", "main");
    world.start(alice);
    let message = world.write(alice, account("bob"), "early");
    world.settle();
    assert_eq!(world.state(alice, message), &MessageState::Delivered);
    assert_eq!(world.server.messages_routed, 0);
}

#[test]
fn without_a_server_a_message_fails_in_time() {
    let mut world = World::new();
    world.server_down = true;
    let alice = world.add("alice", "main");
    world.start(alice);
    let message = world.write(alice, account("bob"), "early");
    world.advance(20 * SECOND);
    let failed = MessageState::Failed { reason: FailReason::NotSignedIn, may_have_arrived: false };
    assert_eq!(world.state(alice, message), &failed);
}

#[test]
fn somebody_who_came_a_moment_ago_is_looked_up_before_any_clear_text() {
    let mut world = World::with(&["alice"]);
    let bob = world.add("bob", "main");
    world.start(bob);
    world.settle();
    let message = world.say(0, account("bob"), "welcome");
    world.advance(2 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.server.messages_routed, 0);
}

#[test]
fn after_a_new_sign_in_nobody_is_written_to_by_an_old_list() {
    let mut world = World::with(&["alice"]);
    world.server_down = true;
    let effects = world.server.restart();
    world.serve(effects);
    let message = world.say(0, account("bob"), "welcome");
    let bob = world.add("bob", "main");
    world.server_down = false;
    world.start(bob);
    world.advance(10 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.server.messages_routed, 0);
}

#[test]
fn what_waited_for_a_check_in_when_the_server_went_is_decided_by_the_next_list() {
    let mut world = World::with(&["alice"]);
    let message = world.write(0, account("bob"), "welcome");
    world.server_down = true;
    let effects = world.server.restart();
    world.serve(effects);
    let bob = world.add("bob", "main");
    world.server_down = false;
    world.start(bob);
    world.advance(10 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.server.messages_routed, 0);
}
