//! The entries that are kept: the newest, up to two limits; and what belongs together among them.
//!
//! An entry's *position* counts from 0 and never changes: entries that are dropped keep theirs.

use std::collections::{BTreeMap, VecDeque};

use crate::entry::Entry;
use crate::model::At;

/// How many entries are kept, and how large they may be together; the oldest are dropped for newer ones, and counted. The
/// newest is kept in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Entries: 1,000,000.
    pub entries_max: usize,
    /// Octets of memory that they take, about: 512 MiB.
    pub octets_max: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { entries_max: 1_000_000, octets_max: 512 << 20 }
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    kept: Kept,
    entries: VecDeque<Box<Entry<'static>>>,
    octets: usize,
    dropped: u64,
    start: At,
    /// By the number of a request, that of its answer.
    answers: BTreeMap<u64, u64>,
    /// By the number of the entry where a message was first, those where it was again.
    sightings: BTreeMap<u64, VecDeque<u64>>,
}

impl Store {
    pub(super) fn new(kept: Kept) -> Self {
        Self { kept, ..Self::default() }
    }

    /// Takes the next entry, and drops as many of the oldest as that needs.
    pub(super) fn push(&mut self, entry: Box<Entry<'static>>) {
        if self.end() == 0 {
            self.start = entry.at;
        }
        if let Some(answer) = entry.answers {
            self.answers.insert(answer.to, entry.number);
        }
        if let Some(seen) = entry.seen {
            self.sightings.entry(seen.first).or_default().push_back(entry.number);
        }
        self.octets += octets_of(&entry);
        self.entries.push_back(entry);
        while self.entries.len() > 1
            && (self.entries.len() > self.kept.entries_max || self.octets > self.kept.octets_max)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        self.octets -= octets_of(&entry);
        self.dropped += 1;
        self.answers.remove(&entry.number);
        if let Some(answer) = entry.answers {
            self.answers.remove(&answer.to);
        }
        if let Some(seen) = entry.seen
            && let Some(later) = self.sightings.get_mut(&seen.first)
        {
            later.pop_front();
            if later.is_empty() {
                self.sightings.remove(&seen.first);
            }
        }
    }

    /// The entry at a position, if it is kept.
    pub(super) fn get(&self, position: u64) -> Option<&Entry<'static>> {
        let index = usize::try_from(position.checked_sub(self.dropped)?).ok()?;
        self.entries.get(index).map(|entry| &**entry)
    }

    /// The position of the entry with that number, if it is kept.
    pub(super) fn position_of(&self, number: u64) -> Option<u64> {
        let index = self.entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
        Some(self.dropped + index as u64)
    }

    /// The number of the answer to the request with this number, if it came.
    pub(super) fn answer_to(&self, number: u64) -> Option<u64> {
        self.answers.get(&number).copied()
    }

    /// The numbers of all entries with the same message, this one among them; empty if it was seen once.
    pub(super) fn path_of(&self, entry: &Entry<'_>) -> Vec<u64> {
        let first = entry.seen.map_or(entry.number, |seen| seen.first);
        match self.sightings.get(&first) {
            Some(later) => std::iter::once(first).chain(later.iter().copied()).collect(),
            None => Vec::new(),
        }
    }

    /// The first position that is kept: so many are not.
    pub(super) fn begin(&self) -> u64 {
        self.dropped
    }

    /// The position behind the last entry: so many came.
    pub(super) fn end(&self) -> u64 {
        self.dropped + self.entries.len() as u64
    }

    /// Time of the very first entry.
    pub(super) fn start(&self) -> At {
        self.start
    }
}

/// About so much memory an entry takes.
fn octets_of(entry: &Entry<'_>) -> usize {
    let words = [&entry.ends[0], &entry.ends[1], &entry.name, &entry.title, &entry.detail];
    let attributes = [&entry.stanza_type, &entry.id, &entry.from, &entry.to];
    let payloads = entry.payloads.iter();
    size_of_val(entry)
        + words.map(|words| words.len()).iter().sum::<usize>()
        + attributes.into_iter().flatten().map(|value| value.len()).sum::<usize>()
        + payloads
            .map(|payload| size_of_val(payload) + payload.namespace.len() + payload.name.len())
            .sum::<usize>()
        + entry.findings.iter().map(|finding| size_of_val(finding) + finding.found.len()).sum::<usize>()
        + entry.raw.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Answer, Kind, Sighting};
    use crate::sample::{blank, disco, hello};

    fn store(entries_max: usize) -> Store {
        Store::new(Kept { entries_max, ..Kept::default() })
    }

    #[test]
    fn the_oldest_are_dropped_and_the_others_keep_their_places() {
        let mut store = store(3);
        for number in 1..=5 {
            store.push(Box::new(hello(number)));
        }
        assert_eq!((store.begin(), store.end()), (2, 5));
        assert_eq!(store.get(1).map(|entry| entry.number), None);
        assert_eq!(store.get(2).map(|entry| entry.number), Some(3));
        assert_eq!(store.position_of(5), Some(4));
        assert_eq!(store.position_of(1), None);
        assert_eq!(store.start(), hello(1).at);
    }

    #[test]
    fn memory_is_bounded_and_the_newest_is_kept_in_any_case() {
        let mut store = Store::new(Kept { octets_max: 2 * octets_of(&hello(1)), ..Kept::default() });
        for number in 1..=9 {
            store.push(Box::new(hello(number)));
        }
        assert_eq!(store.end() - store.begin(), 2);
        store.push(Box::new(Entry { raw: vec![b'a'; 1 << 20].into(), ..blank(10, Kind::Broken) }));
        assert_eq!((store.begin(), store.end()), (9, 10));
    }

    #[test]
    fn what_belongs_together_is_forgotten_with_its_entries() {
        let mut store = store(4);
        let again =
            |number, times| Entry { seen: Some(Sighting { first: 1, after: None, times }), ..hello(number) };
        store.push(Box::new(hello(1)));
        store.push(Box::new(again(2, 1)));
        store.push(Box::new(disco(3)));
        store.push(Box::new(Entry { answers: Some(Answer { to: 3, latency: None }), ..disco(4) }));
        assert_eq!(store.path_of(&hello(1)), [1, 2]);
        assert_eq!(store.path_of(&again(2, 1)), [1, 2]);
        assert_eq!(store.path_of(&disco(3)), [0; 0]);
        assert_eq!(store.answer_to(3), Some(4));
        for number in 5..=8 {
            store.push(Box::new(blank(number, Kind::KeepAlive)));
        }
        assert!(store.answers.is_empty() && store.sightings.is_empty());
    }
}
