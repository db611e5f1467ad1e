//! Recorded TLS with its keys, cut, mixed with any bytes, and with gaps: `cargo +nightly fuzz run --fuzz-dir tools/fuzz tls`.
//!
//! Nothing panics; nothing is told as plain that was not sealed by its sender; each side is given up at most once.

#![no_main]

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

use chatdev_inspect::model::Side;
use chatdev_inspect::tls::{KeyLog, Session, Told};
use libfuzzer_sys::fuzz_target;

/// A recorded connection.
#[derive(Default)]
struct Recorded {
    log: String,
    wire: Vec<(Side, Vec<u8>)>,
    /// What is in its records.
    plain: BTreeSet<Vec<u8>>,
}

static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(|| {
    let text = include_str!("../../inspect/src/tls/testdata/openssl.txt");
    text.split("\n= ").skip(1).map(recorded).collect()
});

fn recorded(section: &str) -> Recorded {
    let mut recorded = Recorded::default();
    for line in section.lines().skip(1) {
        match line.split_once(' ') {
            Some((">", digits)) => recorded.wire.push((Side::Dialler, hex(digits))),
            Some(("<", digits)) => recorded.wire.push((Side::Answerer, hex(digits))),
            _ => recorded.log.extend([line, "\n"]),
        }
    }
    let mut session = Session::new();
    let mut keys = KeyLog::from(recorded.log.as_bytes());
    for (side, octets) in &recorded.wire {
        session.read(&mut keys, *side, octets, &mut |_, told| {
            if let Told::Plain(octets) = told {
                recorded.plain.insert(octets.to_vec());
            }
        });
    }
    recorded
}

fn hex(digits: &str) -> Vec<u8> {
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, mut data)) = data.split_first() else { return };
    let recorded = &RECORDED[usize::from(which >> 1) % RECORDED.len()];
    let mut keys = KeyLog::new();
    let is_late = which & 1 == 1;
    if !is_late {
        keys.add(recorded.log.as_bytes());
    }
    let mut wire: VecDeque<_> = recorded.wire.iter().map(|(side, octets)| (*side, &octets[..])).collect();
    let mut session = Session::new();
    let mut given_up = [0; 2];
    let mut each = |side: Side, told: Told<'_>| match told {
        Told::Plain(octets) => assert!(recorded.plain.contains(octets)),
        Told::Unreadable { .. } => given_up[side.index()] += 1,
        _ => {}
    };
    while let Some(([does, octets], rest)) = data.split_first_chunk() {
        data = rest;
        let octets = usize::from(*octets) << (does >> 5);
        let next = wire.pop_front().map(|(side, piece)| {
            let (now, later) = piece.split_at(octets.min(piece.len()));
            if !later.is_empty() {
                wire.push_front((side, later));
            }
            (side, now)
        });
        let side = Side::BOTH[usize::from(does & 1)];
        match (does >> 1 & 7, next) {
            // Any octets, in the place of recorded ones.
            (0, _) => {
                let (now, rest) = data.split_at(octets.min(data.len()));
                data = rest;
                session.read(&mut keys, side, now, &mut each);
            }
            (1, Some((side, now))) => session.missing(side, Some(now.len() as u64)),
            (2, Some((side, _))) => session.missing(side, None),
            (3, _) => session.missing(side, Some(octets as u64)),
            (4, _) => keys.add(recorded.log.as_bytes()),
            (_, Some((side, now))) => session.read(&mut keys, side, now, &mut each),
            (_, None) => break,
        }
    }
    session.finish(&mut keys, &mut each);
    assert!(given_up.iter().all(|times| *times <= 1));
});
