//! Octets that are not in the capture.

use proptest::prelude::*;

use super::party::{Circumstances, Connection};
use super::seen::Seen;
use crate::model::Side;
use crate::tls::{KeyLog, LOST_RECORDS_MAX, Session, Why};

/// One side's octets with what is missing of them.
struct Capture<'a> {
    session: Session,
    keys: KeyLog,
    seen: Seen,
    connection: &'a Connection,
}

impl<'a> Capture<'a> {
    fn of(connection: &'a Connection) -> Self {
        let keys = KeyLog::from(&connection.log.text()[..]);
        Self { session: Session::new(), keys, seen: Seen::default(), connection }
    }

    fn read(&mut self, side: Side, octets: &[u8]) {
        let Self { session, keys, seen, .. } = self;
        session.read(keys, side, octets, &mut |side, told| seen.take(side, told));
    }

    /// The pieces of the wire from `from` on.
    fn pieces(&mut self, from: usize, until: usize) {
        for (side, octets) in &self.connection.wire[from..until] {
            self.read(*side, octets);
        }
    }

    fn finish(mut self) -> Seen {
        let Self { session, keys, seen, .. } = &mut self;
        session.finish(keys, &mut |side, told| seen.take(side, told));
        self.seen
    }
}

/// Both versions, with all forms of nonces.
fn forms() -> Vec<Circumstances> {
    use rustls::crypto::ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    let chacha = Circumstances {
        suites: vec![TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256],
        ..Circumstances::tls12()
    };
    vec![Circumstances::default(), Circumstances::tls12(), chacha]
}

/// A connection where the client says ten words, one in each of the last ten pieces; and where these begin.
fn ten_words(circumstances: &Circumstances) -> (Connection, usize) {
    let mut connection = Connection::under(circumstances);
    let first = connection.wire.len();
    for number in 0..10 {
        connection.say(Side::Dialler, format!("<word number='{number}'/>").as_bytes());
    }
    assert_eq!(connection.wire.len(), first + 10);
    (connection, first)
}

