//! Every limit of the server, reached (what the streams keep before sign-in is tested with them; here is that
//! it holds in a server).

use std::time::Duration;

use chatdev_server::Refused;

use crate::world::{World, config, stream_error};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";

#[test]
fn one_address_opens_only_so_many_connections_that_do_not_sign_in() {
    let mut config = config();
    config.limits.unsigned_per_address_max = 2;
    let mut world = World::with(config);
    let address = "192.0.2.1".parse().unwrap();
    world.sign_in("alice@example.net/desk");
    let idle = world.connect("nobody@example.net/1", address);
    world.connect("nobody@example.net/2", address);
    assert_eq!(world.switchboard.admit(address).unwrap_err(), Refused::Address);
    assert!(world.switchboard.admit("192.0.2.2".parse().unwrap()).is_ok());
    world.cut(idle);
    assert!(world.switchboard.admit(address).is_ok(), "its place is free again");
}

#[test]
fn the_server_holds_only_so_many_connections() {
    let mut config = config();
    config.limits.connections_max = 1;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    let address = "192.0.2.2".parse().unwrap();
    assert_eq!(world.switchboard.admit(address).unwrap_err(), Refused::Connections);
    world.sign_out(alice);
    assert!(world.switchboard.admit(address).is_ok());
}

#[test]
fn a_connection_that_never_began_counts_no_more() {
    let mut config = config();
    config.limits.connections_max = 1;
    let mut world = World::with(config);
    let address = "192.0.2.2".parse().unwrap();
    let admitted = world.switchboard.admit(address).unwrap();
    world.switchboard.release(&admitted);
    assert!(world.switchboard.admit(address).is_ok());
}

#[test]
fn signing_in_has_a_deadline_that_nothing_extends() {
    let mut world = World::new();
    let idle = world.connect("nobody@example.net/1", "192.0.2.1".parse().unwrap());
    world.send(idle, HEADER);
    for _ in 0..29 {
        world.wait(Duration::from_secs(1));
        world.send(idle, " ");
    }
    assert!(!world.is_gone(idle));
    world.wait(Duration::from_secs(1));
    assert!(world.clients[idle].heard.contains("<connection-timeout"), "{}", world.clients[idle].heard);
    assert!(world.is_gone(idle));
    assert_eq!(world.counters().connections, 0);
}

#[test]
fn five_wrong_passwords_end_the_stream() {
    let mut world = World::new();
    world.add_account("alice@example.net");
    let guesser = world.connect("alice@example.net/1", "192.0.2.1".parse().unwrap());
    world.send(guesser, HEADER);
    let guess = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHdyb25n</auth>";
    for _ in 0..4 {
        world.send(guesser, guess);
        assert!(!world.is_gone(guesser));
    }
    world.send(guesser, guess);
    assert!(world.is_gone(guesser), "{}", world.clients[guesser].heard);
    assert_eq!(world.counters().sign_in_failures, 5);
}

#[test]
fn before_sign_in_a_stanza_has_eight_kibibytes_and_after_it_sixty_four() {
    let mut world = World::new();
    let stranger = world.connect("nobody@example.net/1", "192.0.2.1".parse().unwrap());
    world.send(stranger, HEADER);
    world.send(
        stranger,
        &format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'/>", "x".repeat(8 * 1024)),
    );
    assert!(world.clients[stranger].heard.contains("<policy-violation"), "{}", world.clients[stranger].heard);

    let alice = world.sign_in("alice@example.net/desk");
    let message = |length: usize| {
        format!("<message to='alice@example.net/desk'><body>{}</body></message>", "x".repeat(length))
    };
    world.send(alice, &message(60 * 1024));
    assert_eq!(world.received(alice).len(), 1);
    world.send(alice, &message(64 * 1024));
    assert_eq!(stream_error(&world, alice), "policy-violation");
}

#[test]
fn thirty_five_kilobytes_of_nested_elements_end_the_stream() {
    let mut world = World::new();
    let stranger = world.connect("nobody@example.net/1", "192.0.2.1".parse().unwrap());
    world.send(stranger, &[HEADER, &"<a>".repeat(12_000)].concat());
    assert!(world.clients[stranger].heard.contains("<policy-violation"), "{}", world.clients[stranger].heard);
    let alice = world.sign_in("alice@example.net/desk");
    world.send(alice, &format!("<message>{}", "<a>".repeat(12_000)));
    assert_eq!(stream_error(&world, alice), "policy-violation");
}

#[test]
fn ill_formed_and_restricted_xml_end_the_stream_and_nobody_elses() {
    let table = [
        ("<message></presence>", "not-well-formed"),
        ("<message to='bob@example.net/tui'><body>\u{1}</body></message>", "not-well-formed"),
        ("<!-- hello -->", "restricted-xml"),
        ("<?php?>", "restricted-xml"),
        ("<!DOCTYPE x [<!ENTITY lol 'lol'>]>", "restricted-xml"),
        ("<message><body>&lol;</body></message>", "restricted-xml"),
        ("<x:message/>", "not-well-formed"),
    ];
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    for (bytes, condition) in table {
        let alice = world.sign_in("alice@example.net/desk");
        world.send(alice, bytes);
        assert_eq!(stream_error(&world, alice), condition, "{bytes}");
    }
    assert_eq!(world.received(bob), [""; 0]);
    assert!(world.clients[bob].closed.is_none());
    assert_eq!(world.counters().sessions, 1);
}
