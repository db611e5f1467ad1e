//! Who is who: first use, changed and invented devices, hidden fingerprints, impersonation.

use std::sync::Arc;
use std::time::Duration;

use chatdev_client::{Command, Event, FailReason, MessageState, Trust};
use chatdev_directory::{Change, Endpoint, Entry, Fingerprint};

use crate::script::account;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const FORGED: Fingerprint = Fingerprint([0x66; 32]);

/// Makes the server tell everybody something else about whom `about` concerns.
fn lie(world: &mut World, about: &'static str, change: impl Fn(&mut Entry) + 'static) {
    world.server.tamper = Box::new(move |_, online| {
        for told in &mut online.page.changes {
            if let Change::Online(entry) = told
                && entry.jid.as_str().starts_with(about)
            {
                let mut forged = entry.as_ref().clone();
                change(&mut forged);
                *told = Change::Online(Arc::new(forged));
            }
        }
    });
}

#[test]
fn the_first_device_is_trusted_on_first_use_and_remembered() {
    let mut world = World::with(&["alice", "bob"]);
    assert!(world.actors[0].remembered.devices.is_empty(), "being seen is not being used");
    world.say(0, account("bob"), "hello");
    let bobs = world.actors[1].shows;
    assert_eq!(world.actors[0].remembered.devices[&account("bob")].get(&bobs), Some(&Trust::Accepted));
    assert_eq!(world.actors[1].remembered.devices[&account("alice")].len(), 1);
    assert!(world.has_told(
        0,
        |event| matches!(event, Event::DeviceTrusted { fingerprint, .. } if *fingerprint == bobs)
    ));
}

#[test]
fn a_changed_fingerprint_is_shown_and_gets_nothing_until_accepted() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    world.kill(1);
    let changed = world.add("bob", "main");
    world.start(changed);
    world.advance(25 * SECOND);
    let fingerprint = world.actors[changed].shows;
    assert!(world.has_told(
        0,
        |event| matches!(event, Event::StrangeDevice { fingerprint: told, .. } if *told == fingerprint)
    ));
    let message = world.say(0, account("bob"), "secret");
    let failed = MessageState::Failed { reason: FailReason::NotAccepted, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    world.give(0, Command::AcceptDevice { jid: account("bob"), fingerprint });
    world.say(0, account("bob"), "now");
    assert_eq!(world.bodies(changed), ["now"]);
}

#[test]
fn an_invented_device_gets_nothing_and_the_known_one_goes_on() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    // The server adds a device of its own to Bob's: Eve's machine, under Bob's name.
    let eve = world.add("eve", "main");
    world.start(eve);
    let eves_machine = world.actors[eve].shows;
    lie(&mut world, "eve@", |entry| {
        entry.jid = Arc::new(account("bob").with_resource_str("invented").unwrap());
    });
    world.advance(25 * SECOND);
    assert!(world.has_told(
        0,
        |event| matches!(event, Event::StrangeDevice { fingerprint, .. } if *fingerprint == eves_machine)
    ));
    let message = world.say(0, account("bob"), "secret");
    assert_eq!(world.state(0, message), &MessageState::Delivered);
    assert_eq!(world.bodies(1), ["hello", "secret"]);
    assert!(world.bodies(eve).is_empty());
}

#[test]
fn hiding_a_fingerprint_does_not_open_the_envelope() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    lie(&mut world, "bob@", |entry| entry.fingerprint = None);
    world.kill(1);
    world.advance(25 * SECOND);
    world.start(1);
    world.advance(25 * SECOND);
    let message = world.say(0, account("bob"), "secret");
    let failed = MessageState::Failed { reason: FailReason::FingerprintHidden, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert!(!world.server.heard.contains("secret"));
    assert_eq!(world.server.messages_routed, 0);

    world.give(0, Command::AllowClearText { jid: account("bob"), allowed: true });
    let message = world.say(0, account("bob"), "not so secret");
    assert!(world.states(0, message).contains(&&MessageState::Sent { sealed: false }));
    assert!(world.server.heard.contains("not so secret"));
}

