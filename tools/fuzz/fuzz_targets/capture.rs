//! Any octets as a packet capture: `cargo +nightly fuzz run --fuzz-dir tools/fuzz capture`.
//!
//! Nothing panics; pieces do not matter to what is told; what is told keeps its promises; nothing is held at the end.

#![no_main]

#[path = "../../inspect/tests/ear/mod.rs"]
mod ear;

use std::io::Read;

use chatdev_inspect::capture::Capture;
use chatdev_inspect::packet::Skipped;
use chatdev_inspect::tcp::{Holding, Limits, Reassembly};
use chatdev_inspect::telling::{Told, tell};
use ear::Ear;
use libfuzzer_sys::fuzz_target;

/// A header of the classic format: raw IP.
const CLASSIC: &[u8] = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x65\0\0\0";
/// A section with an Ethernet interface.
const SECTION: &[u8] =
    b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0\
                         \x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0";

/// Octets that come in pieces.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = self.1.min(buffer.len());
        self.0.read(&mut buffer[..piece])
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&piece_octets, octets)) = data.split_first() else { return };
    for header in [&[][..], CLASSIC, SECTION] {
        let capture = [header, octets].concat();
        let whole = listen(&capture[..]);
        let pieces = listen(Pieces(&capture, usize::from(piece_octets).max(1)));
        assert_eq!(whole, pieces);
    }
});

/// What is told, and how reading ended.
fn listen(read: impl Read) -> String {
    let limits =
        Limits { connections: 8, ended: 4, octets_per_side: 2_000, octets: 5_000, ..Limits::default() };
    let (mut ear, mut reassembly, mut skipped) =
        (Ear::default(), Reassembly::new(limits), Skipped::default());
    let ending = match Capture::open(read) {
        Ok(mut capture) => loop {
            match tell(&mut capture, &mut reassembly, &mut skipped, &mut ear) {
                Ok(Told::Waits) => {}
                Ok(Told::All) => break String::new(),
                Err(error) => break error.to_string(),
            }
            let holding = reassembly.holding();
            assert!(holding.octets <= limits.octets && reassembly.connections() <= limits.connections);
        },
        Err(error) => error.to_string(),
    };
    reassembly.finish(&mut ear);
    assert_eq!(reassembly.holding(), Holding::default());
    assert!(ear.all_over());
    format!("{ear:?} {skipped:?} {ending}")
}
