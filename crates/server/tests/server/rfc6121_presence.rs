//! Presence (RFC 6121 §4) on a server without rosters: one's own sessions, directed presence, and the end of
//! both.

use crate::world::{World, stanza_error};

#[test]
fn ones_own_presence_comes_back_to_one() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    world.send(alice, "<presence><show>away</show></presence>");
    assert_eq!(
        world.received(alice),
        ["<presence from='alice@example.net/desk'><show>away</show></presence>"]
    );
    world.send(alice, "<presence type='unavailable'/>");
    assert_eq!(world.received(alice), ["<presence type='unavailable' from='alice@example.net/desk'/>"]);
}

#[test]
fn ones_sessions_see_each_other_come_change_and_go() {
    let mut world = World::new();
    let desk = world.sign_in("alice@example.net/desk");
    let phone = world.sign_in("alice@example.net/phone");
    world.send(desk, "<presence/>");
    assert_eq!(world.received(phone), [""; 0], "who is not available sees nobody");
    world.clients[desk].inbox.clear();
    world.send(phone, "<presence><priority>5</priority></presence>");
    let phones = "<presence from='alice@example.net/phone'><priority>5</priority></presence>";
    assert_eq!(world.received(phone), [phones, "<presence from='alice@example.net/desk'/>"]);
    assert_eq!(world.received(desk), [phones]);
    world.send(phone, "<presence><show>dnd</show></presence>");
    let again = "<presence from='alice@example.net/phone'><show>dnd</show></presence>";
    assert_eq!(world.received(phone), [again], "the others are shown once");
    assert_eq!(world.received(desk), [again]);
    world.cut(phone);
    assert_eq!(world.received(desk), ["<presence type='unavailable' from='alice@example.net/phone'/>"]);
}

#[test]
fn other_accounts_see_none_of_it() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.send(bob, "<presence/>");
    world.received(bob);
    world.send(alice, "<presence/><presence type='unavailable'/>");
    assert_eq!(world.received(bob), [""; 0]);
}

#[test]
fn whoever_was_shown_presence_is_shown_its_end() {
    for end in ["unavailable", "cut", "sign out", "conflict"] {
        let mut world = World::new();
        let bob = world.sign_in("bob@example.net/tui");
        let carol = world.sign_in("carol@example.net/tui");
        let alice = world.sign_in("alice@example.net/desk");
        world.send(carol, "<presence/>");
        world.received(carol);
        world.send(alice, "<presence to='bob@example.net/tui'/><presence to='carol@example.net'/><presence to='dave@example.net'/>");
        assert_eq!(
            world.received(bob),
            ["<presence to='bob@example.net/tui' from='alice@example.net/desk'/>"]
        );
        assert_eq!(
            world.received(carol),
            ["<presence to='carol@example.net' from='alice@example.net/desk'/>"]
        );
        match end {
            "unavailable" => world.send(alice, "<presence type='unavailable'/>"),
            "cut" => world.cut(alice),
            "sign out" => world.sign_out(alice),
            _ => drop(world.sign_in("alice@example.net/desk")),
        }
        for name in [bob, carol] {
            assert_eq!(
                world.received(name),
                ["<presence type='unavailable' from='alice@example.net/desk'/>"],
                "{end}"
            );
        }
    }
}

#[test]
fn presence_taken_back_is_forgotten() {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    let alice = world.sign_in("alice@example.net/desk");
    world.send(
        alice,
        "<presence to='bob@example.net/tui'/><presence to='bob@example.net/tui' type='unavailable'/>",
    );
    assert_eq!(world.received(bob).len(), 2);
    world.cut(alice);
    assert_eq!(world.received(bob), [""; 0]);
}

#[test]
fn presence_is_directed_to_so_many_addresses_at_once() {
    let mut config = crate::world::config();
    config.limits.directed_presences_max = 2;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    let others = ["bob", "carol", "dave"].map(|name| world.sign_in(&format!("{name}@example.net/x")));
    world.send(alice, "<presence to='bob@example.net/x'/><presence to='carol@example.net/x'/>");
    let refused = world.ask(alice, "<presence to='dave@example.net/x'/>");
    assert_eq!(stanza_error(&refused), "resource-constraint");
    assert_eq!(world.received(others[2]), [""; 0]);
    world.send(alice, "<presence to='bob@example.net/x'><show>away</show></presence>");
    assert_eq!(world.received(alice), [""; 0], "an address that is known needs no further room");
    world.send(
        alice,
        "<presence to='bob@example.net/x' type='unavailable'/><presence to='dave@example.net/x'/>",
    );
    assert_eq!(world.received(others[2]).len(), 1);
}

#[test]
fn what_would_need_a_roster_is_refused_or_dropped() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.send(bob, "<presence/>");
    world.received(bob);
    for to in ["bob@example.net", "nobody@example.net"] {
        let refused = world.ask(alice, &format!("<presence type='subscribe' to='{to}'/>"));
        assert_eq!(stanza_error(&refused), "service-unavailable");
        for type_ in ["subscribed", "unsubscribe", "unsubscribed", "probe"] {
            world.send(alice, &format!("<presence type='{type_}' to='{to}'/><presence type='{type_}'/>"));
        }
    }
    assert_eq!(world.received(alice), [""; 0]);
    assert_eq!(world.received(bob), [""; 0]);
}

#[test]
fn a_presence_error_reaches_a_session_and_nobody_else() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.send(
        alice,
        "<presence type='error' to='bob@example.net/tui'/><presence type='error' to='bob@example.net'/>",
    );
    assert_eq!(
        world.received(bob),
        ["<presence type='error' to='bob@example.net/tui' from='alice@example.net/desk'/>"]
    );
    assert_eq!(world.received(alice), [""; 0]);
}
