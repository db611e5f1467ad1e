//! Sessions that go on in another connection, and what the client says before it has heard the server.

use std::io::Write;
use std::sync::Arc;

use rustls::HandshakeKind;
use rustls::crypto::ring::Ticketer;

use super::party::{Circumstances, Connection, Log};
use super::seen::Seen;
use crate::model::Side;
use crate::tls::KeyLog;

/// Two connections with the same configurations: the second goes on where the first was.
fn resumed(circumstances: &Circumstances) -> Connection {
    let log = Arc::<Log>::default();
    let (client, server) = (circumstances.client(&log), circumstances.server(&log));
    let mut first = Connection::between(&client, &server, &log);
    first.settle();
    let mut second = Connection::between(&client, &server, &log);
    second.settle();
    assert_eq!(second.client.handshake_kind(), Some(HandshakeKind::Resumed));
    second.say(Side::Dialler, b"again");
    second.say(Side::Answerer, b"welcome back");
    second
}

#[test]
fn resumed_sessions_are_read_whether_the_server_remembers_or_gave_a_ticket() {
    for (circumstances, version) in
        [(Circumstances::default(), "TLS 1.3"), (Circumstances::tls12(), "TLS 1.2")]
    {
        for ticketer in [None, Some(Ticketer::new().unwrap())] {
            let connection = resumed(&Circumstances { ticketer, ..circumstances.clone() });
            let seen = Seen::of_connection(&connection);
            seen.assert_complete(&connection.said);
            let [_, agreed] = &seen.words[..] else { panic!("{:?}", seen.words) };
            assert!(agreed.contains(version) && agreed.ends_with(", resumed"), "{agreed}");
        }
    }
}

/// A connection that begins with early data, to a server that takes so many octets of it.
fn with_early_data(early_octets_max: u32) -> Connection {
    let ticketer = Some(Ticketer::new().unwrap());
    let generous = Circumstances { early_octets_max: 1_000, ticketer, ..Circumstances::default() };
    let log = Arc::<Log>::default();
    let client = generous.client(&log);
    // rustls gives tickets that take early data only where it remembers sessions.
    let generous = Circumstances { ticketer: None, ..generous };
    let first_server = generous.server(&log);
    Connection::between(&client, &first_server, &log).settle();
    let second_server = if early_octets_max > 0 {
        first_server
    } else {
        let mut strict = (*first_server).clone();
        strict.max_early_data_size = 0;
        Arc::new(strict)
    };
    let mut connection = Connection::between(&client, &second_server, &log);
    connection.client.early_data().unwrap().write_all(b"early").unwrap();
    connection.settle();
    connection.say(Side::Dialler, b" and late");
    connection.say(Side::Answerer, b"well");
    connection
}

#[test]
fn early_data_that_was_accepted_is_read() {
    let mut connection = with_early_data(1_000);
    assert!(connection.client.is_early_data_accepted());
    connection.said[0] = b"early and late".to_vec();
    Seen::of_connection(&connection).assert_complete(&connection.said);
}

#[test]
fn early_data_that_was_refused_is_not_said() {
    let connection = with_early_data(0);
    assert!(!connection.client.is_early_data_accepted());
    let seen = Seen::of_connection(&connection);
    assert_eq!(seen.plain, connection.said);
    assert_eq!(seen.unreadable, []);
    assert_eq!(seen.sealed, [b"early".len() + 1 + 16, 0]);
}

#[test]
fn early_data_whose_key_was_not_logged_is_counted_and_the_rest_is_read() {
    let connection = with_early_data(1_000);
    let text = String::from_utf8(connection.log.text()).unwrap();
    let text: String =
        text.lines().filter(|line| !line.contains("EARLY")).map(|line| format!("{line}\n")).collect();
    let seen = Seen::of(&connection.wire, &mut KeyLog::from(text.as_bytes()));
    assert_eq!(seen.plain, connection.said);
    assert_eq!(seen.unreadable, []);
    assert!(seen.sealed[0] > b"early".len());
}
