//! A password is stretched by the stream's owner, which takes a while: what the stream does until it is answered.

use std::time::Duration;

use chatdev_stream::receiving::Event;
use chatdev_stream::sasl::{Credentials, ITERATIONS_MIN, Stretched, Stretching};

use crate::client_side::alice;
use crate::pair::Pair;
use crate::script;
use crate::server_side::{ServerSide, config, password};

const SUCCESS: &str = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
const FAILURE: &str = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";

/// A server to which this was said, and that was not told yet what comes of the password in it.
fn waiting(message: &str) -> ServerSide {
    let mut server = ServerSide::inside_tls();
    server.stretches = false;
    server.hear(script::CLIENT_HEADER);
    assert_eq!(server.hear(&script::auth("PLAIN", message)), "");
    assert!(server.stream.is_waiting());
    server
}

/// What is to be stretched.
fn handed_out(server: &ServerSide) -> Stretching {
    let Some(Event::Stretch(stretching)) = server.events.last() else { panic!("{:?}", server.events) };
    Stretching::clone(stretching)
}

fn stretched(text: &str) -> Stretched {
    let mut rng = rand_core::SeedableRng::from_seed([5; 32]);
    let credentials = Credentials::derive(&password(text), ITERATIONS_MIN, &mut rng);
    Stretching::again(password(text), &credentials).carry_out()
}

#[test]
fn right_wrong_and_unknown_ones_go_the_same_way_to_different_ends() {
    for (message, end) in [
        ("\0alice\0pencil", SUCCESS),
        ("\0alice\0Pencil", FAILURE),
        ("\0nobody\0pencil", FAILURE),
        ("\0no such name\0pencil", FAILURE),
    ] {
        let mut server = waiting(message);
        let stretching = handed_out(&server);
        server.stream.handle_stretched(&stretching.carry_out());
        assert!(!server.stream.is_waiting());
        assert_eq!(server.hear(""), end, "{message:?}");
    }
}

#[test]
fn nothing_is_read_until_it_is_done() {
    let mut server = waiting("\0alice\0pencil");
    let mut input = script::CLIENT_HEADER.as_bytes();
    server.stream.handle_bytes(Duration::ZERO, &mut input);
    assert_eq!(input, script::CLIENT_HEADER.as_bytes());
    let stretching = handed_out(&server);
    server.stream.handle_stretched(&stretching.carry_out());
    assert!(server.hear(script::CLIENT_HEADER).contains("<bind"));
}

#[test]
fn another_passwords_keys_let_nobody_in() {
    let mut server = waiting("\0alice\0pencil");
    server.stream.handle_stretched(&stretched("pencil"));
    assert_eq!(server.hear(""), FAILURE, "the same password, with another salt");
}

#[test]
fn keys_that_nobody_waits_for_are_dropped() {
    let mut server = ServerSide::inside_tls();
    server.stream.handle_stretched(&stretched("pencil"));
    assert!(server.hear(script::CLIENT_HEADER).contains("<mechanisms"));
    server.answers = false;
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    server.stream.handle_stretched(&stretched("pencil"));
    assert!(server.stream.is_waiting(), "for the account, still");

    let mut late = waiting("\0alice\0pencil");
    let stretching = handed_out(&late);
    let deadline = config().negotiation;
    late.wait(deadline);
    assert!(late.stream.is_over());
    late.stream.handle_stretched(&stretching.carry_out());
    assert_eq!((late.wait(deadline), late.stream.is_over()), (Vec::new(), true));
}

#[test]
fn with_scram_the_server_stretches_nothing() {
    let pair = Pair::inside_tls(alice(), config()).bound();
    assert!(!pair.server.events.iter().any(|event| matches!(event, Event::Stretch(_))));
}
