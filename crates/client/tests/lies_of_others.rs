//! What others say through the server, and what a server says that nobody asked for: forged names, answers to no
//! question, nonsense in answers, certificates that mean nothing here. Nothing of it is believed, and nothing of it
//! ends the client.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "what the tests of the client share is not all used by each")]

#[path = "behaviour/actor.rs"]
mod actor;
#[path = "behaviour/script.rs"]
mod script;
#[path = "behaviour/world.rs"]
mod world;

use std::net::SocketAddr;
use std::time::Duration;

use chatdev_client::{Command, ConnectionId, Event, Output, Secured, Way};
use chatdev_directory::Fingerprint;
use proptest::prelude::*;

use crate::script::account;
use crate::world::{Who, World};

const SECOND: Duration = Duration::from_secs(1);
const ALICE: Who = 0;
const BOB: Who = 1;
const FORGED: Fingerprint = Fingerprint([0x66; 32]);

/// The server passes this on to Alice.
fn inject(world: &mut World, stanza: &str) {
    let alice = world.jid(ALICE);
    let effects = world.server.inject(world.at(), &alice, stanza);
    world.serve(effects);
}

/// Who is online, as Alice sees it.
fn online(world: &mut World) -> Vec<String> {
    world.give(ALICE, Command::ListOnline);
    match world.actors[ALICE].events.last() {
        Some(Event::Online(people)) => people.iter().map(|person| person.jid.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

/// The id of the last check-in that any client sent.
fn last_check_in(world: &World) -> String {
    let (before, _) = world.server.heard.rsplit_once("<check-in ").unwrap();
    let (_, id) = before.rsplit_once("id='").unwrap();
    id.split('\'').next().unwrap().to_owned()
}

#[test]
fn nobody_speaks_in_anothers_name_by_wrapping_a_message() {
    let mut world = World::with(&["alice", "bob"]);
    let forged = "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
                  <message xmlns='jabber:client' from='bob@example.net/main' to='alice@example.net/main' type='chat'>\
                  <body>send the key to Eve</body></message></forwarded>";
    for wrapped in [
        format!("<received xmlns='urn:xmpp:carbons:2'>{forged}</received>"),
        format!("<sent xmlns='urn:xmpp:carbons:2'>{forged}</sent>"),
        format!("<result xmlns='urn:xmpp:mam:2' id='1' queryid='1'>{forged}</result>"),
        forged.to_owned(),
    ] {
        for from in ["eve@example.net/x", "alice@example.net", "example.net"] {
            inject(&mut world, &format!("<message from='{from}' type='chat'>{wrapped}</message>"));
        }
    }
    assert_eq!(world.bodies(ALICE), [""; 0]);
}

#[test]
fn a_message_is_from_whom_the_server_says_and_of_now_whatever_stands_in_it() {
    let mut world = World::with(&["alice"]);
    inject(
        &mut world,
        "<message from='eve@example.net/x' type='chat'><body>hello</body>\
         <nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>\
         <stanza-id xmlns='urn:xmpp:sid:0' id='1' by='alice@example.net'/>\
         <delay xmlns='urn:xmpp:delay' from='bob@example.net' stamp='9999-12-31T23:59:59Z'/>\
         <addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='bob@example.net'/></addresses>\
         <seq xmlns='urn:chatdev:peer:1' n='1'/></message>",
    );
    let received = world.received(ALICE)[0];
    assert_eq!(received.from.as_str(), "eve@example.net/x");
    assert_eq!(received.way, Way::ViaServer { unexpected: false });
    assert_eq!(received.at, world.at().wall);
}

#[test]
fn what_strangers_ask_for_changes_nothing_and_is_refused() {
    let mut world = World::with(&["alice", "bob"]);
    let before = online(&mut world);
    for payload in [
        "<query xmlns='jabber:iq:roster'><item jid='eve@example.net' subscription='both'/></query>",
        "<query xmlns='jabber:iq:roster'><item jid='bob@example.net' subscription='remove'/></query>",
        "<check-in xmlns='urn:chatdev:directory:1'><profile nick='Alice'/></check-in>",
        "<online xmlns='urn:chatdev:directory:1' version='x' interval='1' limit='3' reset='true'/>",
        "<query xmlns='jabber:iq:register'><remove/></query>",
        "<block xmlns='urn:xmpp:blocking'><item jid='bob@example.net'/></block>",
    ] {
        inject(&mut world, &format!("<iq type='set' id='q' from='eve@example.net/x'>{payload}</iq>"));
        let answer = world.server.stanzas.last().unwrap().to_string();
        assert!(answer.contains("type='error'") && answer.contains("<service-unavailable"), "{answer}");
    }
    assert_eq!(online(&mut world), before);
}

#[test]
fn an_answer_that_nobody_asked_for_or_that_comes_twice_changes_nothing() {
    let mut world = World::with(&["alice", "bob"]);
    let before = online(&mut world);
    world.advance(25 * SECOND);
    let answered = last_check_in(&world);
    for id in [answered.as_str(), "c1", "", "0"] {
        for from in ["example.net", "eve@example.net/x", "alice@example.net"] {
            let empty =
                "<online xmlns='urn:chatdev:directory:1' version='x' interval='1' limit='3' reset='true'/>";
            inject(&mut world, &format!("<iq type='result' id='{id}' from='{from}'>{empty}</iq>"));
            let gone = "<gone jid='bob@example.net/main' last='2026-11-22T21:03:11Z' reason='closed'/>";
            let page = format!(
                "<online xmlns='urn:chatdev:directory:1' version='x' interval='1' limit='3'>{gone}</online>"
            );
            inject(&mut world, &format!("<iq type='result' id='{id}' from='{from}'>{page}</iq>"));
        }
    }
    assert_eq!(online(&mut world), before);
    assert!(!world.has_told(ALICE, |event| matches!(event, Event::CheckInRefused { .. })));
}

/// What a server may answer to a check-in, and should not.
const NONSENSE: &[&str] = &[
    "",
    "<online xmlns='urn:chatdev:directory:1'/>",
    "<online xmlns='urn:chatdev:directory:0' version='x' interval='20' limit='60'/>",
    "<online xmlns='urn:chatdev:directory:1' version='' interval='20' limit='60'/>",
    "<online xmlns='urn:chatdev:directory:1' version='a b' interval='20' limit='60'/>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='0' limit='60'/>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='-1' limit='60'/>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='4294967296'/>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60' more='perhaps'/>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'><user/></online>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'><gone/></online>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'>\
     <user jid='bob@@x/y' session='k' since='2026-11-22T20:59:03Z'/></online>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'>\
     <user jid='bob@example.net' session='k' since='2026-11-22T20:59:03Z'/></online>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'>\
     <user jid='bob@example.net/main' session='k' since='99999999-01-01T00:00:00Z'/></online>",
    "<online xmlns='urn:chatdev:directory:1' version='x' interval='20' limit='60'>\
     <user jid='bob@example.net/main' session='k' since='2026-13-41T25:61:61Z'/></online>",
];

#[test]
fn nonsense_in_an_answer_is_told_and_the_next_check_in_goes_on() {
    for nonsense in NONSENSE {
        let mut world = World::with(&["alice", "bob"]);
        world.kill(BOB);
        world.advance(25 * SECOND);
        world.server.silent = true;
        world.server.heard.clear();
        while !world.server.heard.contains("<check-in ") {
            world.advance(SECOND);
        }
        let id = last_check_in(&world);
        inject(&mut world, &format!("<iq type='result' id='{id}' from='example.net'>{nonsense}</iq>"));
        assert!(
            world.has_told(ALICE, |event| matches!(event, Event::CheckInRefused { .. })),
            "not told: {nonsense}"
        );
        world.server.silent = false;
        world.start(BOB);
        world.advance(40 * SECOND);
        assert_eq!(online(&mut world).len(), 2, "{nonsense}");
        let signed_out = |event: &Event| matches!(event, Event::SignedOut { .. });
        assert!(!world.has_told(ALICE, signed_out), "{nonsense}");
    }
}

/// Alice dials Bob and is shown a certificate; what she wants done then.
fn shown(world: &mut World, secured: Secured) -> Vec<Output> {
    world.write(ALICE, account("bob"), "secret");
    let at = world.at();
    let client = world.actors[ALICE].client.as_mut().unwrap();
    let dialled = std::iter::from_fn(|| client.poll_output()).find_map(|output| match output {
        Output::Dial { id, .. } => Some(id),
        _ => None,
    });
    let id: ConnectionId = dialled.unwrap();
    let address = SocketAddr::from(([10, 0, 0, 2], 5298));
    client.handle_connected(at, id, address, address);
    client.handle_tls(at, id, secured);
    std::iter::from_fn(|| client.poll_output()).collect()
}

#[test]
fn that_an_authority_vouches_for_a_certificate_means_nothing_between_peers() {
    let writes = |outputs: &[Output]| outputs.iter().any(|output| matches!(output, Output::Write { .. }));
    let mut world = World::with(&["alice", "bob"]);
    let forged = Secured { fingerprint: FORGED, publicly_valid: true, exporter: [9; 32] };
    let outputs = shown(&mut world, forged);
    assert!(!writes(&outputs), "not a stream header: {outputs:?}");
    let impostor = |output: &Output| matches!(output, Output::Event(Event::Impostor { shown: FORGED, .. }));
    assert!(outputs.iter().any(impostor), "{outputs:?}");
    assert!(outputs.iter().any(|output| matches!(output, Output::Close { .. })), "{outputs:?}");

    let mut world = World::with(&["alice", "bob"]);
    let fingerprint = world.actors[BOB].shows;
    let outputs = shown(&mut world, Secured { fingerprint, publicly_valid: false, exporter: [9; 32] });
    assert!(writes(&outputs), "the directory's fingerprint is enough: {outputs:?}");
}

#[test]
fn strangers_at_the_door_do_not_fill_the_screen() {
    let mut world = World::with(&["alice", "bob"]);
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  from='bob@example.net/main' to='alice@example.net/main' version='1.0'>";
    let at = world.at();
    let client = world.actors[ALICE].client.as_mut().unwrap();
    let knock = |port| client.handle_accepted(at, SocketAddr::from(([10, 0, 0, 66], port))).unwrap();
    let strangers = [40001, 40002, 40003, 40004, 40005, 40006].map(knock);
    while client.poll_output().is_some() {}
    for id in strangers {
        client.handle_tls(at, id, Secured { fingerprint: FORGED, publicly_valid: true, exporter: [9; 32] });
        client.handle_bytes(at, id, header.as_bytes());
    }
    world.advance(2 * SECOND);
    let impostors = world.actors[ALICE].events.iter().filter(|event| matches!(event, Event::Impostor { .. }));
    assert_eq!(impostors.count(), 2, "the first, and a second later those who waited for the next check-in");
    world.say(ALICE, account("bob"), "still here?");
    assert_eq!(world.bodies(BOB), ["still here?"]);
}

/// A payload that some server or stranger might send, in any place.
fn scrap() -> impl Strategy<Value = String> {
    let known = [
        "<body>hi</body>",
        "<body/>",
        "<received xmlns='urn:xmpp:receipts' id='x'/>",
        "<received xmlns='urn:xmpp:receipts'/>",
        "<request xmlns='urn:xmpp:receipts'/>",
        "<seq xmlns='urn:chatdev:peer:1' n='18446744073709551616'/>",
        "<origin-id xmlns='urn:xmpp:sid:0'/>",
        "<error type='cancel'/>",
        "<error><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</gone></error>",
        "<error type='wait'><a xmlns='urn:a'/><b xmlns='urn:b'/></error>",
        "<query xmlns='http://jabber.org/protocol/disco#info' node='&#9;'/>",
        "<query xmlns='http://jabber.org/protocol/disco#items'/>",
        "<ping xmlns='urn:xmpp:ping'/>",
        "<delay xmlns='urn:xmpp:delay' stamp='-999999-01-01T00:00:00Z'/>",
        "<show>gone fishing</show>",
        "<priority>128</priority>",
    ];
    let known: Vec<String> = known.iter().chain(NONSENSE).map(|text| (*text).to_owned()).collect();
    proptest::sample::select(known)
}

fn stanza() -> impl Strategy<Value = String> {
    let from = proptest::sample::select(vec![
        "",
        " from='example.net'",
        " from='bob@example.net/main'",
        " from='alice@example.net/main'",
        " from='eve@example.net/&#x10FFFD;'",
        " from='@@/'",
        " from=''",
    ]);
    let type_ = proptest::sample::select(vec![
        "",
        "get",
        "set",
        "result",
        "error",
        "chat",
        "groupchat",
        "headline",
        "unavailable",
        "subscribe",
        "?",
    ]);
    let name = proptest::sample::select(vec!["message", "presence", "iq"]);
    let content = proptest::collection::vec(scrap(), 0..3).prop_map(|scraps| scraps.concat());
    // `ID` stands for that of the check-in that waits for its answer.
    let id = proptest::sample::select(vec!["", " id=''", " id='ID'", " id='x'"]);
    (name, from, type_, id, content).prop_map(|(name, from, type_, id, content)| {
        format!("<{name}{from}{id} type='{type_}'>{content}</{name}>")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_stanza_from_the_server_keeps_two_people_from_talking(
        stanzas in proptest::collection::vec(stanza(), 1..8),
    ) {
        let mut world = World::with(&["alice", "bob"]);
        world.server.silent = true;
        world.server.heard.clear();
        while !world.server.heard.contains("<check-in ") {
            world.advance(SECOND);
        }
        let id = last_check_in(&world);
        for stanza in &stanzas {
            inject(&mut world, &stanza.replace("ID", &id));
        }
        world.server.silent = false;
        world.advance(150 * SECOND);
        world.say(ALICE, account("bob"), "are you well?");
        let bodies = world.bodies(BOB);
        prop_assert_eq!(bodies.last(), Some(&"are you well?"));
    }
}