#[test]
fn a_fingerprint_that_was_only_seen_is_not_forgotten_either() {
    let mut world = World::with(&["alice", "bob"]);
    lie(&mut world, "bob@", |entry| entry.fingerprint = None);
    world.give(1, Command::SetStatus { show: chatdev_directory::Show::Away, status: None, nick: None });
    world.advance(25 * SECOND);
    let message = world.say(0, account("bob"), "secret");
    let failed = MessageState::Failed { reason: FailReason::FingerprintHidden, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert_eq!(world.server.messages_routed, 0);
}

#[test]
fn somebody_else_at_the_endpoint_is_told_nothing() {
    let mut world = World::with(&["alice", "bob", "eve"]);
    world.say(0, account("bob"), "hello");
    world.kill(1);
    // Bob comes back; the server sends Alice to Eve's machine instead.
    lie(&mut world, "bob@", |entry| {
        entry.endpoints = [Endpoint::new([10, 0, 0, 3].into(), 5298)].into();
    });
    world.start(1);
    world.advance(25 * SECOND);
    world.between_clients.clear();
    let message = world.say(0, account("bob"), "secret");
    let MessageState::Failed { reason: FailReason::NotAuthentic(_), may_have_arrived: false } =
        world.state(0, message)
    else {
        panic!("{:?}", world.states(0, message));
    };
    let eves = world.actors[2].shows;
    assert!(world.has_told(0, |event| matches!(event, Event::Impostor { shown, .. } if *shown == eves)));
    assert_eq!(world.between_clients, "", "not even a stream header");
}

#[test]
fn one_accepted_device_cannot_stand_in_for_another() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    let phone = world.add("bob", "phone");
    world.start(phone);
    world.advance(25 * SECOND);
    let fingerprint = world.actors[phone].shows;
    world.give(0, Command::AcceptDevice { jid: account("bob"), fingerprint });
    // Under the endpoint of Bob's desk his phone answers.
    world.kill(1);
    lie(&mut world, "bob@example.net/main", |entry| {
        entry.endpoints = [Endpoint::new([10, 0, 0, 3].into(), 5298)].into();
    });
    world.start(1);
    world.advance(25 * SECOND);
    let message = world.say(0, world.jid(1), "for the desk only");
    let MessageState::Failed { reason: FailReason::NotAuthentic(_), .. } = world.state(0, message) else {
        panic!("{:?}", world.states(0, message));
    };
    assert!(world.bodies(phone).is_empty());
}

#[test]
fn the_right_certificate_under_the_wrong_jid_is_refused() {
    let mut world = World::with(&["alice", "bob", "eve"]);
    // Eve's client believes that it is Bob's: her own server told it so. Her certificate is her own.
    let eve = world.jid(2);
    world.kill(2);
    let liar = world.add("bob", "main");
    world.actors[liar].shows = world.actors[2].shows;
    let accounts = std::mem::take(&mut world.actors[liar].config.resource);
    assert!(accounts.is_some());
    world.actors[liar].config.resource = Some(jid::ResourcePart::new("other").unwrap().into_owned());
    // The directory names another certificate for bob/other than the one that the liar will show.
    lie(&mut world, "bob@example.net/other", |entry| entry.fingerprint = Some(FORGED));
    world.start(liar);
    world.advance(25 * SECOND);
    world.say(liar, account("alice"), "it is me, Bob");
    world.advance(5 * SECOND);
    assert!(world.bodies(0).is_empty());
    let claimed = world.jid(liar);
    assert_ne!(claimed, eve);
    let impostor = |event: &Event| matches!(event, Event::Impostor { claimed: told, expected: Some(FORGED), .. } if *told == claimed);
    assert!(world.has_told(0, impostor));
}

