//! Any octets as what two sides say to each other: `cargo +nightly fuzz run --fuzz-dir tools/fuzz conversation`. An octet 0xFE ends a piece, and the
//! other side speaks; 0xFF says that octets are missing.
//!
//! Nothing panics in framing, understanding, judging, redacting and writing; what comes out is what went in, and whether it was cut into more
//! pieces makes no difference to what is a stanza.

#![no_main]

use std::io;

use chatdev_inspect::desk::Desk;
use chatdev_inspect::entry::Entry;
use chatdev_inspect::exact::Exact;
use chatdev_inspect::lint::Lint;
use chatdev_inspect::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener, Side};
use chatdev_inspect::output::Summary;
use chatdev_inspect::output::text::Text;
use chatdev_inspect::output::{paint::Paint, times::Times};
use chatdev_inspect::reading::Reading;
use chatdev_inspect::redact::{Reach, Redactor};
use chatdev_inspect::tls::KeyRing;
use chatdev_inspect::understanding::{Depth, Hearer, Taker, Understander};
use libfuzzer_sys::fuzz_target;

const ID: ConnectionId = ConnectionId(1);

fuzz_target!(|data: &[u8]| {
    let (mut said, mut heard) = ([0, 0], [0, 0]);
    let mut stanzas = Vec::new();
    let count = |entry: &Entry<'_>, _: &Exact| {
        if let Some(side) = entry.side {
            heard[side.index()] += entry.octets;
        }
        if entry.kind.is_stanza() {
            stanzas.push(entry.raw.to_vec());
        }
    };
    let _count = tell(data, 0, &mut said, count);
    // TLS has records and alerts of its own.
    if !data.contains(&0x16) {
        assert_eq!(said, heard);
    }
    let mut again = Vec::new();
    let _gather = tell(data, 3, &mut [0, 0], |entry: &Entry<'_>, _: &Exact| {
        if entry.kind.is_stanza() {
            again.push(entry.raw.to_vec());
        }
    });
    assert_eq!(stanzas, again);
    for reach in [Reach::Secrets, Reach::Everything] {
        let mut desk = Desk::new(Box::new(Text::new(io::sink(), Times::Relative, Paint(true))));
        desk.lint = Some(Lint::new());
        desk.redactor = Redactor::new(reach);
        let mut desk = tell(data, 0, &mut [0, 0], desk);
        desk.late_findings();
        desk.finish(&Summary::default()).expect("a sink takes everything");
    }
});

/// Tells it, in pieces of so many octets (0: as they are), to a taker, which comes back.
fn tell<T: Taker>(data: &[u8], piece: usize, said: &mut [u64; 2], taker: T) -> T {
    let depth = Depth { exact: true, detail: true };
    let mut reading = Reading::new(true, KeyRing::default(), Understander::new(depth, taker));
    let ends = [End::default(), End::default()];
    reading.take(Happening::Opened { at: At(1), id: ID, ends: &ends, from_start: true });
    let mut side = Side::Dialler;
    for (n, part) in data.split(|octet| *octet == 0xfe).enumerate() {
        for (m, run) in part.split(|octet| *octet == 0xff).enumerate() {
            if m > 0 {
                reading.take(Happening::Missing { at: At(2), id: ID, side, octets: None });
            }
            said[side.index()] += run.len() as u64;
            for octets in run.chunks(if piece == 0 { usize::MAX } else { piece }) {
                reading.take(Happening::Octets { at: At(3 + n as u64), id: ID, side, layer: Layer::Clear, octets });
            }
        }
        side = side.other();
    }
    reading.take(Happening::Ended { at: At(u64::MAX), id: ID, how: Ending::Abandoned });
    reading.finish();
    assert!(!reading.hearer().is_over());
    reading.into_hearer().taker
}
