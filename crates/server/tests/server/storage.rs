//! Storage is asked and answers later, or not at all (crates/README.md: an event that needs storage ends in a
//! named state).

use chatdev_server::{RequestId, StorageAnswer};

use crate::world::{World, stanza_error};

const PASSWORD: &str = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>alice</username>\
                        <password>new</password></query></iq>";
const PING: &str = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";

#[test]
fn nothing_is_read_while_storage_is_asked() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.storage_answers = false;
    world.send(alice, &[PASSWORD, PING].concat());
    world.send(alice, PING);
    assert_eq!(world.received(alice), [""; 0]);
    world.answer_storage();
    let ids: Vec<_> =
        world.clients[alice].inbox.iter().map(|stanza| stanza.attribute("id").unwrap()).collect();
    assert_eq!(ids, ["r1", "p1", "p1"], "what waited is read in its order");
}

#[test]
fn others_reach_a_session_that_waits() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.storage_answers = false;
    world.send(alice, PASSWORD);
    world.send(bob, "<message to='alice@example.net/desk'/>");
    assert_eq!(world.received(alice).len(), 1);
}

#[test]
fn an_answer_to_nobody_is_dropped() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.storage_answers = false;
    world.answer_with(alice, RequestId(0), StorageAnswer::Done);
    world.send(alice, PASSWORD);
    world.answer_with(alice, RequestId(99), StorageAnswer::Done);
    assert_eq!(world.received(alice), [""; 0], "another request's answer");
    world.cut(alice);
    world.answer_storage();
    assert!(world.is_gone(alice));
}

#[test]
fn a_session_that_is_replaced_while_it_waits_goes() {
    let mut world = World::new();
    let older = world.sign_in("alice@example.net/desk");
    world.storage_answers = false;
    world.send(older, PASSWORD);
    world.storage_answers = true;
    world.sign_in("alice@example.net/desk");
    assert_eq!(crate::world::stream_error(&world, older), "conflict");
    world.answer_storage();
    assert_eq!(world.received(older), [""; 0]);
}

#[test]
fn a_storage_that_fails_is_said_and_no_password_is_blamed() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.storage_answers = false;
    world.send(alice, PASSWORD);
    let (name, id, _) = world.requests.pop_front().unwrap();
    world.answer_with(name, id, StorageAnswer::Failed);
    let answer = world.receive(alice);
    assert_eq!(stanza_error(&answer), "internal-server-error");
    assert!(answer.as_str().contains("type='wait'"), "{answer}");

    let bob = world.begin_sign_in("bob@example.net/tui", "192.0.2.1".parse().unwrap());
    world.run();
    let (name, id, _) = world.requests.pop_front().unwrap();
    world.answer_with(name, id, StorageAnswer::Failed);
    assert!(world.clients[bob].heard.contains("<internal-server-error"), "{}", world.clients[bob].heard);
    assert!(world.is_gone(bob));
}

#[test]
fn an_account_that_went_meanwhile_is_not_found() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.store = chatdev_server::MemoryStore::new();
    let answer = world.ask(alice, PASSWORD);
    assert_eq!(stanza_error(&answer), "item-not-found");
}

#[test]
fn a_wrong_password_counts_as_a_failure_and_an_unknown_name_the_same() {
    let mut world = World::new();
    world.add_account("alice@example.net");
    let known = world.begin_sign_in("alice@example.net/x", "192.0.2.1".parse().unwrap());
    let unknown = world.begin_sign_in("mallory@example.net/x", "192.0.2.1".parse().unwrap());
    world.store.insert(
        jid::BareJid::new("alice@example.net").unwrap(),
        chatdev_stream::sasl::Credentials::derive(
            &chatdev_stream::sasl::Password::new("other").unwrap(),
            1,
            &mut rand_core::SeedableRng::from_seed([9; 32]),
        ),
    );
    world.run();
    assert_eq!(world.clients[known].failed, world.clients[unknown].failed);
    assert!(world.clients[known].failed.is_some());
    assert_eq!((world.counters().sign_ins, world.counters().sign_in_failures), (0, 2));
}
