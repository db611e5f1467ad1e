//! Resource binding (RFC 6120 §7), and what happens to a resource that is in use.

use crate::world::{World, stanza_error, stream_error};

const BIND: &str = "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

#[test]
fn the_resource_asked_for_is_given() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    assert_eq!(world.clients[alice].jid.as_str(), "alice@example.net/desk");
    assert_eq!(world.counters().sessions, 1);
    assert_eq!(world.counters().sign_ins, 1);
}

#[test]
fn without_one_the_server_makes_one_up_that_nobody_can_guess() {
    let mut made_up = Vec::new();
    let mut world = World::new();
    world.add_account("alice@example.net");
    for _ in 0..2 {
        let client = world.connect("alice@example.net/unknown", "192.0.2.1".parse().unwrap());
        let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='example.net' version='1.0'>";
        world.send(client, header);
        let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
        world.send(client, auth);
        world.send(client, header);
        world.send(client, BIND);
        let heard = &world.clients[client].heard;
        let (_, resource) = heard.rsplit_once("alice@example.net/").unwrap();
        let (resource, _) = resource.split_once('<').unwrap();
        assert_eq!(resource.len(), 16, "{heard}");
        made_up.push(resource.to_owned());
    }
    assert_ne!(made_up[0], made_up[1]);
}

#[test]
fn the_newer_session_wins_and_the_older_is_told_why() {
    let mut world = World::new();
    let older = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    let newer = world.sign_in("alice@example.net/desk");
    assert_eq!(stream_error(&world, older), "conflict");
    assert!(world.is_gone(older));
    world.send(bob, "<message to='alice@example.net/desk' id='m1'><body>Who are you?</body></message>");
    assert_eq!(
        world.received(newer),
        [
            "<message to='alice@example.net/desk' id='m1' from='bob@example.net/tui'><body>Who are you?</body></message>"
        ]
    );
    assert_eq!(world.received(older), [""; 0]);
    assert_eq!((world.counters().sessions, world.counters().replaced), (2, 1));
}

#[test]
fn what_the_older_one_still_sends_is_not_taken() {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    let older = world.sign_in("alice@example.net/desk");
    world.clients[older].arrives = false;
    world.send(older, "<message to='bob@example.net/tui'><body>late</body></message>");
    let newer = world.begin_sign_in("alice@example.net/desk", "192.0.2.1".parse().unwrap());
    world.clients[older].arrives = true;
    world.run();
    // It was on its way before the newer one was bound, and came after or before; here it came before.
    assert_eq!(world.received(bob).len(), 1);
    world.send(older, "<message to='bob@example.net/tui'><body>too late</body></message>");
    assert_eq!(world.received(bob), [""; 0]);
    assert_eq!(stream_error(&world, older), "conflict");
    assert!(world.clients[newer].failed.is_none());
}

#[test]
fn an_account_has_only_so_many_sessions() {
    let mut config = crate::world::config();
    config.limits.sessions_per_account_max = 2;
    let mut world = World::with(config);
    world.sign_in("alice@example.net/1");
    let second = world.sign_in("alice@example.net/2");
    let third = world.begin_sign_in("alice@example.net/3", "192.0.2.1".parse().unwrap());
    world.run();
    assert!(world.clients[third].heard.contains("<resource-constraint"), "{}", world.clients[third].heard);
    assert!(world.clients[third].failed.is_some());
    world.sign_in("alice@example.net/2");
    assert_eq!(stream_error(&world, second), "conflict", "a resource in use is no further session");
    world.sign_in("bob@example.net/1");
}

#[test]
fn what_stands_behind_the_bind_is_read_after_it() {
    let mut world = World::new();
    world.add_account("alice@example.net");
    let client = world.connect("alice@example.net/unknown", "192.0.2.1".parse().unwrap());
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  to='example.net' version='1.0'>";
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
    let bind = "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>desk</resource></bind></iq>";
    let ping = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";
    world.send(client, &[header, auth, header, bind, ping].concat());
    let heard = &world.clients[client].heard;
    let (bound, ponged) = (heard.find("alice@example.net/desk</jid>"), heard.find("id='p1'"));
    assert!(bound.is_some() && bound < ponged, "{heard}");
}

#[test]
fn a_second_bind_on_one_stream_is_refused() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let answer = world.ask(alice, BIND);
    assert_eq!(stanza_error(&answer), "not-allowed");
}

#[test]
fn the_session_request_of_old_clients_is_answered() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let answer = world
        .ask(alice, "<iq type='set' id='s1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
    assert_eq!(answer.attribute("type").as_deref(), Some("result"));
}