#[test]
fn somebody_whose_claim_is_being_checked_keeps_no_message_from_whom_they_claim_to_be() {
    let mut world = World::with(&["alice", "bob"]);
    // The check-in that would find them out is not answered.
    world.server.silent = true;
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  from='alice@example.net/main' to='bob@example.net/main' version='1.0'>";
    world.knock(1, FORGED, header);
    let message = world.say(1, account("alice"), "for her alone");
    assert!(!world.has_told(1, |event| matches!(event, Event::Impostor { .. })), "not known yet");
    assert_eq!(world.state(1, message), &MessageState::Delivered);
    assert_eq!(world.bodies(0), ["for her alone"]);
}

#[test]
fn somebody_who_is_not_in_the_directory_is_refused_after_one_check_in() {
    let mut world = World::with(&["alice"]);
    let stranger = world.add("eve", "main");
    world.server.tamper = Box::new(|watcher, online| {
        if watcher.as_str().starts_with("alice@") {
            online.page.changes.retain(|change| !change.jid().as_str().starts_with("eve@"));
        }
    });
    world.start(stranger);
    world.advance(SECOND);
    world.server.check_ins.clear();
    let message = world.say(stranger, account("alice"), "let me in");
    world.advance(2 * SECOND);
    assert!(world.bodies(0).is_empty());
    let MessageState::Failed { reason: FailReason::NotAuthentic(_), .. } = world.state(stranger, message)
    else {
        panic!("{:?}", world.states(stranger, message));
    };
    let asked = world.server.check_ins.iter().filter(|(_, jid)| *jid == world.jid(0)).count();
    assert_eq!(asked, 1);
}

#[test]
fn a_newcomer_is_let_in_after_one_check_in() {
    let mut world = World::with(&["alice"]);
    let bob = world.add("bob", "main");
    world.start(bob);
    world.settle();
    let message = world.say(bob, account("alice"), "here I am");
    world.advance(SECOND);
    assert_eq!(world.state(bob, message), &MessageState::Delivered);
    assert_eq!(world.bodies(0), ["here I am"]);
}

#[test]
fn a_device_that_the_person_did_not_accept_cannot_dial_in() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    let second = world.add("bob", "phone");
    world.start(second);
    world.advance(25 * SECOND);
    world.say(second, account("alice"), "from my phone");
    world.advance(5 * SECOND);
    assert!(world.bodies(0).is_empty());
    let fingerprint = world.actors[second].shows;
    world.give(0, Command::AcceptDevice { jid: account("bob"), fingerprint });
    world.advance(20 * SECOND);
    world.say(second, account("alice"), "again");
    world.advance(5 * SECOND);
    assert_eq!(world.bodies(0), ["again"]);
}

#[test]
fn another_fingerprint_in_the_directory_closes_the_stream() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    lie(&mut world, "bob@", |entry| entry.fingerprint = Some(FORGED));
    world.give(1, Command::SetStatus { show: chatdev_directory::Show::Away, status: None, nick: None });
    world.advance(25 * SECOND);
    assert!(world.has_told(0, |event| matches!(event, Event::PeerClosed { .. })));
    world.say(0, account("bob"), "secret");
    assert_eq!(world.bodies(1), ["hello"]);
}

#[test]
fn a_mere_departure_does_not_close_the_stream() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    world.give(1, Command::GoOffline);
    world.advance(25 * SECOND);
    world.say(0, account("bob"), "two");
    assert_eq!(world.bodies(1), ["one", "two"]);
}

#[test]
fn taking_an_acceptance_back_closes_the_stream_and_keeps_it_closed() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    let fingerprint = world.actors[1].shows;
    world.give(0, Command::RejectDevice { jid: account("bob"), fingerprint });
    let message = world.say(0, account("bob"), "two");
    let failed = MessageState::Failed { reason: FailReason::NotAccepted, may_have_arrived: false };
    assert_eq!(world.state(0, message), &failed);
    assert_eq!(world.bodies(1), ["one"]);
}

#[test]
fn what_a_rejected_device_was_saying_is_not_shown() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "one");
    let fingerprint = world.actors[1].shows;
    world.write(1, account("alice"), "on its way");
    world.give(0, Command::RejectDevice { jid: account("bob"), fingerprint });
    world.advance(30 * SECOND);
    assert!(world.bodies(0).is_empty());
}