#[test]
fn whole_records_are_missed_and_counted() {
    for circumstances in forms() {
        let (connection, first) = ten_words(&circumstances);
        let missing: usize =
            connection.wire[first + 3..first + 6].iter().map(|(_, octets)| octets.len()).sum();
        for told in [Some(missing as u64), None] {
            let mut capture = Capture::of(&connection);
            capture.pieces(0, first + 3);
            capture.session.missing(Side::Dialler, told);
            capture.pieces(first + 6, first + 10);
            let seen = capture.finish();
            let word = "<word number='0'/>".len();
            assert_eq!(seen.resumed, [(Side::Dialler, Some(3), 3 * word)]);
            assert_eq!(seen.unreadable, []);
            assert_eq!(seen.sealed, [0, 0]);
            let said = &connection.said[0];
            assert_eq!(seen.plain[0], [&said[..3 * word], &said[6 * word..]].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// What lies wholly before or behind the missing octets is read; nothing is read that was not said.
    #[test]
    fn any_octets_may_be_missing(tls12 in any::<bool>(), start in 0_usize..10_000, length in 1_usize..4_000, is_told in any::<bool>()) {
        let circumstances = if tls12 { Circumstances::tls12() } else { Circumstances::default() };
        let mut connection = Connection::under(&circumstances);
        let first = connection.wire.len();
        let words: Vec<Vec<u8>> = (0..40_u8).map(|number| vec![number; 1 + usize::from(number) * 13]).collect();
        for word in &words {
            connection.say(Side::Answerer, word);
        }
        let mut at = 0;
        let mut ends = Vec::new();
        for (_, octets) in &connection.wire[first..] {
            at += octets.len();
            ends.push(at);
        }
        let start = start.min(at - 1);
        let end = (start + length).min(at);
        let stream: Vec<u8> = connection.wire[first..].iter().flat_map(|(_, octets)| octets.clone()).collect();
        let mut capture = Capture::of(&connection);
        capture.pieces(0, first);
        capture.read(Side::Answerer, &stream[..start]);
        capture.session.missing(Side::Answerer, is_told.then_some((end - start) as u64));
        for piece in stream[end..].chunks(97) {
            capture.read(Side::Answerer, piece);
        }
        let seen = capture.finish();
        let mut expected = Vec::new();
        let mut record = 0;
        for (word, record_end) in words.iter().zip(&ends) {
            if *record_end <= start || record >= end {
                expected.extend_from_slice(word);
            }
            record = *record_end;
        }
        prop_assert!(seen.plain[1] == expected);
        prop_assert_eq!(seen.unreadable, []);
        let lost = ends.iter().scan(0, |begin, end| { let record = *begin..*end; *begin = *end; Some(record) })
            .filter(|record| record.start < end && record.end > start).count() as u64;
        if end < at && ends.iter().any(|record_end| *record_end >= end && *record_end < at) {
            prop_assert_eq!(seen.resumed.len(), 1);
            prop_assert_eq!(seen.resumed[0].1, Some(lost));
        }
    }
}

#[test]
fn a_change_of_keys_among_what_is_missing_is_survived() {
    let mut connection = Connection::under(&Circumstances::default());
    connection.say(Side::Dialler, b"before ");
    let lost_from = connection.wire.len();
    connection.say(Side::Dialler, b"lost ");
    connection.update_key(Side::Dialler);
    let lost_until = connection.wire.len();
    connection.say(Side::Dialler, b"behind");
    let mut capture = Capture::of(&connection);
    capture.pieces(0, lost_from);
    for side in Side::BOTH {
        capture.session.missing(side, None);
    }
    capture.pieces(lost_until, connection.wire.len());
    let seen = capture.finish();
    assert_eq!(seen.plain[0], b"before behind");
    assert_eq!(seen.resumed, [(Side::Dialler, None, 7)]);
}

#[test]
fn what_is_missing_of_a_handshake_costs_what_it_said_and_no_more() {
    for circumstances in forms() {
        let connection = Connection::with_words(&circumstances);
        // The server's second half of its first flight: certificate, finished, in TLS 1.3.
        let flight = connection.wire.iter().position(|(side, _)| *side == Side::Answerer).unwrap();
        let octets = &connection.wire[flight].1;
        let kept = octets.len() - 300;
        let mut capture = Capture::of(&connection);
        capture.pieces(0, flight);
        capture.read(Side::Answerer, &octets[..kept]);
        capture.session.missing(Side::Answerer, Some(300));
        capture.pieces(flight + 1, connection.wire.len());
        let seen = capture.finish();
        assert_eq!(seen.unreadable, []);
        assert_eq!(seen.plain, connection.said);
    }
}

#[test]
fn a_lost_change_cipher_spec_is_survived() {
    let connection = Connection::with_words(&Circumstances::tls12());
    let kept = connection.wire.len() - 2;
    // All that the server sends after its first flight, but for its words: ticket, ChangeCipherSpec, Finished.
    let flight = connection.wire.iter().position(|(side, _)| *side == Side::Answerer).unwrap();
    for told in [None, Some(connection.wire[kept - 1].1.len() as u64)] {
        assert!(kept - 1 > flight && connection.wire[kept - 1].0 == Side::Answerer);
        let mut capture = Capture::of(&connection);
        capture.pieces(0, kept - 1);
        capture.session.missing(Side::Answerer, told);
        capture.pieces(kept, connection.wire.len());
        let seen = capture.finish();
        assert_eq!(seen.unreadable, []);
        assert_eq!(seen.plain, connection.said);
        assert_eq!(seen.resumed, [(Side::Answerer, Some(1), 0)]);
    }
}

#[test]
fn without_the_hellos_nothing_can_be_read_and_both_sides_are_told_why() {
    let connection = Connection::with_words(&Circumstances::default());
    let mut capture = Capture::of(&connection);
    let last = connection.wire.len();
    capture.pieces(last - 2, last);
    let seen = capture.finish();
    assert_eq!(seen.unreadable, Side::BOTH.map(|side| (side, Why::StartMissing)));
    assert!(seen.sealed.iter().all(|octets| *octets > 0));

    let mut capture = Capture::of(&connection);
    capture.pieces(0, 1);
    capture.session.missing(Side::Answerer, None);
    capture.pieces(last - 2, last);
    assert_eq!(capture.finish().unreadable, Side::BOTH.map(|side| (side, Why::StartMissing)));
}

#[test]
fn more_than_can_be_searched_is_given_up_in_bounded_time() {
    let mut connection = Connection::under(&Circumstances::default());
    let first = connection.wire.len();
    for _ in 0..LOST_RECORDS_MAX + 10 {
        connection.say(Side::Dialler, b"lost");
    }
    let behind = connection.wire.len();
    for _ in 0..40 {
        connection.say(Side::Dialler, &[b'x'; 3_000]);
    }
    let mut capture = Capture::of(&connection);
    capture.pieces(0, first);
    capture.session.missing(Side::Dialler, None);
    capture.pieces(behind, connection.wire.len());
    let seen = capture.finish();
    assert_eq!(seen.unreadable, [(Side::Dialler, Why::Lost)]);
    assert_eq!(seen.plain[0], b"");
}
