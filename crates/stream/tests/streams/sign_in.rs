//! The ways that lead to a bound stream (RFC 6120 §4 to §7, XEP-0077), and what a bound stream answers by itself.

use std::time::Duration;

use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_stream::initiating::{Event, TlsPolicy};
use chatdev_stream::receiving::{self, Registration};
use chatdev_stream::sasl::Mechanism;
use chatdev_stream::{Closed, Side, Transport};
use chatdev_xml::Element;
use jid::FullJid;

use crate::client_side::alice;
use crate::pair::Pair;
use crate::script;
use crate::server_side::{ServerSide, config};

const LOOPBACK: Transport = Transport { tls: None, loopback: true };

/// A server whose client is bound as `alice@example.net/desk`, by a script.
fn bound_server() -> ServerSide {
    let mut server = ServerSide::inside_tls();
    server.hear(script::CLIENT_HEADER);
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    server.hear(script::CLIENT_HEADER);
    server.hear(&script::bind("desk"));
    assert!(server.stream.jid().is_some());
    server.events.clear();
    server
}

#[test]
fn starttls_then_scram_then_bind() {
    let pair = Pair::in_clear(alice(), config()).bound();
    insta::assert_snapshot!(pair.transcript.to_string());
}

#[test]
fn tls_at_once() {
    let pair = Pair::inside_tls(alice(), config()).bound();
    insta::assert_snapshot!(pair.transcript.to_string());
}

#[test]
fn every_mechanism_signs_in_and_the_strongest_is_chosen() {
    for mechanism in Mechanism::ALL {
        let mut client = alice();
        client.mechanisms.retain(|allowed| *allowed <= mechanism);
        let pair = Pair::inside_tls(client, config()).bound();
        assert!(pair.client.events.contains(&Event::SignedIn { mechanism }), "{:?}", pair.client.events);
    }
}

#[test]
fn a_loopback_connection_goes_without_tls_where_both_switched_it_off() {
    let mut client = alice();
    client.tls = TlsPolicy::OptionalOnLoopback;
    let mut server = config();
    server.tls_required = false;
    let pair = Pair::new(client, server, LOOPBACK).bound();
    assert!(!pair.server.stream.is_encrypted());
    let mechanism = Mechanism::ScramSha256;
    assert!(pair.client.events.contains(&Event::SignedIn { mechanism }), "no TLS, so nothing to bind to");
}

#[test]
fn a_client_that_may_go_without_tls_takes_it_where_the_server_insists() {
    let mut client = alice();
    client.tls = TlsPolicy::OptionalOnLoopback;
    let pair = Pair::new(client, config(), LOOPBACK).bound();
    assert!(pair.server.stream.is_encrypted());
}

#[test]
fn an_account_is_registered_and_signs_in() {
    let mut client = alice();
    client.name = "bob".parse().unwrap();
    client.register = true;
    let mut server = config();
    server.registration = Registration::Everyone;
    let pair = Pair::inside_tls(client, server).bound();
    assert_eq!(pair.client.events[0], Event::Registered);
    insta::assert_snapshot!(pair.transcript.to_string());
}

#[test]
fn a_resource_is_made_by_the_server_if_none_is_asked_for() {
    let mut client = alice();
    client.resource = None;
    let pair = Pair::inside_tls(client, config()).bound();
    assert_eq!(pair.client.stream.jid(), Some(&FullJid::new("alice@example.net/made-here").unwrap()));
}

#[test]
fn a_client_that_is_refused_one_resource_may_ask_for_another() {
    let mut server = ServerSide::inside_tls();
    server.hear(script::CLIENT_HEADER);
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    server.hear(script::CLIENT_HEADER);
    assert!(server.hear(&script::bind("taken")).contains("<conflict"));
    assert!(
        server.hear(&script::bind(&"x".repeat(1024))).contains("<bad-request"),
        "too long for a resource"
    );
    assert!(server.hear(&script::bind("desk")).contains("<jid>alice@example.net/desk</jid>"));
}

#[test]
fn the_session_of_rfc3921_is_answered_and_a_second_bind_is_not_allowed() {
    let mut server = bound_server();
    let session = "<iq type='set' id='s1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>";
    assert_eq!(server.hear(session), "<iq type='result' id='s1'/>");
    let second = server.hear(&script::bind("other"));
    assert!(second.starts_with("<iq type='error' id='b1'>") && second.contains("<not-allowed"), "{second}");
    assert_eq!(server.events, [receiving::Event::KeepAlive, receiving::Event::KeepAlive]);
    assert!(!server.stream.is_over());
}

