//! Which record comes next where some are missing: its number is not on the wire, so it is tried which one opens it.

use super::opening::{Opened, Opening};
use super::record::Header;

/// Records in a row that may be lost; behind more, nothing is found again.
pub const LOST_RECORDS_MAX: u64 = 1_000;

/// Octets that are opened in vain, for one loss, before that side is given up.
pub const SEARCH_OCTETS_MAX: u64 = 64 * 1024 * 1024;

/// What an attempt costs besides the record's octets.
const ATTEMPT_OCTETS: u64 = 256;

/// A record on the wire with one octet of content (RFC 8446 §5.2): header, that octet, its type, tag.
const RECORD_OCTETS_MIN: u64 = 5 + 1 + 1 + 16;

/// Records of one side are lost, and none behind them was opened yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    records_max: u64,
    octets_left: u64,
}

impl Lost {
    /// Nothing is missing: only the next record is tried.
    pub(super) const NOTHING: Self = Self { records_max: 0, octets_left: SEARCH_OCTETS_MAX };

    /// At most the records that so many octets have room for, besides one that was begun; of any number if it is not known.
    pub(super) fn more(self, octets: Option<u64>) -> Self {
        let records = octets.map_or(LOST_RECORDS_MAX, |octets| octets / RECORD_OCTETS_MIN + 2);
        Self { records_max: self.records_max.saturating_add(records).min(LOST_RECORDS_MAX), ..self }
    }

    /// Whether there were too many attempts.
    pub(super) fn is_hopeless(self) -> bool {
        self.octets_left == 0
    }

    /// The number under which this record opens, from the next one on.
    pub(super) fn search(
        &mut self,
        opening: &Opening,
        header: Header,
        fragment: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Option<(u64, Opened)> {
        for sequence in opening.sequence..=opening.sequence.saturating_add(self.records_max) {
            if self.is_hopeless() {
                return None;
            }
            self.octets_left = self.octets_left.saturating_sub(u64::from(header.length) + ATTEMPT_OCTETS);
            if let Some(opened) = opening.open(sequence, header, fragment, scratch) {
                return Some((sequence, opened));
            }
        }
        None
    }
}
