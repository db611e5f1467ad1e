//! Any octets as a dump of any form: `cargo +nightly fuzz run --fuzz-dir tools/fuzz dump`.
//!
//! Nothing panics; connections are told in order; a line longer than another is no reason to tell more than was there.

#![no_main]

use std::collections::BTreeSet;

use chatdev_inspect::dump::{Format, looks_like, read};
use chatdev_inspect::model::{Ending, Happening};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&format, text)) = data.split_first() else { return };
    let _ = looks_like(text);
    let format = Format::ALL.get(usize::from(format)).copied();
    let (mut seen, mut open, mut told) = (BTreeSet::new(), BTreeSet::new(), 0);
    let _ = read(text, format, |happening: Happening<'_>| match happening {
        Happening::Opened { id, .. } => assert!(seen.insert(id) && open.insert(id)),
        Happening::Octets { id, octets, .. } => {
            assert!(open.contains(&id) && !octets.is_empty());
            told += octets.len();
        }
        Happening::Missing { id, .. } => assert!(open.contains(&id)),
        Happening::Ended { id, how: Ending::Abandoned, .. } => assert!(open.remove(&id)),
        Happening::Ended { id, .. } => assert!(open.contains(&id)),
        Happening::Remark { .. } => {}
    });
    // U+FFFD has three octets, and a start tag alone gets one more.
    assert!(told <= 4 * text.len(), "{told} octets of {}", text.len());
});
