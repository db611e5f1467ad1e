//! Who a stanza is from (RFC 6120 §8.1.2.1), and stanzas that are none.

use crate::world::{World, stanza_error, stream_error};

#[test]
fn the_server_says_whom_a_stanza_is_from() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    for from in
        ["", " from='alice@example.net'", " from='alice@example.net/desk'", " from='ALICE@example.net/desk'"]
    {
        for stanza in ["message", "presence", "iq type='get' id='i1'"] {
            let name = stanza.split(' ').next().unwrap();
            let payload = if name == "iq" { "<query xmlns='urn:example'/>" } else { "" };
            world.send(alice, &format!("<{stanza} to='bob@example.net/tui'{from}>{payload}</{name}>"));
            let got = world.receive(bob);
            assert_eq!(got.attribute("from").as_deref(), Some("alice@example.net/desk"), "{got}");
        }
    }
}

#[test]
fn whoever_claims_to_be_another_is_thrown_out() {
    let forged = [
        "bob@example.net/tui",
        "bob@example.net",
        "alice@example.net/other",
        "alice@example.org/desk",
        "example.net",
        "аlice@example.net/desk", // the first letter is Cyrillic
        "not a jid@@",
        "",
    ];
    for from in forged {
        for stanza in ["message", "presence", "iq type='set' id='i1'"] {
            let mut world = World::new();
            let alice = world.sign_in("alice@example.net/desk");
            let bob = world.sign_in("bob@example.net/tui");
            let name = stanza.split(' ').next().unwrap();
            world.send(
                alice,
                &format!("<{stanza} from='{from}' to='bob@example.net/tui'><x xmlns='urn:x'/></{name}>"),
            );
            assert_eq!(stream_error(&world, alice), "invalid-from", "{from} {stanza}");
            assert_eq!(world.received(bob), [""; 0]);
        }
    }
}

#[test]
fn what_is_no_stanza_ends_the_stream() {
    let mut world = World::new();
    for element in
        ["<iq xmlns='urn:example' type='get' id='i1'/>", "<letter/>", "<a xmlns='urn:xmpp:sm:3' h='0'/>"]
    {
        let alice = world.sign_in("alice@example.net/desk");
        world.send(alice, element);
        assert_eq!(stream_error(&world, alice), "unsupported-stanza-type", "{element}");
    }
}

#[test]
fn a_bad_stanza_gets_an_answer_and_the_stream_goes_on() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let table = [
        ("<message to='@'/>", "jid-malformed"),
        ("<presence type='happy'/>", "bad-request"),
        ("<presence><priority>many</priority></presence>", "bad-request"),
        ("<iq type='get' id='i1'/>", "bad-request"),
        ("<iq type='get' id='i1'><a xmlns='a'/><b xmlns='b'/></iq>", "bad-request"),
        ("<iq type='ask' id='i1'><a xmlns='a'/></iq>", "bad-request"),
        ("<iq type='get'><a xmlns='a'/></iq>", "bad-request"),
    ];
    for (stanza, condition) in table {
        let answer = world.ask(alice, stanza);
        assert_eq!(stanza_error(&answer), condition, "{stanza}");
    }
    world.send(alice, "<iq type='result'/><iq type='error' id='' to='@'/><message type='error' to='@'/>");
    assert_eq!(world.received(alice), [""; 0], "errors and results are never answered");
    assert!(world.clients[alice].closed.is_none());
}

#[test]
fn steps_before_a_fatal_one_take_effect() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let bob = world.sign_in("bob@example.net/tui");
    world.send(
        alice,
        "<message to='bob@example.net/tui' id='m1'/><iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq><letter/>\
         <message to='bob@example.net/tui' id='m2'/>",
    );
    assert_eq!(
        world.received(bob),
        ["<message to='bob@example.net/tui' id='m1' from='alice@example.net/desk'/>"]
    );
    let heard = &world.clients[alice].heard;
    let (pong, error) = (heard.find("id='p1'"), heard.find("<stream:error"));
    assert!(pong.is_some() && pong < error, "last words come last: {heard}");
}

#[test]
fn a_stanza_is_in_the_language_of_its_stream_unless_it_says_otherwise() {
    let mut world = World::new();
    let bob = world.sign_in("bob@example.net/tui");
    world.add_account("alice@example.net");
    let alice = world.connect("alice@example.net/desk", "192.0.2.1".parse().unwrap());
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  to='example.net' version='1.0' xml:lang='cs'>";
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAGFsaWNl</auth>";
    let bind = "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    world.send(alice, &[header, auth, header, bind].concat());
    world.send(alice, "<message to='bob@example.net/tui'/><message to='bob@example.net/tui' xml:lang='en'/>");
    world.send(alice, "<presence to='bob@example.net/tui'/>");
    let languages = [(); 3].map(|()| world.receive(bob).lang().map(std::borrow::Cow::into_owned));
    assert_eq!(languages.map(Option::unwrap), ["cs", "en", "cs"]);
    world.send(alice, "<presence/>");
    assert!(world.clients[alice].heard.ends_with("xml:lang='cs'/>"), "{}", world.clients[alice].heard);
}
