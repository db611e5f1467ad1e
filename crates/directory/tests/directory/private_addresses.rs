//! PROTOCOL section 2, "What is sent" and "Who sees whom": who is shown which addresses, and who is shown at all.

use chatdev_directory::{EndpointVisibility, Reason, Visibility};

use crate::world::{World, words};

const HOME: &str = "192.0.2.7";
const ELSEWHERE: &str = "198.51.100.9";

#[test]
fn a_stranger_is_not_shown_private_addresses() {
    let mut world = World::new();
    let bob = world.open("bob", HOME);
    world.announce(bob, "Bob", &["192.168.1.11:5298", "[fd00::11]:5298", "192.0.2.7:5298"]);
    let neighbour = world.open("neighbour", HOME);
    let stranger = world.open("stranger", ELSEWHERE);
    let inside = world.open("inside", "10.0.0.1");
    let whole = ["bob 1 Bob 192.168.1.11:5298 [fd00::11]:5298 192.0.2.7:5298"];
    assert_eq!(world.list(neighbour), whole);
    assert_eq!(world.list(inside), whole);
    assert_eq!(world.list(stranger), ["bob 1 Bob 192.0.2.7:5298"]);
    assert_eq!(world.directory.entry(bob).unwrap().endpoints.len(), 3, "the entry itself is whole");
}

#[test]
fn loopback_addresses_are_shown_on_loopback_only() {
    let mut world = World::new();
    let bob = world.open("bob", "::ffff:127.0.0.1");
    world.announce(bob, "Bob", &["127.0.0.1:5298", "10.0.0.2:5298"]);
    let beside = world.open("beside", "::1");
    let inside = world.open("inside", "10.0.0.1");
    assert_eq!(world.list(beside), ["bob 1 Bob 127.0.0.1:5298 10.0.0.2:5298"]);
    assert_eq!(world.list(inside), ["bob 1 Bob 10.0.0.2:5298"]);
}

#[test]
fn who_comes_back_from_another_network_is_told_the_list_anew() {
    let mut world = World::new();
    let bob = world.open("bob", HOME);
    world.announce(bob, "Bob", &["192.168.1.11:5298"]);
    let home = world.open("alice", HOME);
    let since = world.page(home, None, 9).version;
    world.directory.close(world.now(), home, Reason::Closed);

    let same = world.open("alice", HOME);
    let page = world.page(same, Some(&since), 9);
    assert_eq!((page.reset, page.changes.len()), (false, 0), "the same network is the same view");
    world.directory.close(world.now(), same, Reason::Closed);

    let away = world.open("alice", ELSEWHERE);
    let page = world.page(away, Some(&since), 9);
    assert!(page.reset);
    assert_eq!(words(&page), ["bob 1 Bob"]);
    world.directory.close(world.now(), away, Reason::Closed);

    let inside = world.open("alice", "10.0.0.1");
    let page = world.page(inside, Some(&page.version), 9);
    assert!(page.reset);
    assert_eq!(words(&page), ["bob 1 Bob 192.168.1.11:5298"]);
}

#[test]
fn two_private_networks_are_one_view() {
    let mut world = World::new();
    let alice = world.open("alice", "10.0.0.1");
    let since = world.page(alice, None, 9).version;
    let moved = world.open("alice", "192.168.7.7");
    assert!(!world.page(moved, Some(&since), 9).reset);
}

#[test]
fn endpoints_for_nobody_are_still_ones_own() {
    let mut world = World::with(|config| config.endpoints = EndpointVisibility::Nobody);
    let alice = world.open("alice", HOME);
    world.announce(alice, "Alice", &["192.0.2.7:5298"]);
    let bob = world.open("bob", HOME);
    world.announce(bob, "Bob", &["192.0.2.7:5299"]);
    assert_eq!(world.list(alice), ["alice 1 Alice 192.0.2.7:5298", "bob 2 Bob"]);
    assert_eq!(world.list(bob), ["alice 1 Alice", "bob 2 Bob 192.0.2.7:5299"]);
}

#[test]
fn with_visibility_off_one_sees_oneself_alone() {
    let mut world = World::with(|config| config.visibility = Visibility::Off);
    let alice = world.enter("alice");
    let bob = world.enter("bob");
    let reader = world.open("reader", "10.0.0.1");
    assert_eq!(world.list(alice), ["alice 1 alice"]);
    assert_eq!(world.list(reader), [""; 0]);
    let since = world.page(alice, None, 9).version;
    world.announce(bob, "Bobby", &[]);
    let page = world.page(alice, Some(&since), 9);
    assert_eq!((page.reset, page.more, words(&page)), (false, false, vec![]));
    world.announce(alice, "Alice", &[]);
    let page = world.page(alice, Some(&page.version), 9);
    assert_eq!(words(&page), ["alice 1 Alice"]);
    world.directory.leave(world.now(), alice);
    assert_eq!(words(&world.page(alice, Some(&page.version), 9)), ["alice left"]);
    assert_eq!(world.list(alice), [""; 0]);
}
