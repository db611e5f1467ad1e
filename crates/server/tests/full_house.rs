//! Bounds of the rooms below, as a client of the server meets them.

#![allow(dead_code, reason = "what the tests of the server share is not all used by each")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "server/client.rs"]
mod client;
#[path = "server/world.rs"]
mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::world::{World, config};

#[test]
fn one_more_session_than_the_directory_holds_is_not_bound() {
    let mut config = config();
    config.directory.sessions_max = 2;
    let mut world = World::with(config);
    let alice = world.sign_in("alice@example.net/desk");
    world.sign_in("bob@example.net/tui");
    world.add_account("carol@example.net");
    let carol = world.begin_sign_in("carol@example.net/pad", "192.0.2.1".parse().unwrap());
    world.run();
    assert!(world.clients[carol].heard.contains("<resource-constraint"), "{}", world.clients[carol].heard);
    assert_eq!(world.counters().sessions, 2);
    world.sign_out(alice);
    world.sign_in("carol@example.net/pad");
}

#[test]
fn a_language_that_is_longer_than_any_language_is_not_passed_on() {
    for (octets, passed_on) in [(64, true), (65, false)] {
        let mut world = World::new();
        let bob = world.sign_in("bob@example.net/tui");
        world.add_account("alice@example.net");
        let alice = world.connect("alice@example.net/desk", "192.0.2.1".parse().unwrap());
        let lang = "x".repeat(octets);
        let header = format!(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
             to='example.net' version='1.0' xml:lang='{lang}'>"
        );
        let secret = STANDARD.encode("\0alice\0alice");
        let auth =
            format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        let message = "<message to='bob@example.net/tui'><body>hi</body></message>";
        world.send(alice, &[&header, &auth, &header, bind, message].concat());
        let got = world.receive(bob);
        assert_eq!(got.lang().as_deref(), passed_on.then_some(lang.as_str()), "{got}");
    }
}
