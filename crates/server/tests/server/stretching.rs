//! A password is being stretched, which takes a while (crates/README.md: what takes long ends in a named state).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_server::{RequestId, StorageAnswer, StorageRequest};
use chatdev_stream::receiving::Registration;
use chatdev_stream::sasl::Password;
use jid::BareJid;

use crate::world::{Name, World, sign_in_text, stream_error, with_stream};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";
const ACCOUNT: &str = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>alice</username>\
                       <password>new</password></query></iq>";
const PING: &str = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";

fn connected(world: &mut World) -> Name {
    world.connect("alice@example.net/desk", "192.0.2.1".parse().unwrap())
}

fn open() -> World {
    World::with(with_stream(|stream| stream.registration = Registration::Everyone))
}

fn is_password(world: &mut World, text: &str) -> bool {
    let account = BareJid::new("alice@example.net").unwrap();
    match world.store.answer(StorageRequest::Credentials { account }) {
        StorageAnswer::Credentials(Some(found)) => found.verify(&Password::new(text).unwrap()),
        _ => false,
    }
}

#[test]
fn whoever_signs_in_is_not_read_meanwhile() {
    let mut world = World::new();
    world.add_account("alice@example.net");
    world.stretches = false;
    let alice = connected(&mut world);
    world.send(alice, &sign_in_text("alice", "desk"));
    assert!(!world.clients[alice].connection.is_reading());
    assert!(world.clients[alice].heard.ends_with("</stream:features>"), "{}", world.clients[alice].heard);
    assert_eq!((world.stretchings.len(), world.counters().sign_ins), (1, 0));
    world.stretch();
    assert!(world.clients[alice].connection.is_bound(), "{}", world.clients[alice].heard);
    assert_eq!((world.stretchings.len(), world.counters().sign_ins), (0, 1));
}

#[test]
fn a_wrong_password_and_an_unknown_name_wait_as_a_right_one_does() {
    let mut world = World::new();
    world.add_account("alice@example.net");
    world.stretches = false;
    let guessers = ["alice", "mallory"].map(|user| {
        let name = connected(&mut world);
        let secret = STANDARD.encode(format!("\0{user}\0wrong"));
        let auth =
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        world.send(name, &[HEADER, &auth].concat());
        name
    });
    assert_eq!(world.stretchings.len(), 2);
    for name in guessers {
        assert!(!world.clients[name].heard.contains("<failure"));
        world.stretch();
        assert!(world.clients[name].heard.ends_with("<not-authorized/></failure>"));
        world.cut(name);
    }
    assert_eq!((world.counters().sign_ins, world.counters().sign_in_failures), (0, 2));
}

#[test]
fn a_newcomer_is_stored_with_what_came_of_it_and_read_on() {
    let mut world = open();
    world.stretches = false;
    let alice = connected(&mut world);
    let form = "<iq type='get' id='r2'><query xmlns='jabber:iq:register'/></iq>";
    world.send(alice, &[HEADER, ACCOUNT, form].concat());
    assert!(!world.clients[alice].heard.contains("<iq"), "{}", world.clients[alice].heard);
    assert!(!is_password(&mut world, "new"));
    world.storage_answers = false;
    world.stretch();
    assert!(!world.clients[alice].heard.contains("<iq"), "not stored yet");
    world.storage_answers = true;
    world.answer_storage();
    let (_, heard) = world.clients[alice].heard.split_once("<iq").unwrap();
    assert!(heard.starts_with(" type='result' id='r1'") && heard.contains("id='r2'"), "{heard}");
    assert!(is_password(&mut world, "new"));
}

#[test]
fn others_reach_a_session_that_changes_its_password() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.stretches = false;
    world.send(alice, &[ACCOUNT, PING].concat());
    world.send(bob, "<message to='alice@example.net/desk'/>");
    assert_eq!(world.received(alice).len(), 1);
    world.stretch();
    let ids: Vec<_> =
        world.clients[alice].inbox.iter().map(|stanza| stanza.attribute("id").unwrap()).collect();
    assert_eq!(ids, ["r1", "p1"], "what waited is read in its order");
    assert!(is_password(&mut world, "new"));
}

#[test]
fn an_answer_to_another_request_is_dropped() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.stretches = false;
    world.send(alice, ACCOUNT);
    let (name, id, stretching) = world.stretchings.pop_front().unwrap();
    world.answer_with(alice, id, StorageAnswer::Done);
    assert_eq!(world.received(alice), [""; 0], "storage was not asked");
    let connection = &mut world.clients[alice].connection;
    connection.handle_stretched(world.at, RequestId(99), stretching.clone().carry_out());
    assert!(!connection.is_reading(), "another one's keys");
    world.stretchings.push_back((name, id, stretching.clone()));
    world.stretch();
    assert_eq!(world.received(alice).len(), 1);
    world.stretchings.push_back((name, id, stretching));
    world.stretch();
    assert_eq!(world.received(alice), [""; 0], "once is enough");
}

#[test]
fn a_session_that_is_replaced_meanwhile_goes_and_changes_nothing() {
    let mut world = World::new();
    let older = world.sign_in("alice@example.net/desk");
    world.stretches = false;
    world.send(older, ACCOUNT);
    world.sign_in("alice@example.net/desk");
    assert_eq!(stream_error(&world, older), "conflict");
    assert!(world.is_gone(older));
    world.stretch();
    assert!(!is_password(&mut world, "new"));
    assert_eq!(world.received(older), [""; 0]);
}

#[test]
fn who_waits_for_too_long_goes_without_waiting_for_its_turn() {
    let mut world = open();
    world.add_account("bob@example.net");
    world.stretches = false;
    let newcomer = connected(&mut world);
    world.send(newcomer, &[HEADER, ACCOUNT].concat());
    let bob = connected(&mut world);
    world.send(bob, &sign_in_text("bob", "tui"));
    assert_eq!(world.stretchings.len(), 2);
    world.wait(Duration::from_secs(30));
    for name in [newcomer, bob] {
        assert_eq!(stream_error_heard(&world, name), Some("connection-timeout"));
        assert!(world.is_gone(name));
        world.stretch();
    }
    assert!(!is_password(&mut world, "new"));
    assert_eq!((world.counters().sign_ins, world.counters().registrations), (0, 0));
}

/// The stream error that a client without a stream of its own has heard.
fn stream_error_heard(world: &World, name: Name) -> Option<&str> {
    let (_, error) = world.clients[name].heard.split_once("<stream:error><")?;
    error.split([' ', '/']).next()
}
