//! [`Sightings`]: the path of a message across connections: client to server, server to client, copies, receipts.
//!
//! A message is known by its id (that of its first author, XEP-0359, or of the stanza) together with what it says, as ids alone are often
//! short and reused. 16,384 messages are remembered: where a place is wanted, the oldest of a few gives way.

use std::hash::{BuildHasher as _, Hasher as _};

use crate::entry::Sighting;
use crate::model::At;

const SETS: usize = 1 << 12;
/// Messages that compete for the same places.
const PLACES: usize = 4;

/// Stands for whatever a message says; no text can be it.
const BY_ID: &[u8] = &[0xff];

/// A message. `number` is 0 where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct First {
    key: u64,
    number: u64,
    at: At,
    times: u32,
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Sightings {
    /// Made at the first message.
    sets: Vec<[First; PLACES]>,
    /// The same in every run: what is told of a capture does not depend on luck.
    hashing: foldhash::quality::FixedState,
}

impl Default for Sightings {
    fn default() -> Self {
        Self { sets: Vec::new(), hashing: foldhash::quality::FixedState::with_seed(0x0c4a_7d3f) }
    }
}

impl Sightings {
    /// A message is seen: where it was seen before, if it was.
    pub(super) fn see(&mut self, id: &str, says: &[u8], number: u64, at: At) -> Option<Sighting> {
        let key = self.key(id, says);
        if self.sets.is_empty() {
            self.sets = vec![[First::default(); PLACES]; SETS];
        }
        let set = &mut self.sets[Self::set(key)];
        if let Some(first) = set.iter_mut().find(|first| first.key == key && first.number > 0) {
            first.times += 1;
            return Some(Sighting { first: first.number, after: at.after(first.at), times: first.times });
        }
        let oldest = set.iter_mut().min_by_key(|first| first.number).expect("a set has places");
        *oldest = First { key, number, at, times: 0 };
        None
    }

    /// A message is seen for the first time: receipts will name it by its id alone.
    pub(super) fn see_id(&mut self, id: &str, number: u64, at: At) {
        let _ = self.see(id, BY_ID, number, at);
    }

    /// The entry in which the message of this id was seen first, and when.
    pub(super) fn by_id(&self, id: &str) -> Option<(u64, At)> {
        let key = self.key(id, BY_ID);
        let first =
            self.sets.get(Self::set(key))?.iter().find(|first| first.key == key && first.number > 0)?;
        Some((first.number, first.at))
    }

    fn set(key: u64) -> usize {
        usize::try_from(key % SETS as u64).expect("below the number of sets")
    }

    fn key(&self, id: &str, says: &[u8]) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(id.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(says);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_again_by_its_id_and_what_it_says() {
        let mut sightings = Sightings::default();
        assert_eq!(sightings.see("1", b"Hello", 5, At(10)), None);
        assert_eq!(sightings.see("1", b"Other", 6, At(11)), None);
        let seen = sightings.see("1", b"Hello", 9, At(30));
        assert_eq!(seen, Some(Sighting { first: 5, after: Some(20), times: 1 }));
        let seen = sightings.see("1", b"Hello", 12, At(0));
        assert_eq!(seen, Some(Sighting { first: 5, after: None, times: 2 }));
    }

    #[test]
    fn the_oldest_are_forgotten_and_the_latest_are_not() {
        let mut sightings = Sightings::default();
        let messages = 4 * (SETS * PLACES) as u64;
        for n in 1..=messages {
            assert_eq!(sightings.see(&n.to_string(), b"", n, At(1)), None);
        }
        assert_eq!(sightings.see("1", b"", messages + 1, At(1)), None);
        let latest = messages - 1000..messages;
        let known = latest.filter(|n| sightings.see(&n.to_string(), b"", messages + 2, At(1)).is_some());
        assert_eq!(known.count(), 1000);
    }
}
