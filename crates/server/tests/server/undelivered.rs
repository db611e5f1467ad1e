//! A message that was accepted is delivered, or goes back to its sender (crates/README.md): it never just
//! disappears.

use crate::world::{Name, World, stanza_error};

struct Dead {
    world: World,
    alice: Name,
    bob: Name,
}

impl Dead {
    /// Bob has stopped reading.
    fn new() -> Self {
        let mut world = World::new();
        let alice = world.sign_in("alice@example.net/desk");
        let bob = world.sign_in("bob@example.net/tui");
        world.send(bob, "<presence/>");
        world.received(bob);
        world.clients[bob].reads = false;
        Self { world, alice, bob }
    }

    fn bounced(&mut self) -> Vec<(String, String)> {
        let inbox: Vec<_> = self.world.clients[self.alice].inbox.drain(..).collect();
        let id = |element: &chatdev_xml::Element| element.attribute("id").unwrap_or_default().into_owned();
        inbox.iter().map(|element| (id(element), stanza_error(element))).collect()
    }
}

#[test]
fn what_a_dead_connection_was_owed_goes_back() {
    let mut dead = Dead::new();
    dead.world.send(
        dead.alice,
        "<message to='bob@example.net/tui' id='m1'><body>&lt;1&gt;</body></message>\
         <message to='bob@example.net' id='m2' type='chat'/><presence to='bob@example.net/tui'/>\
         <iq type='get' id='q1' to='bob@example.net/tui'><query xmlns='urn:example'/></iq>\
         <iq type='result' id='q2' to='bob@example.net/tui'/><message type='error' to='bob@example.net/tui' id='m3'/>",
    );
    assert_eq!(dead.bounced(), []);
    dead.world.cut(dead.bob);
    let unavailable = |id: &str| (id.to_owned(), "recipient-unavailable".to_owned());
    assert_eq!(dead.bounced(), [unavailable("m1"), unavailable("m2"), unavailable("q1")]);
    assert_eq!(dead.world.counters().bounced, 3);
}

#[test]
fn what_it_had_got_whole_does_not() {
    let mut dead = Dead::new();
    dead.world.send(dead.alice, "<message to='bob@example.net/tui' id='m1'/>");
    dead.world.clients[dead.bob].reads = true;
    dead.world.run();
    dead.world.clients[dead.bob].reads = false;
    dead.world.send(dead.alice, "<message to='bob@example.net/tui' id='m2'/>");
    dead.world.cut(dead.bob);
    assert_eq!(dead.bounced(), [("m2".to_owned(), "recipient-unavailable".to_owned())]);
}

#[test]
fn what_another_session_got_as_well_does_not() {
    let mut dead = Dead::new();
    let other = dead.world.sign_in("bob@example.net/other");
    dead.world.send(dead.alice, "<message to='bob@example.net' id='m1'/>");
    dead.world.send(other, "<presence/>");
    dead.world.received(other);
    dead.world.send(dead.alice, "<message to='bob@example.net' id='m2'/>");
    dead.world.clients[other].reads = false;
    dead.world.send(dead.alice, "<message to='bob@example.net' id='m3'/>");
    dead.world.cut(dead.bob);
    let unavailable = |id: &str| (id.to_owned(), "recipient-unavailable".to_owned());
    assert_eq!(dead.bounced(), [unavailable("m1")], "the other one came after it");
    dead.world.sign_in("bob@example.net/third");
    dead.world.cut(other);
    assert_eq!(dead.bounced(), [unavailable("m3")], "now nobody is left who got it");
}

#[test]
fn what_the_older_session_was_owed_goes_back_when_a_newer_one_takes_its_place() {
    let mut dead = Dead::new();
    dead.world.send(dead.alice, "<message to='bob@example.net/tui' id='m1'/>");
    dead.world.sign_in("bob@example.net/tui");
    dead.world.cut(dead.bob);
    assert_eq!(dead.bounced().len(), 1);
}

#[test]
fn a_slow_reader_is_cut_off_and_others_are_told() {
    let mut config = crate::world::config();
    config.limits.outbound_bytes_max = 4096;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.clients[bob].reads = false;
    let text = "x".repeat(1000);
    for id in 0..5 {
        world.send(
            alice,
            &format!("<message to='bob@example.net/tui' id='m{id}'><body>{text}</body></message>"),
        );
        assert!(world.queued(bob) <= 4096 + 400, "{}", world.queued(bob));
    }
    assert_eq!((world.counters().slow_readers, world.counters().sessions), (1, 1));
    let mut bounced: Vec<_> = world.clients[alice].inbox.drain(..).collect();
    bounced.sort_by_key(|element| element.attribute("id").unwrap().into_owned());
    let conditions: Vec<_> = bounced.iter().map(stanza_error).collect();
    // Three fit; the fourth ended the session, and the fifth found nobody.
    let unavailable = "recipient-unavailable";
    assert_eq!(conditions, [unavailable, unavailable, unavailable, unavailable, "service-unavailable"]);
    world.clients[bob].reads = true;
    world.run();
    assert_eq!(crate::world::stream_error(&world, bob), "resource-constraint");
    assert_eq!(world.received(bob), [""; 0]);
}

#[test]
fn a_stanza_that_is_half_written_is_finished_before_the_last_words() {
    let mut config = crate::world::config();
    config.limits.outbound_bytes_max = 4096;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.clients[bob].reads = false;
    let text = "x".repeat(1500);
    let message =
        |id: u32| format!("<message to='bob@example.net/tui' id='m{id}'><body>{text}</body></message>");
    world.send(alice, &message(0));
    world.read_some(bob, 700);
    for id in 1..4 {
        world.send(alice, &message(id));
    }
    world.clients[bob].reads = true;
    world.run();
    let got = world.receive(bob);
    assert_eq!(got.attribute("id").as_deref(), Some("m0"), "its beginning was read already");
    assert_eq!(world.received(bob), [""; 0]);
    assert_eq!(crate::world::stream_error(&world, bob), "resource-constraint");
    assert_eq!(world.received(alice).len(), 3);
}

#[test]
fn the_one_who_asks_and_never_reads_is_cut_off_as_well() {
    let mut config = crate::world::config();
    config.limits.outbound_bytes_max = 2000;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    world.clients[alice].reads = false;
    for _ in 0..100 {
        world.send(alice, "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>");
    }
    assert!(world.queued(alice) < 2500, "{}", world.queued(alice));
    assert_eq!(world.counters().slow_readers, 1);
}
