//! Order and exactly once: sequence numbers, marks, storage, restarts, lost paths.

use std::sync::Arc;
use std::time::Duration;

use chatdev_client::{Event, FailReason, MessageState};
use chatdev_directory::{Change, Entry};
use proptest::prelude::*;

use crate::actor::StorageMood;
use crate::script::account;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn nothing_is_acknowledged_before_it_is_stored() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Holds;
    let message = world.say(0, account("bob"), "two");
    assert_eq!(world.bodies(1), ["one", "two"]);
    assert_eq!(world.state(0, message), &MessageState::Sent { sealed: true });
    world.release_storage(1);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
}

#[test]
fn what_is_stored_is_acknowledged_and_what_came_after_it_is_not() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Holds;
    let second = world.say(0, account("bob"), "two");
    let third = world.say(0, account("bob"), "three");
    world.actors[1].storage = StorageMood::Answers;
    world.release_one(1);
    assert_eq!(world.state(0, second), &MessageState::Delivered);
    assert_eq!(world.state(0, third), &MessageState::Sent { sealed: true });
    world.release_storage(1);
    assert_eq!(world.state(0, third), &MessageState::Delivered);
}

#[test]
fn a_receiver_that_dies_before_storing_gets_the_message_again_and_one_that_dies_after_does_not() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Holds;
    let unstored = world.say(0, account("bob"), "two");
    world.kill(1);
    world.actors[1].events.clear();
    world.actors[1].storage = StorageMood::Answers;
    world.start(1);
    world.advance(60 * SECOND);
    assert_eq!(world.state(0, unstored), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["two"]);
    assert_eq!(world.states(0, unstored).len(), 3, "it never went back");
}

#[test]
fn a_message_whose_acknowledgement_was_lost_is_sent_again_and_dropped() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Holds;
    let message = world.say(0, account("bob"), "two");
    world.cut_peers();
    world.release_storage(1);
    world.advance(60 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["one", "two"]);
}

#[test]
fn the_mark_survives_a_restart_of_the_receiver() {
    let mut world = World::with(&["alice", "bob"]);
    for text in ["one", "two", "three"] {
        world.say(0, account("bob"), text);
    }
    let alices = world.actors[0].shows;
    assert_eq!(world.actors[1].remembered.marks.get(&alices), Some(&3));
    world.kill(1);
    world.start(1);
    world.advance(30 * SECOND);
    world.say(0, account("bob"), "four");
    assert_eq!(world.bodies(1), ["one", "two", "three", "four"]);
    assert_eq!(world.actors[1].remembered.marks.get(&alices), Some(&4));
}

#[test]
fn numbers_go_on_after_a_restart_of_the_sender() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.kill(0);
    world.start(0);
    world.advance(30 * SECOND);
    world.say(0, account("bob"), "two");
    world.advance(30 * SECOND);
    assert_eq!(world.bodies(1), ["one", "two"]);
}

#[test]
fn without_storage_for_its_number_a_message_fails() {
    let mut world = World::with(&["alice", "bob"]);
    world.actors[0].storage = StorageMood::Fails;
    let message = world.say(0, account("bob"), "one");
    let failed = MessageState::Failed { reason: FailReason::Storage, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert!(world.has_told(0, |event| matches!(event, Event::StorageFailed { .. })));
    assert!(world.bodies(1).is_empty());
}

#[test]
fn what_could_not_be_stored_ends_the_stream_and_comes_again_until_it_is_and_is_shown_once() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Fails;
    let message = world.say(0, account("bob"), "two");
    assert_eq!(world.between_clients.matches("<internal-server-error").count(), 1);
    world.advance(5 * SECOND);
    assert!(world.between_clients.matches("<internal-server-error").count() > 1, "it came again");
    assert_eq!(world.state(0, message), &MessageState::Sent { sealed: true });
    world.actors[1].storage = StorageMood::Answers;
    world.advance(20 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["one", "two"]);
    assert_eq!(world.actors[1].history, ["one", "two"]);
}

#[test]
fn a_path_that_is_lost_leaves_the_message_sent_and_another_path_delivers_it() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.actors[1].storage = StorageMood::Holds;
    let message = world.say(0, account("bob"), "two");
    world.actors[1].unreachable = true;
    world.cut_peers();
    world.settle();
    world.advance(10 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Sent { sealed: true });
    world.actors[1].unreachable = false;
    world.release_storage(1);
    world.advance(60 * SECOND);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["one", "two"]);
}

#[test]
fn a_flood_that_storage_cannot_follow_pauses_reading_and_nothing_is_lost() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "first");
    world.actors[1].storage = StorageMood::Holds;
    let texts: Vec<String> = (0..150).map(|number| format!("m{number}")).collect();
    for text in &texts {
        world.write(0, account("bob"), text);
    }
    world.settle();
    assert!(world.bodies(1).len() < 80, "reading goes on without storage: {}", world.bodies(1).len());
    world.release_storage(1);
    assert_eq!(world.bodies(1)[1..], texts);
}