#[test]
fn a_session_request_to_somebody_else_is_theirs_to_answer() {
    let mut server = bound_server();
    let text = "<iq type='set' id='s1' to='bob@example.net/x'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>";
    assert_eq!(server.hear(text), "");
    assert_eq!(server.events, [receiving::Event::Element(Element::parse(text).unwrap())]);
}

#[test]
fn elements_and_white_space_of_a_bound_client_reach_the_owner() {
    let mut server = bound_server();
    let text = "<message to='bob@example.net' from='mallory@example.net'><body>hi</body></message>";
    assert_eq!(server.hear(&format!(" {text}<r xmlns='urn:xmpp:sm:3'/>")), "");
    let nonza = Element::parse("<r xmlns='urn:xmpp:sm:3'/>").unwrap();
    let expected = [
        receiving::Event::KeepAlive,
        receiving::Event::Element(Element::parse(text).unwrap()),
        receiving::Event::Element(nonza),
    ];
    assert_eq!(server.events, expected);
}

#[test]
fn either_side_closes_and_the_other_answers() {
    for by_client in [true, false] {
        let mut pair = Pair::inside_tls(alice(), config()).bound();
        if by_client {
            pair.client.stream.close(Duration::ZERO, None);
        } else {
            pair.server.stream.close(Duration::ZERO, None);
            let said = std::mem::take(pair.server.stream.output());
            assert_eq!(said, b"</stream:stream>");
            let answer = pair.client.receive(Duration::ZERO, &said);
            pair.client.stream.output().extend(answer);
        }
        pair.run();
        let (client, server) = if by_client { (Side::Us, Side::Them) } else { (Side::Them, Side::Us) };
        assert_eq!(pair.client.events.last(), Some(&Event::Closed(Closed::Orderly { by: client })));
        assert_eq!(
            pair.server.events.last(),
            Some(&receiving::Event::Closed(Closed::Orderly { by: server }))
        );
    }
}

#[test]
fn what_a_client_sent_before_it_saw_our_closing_tag_is_still_taken() {
    let mut server = bound_server();
    server.stream.close(Duration::ZERO, None);
    server.hear("<message to='bob@example.net'/></stream:stream>");
    assert!(matches!(server.events[0], receiving::Event::Element(_)));
    let closed = Closed::Orderly { by: Side::Us };
    assert_eq!(server.events[1..], [receiving::Event::Closed(closed)]);
}

#[test]
fn what_is_not_known_is_passed_over() {
    let mut server = ServerSide::inside_tls();
    let header = script::CLIENT_HEADER
        .replace("to=", "xmlns:x='urn:example' x:mood='good' colour='red' xml:lang='de' to=");
    assert!(server.hear(&header).contains("<stream:features>"));
    assert_eq!(server.stream.lang(), Some("de"));
    let auth = script::auth("PLAIN", "\0alice\0pencil").replace(" mechanism", " x='1' mechanism");
    assert!(
        server.hear(&auth.replace("</auth>", "<agent xmlns='urn:example'/></auth>")).starts_with("<success")
    );
    server.hear(&header);
    let bind = script::bind("desk").replace("<resource>", "<tag>x</tag><resource>");
    assert!(server.hear(&bind).contains("<jid>alice@example.net/desk</jid>"));
}

#[test]
fn a_stream_error_of_the_client_s_is_told_and_answered_with_the_closing_tag() {
    let mut server = bound_server();
    let error =
        "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    assert_eq!(server.hear(&format!("{error}<message/>")), "</stream:stream>");
    let error = StreamError::new(StreamCondition::UndefinedCondition);
    assert_eq!(server.events, [receiving::Event::Closed(Closed::Failed { by: Side::Them, error })]);
}

#[test]
fn stream_ids_differ_on_every_stream_of_a_connection() {
    let pair = Pair::in_clear(alice(), config()).bound();
    let transcript = pair.transcript.to_string();
    let mut ids: Vec<&str> =
        transcript.lines().filter(|line| line.starts_with("S:     id='")).map(|line| line.trim()).collect();
    assert_eq!(ids.len(), 3, "{transcript}");
    ids.dedup();
    assert_eq!(ids.len(), 3, "{transcript}");
}
