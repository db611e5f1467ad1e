//! Check-ins and the list.

use std::time::Duration;

use chatdev_client::{Command, Event, MessageState, Participation, Person, Reach};
use chatdev_directory::{Show, Update};
use chatdev_stanza::StreamCondition;

use crate::script::account;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

fn people(world: &mut World, who: usize) -> Vec<Person> {
    world.give(who, Command::ListOnline);
    match world.actors[who].events.last() {
        Some(Event::Online(people)) => people.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn check_ins_are_up_to_a_tenth_early_and_never_late() {
    let mut world = World::with(&["alice"]);
    world.server.check_ins.clear();
    world.advance(600 * SECOND);
    let times: Vec<Duration> = world.server.check_ins.iter().map(|(at, _)| *at).collect();
    assert!(times.len() >= 30);
    for pair in times.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(gap >= 18 * SECOND && gap <= 20 * SECOND, "{gap:?}");
    }
}

#[test]
fn a_server_that_is_crowded_slows_its_clients_down() {
    let mut world = World::with(&["alice"]);
    world.server.interval = 100 * SECOND;
    world.advance(30 * SECOND);
    world.server.check_ins.clear();
    world.advance(600 * SECOND);
    assert!((6..=7).contains(&world.server.check_ins.len()), "{}", world.server.check_ins.len());
}

#[test]
fn a_list_of_many_pages_is_read_at_once() {
    let mut world = World::new();
    world.server.page_max = 1;
    for name in ["alice", "bob", "carol", "eve"] {
        let who = world.add(name, "main");
        world.start(who);
        world.settle();
    }
    assert_eq!(people(&mut world, 3).len(), 4, "without any time having passed");
    world.advance(25 * SECOND);
    assert_eq!(people(&mut world, 0).len(), 4);
}

#[test]
fn each_sees_the_other_and_oneself() {
    let mut world = World::with(&["alice", "bob"]);
    let seen: Vec<_> =
        people(&mut world, 0).into_iter().map(|person| (person.jid.to_string(), person.reach)).collect();
    assert_eq!(
        seen,
        [
            ("alice@example.net/main".to_owned(), Reach::Oneself),
            ("bob@example.net/main".to_owned(), Reach::Direct)
        ]
    );
    world.say(0, world.jid(1).to_bare(), "hello");
    assert_eq!(people(&mut world, 0)[1].reach, Reach::Open);
}

#[test]
fn a_new_status_is_told_at_once() {
    let mut world = World::with(&["alice", "bob"]);
    let status = Some("In a meeting".to_owned());
    world.give(0, Command::SetStatus { show: Show::Away, status, nick: None });
    world.advance(20 * SECOND);
    let alice = people(&mut world, 1).remove(0);
    assert_eq!(alice.profile.show, Show::Away);
    assert_eq!(alice.profile.status.as_deref(), Some("In a meeting"));
    assert_eq!(alice.profile.nick.as_deref(), Some("alice"));
}

#[test]
fn somebody_who_is_killed_is_gone_from_the_list_at_the_next_check_in() {
    let mut world = World::with(&["alice", "bob"]);
    world.kill(1);
    world.advance(20 * SECOND);
    assert_eq!(people(&mut world, 0).len(), 1);
    let went = |event: &Event| matches!(event, Event::DirectoryChanged(updates) if updates.iter().any(|update| matches!(update, Update::Went { .. })));
    assert!(world.has_told(0, went));
}

#[test]
fn after_a_restart_of_the_server_people_are_unconfirmed_until_seen_again() {
    let mut world = World::with(&["alice", "bob"]);
    world.kill(1);
    let effects = world.server.restart();
    world.serve(effects);
    world.advance(5 * SECOND);
    let bob = people(&mut world, 0).remove(1);
    assert!(bob.unconfirmed);
    world.advance(60 * SECOND);
    assert_eq!(people(&mut world, 0).len(), 1);
}

#[test]
fn a_reader_sees_without_being_seen() {
    let mut world = World::with(&["alice"]);
    let bob = world.add("bob", "main");
    world.actors[bob].config.participation = Participation::Read;
    world.start(bob);
    world.advance(50 * SECOND);
    assert_eq!(people(&mut world, bob).len(), 1);
    assert_eq!(people(&mut world, 0).len(), 1);
    assert!(!world.server.is_online(&world.jid(bob)));
}

#[test]
fn endpoints_that_the_server_refuses_are_told() {
    let mut world = World::new();
    let alice = world.add("alice", "main");
    world.actors[alice].config.endpoints =
        vec![chatdev_directory::Endpoint::new([169, 254, 1, 1].into(), 5298)];
    world.start(alice);
    world.settle();
    let told =
        |event: &Event| matches!(event, Event::EndpointsRefused(refused) if refused[0].host == "169.254.1.1");
    assert!(world.has_told(alice, told));
}

#[test]
fn a_server_without_a_directory_is_said_to_be_one() {
    let mut world = World::new();
    world.server.drop_directory();
    let alice = world.add("alice", "main");
    world.start(alice);
    world.advance(120 * SECOND);
    let told = world.actors[alice].events.iter().filter(|event| **event == Event::NoDirectory).count();
    assert_eq!(told, 1);
    assert!(world.server.stanzas.iter().any(|stanza| stanza.root().name() == "presence"));
}

#[test]
fn a_server_that_always_says_more_is_not_asked_without_end() {
    let mut world = World::new();
    world.server.tamper = Box::new(|_, online| online.page.more = true);
    let alice = world.add("alice", "main");
    world.start(alice);
    world.settle();
    assert!(world.has_told(alice, |event| *event == Event::DirectoryComplete));
    assert!(world.server.check_ins.len() <= 3);
}

#[test]
fn a_reader_asks_once() {
    let mut world = World::new();
    let alice = world.add("alice", "main");
    world.actors[alice].config.participation = Participation::Read;
    world.start(alice);
    world.settle();
    world.server.stanzas.clear();
    world.say(alice, account("bob"), "hello");
    world.advance(300 * SECOND);
    assert!(!world.server.stanzas.iter().any(|stanza| stanza.to_string().contains("<online")));
}

fn asked(world: &World) -> usize {
    world.between_clients.matches("<r ").count()
}

fn is_closed(world: &World) -> bool {
    world.has_told(0, |event| matches!(event, Event::PeerClosed { .. }))
}

#[test]
fn whoever_went_is_asked_for_a_sign_of_life_on_the_stream_that_is_left() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    // Bob's machine is without power: the server finds out, and nobody else is told.
    world.actors[1].client = None;
    world.between_clients.clear();
    let effects = world.server.expel(world.at(), &world.jid(1), StreamCondition::ConnectionTimeout);
    world.serve(effects);
    while asked(&world) == 0 {
        assert!(world.now < 50 * SECOND, "nobody asks");
        world.advance(SECOND);
    }
    world.advance(8 * SECOND);
    assert!(!is_closed(&world), "an answer has ten seconds");
    world.advance(2 * SECOND);
    assert!(is_closed(&world));
}

#[test]
fn whoever_came_back_under_a_new_session_is_asked_for_a_sign_of_life() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    // Bob's machine starts again between two check-ins of Alice. Of her stream it knows nothing.
    world.lose_peers(1);
    world.kill(1);
    world.start(1);
    world.between_clients.clear();
    world.advance(20 * SECOND);
    assert_eq!(asked(&world), 1);
    world.advance(10 * SECOND);
    assert!(is_closed(&world));
    let message = world.say(0, account("bob"), "two");
    assert_eq!(world.state(0, message), &MessageState::Delivered);
}

#[test]
fn whoever_gives_a_sign_of_life_keeps_the_stream() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.between_clients.clear();
    let effects = world.server.expel(world.at(), &world.jid(1), StreamCondition::ConnectionTimeout);
    world.serve(effects);
    world.advance(40 * SECOND);
    assert_eq!(asked(&world), 1, "under a new session");
    world.give(1, Command::GoOffline);
    world.advance(40 * SECOND);
    assert_eq!(asked(&world), 2, "after a departure");
    assert!(!is_closed(&world));
    world.say(0, account("bob"), "two");
    assert_eq!(world.bodies(1), ["one", "two"]);
    assert_eq!(world.dials, 1);
}