#[test]
fn what_was_said_before_the_list_is_known_stays_in_front_when_the_receiver_dials_meanwhile() {
    let mut world = World::with(&["bob", "carol"]);
    world.server.page_max = 1;
    let alice = world.add("alice", "main");
    world.start(alice);
    world.write(alice, account("bob"), "first");
    // She is told of Bob, and nothing more: her list stays unfinished.
    while !world.has_told(alice, |event| matches!(event, Event::DirectoryChanged(_))) {
        world.happen_some(1);
    }
    world.server.silent_to = Some(world.jid(alice));
    world.say(0, account("alice"), "hello");
    world.advance(2 * SECOND);
    assert_eq!(world.bodies(alice), ["hello"]);
    assert!(!world.has_told(alice, |event| *event == Event::DirectoryComplete));
    world.say(alice, account("bob"), "second");
    assert_eq!(world.bodies(0), ["first", "second"]);
}

#[test]
fn a_later_message_does_not_pass_one_that_waits_for_a_check_in() {
    let mut world = World::with(&["alice"]);
    // Bob shows no fingerprint: what is said to him goes through the server.
    world.server.tamper = Box::new(|_, online| {
        for change in &mut online.page.changes {
            if let Change::Online(entry) = change {
                *change = Change::Online(Arc::new(Entry { fingerprint: None, ..entry.as_ref().clone() }));
            }
        }
    });
    let bob = world.add("bob", "main");
    world.start(bob);
    world.settle();
    world.write(0, account("carol"), "asks who is online");
    world.write(0, account("bob"), "waits for the answer to the next question");
    world.settle();
    world.say(0, account("bob"), "he is listed now");
    world.advance(2 * SECOND);
    assert_eq!(world.bodies(bob), ["waits for the answer to the next question", "he is listed now"]);
}

/// What can happen to a conversation.
#[derive(Debug, Clone, Copy)]
enum Step {
    AliceWrites,
    BobWrites,
    /// So many things happen, and the rest stays under way.
    Happen(usize),
    CutPeers,
    BobsStorageHolds,
    BobsStorageAnswers,
    ServerRestarts,
    TimePasses(u64),
    BobDies,
    AliceDies,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::AliceWrites),
        2 => Just(Step::BobWrites),
        6 => (1_usize..12).prop_map(Step::Happen),
        2 => Just(Step::CutPeers),
        1 => Just(Step::BobsStorageHolds),
        1 => Just(Step::BobsStorageAnswers),
        1 => Just(Step::ServerRestarts),
        2 => (1_u64..4000).prop_map(Step::TimePasses),
    ]
}

fn any_step_and_deaths() -> impl Strategy<Value = Step> {
    prop_oneof![12 => any_step(), 1 => Just(Step::BobDies), 1 => Just(Step::AliceDies)]
}

/// Plays the steps, lets everything come to rest, and says how many messages Alice wrote.
fn play(world: &mut World, steps: Vec<Step>) -> usize {
    // They know each other: to somebody who never showed a fingerprint a message goes through the server.
    world.say(1, account("alice"), "hello");
    let mut written = 0;
    for step in steps {
        match step {
            Step::AliceWrites => {
                written += 1;
                world.write(0, account("bob"), &format!("{written:04}"));
            }
            Step::BobWrites => {
                world.write(1, account("alice"), "hi");
            }
            Step::Happen(count) => world.happen_some(count),
            Step::CutPeers => world.cut_peers(),
            Step::BobsStorageHolds => world.actors[1].storage = StorageMood::Holds,
            Step::BobsStorageAnswers => world.release_storage(1),
            Step::ServerRestarts => {
                let effects = world.server.restart();
                world.serve(effects);
            }
            Step::TimePasses(ms) => world.advance(Duration::from_millis(ms)),
            Step::BobDies => restart(world, 1),
            Step::AliceDies => restart(world, 0),
        }
    }
    world.release_storage(1);
    world.advance(180 * SECOND);
    written
}

fn restart(world: &mut World, who: usize) {
    world.kill(who);
    world.start(who);
}

fn is_in_order_and_once(texts: &[String]) -> bool {
    texts.windows(2).all(|pair| pair[0] < pair[1])
}

fn told(world: &World, wanted: impl Fn(&MessageState) -> bool) -> Vec<String> {
    let texts = world.actors[0].events.iter().filter_map(|event| match event {
        Event::MessageState { message, state, .. } if wanted(state) => Some(format!("{:04}", message.0)),
        _ => None,
    });
    texts.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to connections, storage and server: what Bob is shown is in order and once, and each message
    /// arrives or fails.
    #[test]
    fn messages_arrive_in_order_and_once(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut world = World::with(&["alice", "bob"]);
        let written = play(&mut world, steps);
        let shown: Vec<String> = world.bodies(1).into_iter().map(str::to_owned).collect();
        prop_assert!(is_in_order_and_once(&shown), "{shown:?}");
        prop_assert_eq!(&told(&world, |state| *state == MessageState::Delivered), &shown);
        let failed = told(&world, |state| matches!(state, MessageState::Failed { .. }));
        prop_assert_eq!(shown.len() + failed.len(), written);
    }

    /// Whoever dies, and whenever: what is in Bob's history is in order and once, and what Alice was told to be delivered is
    /// in it.
    #[test]
    fn what_was_acknowledged_survives_deaths_on_both_sides(
        steps in prop::collection::vec(any_step_and_deaths(), 1..60),
    ) {
        let mut world = World::with(&["alice", "bob"]);
        play(&mut world, steps);
        let history = &world.actors[1].history;
        prop_assert!(is_in_order_and_once(history), "{history:?}");
        for delivered in told(&world, |state| *state == MessageState::Delivered) {
            prop_assert!(history.contains(&delivered), "{delivered} is not in {history:?}");
        }
    }
}
