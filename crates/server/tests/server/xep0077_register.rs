//! In-band registration (XEP-0077): who may, what for, and what becomes of sessions.

use chatdev_server::{Config, StorageAnswer};
use chatdev_stream::receiving::Registration;
use chatdev_stream::sasl::Password;
use jid::BareJid;

use crate::world::{Name, World, stanza_error, stream_error, with_stream};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";

fn allowing(registration: Registration) -> Config {
    with_stream(|stream| stream.registration = registration)
}

fn newcomer(world: &mut World, address: &str) -> Name {
    let name = world.connect("alice@example.net/new", address.parse().unwrap());
    world.send(name, HEADER);
    name
}

fn register(username: &str, password: &str) -> String {
    format!(
        "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>{username}</username>\
         <password>{password}</password></query></iq>"
    )
}

/// What the server says to this.
fn told(world: &mut World, name: Name, text: &str) -> String {
    let before = world.clients[name].heard.len();
    world.send(name, text);
    world.clients[name].heard[before..].to_owned()
}

fn stored(world: &mut World, account: &str, password: &str) -> bool {
    let account = BareJid::new(account).unwrap();
    match world.store.answer(chatdev_server::StorageRequest::Credentials { account }) {
        StorageAnswer::Credentials(Some(found)) => found.verify(&Password::new(password).unwrap()),
        _ => false,
    }
}

#[test]
fn a_newcomer_gets_an_account_and_signs_in_with_it() {
    let mut world = World::with(allowing(Registration::Everyone));
    let name = newcomer(&mut world, "192.0.2.1");
    assert!(world.clients[name].heard.contains("http://jabber.org/features/iq-register"));
    let form = told(&mut world, name, "<iq type='get' id='r0'><query xmlns='jabber:iq:register'/></iq>");
    assert!(form.contains("<username/><password/>"), "{form}");
    let done = told(&mut world, name, &register("Alice", "alice"));
    assert_eq!(done, "<iq type='result' id='r1'/>");
    assert!(stored(&mut world, "alice@example.net", "alice"), "the name is prepared");
    assert_eq!(world.counters().registrations, 1);
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
    assert!(told(&mut world, name, auth).contains("<success"));
}

#[test]
fn it_is_open_to_whom_the_operator_says() {
    for (policy, address, offered) in [
        (Registration::Closed, "127.0.0.1", false),
        (Registration::Loopback, "192.0.2.1", false),
        (Registration::Loopback, "127.0.0.1", true),
        (Registration::Loopback, "::ffff:127.0.0.1", true),
        (Registration::Everyone, "192.0.2.1", true),
    ] {
        let mut world = World::with(allowing(policy));
        let address: std::net::IpAddr = address.parse().unwrap();
        let name = newcomer(&mut world, &address.to_canonical().to_string());
        let heard = &world.clients[name].heard;
        assert_eq!(heard.contains("iq-register"), offered, "{policy:?} {address}");
        let told = told(&mut world, name, &register("alice", "alice"));
        assert_eq!(told.contains("type='result'"), offered, "{told}");
        assert_eq!(stored(&mut world, "alice@example.net", "alice"), offered);
    }
}

#[test]
fn a_name_that_is_taken_is_a_conflict() {
    let mut world = World::with(allowing(Registration::Everyone));
    world.add_account("alice@example.net");
    let name = newcomer(&mut world, "192.0.2.1");
    assert!(told(&mut world, name, &register("ALICE", "stolen")).contains("<conflict"));
    assert!(stored(&mut world, "alice@example.net", "alice"), "it stays as it was");
    assert!(
        told(&mut world, name, &register("alicia", "x")).contains("type='result'"),
        "another one may be free"
    );
}

#[test]
fn a_name_or_password_that_cannot_be_is_not_acceptable() {
    let mut world = World::with(allowing(Registration::Everyone));
    for (username, password) in
        [("", "x"), ("a", ""), ("a b", "x"), ("a@b", "x"), ("a/b", "x"), ("a", "&#x7f;")]
    {
        let name = newcomer(&mut world, "192.0.2.1");
        let told = told(&mut world, name, &register(username, password));
        assert!(told.contains("<not-acceptable"), "{username:?} {password:?}: {told}");
    }
    let name = newcomer(&mut world, "192.0.2.1");
    let remove = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><remove/></query></iq>";
    assert!(told(&mut world, name, remove).contains("<unexpected-request"));
}

#[test]
fn nobody_registers_without_end() {
    let mut world = World::with(with_stream(|stream| {
        stream.registration = Registration::Everyone;
        stream.registrations_max = 2;
    }));
    let name = newcomer(&mut world, "192.0.2.1");
    told(&mut world, name, &register("a", "x"));
    told(&mut world, name, &register("b", "x"));
    let told = told(&mut world, name, &register("c", "x"));
    assert!(told.contains("<policy-violation"), "{told}");
    assert!(world.is_gone(name));
}

#[test]
fn somebody_signed_in_is_told_so() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let form = world.ask(alice, "<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>");
    assert!(form.as_str().contains("<registered/><username>alice</username>"), "{form}");
}

#[test]
fn one_may_change_ones_own_password_and_no_other() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.add_account("bob@example.net");
    let answer = world.ask(alice, &register("alice", "secret"));
    assert_eq!(answer.as_str(), "<iq type='result' id='r1' to='alice@example.net/desk'/>");
    assert!(stored(&mut world, "alice@example.net", "secret"));
    assert!(world.clients[alice].closed.is_none());
    assert_eq!(stanza_error(&world.ask(alice, &register("bob", "stolen"))), "forbidden");
    assert!(stored(&mut world, "bob@example.net", "bob"));
    assert_eq!(stanza_error(&world.ask(alice, &register("alice", ""))), "not-acceptable");
    let both = "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><remove/><username>alice</username></query></iq>";
    assert_eq!(stanza_error(&world.ask(alice, both)), "bad-request");
}

#[test]
fn an_account_that_is_removed_takes_its_sessions_with_it() {
    let mut world = World::new();
    let desk = world.sign_in("alice@example.net/desk");
    let phone = world.sign_in("alice@example.net/phone");
    let bob = world.sign_in("bob@example.net/tui");
    world.send(desk, "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    assert_eq!(world.received(desk), ["<iq type='result' id='r1' to='alice@example.net/desk'/>"]);
    assert_eq!(stream_error(&world, desk), "not-authorized");
    assert_eq!(stream_error(&world, phone), "not-authorized");
    assert!(world.clients[bob].closed.is_none());
    assert!(!stored(&mut world, "alice@example.net", "alice"));
    let again = world.begin_sign_in("alice@example.net/desk", "192.0.2.1".parse().unwrap());
    world.run();
    assert!(world.clients[again].failed.is_some());
}
