//! Octets cut anywhere, and octets that are nothing.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::party::{Circumstances, Connection};
use super::seen::Seen;
use crate::model::Side;
use crate::tls::{KeyLog, Session, Why};

struct Recorded {
    wire: Vec<(Side, Vec<u8>)>,
    log: Vec<u8>,
    whole: Seen,
}

/// With certificates on both sides, an update of keys, and an end.
static RECORDED: LazyLock<[Recorded; 2]> = LazyLock::new(|| {
    [Circumstances::default(), Circumstances::tls12()].map(|circumstances| {
        let circumstances = Circumstances { client_shows_certificate: true, ..circumstances };
        let mut connection = Connection::with_words(&circumstances);
        if circumstances.versions.len() > 1 {
            connection.update_key(Side::Answerer);
        }
        connection.say(Side::Answerer, &[b'y'; 20_000]);
        connection.close();
        let whole = Seen::of_connection(&connection);
        whole.assert_complete(&connection.said);
        Recorded { wire: connection.wire.clone(), log: connection.log.text(), whole }
    })
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn pieces_do_not_matter(which in 0_usize..2, sizes in proptest::collection::vec(1_usize..700, 1..50)) {
        let recorded = &RECORDED[which];
        let mut sizes = sizes.iter().cycle();
        let mut wire = Vec::new();
        for (side, octets) in &recorded.wire {
            let mut rest = &octets[..];
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                wire.push((*side, piece.to_vec()));
                rest = behind;
            }
        }
        prop_assert_eq!(&Seen::of(&wire, &mut KeyLog::from(&recorded.log[..])), &recorded.whole);
    }

    /// Whatever is changed on the way: nothing panics, and nothing is told as plain that was not said at that place.
    #[test]
    fn changed_octets_are_never_plain(
        which in 0_usize..2,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..8),
        gaps in proptest::collection::vec((0_usize..20, any::<bool>(), proptest::option::of(0_u64..5_000)), 0..4),
    ) {
        let recorded = &RECORDED[which];
        let mut wire = recorded.wire.clone();
        for (piece, octet, value) in changes {
            let (_, octets) = piece.get(&wire).clone();
            let place = piece.index(wire.len());
            wire[place].1[octet.index(octets.len())] = value;
        }
        let mut keys = KeyLog::from(&recorded.log[..]);
        let mut seen = Seen::default();
        let mut session = Session::new();
        for (at, (side, octets)) in wire.iter().enumerate() {
            for (_, is_dialler, missing) in gaps.iter().filter(|gap| gap.0 == at) {
                session.missing(if *is_dialler { Side::Dialler } else { Side::Answerer }, *missing);
            }
            session.read(&mut keys, *side, octets, &mut |side, told| seen.take(side, told));
        }
        session.finish(&mut keys, &mut |side, told| seen.take(side, told));
        if gaps.is_empty() {
            for (read, said) in seen.plain.iter().zip(&recorded.whole.plain) {
                prop_assert!(said.starts_with(read));
            }
        }
        for side in Side::BOTH {
            prop_assert!(seen.unreadable.iter().filter(|(whose, _)| *whose == side).count() <= 1);
        }
    }

    #[test]
    fn anything_may_come(
        pieces in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..200), 0_u8..12), 0..30),
    ) {
        let mut session = Session::new();
        let mut seen = Seen::default();
        let mut keys = KeyLog::new();
        for (is_dialler, octets, kind) in pieces {
            let side = if is_dialler { Side::Dialler } else { Side::Answerer };
            // Often enough it is framed as a record, or octets are missing before it.
            let framed = match kind {
                0..=7 => [&[20 + kind % 4, 3, 3, 0, octets.len() as u8][..], &octets].concat(),
                _ => octets,
            };
            if kind == 11 {
                session.missing(side, None);
            }
            session.read(&mut keys, side, &framed, &mut |side, told| seen.take(side, told));
        }
        session.finish(&mut keys, &mut |side, told| seen.take(side, told));
        prop_assert_eq!(seen.plain, [b"", b""]);
    }
}

#[test]
fn what_is_no_tls_is_told_so_at_its_first_octets() {
    for words in [&b"<?xml version='1.0'?>"[..], b"\x16<", b"SSH-2.0"] {
        let mut seen = Seen::default();
        let mut session = Session::new();
        session.read(&mut KeyLog::new(), Side::Answerer, words, &mut |side, told| seen.take(side, told));
        assert_eq!(seen.unreadable, [(Side::Answerer, Why::NotTls)]);
        assert_eq!(seen.sealed, [0, words.len()]);
    }
}
