//! Keys that are wrong, missing or late.

use super::party::{Circumstances, Connection};
use super::seen::Seen;
use crate::model::Side;
use crate::tls::{HELD_OCTETS_MAX, KeyLog, Label, Session, Why};

fn both() -> [Circumstances; 2] {
    [Circumstances::default(), Circumstances::tls12()]
}

#[test]
fn a_wrong_key_is_told_as_such() {
    for circumstances in both() {
        let connection = Connection::with_words(&circumstances);
        let text = String::from_utf8(connection.log.text()).unwrap();
        // The last digit of each secret is another one.
        let wrong: String = text
            .lines()
            .map(|line| format!("{}{}\n", &line[..line.len() - 1], if line.ends_with('0') { 1 } else { 0 }))
            .collect();
        let mut seen = Seen::of(&connection.wire, &mut KeyLog::from(wrong.as_bytes()));
        seen.unreadable.sort_by_key(|(side, _)| *side);
        assert_eq!(seen.unreadable, Side::BOTH.map(|side| (side, Why::NotAuthentic { record: 0 })));
        assert_eq!(seen.plain, [b"", b""]);
    }
}

#[test]
fn without_keys_hellos_are_told_and_what_key_is_looked_for() {
    for (circumstances, labels) in both()
        .into_iter()
        .zip([[Label::ClientHandshake, Label::ServerHandshake], [Label::ClientRandom, Label::ClientRandom]])
    {
        let connection = Connection::with_words(&circumstances);
        let seen = Seen::of(&connection.wire, &mut KeyLog::new());
        let [
            (Side::Dialler, Why::NoKey { label: first, client_random }),
            (Side::Answerer, Why::NoKey { label: second, .. }),
        ] = seen.unreadable[..]
        else {
            panic!("{:?}", seen.unreadable)
        };
        assert_eq!([first, second], labels);
        assert_eq!(client_random, connection.wire[0].1[11..43]);
        assert!(seen.words[0].starts_with("> hello"), "{:?}", seen.words);
        assert!(seen.words.iter().any(|words| words.starts_with("< TLS 1.")), "{:?}", seen.words);
        assert_eq!(seen.plain, [b"", b""]);
        assert!(seen.sealed.iter().all(|octets| *octets > 20));
    }
}

#[test]
fn keys_that_come_late_open_what_was_held() {
    for circumstances in both() {
        let connection = Connection::with_words(&circumstances);
        let mut seen = Seen::default();
        let mut session = Session::new();
        let mut keys = KeyLog::new();
        let (last, before) = connection.wire.split_last().unwrap();
        for (side, octets) in before {
            session.read(&mut keys, *side, octets, &mut |side, told| seen.take(side, told));
        }
        assert_eq!(seen.plain, [b"", b""]);
        keys.add(&connection.log.text());
        session.read(&mut keys, last.0, &last.1, &mut |side, told| seen.take(side, told));
        session.finish(&mut keys, &mut |side, told| seen.take(side, told));
        seen.assert_complete(&connection.said);
    }
}

#[test]
fn gaps_among_what_is_held_are_found_again_once_there_are_keys() {
    let mut connection = Connection::under(&Circumstances::default());
    let first = connection.wire.len();
    for number in 0..6 {
        connection.say(Side::Dialler, format!("<{number}/>").as_bytes());
    }
    let mut seen = Seen::default();
    let mut session = Session::new();
    let mut keys = KeyLog::new();
    for (at, (side, octets)) in connection.wire.iter().enumerate() {
        if at == first + 1 || at == first + 2 || at == first + 4 {
            session.missing(*side, Some(octets.len() as u64));
        } else {
            session.read(&mut keys, *side, octets, &mut |side, told| seen.take(side, told));
        }
    }
    keys.add(&connection.log.text());
    session.finish(&mut keys, &mut |side, told| seen.take(side, told));
    assert_eq!(seen.plain[0], b"<0/><3/><5/>");
    assert_eq!(seen.resumed, [(Side::Dialler, Some(2), 4), (Side::Dialler, Some(1), 8)]);
    assert_eq!(seen.unreadable, []);
}

#[test]
fn what_is_held_is_bounded_and_then_given_up() {
    let mut connection = Connection::under(&Circumstances::default());
    for _ in 0..HELD_OCTETS_MAX / 16_000 + 2 {
        connection.say(Side::Answerer, &[b'x'; 16_000]);
    }
    connection.say(Side::Answerer, b"behind");
    let mut seen = Seen::default();
    let mut session = Session::new();
    let mut keys = KeyLog::new();
    let mut octets_read = 0;
    for (side, octets) in &connection.wire {
        session.read(&mut keys, *side, octets, &mut |side, told| seen.take(side, told));
        octets_read += if *side == Side::Answerer { octets.len() } else { 0 };
        let is_given_up = seen.unreadable.iter().any(|(side, _)| *side == Side::Answerer);
        assert!(is_given_up || octets_read <= HELD_OCTETS_MAX + 2_000, "held {octets_read}");
    }
    // Too late.
    keys.add(&connection.log.text());
    session.finish(&mut keys, &mut |side, told| seen.take(side, told));
    assert!(matches!(seen.unreadable[..], [(Side::Answerer, Why::NoKey { .. })]), "{:?}", seen.unreadable);
    assert_eq!(seen.plain, [b"", b""]);
    assert!(seen.sealed[1] > HELD_OCTETS_MAX);
}

#[test]
fn the_sides_may_be_captured_out_of_step() {
    for circumstances in both() {
        let connection = Connection::with_words(&circumstances);
        // The client's hello, then all else of the client, then all of the server.
        let mut wire = connection.wire.clone();
        wire.sort_by_key(|(side, _)| *side);
        Seen::of(&wire, &mut KeyLog::from(&connection.log.text()[..])).assert_complete(&connection.said);
    }
}

#[test]
fn a_reason_says_what_to_do() {
    let reasons = [
        Why::NoKey { label: Label::ServerApplication, client_random: [0xab; 32] },
        Why::Suite(crate::tls::Suite(0xfefe)),
        Why::Version(crate::tls::Version(0x0301)),
        Why::NotAuthentic { record: 3 },
        Why::StartMissing,
        Why::Lost,
        Why::NotTls,
        Why::Malformed("a ClientHello"),
    ];
    let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(reasons.join("\n"));
}
