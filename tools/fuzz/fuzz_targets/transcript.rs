//! Any octets as a transcript: `cargo +nightly fuzz run --fuzz-dir tools/fuzz transcript`.
//!
//! Nothing panics; what is told is told of connections that are open; and what was read is the same when it is written and read again.

#![no_main]

use chatdev_inspect::model::{At, Happening};
use chatdev_inspect::transcript::{Transcript, Writer, looks_like};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = looks_like(data);
    let once = rewritten(data);
    assert_eq!(rewritten(&once), once, "{}", String::from_utf8_lossy(&once));
});

/// What can be read of it, written down.
fn rewritten(data: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), "fuzz", At(0)).expect("memory takes all");
    let _ = Transcript::read(data, |happening: Happening<'_>| writer.write(&happening).expect("memory takes all"));
    writer.finish().expect("memory takes all")
}
