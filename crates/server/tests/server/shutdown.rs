//! The server goes down: everybody is told, nothing queued is lost, nobody comes in (RFC 6120 §4.9.3.20).

use chatdev_server::Refused;

use crate::world::{World, stream_error};

#[test]
fn everybody_is_told_and_what_was_queued_comes_first() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    let newcomer = world.connect("carol@example.net/x", "192.0.2.1".parse().unwrap());
    world.clients[bob].reads = false;
    world.send(alice, "<message to='bob@example.net/tui'><body>Last words</body></message>");
    world.switchboard.shut_down();
    world.clients[bob].reads = true;
    world.run();
    assert_eq!(
        world.received(bob),
        ["<message to='bob@example.net/tui' from='alice@example.net/desk'><body>Last words</body></message>"]
    );
    assert_eq!(stream_error(&world, alice), "system-shutdown");
    assert_eq!(stream_error(&world, bob), "system-shutdown");
    assert!(world.clients[newcomer].heard.contains("<system-shutdown"), "{}", world.clients[newcomer].heard);
    assert_eq!((world.counters().sessions, world.counters().connections), (0, 0));
}

#[test]
fn nobody_comes_in_any_more() {
    let mut world = World::new();
    world.shut_down();
    let refused = world.switchboard.admit("192.0.2.1".parse().unwrap());
    assert_eq!(refused.unwrap_err(), Refused::ShuttingDown);
    assert_eq!(world.counters().connections_refused, 1);
}

#[test]
fn nobody_sees_the_others_go_one_by_one() {
    let mut world = World::new();
    let desk = world.sign_in("alice@example.net/desk");
    let phone = world.sign_in("alice@example.net/phone");
    world.send(desk, "<presence/>");
    world.send(phone, "<presence/>");
    world.received(desk);
    world.received(phone);
    world.shut_down();
    assert_eq!(world.received(desk), [""; 0]);
    assert_eq!(world.received(phone), [""; 0]);
}
