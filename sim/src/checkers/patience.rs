//! Patience: a client that cannot reach its server does not hammer it: between two dials lies at least the floor of its
//! back-off, whatever happened.

use std::{collections::BTreeMap, time::Duration};

use super::{Checker, Findings};
use crate::{
    actors::{BACKOFF_FLOOR, PORT},
    events::{Entry, Event},
    model::Model,
};

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Patience {
    dialled: BTreeMap<String, Duration>,
}

impl Checker for Patience {
    fn name(&self) -> &'static str {
        "patience"
    }

    fn invariant(&self) -> &'static str {
        "between two attempts of a client to reach its server lies at least the floor of its back-off"
    }

    fn see(&mut self, entry: &Entry, _: &Model, found: &mut Findings) {
        match &entry.event {
            // Another life does not know of the last one's attempts.
            Event::Started => drop(self.dialled.remove(&*entry.process)),
            Event::Dialling { to } if to.port() == PORT => {
                let before = self.dialled.insert(entry.process.to_string(), entry.at);
                let waited = before.map_or(Duration::MAX, |before| entry.at - before);
                // Its clock may run fast.
                found.check(waited >= BACKOFF_FLOOR.mul_f64(0.99), || {
                    format!("{entry}: {waited:?} after the last")
                });
            }
            _ => {}
        }
    }
}
