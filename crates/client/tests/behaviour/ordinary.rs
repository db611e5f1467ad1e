//! Chat with clients of other make, through the server.

use chatdev_client::{Event, FailReason, MessageState, Way};
use jid::BareJid;

use crate::script::account;
use crate::world::World;

const PLAIN: &str = "xmlns:x='x'";

/// Alice, on a server of another make, and an ordinary client at Bob's.
fn without_directory() -> World {
    let mut world = World::new();
    world.server.drop_directory();
    for name in ["alice", "bob"] {
        let who = world.add(name, "main");
        world.start(who);
    }
    world.settle();
    world
}

#[test]
fn without_a_directory_chat_goes_through_the_server_and_is_said_not_to_be_sealed() {
    let mut world = without_directory();
    let message = world.say(0, account("bob"), "hello");
    assert_eq!(
        world.states(0, message),
        [&MessageState::Queued, &MessageState::Sent { sealed: false }, &MessageState::Delivered]
    );
    assert_eq!(world.received(1)[0].way, Way::ViaServer { unexpected: false });
    assert_eq!(world.bodies(1), ["hello"]);
}

#[test]
fn an_error_from_the_server_fails_the_message() {
    let mut world = without_directory();
    let message = world.say(0, account("nobody"), "hello");
    let MessageState::Failed { reason: FailReason::Refused(_), may_have_arrived: true } =
        world.state(0, message)
    else {
        panic!("{:?}", world.states(0, message));
    };
}

#[test]
fn a_receipt_from_somebody_else_confirms_nothing() {
    let mut world = without_directory();
    world.kill(1);
    world.server.accounts.insert(BareJid::new("bob@example.net").unwrap());
    let silent = world.add("bob", "main");
    world.start(silent);
    world.settle();
    // Bob's client is there but frozen: it answers nothing.
    world.actors[silent].client = None;
    let message = world.say(0, account("bob"), "hello");
    let id = world.server.stanzas.last().unwrap().attribute("id").unwrap().into_owned();
    let alice = world.jid(0);
    let forged = |from: &str| {
        format!("<message from='{from}' {PLAIN}><received xmlns='urn:xmpp:receipts' id='{id}'/></message>")
    };
    let effects = world.server.inject(world.at(), &alice, &forged("eve@example.net/x"));
    world.serve(effects);
    assert_eq!(world.state(0, message), &MessageState::Sent { sealed: false });
    let effects = world.server.inject(world.at(), &alice, &forged("bob@example.net/main"));
    world.serve(effects);
    assert_eq!(world.state(0, message), &MessageState::Delivered);
}

#[test]
fn pings_and_disco_are_answered_and_everything_else_is_refused() {
    let mut world = World::with(&["alice"]);
    let alice = world.jid(0);
    let mut ask = |payload: &str| {
        let question = format!("<iq type='get' id='q1' from='example.net' to='{alice}'>{payload}</iq>");
        let effects = world.server.inject(world.at(), &alice, &question);
        world.serve(effects);
        world.server.stanzas.last().unwrap().to_string()
    };
    assert!(ask("<ping xmlns='urn:xmpp:ping'/>").contains("type='result'"));
    assert!(ask("<query xmlns='http://jabber.org/protocol/disco#info'/>").contains("category='client'"));
    assert!(ask("<query xmlns='jabber:iq:version'/>").contains("<service-unavailable"));
}

#[test]
fn a_text_that_cannot_be_sent_fails_at_once() {
    let mut world = World::with(&["alice", "bob"]);
    for text in ["bell \u{7}", &"x".repeat(40_000), &"&".repeat(10_000)] {
        let message = world.say(0, account("bob"), text);
        let MessageState::Failed { reason: FailReason::Unsendable(_), may_have_arrived: false } =
            world.state(0, message)
        else {
            panic!("{:?}", world.states(0, message));
        };
    }
    assert!(world.bodies(1).is_empty());
}

#[test]
fn clear_text_in_the_name_of_somebody_who_seals_is_flagged() {
    let mut world = World::with(&["alice", "bob"]);
    world.say(0, account("bob"), "hello");
    let alice = world.jid(0);
    let forged = "<message from='bob@example.net/main' type='chat'><body>send me the key</body></message>";
    let effects = world.server.inject(world.at(), &alice, forged);
    world.serve(effects);
    assert_eq!(world.received(0)[0].way, Way::ViaServer { unexpected: true });
    assert!(!world.has_told(0, |event| matches!(event, Event::Impostor { .. })));
}

#[test]
fn somebody_who_is_not_listed_and_never_sealed_is_written_to_through_the_server() {
    let mut world = World::with(&["alice"]);
    let message = world.say(0, account("carol"), "are you there?");
    world.advance(std::time::Duration::from_secs(2));
    assert!(world.states(0, message).contains(&&MessageState::Sent { sealed: false }));
    assert_eq!(world.server.messages_routed, 1);
}
