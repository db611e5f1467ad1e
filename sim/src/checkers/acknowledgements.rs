//! Acknowledgements count what came: the `h` of a peer stream (XEP-0198 §4) never goes back, and never counts more
//! messages than the other side wrote.

use std::collections::BTreeMap;

use memchr::memmem;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Acknowledgements {
    /// By connection and whether the dialler wrote them.
    written: BTreeMap<(u64, bool), u64>,
    acknowledged: BTreeMap<(u64, bool), u64>,
}

impl Checker for Acknowledgements {
    fn name(&self) -> &'static str {
        "acknowledgements"
    }

    fn invariant(&self) -> &'static str {
        "an acknowledgement never goes back, and never counts more than was written"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        let Event::Said { connection, by_dialler, sealed: true, text } = &entry.event else { return };
        if !model.traffic.is_between_clients(*connection) {
            return;
        }
        let messages = memmem::find_iter(text, b"<message ").count() as u64;
        *self.written.entry((*connection, *by_dialler)).or_default() += messages;
        for at in memmem::find_iter(text, b"<a xmlns='urn:xmpp:sm:3' h='") {
            let digits = text[at..].split(|octet| *octet == b'\'').nth(3).unwrap_or_default();
            let h: u64 =
                str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX);
            let written = self.written.get(&(*connection, !by_dialler)).copied().unwrap_or_default();
            let last = self.acknowledged.insert((*connection, *by_dialler), h).unwrap_or_default();
            found.check(last <= h && h <= written, || {
                format!("{entry}: h is {h}, it was {last}, and {written} messages were written")
            });
        }
    }
}
