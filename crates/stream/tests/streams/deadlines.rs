//! Time: what a stream waits for, for how long, and that nothing extends it.

use std::time::Duration;

use chatdev_stanza::StreamCondition;
use chatdev_stream::initiating::Failure;
use chatdev_stream::{Closed, Side, receiving};

use crate::client_side::{ClientSide, alice};
use crate::pair::Pair;
use crate::script;
use crate::server_side::{ServerSide, config};

const NEGOTIATION: Duration = Duration::from_secs(30);
const CLOSING: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_nanos(1);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn timed_out(server: &ServerSide) -> bool {
    matches!(
        server.events.last(),
        Some(receiving::Event::Closed(Closed::Failed { by: Side::Us, error }))
            if error.condition == StreamCondition::ConnectionTimeout
    )
}

#[test]
fn a_connection_that_says_nothing_is_closed_behind_a_header() {
    let mut server = ServerSide::in_clear();
    assert_eq!(server.stream.poll_timeout(), Some(NEGOTIATION));
    assert_eq!(server.wait(NEGOTIATION - TICK), b"");
    let said = String::from_utf8(server.wait(NEGOTIATION)).unwrap();
    assert!(said.starts_with("<?xml") && said.ends_with("</stream:error></stream:stream>"), "{said}");
    assert!(timed_out(&server));
    assert_eq!(server.stream.poll_timeout(), None);
}

#[test]
fn half_a_stanza_and_then_nothing() {
    let mut server = ServerSide::inside_tls();
    server.receive(at(0), script::CLIENT_HEADER.as_bytes());
    server.receive(at(29), b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFs");
    server.wait(NEGOTIATION);
    assert!(timed_out(&server));
}

#[test]
fn neither_white_space_nor_attempts_nor_tls_extend_the_deadline() {
    let mut server = ServerSide::in_clear();
    server.receive(at(1), script::CLIENT_HEADER.as_bytes());
    server.receive(at(9), script::STARTTLS.as_bytes());
    server.handle_tls();
    server.receive(at(19), script::CLIENT_HEADER.as_bytes());
    server.receive(at(20), script::auth("PLAIN", "\0alice\0wrong").as_bytes());
    server.receive(at(21), script::auth("PLAIN", "\0alice\0pencil").as_bytes());
    server.receive(at(29), format!("{}    ", script::CLIENT_HEADER).as_bytes());
    assert_eq!(server.stream.poll_timeout(), Some(NEGOTIATION));
    server.wait(NEGOTIATION);
    assert!(timed_out(&server));
}

#[test]
fn at_one_instant_input_goes_before_the_deadline_and_after_it_comes_too_late() {
    let bind_at = |now: Duration| {
        let mut server = ServerSide::inside_tls();
        let auth = script::auth("PLAIN", "\0alice\0pencil");
        server.receive(at(0), [script::CLIENT_HEADER, &auth, script::CLIENT_HEADER].concat().as_bytes());
        server.receive(now, script::bind("desk").as_bytes());
        server.wait(now);
        server.stream.jid().is_some()
    };
    assert!(bind_at(NEGOTIATION));
    assert!(!bind_at(NEGOTIATION + TICK));
}

#[test]
fn the_deadline_counts_while_the_owner_looks_something_up() {
    let mut server = ServerSide::inside_tls();
    server.answers = false;
    server.receive(at(0), script::CLIENT_HEADER.as_bytes());
    server.receive(at(0), script::auth("PLAIN", "\0alice\0pencil").as_bytes());
    assert!(server.stream.is_waiting());
    server.wait(NEGOTIATION);
    assert!(timed_out(&server));
    server.stream.handle_credentials(None);
    assert!(server.stream.output().is_empty(), "an answer that comes too late is dropped");
}

#[test]
fn a_bound_stream_has_no_deadline_of_its_own() {
    let mut pair = Pair::inside_tls(alice(), config()).bound();
    assert_eq!((pair.client.stream.poll_timeout(), pair.server.stream.poll_timeout()), (None, None));
    assert_eq!(pair.server.wait(at(100_000)), b"");
    assert_eq!(pair.client.wait(at(100_000)), b"");
}

#[test]
fn a_closing_tag_that_is_not_answered_ends_the_stream_after_five_seconds() {
    let mut pair = Pair::inside_tls(alice(), config()).bound();
    pair.server.stream.close(at(100), None);
    assert_eq!(pair.server.stream.poll_timeout(), Some(at(100) + CLOSING));
    pair.server.wait(at(100) + CLOSING - TICK);
    assert!(!pair.server.stream.is_over());
    pair.server.wait(at(100) + CLOSING);
    assert_eq!(pair.server.events.last(), Some(&receiving::Event::Closed(Closed::Lost)));
    assert_eq!(pair.server.stream.poll_timeout(), None);
}

#[test]
fn closing_before_the_deadline_replaces_it() {
    let mut server = ServerSide::in_clear();
    server.stream.close(at(29), None);
    assert_eq!(server.stream.poll_timeout(), Some(at(29) + CLOSING));
    let said = std::mem::take(server.stream.output());
    assert!(said.starts_with(b"<?xml") && said.ends_with(b"</stream:stream>"));
    assert_eq!(server.wait(NEGOTIATION), b"");
    server.receive(at(31), format!("{}</stream:stream>", script::CLIENT_HEADER).as_bytes());
    assert_eq!(server.events, [receiving::Event::Closed(Closed::Orderly { by: Side::Us })]);
}

#[test]
fn a_client_does_not_wait_for_ever_either() {
    let mut client = ClientSide::in_clear(alice());
    assert_eq!(client.stream.poll_timeout(), Some(NEGOTIATION));
    client.receive(at(1), script::SERVER_HEADER.as_bytes());
    client.wait(NEGOTIATION);
    assert_eq!(*client.failure(), Failure::TimedOut);
    assert_eq!(client.stream.poll_timeout(), None);
}

#[test]
fn the_end_of_the_connection_is_told_once_and_as_what_it_is() {
    let mut pair = Pair::inside_tls(alice(), config()).bound();
    pair.server.stream.handle_eof();
    pair.server.stream.handle_eof();
    assert_eq!(pair.server.stream.poll_event(), Some(receiving::Event::Closed(Closed::Lost)));
    assert_eq!(pair.server.stream.poll_event(), None);

    pair.client.stream.close(at(1), None);
    pair.client.stream.handle_eof();
    let closed = Closed::Orderly { by: Side::Us };
    assert_eq!(pair.client.stream.poll_event(), Some(chatdev_stream::initiating::Event::Closed(closed)));

    let mut fresh = ClientSide::in_clear(alice());
    fresh.stream.handle_eof();
    fresh.wait(at(1));
    assert_eq!(*fresh.failure(), Failure::Ended(Closed::Lost));
}
