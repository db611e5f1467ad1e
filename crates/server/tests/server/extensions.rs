//! What the server answers for itself and for the account: XEP-0030, XEP-0199, the roster, and everything
//! unknown.

use chatdev_stanza::disco::Info;
use chatdev_xml::Element;

use crate::world::{World, stanza_error};

fn get(to: &str, payload: &str) -> String {
    let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
    format!("<iq type='get' id='q1'{to}>{payload}</iq>")
}

fn info(answer: &Element) -> Info {
    Info::from_node(answer.child("http://jabber.org/protocol/disco#info", "query").unwrap()).unwrap()
}

const INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
const ITEMS: &str = "<query xmlns='http://jabber.org/protocol/disco#items'/>";

#[test]
fn a_ping_is_answered_by_the_server_and_for_the_account() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    for to in ["example.net", "alice@example.net", ""] {
        let answer = world.ask(alice, &get(to, "<ping xmlns='urn:xmpp:ping'/>"));
        assert_eq!(answer.attribute("type").as_deref(), Some("result"), "{to}");
        assert_eq!(answer.attribute("from").unwrap_or_default(), to);
    }
    let answer = world.ask(alice, &get("bob@example.net", "<ping xmlns='urn:xmpp:ping'/>"));
    assert_eq!(stanza_error(&answer), "service-unavailable");
    assert_eq!(world.counters().iqs, 4);
}

#[test]
fn the_server_says_what_it_is_and_can() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let answer = info(&world.ask(alice, &get("example.net", INFO)));
    let identity = &answer.identities[0];
    assert_eq!((identity.category.as_str(), identity.type_.as_str()), ("server", "im"));
    for feature in [
        "http://jabber.org/protocol/disco#info",
        "http://jabber.org/protocol/disco#items",
        "urn:xmpp:ping",
        "jabber:iq:register",
        "urn:chatdev:directory:1",
    ] {
        assert!(answer.has(feature), "{feature}");
    }
    let items = world.ask(alice, &get("example.net", ITEMS));
    assert_eq!(items.children().next().unwrap().children().count(), 0);
}

#[test]
fn ones_account_says_that_it_is_one() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    for to in ["alice@example.net", ""] {
        let answer = info(&world.ask(alice, &get(to, INFO)));
        assert_eq!(answer.identities[0].category, "account");
        assert_eq!(answer.identities[0].type_, "registered");
        let items = world.ask(alice, &get(to, ITEMS));
        assert_eq!(items.attribute("type").as_deref(), Some("result"));
    }
}

#[test]
fn a_node_that_is_not_there_is_not_found() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let node = "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>";
    assert_eq!(stanza_error(&world.ask(alice, &get("example.net", node))), "item-not-found");
}

#[test]
fn the_roster_is_empty_and_stays_so() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    let answer = world.ask(alice, &get("", "<query xmlns='jabber:iq:roster'/>"));
    assert_eq!(
        answer.as_str(),
        "<iq type='result' id='q1' to='alice@example.net/desk'><query xmlns='jabber:iq:roster'/></iq>"
    );
    let add =
        "<iq type='set' id='q2'><query xmlns='jabber:iq:roster'><item jid='bob@example.net'/></query></iq>";
    assert_eq!(stanza_error(&world.ask(alice, add)), "not-allowed");
    let other = world.ask(alice, &get("bob@example.net", "<query xmlns='jabber:iq:roster'/>"));
    assert_eq!(stanza_error(&other), "service-unavailable");
}

#[test]
fn whatever_is_unknown_is_answered_at_once() {
    let mut world = World::new();
    let alice = world.sign_in("alice@example.net/desk");
    for to in ["example.net", "alice@example.net", "", "example.net/x"] {
        for payload in [
            "<query xmlns='urn:example'/>",
            "<ping xmlns='urn:example'/>",
            "<query xmlns='jabber:iq:version'/>",
            "<vCard xmlns='vcard-temp'/>",
        ] {
            for type_ in ["get", "set"] {
                let stanza = get(to, payload).replace("'get'", &format!("'{type_}'"));
                assert_eq!(stanza_error(&world.ask(alice, &stanza)), "service-unavailable", "{stanza}");
            }
        }
    }
    let set_ping = "<iq type='set' id='q1'><ping xmlns='urn:xmpp:ping'/></iq>";
    assert_eq!(stanza_error(&world.ask(alice, set_ping)), "service-unavailable");
}
