//! Sequence numbers of messages between devices (PROTOCOL section 3, "Order and exactly once").
//!
//! [`Outgoing`] gives each message to a device a number above every earlier one, also across restarts: numbers are reserved in
//! storage a block at a time, so that one write serves many messages, and a crash leaves a gap, which harms nobody, and never
//! a repetition. [`Incoming`] keeps the high-water mark of each sending device and says what is new. What neither does:
//! store anything itself, or bound the number of devices; that is bounded by who is accepted (`peer_trust.rs`).

use std::collections::BTreeMap;

use chatdev_canary::{Canary, planted};
use chatdev_directory::Fingerprint;

/// Numbers reserved by one write to storage.
const BLOCK: u64 = 64;

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    /// The next number to give, ≥ 1.
    next: u64,
    /// Numbers below this are safe in storage.
    reserved: u64,
    /// A reservation up to this is on its way to storage.
    asked: u64,
}

/// The numbers of messages to each receiving device.
#[derive(Debug)]
pub(crate) struct Outgoing {
    counters: BTreeMap<Fingerprint, Counter>,
}

impl Outgoing {
    /// `reserved`: for each device, the first number that no earlier run can have used.
    pub(crate) fn new(reserved: BTreeMap<Fingerprint, u64>) -> Self {
        let counter = |first: u64| Counter { next: first.max(1), reserved: first, asked: first };
        Self { counters: reserved.into_iter().map(|(device, first)| (device, counter(first))).collect() }
    }

    /// The next number, or `None` until more are reserved.
    pub(crate) fn take(&mut self, device: Fingerprint) -> Option<u64> {
        let counter = self.counters.entry(device).or_insert(Counter { next: 1, reserved: 1, asked: 1 });
        if counter.next >= counter.reserved {
            return None;
        }
        counter.next += 1;
        Some(counter.next - 1)
    }

    /// The reservation to write now, if half a block or less is left and none is on its way: numbers below it become ours.
    pub(crate) fn reservation(&mut self, device: Fingerprint) -> Option<u64> {
        let counter = self.counters.entry(device).or_insert(Counter { next: 1, reserved: 1, asked: 1 });
        if counter.asked > counter.reserved || counter.reserved.saturating_sub(counter.next) > BLOCK / 2 {
            return None;
        }
        counter.asked = counter.reserved.max(counter.next) + BLOCK;
        Some(counter.asked)
    }

    /// Storage answered: the reservation holds, or (`false`) has to be asked for anew.
    pub(crate) fn handle_reserved(&mut self, device: Fingerprint, below: u64, stored: bool) {
        if let Some(counter) = self.counters.get_mut(&device) {
            if stored {
                counter.reserved = counter.reserved.max(below);
            } else {
                counter.asked = counter.reserved;
            }
        }
    }
}

/// What a number means to the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// Above all before it: to be shown and stored.
    New,
    /// Shown already, but its mark is not safe in storage yet: to be acknowledged later.
    AwaitingStorage,
    /// Shown and stored: to be acknowledged and dropped.
    Repeated,
}

#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    seen: u64,
    stored: u64,
}

/// The high-water mark of each sending device.
#[derive(Debug)]
pub(crate) struct Incoming {
    marks: BTreeMap<Fingerprint, Mark>,
}

impl Incoming {
    pub(crate) fn new(stored: BTreeMap<Fingerprint, u64>) -> Self {
        let mark = |n| Mark { seen: n, stored: n };
        let stored = stored.into_iter().filter(|_| !planted(Canary::HighWaterNotDurable));
        Self { marks: stored.map(|(device, n)| (device, mark(n))).collect() }
    }

    /// Judges the number of a message that just came; a new one raises the mark.
    pub(crate) fn judge(&mut self, device: Fingerprint, n: u64) -> Novelty {
        let mark = self.marks.entry(device).or_default();
        if n > mark.seen || planted(Canary::HighWaterForgotten) {
            mark.seen = mark.seen.max(n);
            Novelty::New
        } else if n > mark.stored {
            Novelty::AwaitingStorage
        } else {
            Novelty::Repeated
        }
    }

    /// The mark `n` is safe in storage.
    pub(crate) fn handle_stored(&mut self, device: Fingerprint, n: u64) {
        let mark = self.marks.entry(device).or_default();
        mark.stored = mark.stored.max(n);
    }

    /// Whether `n` may be acknowledged.
    pub(crate) fn is_stored(&self, device: Fingerprint, n: u64) -> bool {
        self.marks.get(&device).is_some_and(|mark| n <= mark.stored)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOB: Fingerprint = Fingerprint([1; 32]);

    #[test]
    fn no_number_is_given_before_its_block_is_in_storage() {
        let mut outgoing = Outgoing::new(BTreeMap::new());
        assert_eq!(outgoing.take(BOB), None);
        let below = outgoing.reservation(BOB).unwrap();
        assert_eq!(outgoing.take(BOB), None);
        outgoing.handle_reserved(BOB, below, true);
        assert_eq!(outgoing.take(BOB), Some(1));
        assert_eq!(outgoing.take(BOB), Some(2));
    }

    #[test]
    fn one_reservation_is_on_its_way_at_a_time_and_a_failed_one_is_asked_for_again() {
        let mut outgoing = Outgoing::new(BTreeMap::new());
        let below = outgoing.reservation(BOB).unwrap();
        assert_eq!(outgoing.reservation(BOB), None);
        outgoing.handle_reserved(BOB, below, false);
        assert_eq!(outgoing.reservation(BOB), Some(below));
    }

    #[test]
    fn a_message_that_was_seen_but_not_stored_is_neither_shown_again_nor_acknowledged() {
        let mut incoming = Incoming::new(BTreeMap::new());
        assert_eq!(incoming.judge(BOB, 5), Novelty::New);
        assert_eq!(incoming.judge(BOB, 5), Novelty::AwaitingStorage);
        assert!(!incoming.is_stored(BOB, 5));
        incoming.handle_stored(BOB, 5);
        assert_eq!(incoming.judge(BOB, 5), Novelty::Repeated);
        assert!(incoming.is_stored(BOB, 5));
    }

    #[test]
    fn the_mark_survives_a_restart() {
        let mut incoming = Incoming::new(BTreeMap::from([(BOB, 41)]));
        assert_eq!(incoming.judge(BOB, 41), Novelty::Repeated);
        assert_eq!(incoming.judge(BOB, 42), Novelty::New);
    }

    proptest! {
        /// Crashes at any point, with or without the answer of storage: no number is ever given twice.
        #[test]
        fn numbers_rise_across_restarts(steps in prop::collection::vec(0_u8..4, 1..300)) {
            let mut stored = BTreeMap::new();
            let mut outgoing = Outgoing::new(BTreeMap::new());
            let mut pending = None;
            let mut last = 0;
            for step in steps {
                match step {
                    0 => pending = outgoing.reservation(BOB).or(pending),
                    1 => if let Some(below) = pending.take() {
                        stored.insert(BOB, below);
                        outgoing.handle_reserved(BOB, below, true);
                    },
                    2 => outgoing = { pending = None; Outgoing::new(stored.clone()) },
                    _ => if let Some(n) = outgoing.take(BOB) {
                        prop_assert!(n > last);
                        last = n;
                    },
                }
            }
        }
    }
}
