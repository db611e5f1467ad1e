//! The history of the directory (PROTOCOL section 2, "List and delta are one mechanism"): each full JID has at most one
//! record, an entry or a departure, in the place of the COUNTER that its last change took.
//!
//! Departures are remembered up to a limit. The oldest is forgotten first, so one number says what can no longer be
//! told: the highest COUNTER of a forgotten departure. Entries are never forgotten.

#![expect(clippy::disallowed_types, reason = "looked up, never iterated into anything that shows")]

use std::collections::{BTreeMap, HashMap, btree_map};
use std::iter::Peekable;
use std::sync::Arc;

use chatdev_canary::{Canary, planted};
use jid::FullJid;

use crate::silence::Key;
use crate::{Departure, Entry};

/// The record of somebody who is online.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) entry: Arc<Entry>,
    /// The session that answers for it.
    pub(crate) owner: Key,
}

/// A record as it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    Live(&'a Live),
    Gone(&'a Departure),
}

#[derive(Clone, Debug)]
pub(crate) struct Records {
    /// COUNTER: the changes since the start.
    counter: u64,
    /// The highest COUNTER of a forgotten departure; 0 while none has been.
    forgotten: u64,
    departures_max: usize,
    live: BTreeMap<u64, Live>,
    gone: BTreeMap<u64, Departure>,
    /// Where the departure of a JID is. Looked up only.
    gone_at: HashMap<Arc<FullJid>, u64>,
    touched: u64,
}

impl Records {
    pub(crate) fn new(departures_max: usize) -> Self {
        Self {
            counter: 0,
            forgotten: 0,
            departures_max,
            live: BTreeMap::new(),
            gone: BTreeMap::new(),
            gone_at: HashMap::new(),
            touched: 0,
        }
    }

    pub(crate) const fn counter(&self) -> u64 {
        self.counter
    }

    pub(crate) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(crate) fn live_count(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn gone_count(&self) -> usize {
        self.gone.len()
    }

    /// Records looked at since the start, other than by reading.
    pub(crate) const fn touched(&self) -> u64 {
        self.touched
    }

    /// The entry at this COUNTER.
    pub(crate) fn live(&self, counter: u64) -> &Live {
        self.live.get(&counter).expect("a session in the directory holds the counter of its entry")
    }

    /// Where the departure of `jid` is, if it is remembered.
    pub(crate) fn departure(&self, jid: &FullJid) -> Option<u64> {
        self.gone_at.get(jid).copied()
    }

    /// The entry at `counter` is from now on another session's to answer for. Nobody can see that.
    pub(crate) fn hand_on(&mut self, counter: u64, owner: Key) {
        let live =
            self.live.get_mut(&counter).expect("a session in the directory holds the counter of its entry");
        live.owner = owner;
        self.touched += 1;
    }

    /// Somebody came: their entry takes the place of their departure, if that is remembered.
    pub(crate) fn arrive(&mut self, live: Live) -> u64 {
        if let Some(counter) = self.gone_at.remove(&live.entry.jid) {
            self.gone.remove(&counter);
            self.touched += 1;
        }
        self.put(live)
    }

    /// The entry at `counter` is now another, of the same JID.
    pub(crate) fn replace(&mut self, counter: u64, live: Live) -> u64 {
        let before = self.live.remove(&counter);
        debug_assert!(before.is_some_and(|before| before.entry.jid == live.entry.jid));
        self.touched += 1;
        if planted(Canary::ChangeNotCounted) {
            self.live.insert(counter, live);
            return counter;
        }
        self.put(live)
    }

    /// The one whose entry is at `counter` went.
    pub(crate) fn depart(&mut self, counter: u64, departure: Departure) {
        let before = self.live.remove(&counter);
        debug_assert!(before.is_some_and(|before| before.entry.jid == departure.jid));
        self.touched += 1;
        self.leave_behind(departure);
    }

    /// A departure takes the next COUNTER; the oldest is forgotten if there are too many.
    pub(crate) fn leave_behind(&mut self, departure: Departure) {
        self.counter += 1;
        self.touched += 1;
        self.gone_at.insert(departure.jid.clone(), self.counter);
        self.gone.insert(self.counter, departure);
        while self.gone.len() > self.departures_max {
            let Some((counter, oldest)) = self.gone.pop_first() else { break };
            self.gone_at.remove(&oldest.jid);
            self.forgotten = counter;
            self.touched += 1;
        }
    }

    fn put(&mut self, live: Live) -> u64 {
        self.counter += 1;
        self.touched += 1;
        self.live.insert(self.counter, live);
        self.counter
    }

    /// The entries after `after` up to `upto`, in the order of COUNTER. Cost: O(log n) and O(1) for each taken.
    pub(crate) fn entries(&self, after: u64, upto: u64) -> Between<'_> {
        let from = after.saturating_add(1);
        let end = upto.saturating_add(1).max(from);
        Between { live: self.live.range(from..end).peekable(), gone: self.gone.range(end..end).peekable() }
    }

    /// The entries and departures after `after` up to `upto`, in the order of COUNTER. Cost as of
    /// [`Records::entries`].
    pub(crate) fn all(&self, after: u64, upto: u64) -> Between<'_> {
        let from = after.saturating_add(1);
        let end = upto.saturating_add(1).max(from);
        let gone_from =
            if planted(Canary::DeltaSkipsDeparture) { end.min(from.saturating_add(1)) } else { from };
        Between {
            live: self.live.range(from..end).peekable(),
            gone: self.gone.range(gone_from..end).peekable(),
        }
    }
}

/// Records in the order of COUNTER: entries and departures merged.
#[derive(Clone, Debug)]
pub(crate) struct Between<'a> {
    live: Peekable<btree_map::Range<'a, u64, Live>>,
    gone: Peekable<btree_map::Range<'a, u64, Departure>>,
}

impl<'a> Iterator for Between<'a> {
    type Item = (u64, Record<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let gone_first = match (self.live.peek(), self.gone.peek()) {
            (Some((live, _)), Some((gone, _))) => gone < live,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if gone_first {
            self.gone.next().map(|(counter, departure)| (*counter, Record::Gone(departure)))
        } else {
            self.live.next().map(|(counter, live)| (*counter, Record::Live(live)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::silence::Silence;
    use crate::{Profile, Reason, SessionId};

    fn jid(name: &str) -> Arc<FullJid> {
        Arc::new(FullJid::new(&format!("{name}@example.net/tui")).unwrap())
    }

    fn live(name: &str) -> Live {
        let entry = Entry {
            jid: jid(name),
            session: SessionId(1).tag(),
            profile: Profile::default(),
            endpoints: Box::new([]),
            fingerprint: None,
            since: Timestamp::UNIX_EPOCH,
        };
        let owner = Silence::new().open(Duration::ZERO, SessionId(1), Duration::ZERO);
        Live { entry: Arc::new(entry), owner }
    }

    fn departure(name: &str) -> Departure {
        Departure { jid: jid(name), last: Timestamp::UNIX_EPOCH, reason: Reason::Left }
    }

    fn shown(between: Between<'_>) -> Vec<String> {
        let text = |(counter, record): (u64, Record<'_>)| match record {
            Record::Live(live) => format!("{counter}+{}", live.entry.jid.node().unwrap()),
            Record::Gone(gone) => format!("{counter}-{}", gone.jid.node().unwrap()),
        };
        between.map(text).collect()
    }

    #[test]
    fn each_jid_has_one_record_at_its_last_change() {
        let mut records = Records::new(10);
        let alice = records.arrive(live("alice"));
        let bob = records.arrive(live("bob"));
        records.arrive(live("carol"));
        assert_eq!(shown(records.all(0, u64::MAX)), ["1+alice", "2+bob", "3+carol"]);
        records.depart(bob, departure("bob"));
        let alice = records.replace(alice, live("alice"));
        assert_eq!(shown(records.all(0, u64::MAX)), ["3+carol", "4-bob", "5+alice"]);
        records.arrive(live("bob"));
        records.depart(alice, departure("alice"));
        assert_eq!(shown(records.all(0, u64::MAX)), ["3+carol", "6+bob", "7-alice"]);
        assert_eq!(shown(records.all(3, u64::MAX)), ["6+bob", "7-alice"]);
        assert_eq!(shown(records.all(7, u64::MAX)), [""; 0]);
        assert_eq!(shown(records.entries(0, 6)), ["3+carol", "6+bob"]);
        assert_eq!(shown(records.entries(3, 3)), [""; 0]);
        assert_eq!(shown(records.entries(u64::MAX, u64::MAX)), [""; 0]);
        assert_eq!(shown(records.all(7, 3)), [""; 0]);
        assert_eq!((records.live_count(), records.gone_count(), records.counter()), (2, 1, 7));
        assert_eq!(records.departure(&jid("alice")), Some(7));
        assert_eq!(records.departure(&jid("bob")), None);
    }

    #[test]
    fn the_oldest_departures_are_forgotten_first() {
        let mut records = Records::new(2);
        let counters: Vec<_> =
            ["alice", "bob", "carol", "dave"].iter().map(|name| records.arrive(live(name))).collect();
        records.depart(counters[0], departure("alice"));
        records.depart(counters[1], departure("bob"));
        assert_eq!(records.forgotten(), 0);
        records.depart(counters[2], departure("carol"));
        assert_eq!(records.forgotten(), 5);
        assert_eq!(shown(records.all(0, u64::MAX)), ["4+dave", "6-bob", "7-carol"]);
        assert_eq!(records.departure(&jid("alice")), None);
        records.arrive(live("bob"));
        records.depart(counters[3], departure("dave"));
        assert_eq!(records.forgotten(), 5, "bob came back and is no departure any more");
    }

    #[test]
    fn each_record_that_is_put_taken_away_or_handed_on_is_touched_once() {
        let mut records = Records::new(1);
        let mut before = 0;
        let mut step = |records: &Records| {
            let step = records.touched() - before;
            before = records.touched();
            step
        };
        let alice = records.arrive(live("alice"));
        assert_eq!(step(&records), 1, "put");
        let alice = records.replace(alice, live("alice"));
        assert_eq!(step(&records), 2, "the old one taken away, the new one put");
        records.hand_on(alice, live("alice").owner);
        assert_eq!(step(&records), 1, "handed on");
        records.depart(alice, departure("alice"));
        assert_eq!(step(&records), 2, "the entry taken away, the departure put");
        let alice = records.arrive(live("alice"));
        assert_eq!(step(&records), 2, "the departure taken away, the entry put");
        records.depart(alice, departure("alice"));
        let bob = records.arrive(live("bob"));
        assert_eq!(step(&records), 3);
        records.depart(bob, departure("bob"));
        assert_eq!(step(&records), 3, "and the departure of alice forgotten");
    }

    #[test]
    fn a_directory_may_remember_no_departure_at_all() {
        let mut records = Records::new(0);
        let alice = records.arrive(live("alice"));
        records.depart(alice, departure("alice"));
        assert_eq!((records.gone_count(), records.forgotten(), records.counter()), (0, 2, 2));
    }
}
