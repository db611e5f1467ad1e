//! How long each session has been silent (PROTOCOL section 2, "Time"): pinged at half of its limit, due at the limit it
//! was last told. Knows sessions only by number; what becomes of one that is due is decided in `reaping.rs`.
//!
//! Sessions with the same limit and the same stage are a list in the order in which they were last seen, so only the
//! heads of the lists are ever compared with the clock. With L lists (two for each limit in use; one limit unless a
//! crowd is being slowed down):
//!
//! | step | cost |
//! |---|---|
//! | `open`, `seen`, `close` | O(log L) |
//! | `told` | O(log L), and past each session of the new list that was seen later (none when it follows `seen`) |
//! | `expire` | O(L) for each session that is pinged or due, and O(L) to find that there is none; live ones are not touched |
//! | `overdue`, `stalled`, `next` | O(1), O(1), O(L) |
//!
//! A slot is 32 octets; slots of closed sessions are used again, and not given back.

use std::collections::BTreeMap;
use std::time::Duration;

use chatdev_canary::{Canary, planted};

use crate::{LIMIT_MAX, SessionId};

/// No slot.
const NONE: u32 = u32::MAX;
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// What is to be done about a session whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expired {
    /// Silent for half of its limit: send it a ping (XEP-0199). Said once for each silence.
    Ping(SessionId),
    /// Silent for its limit: take what is waiting on its connection, then call
    /// [`Directory::reap`](crate::Directory::reap). Said once; that call answers it, one way or the other.
    Due(SessionId),
    /// It inherited an entry, and did not make it its own within the limit: take what is waiting on its connection,
    /// then call [`Directory::disinherit`](crate::Directory::disinherit). Said once; that call answers it, one way or
    /// the other. Not a matter of silence: `reaping.rs` says this.
    Unclaimed(SessionId),
}

/// The place of a session among the silent, for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u32);

impl Key {
    /// Its number: the places of open sessions are numbered from 0 without large gaps.
    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Not silent for half of its limit yet.
    Fresh,
    Pinged,
    /// Said to be due; in no list until it is seen, told another limit, or found not to be due after all.
    Due,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    session: SessionId,
    /// When it was last seen, in nanoseconds of the silence clock.
    seen: u64,
    /// The limit it was last told, in seconds.
    limit: u32,
    before: u32,
    /// The next in its list, or the next vacant slot.
    after: u32,
    stage: Stage,
}

impl Slot {
    fn deadline(&self) -> u64 {
        let limit = self.limit();
        self.seen + if self.stage == Stage::Fresh { limit / 2 } else { limit }
    }

    /// How long it may be silent, in nanoseconds.
    fn limit(&self) -> u64 {
        let early = if planted(Canary::LimitOneTickEarly) { 1_000_000 } else { 0 };
        u64::from(self.limit) * NANOS_PER_SECOND - early
    }
}

/// Sessions of one limit and one stage, in the order in which they were last seen.
#[derive(Clone, Copy, Debug)]
struct List {
    oldest: u32,
    newest: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Silence {
    slots: Vec<Slot>,
    vacant: u32,
    lists: BTreeMap<(u32, Stage), List>,
    /// The length of all stalls. The silence clock is the monotonic clock less this: it stands still during a stall,
    /// and every deadline moves with it.
    stalled: u64,
    touched: u64,
}

impl Silence {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), vacant: NONE, lists: BTreeMap::new(), stalled: 0, touched: 0 }
    }

    /// The silence clock, in nanoseconds.
    pub(crate) fn clock(&self, now: Duration) -> u64 {
        nanos(now).saturating_sub(self.stalled)
    }

    /// When, on the monotonic clock, the silence clock will show `clock`.
    pub(crate) const fn at(&self, clock: u64) -> Duration {
        Duration::from_nanos(clock.saturating_add(self.stalled))
    }

    /// Starts to time a session, seen now.
    pub(crate) fn open(&mut self, now: Duration, session: SessionId, limit: Duration) -> Key {
        let seen = self.clock(now);
        let slot =
            Slot { session, seen, limit: seconds(limit), before: NONE, after: NONE, stage: Stage::Fresh };
        let key = match self.vacant {
            NONE => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).expect("sessions_max is below u32::MAX")
            }
            vacant => {
                self.vacant = self.slots[vacant as usize].after;
                self.slots[vacant as usize] = slot;
                vacant
            }
        };
        self.link(key);
        Key(key)
    }

    /// Times the session no longer. Its key is void.
    pub(crate) fn close(&mut self, Key(key): Key) {
        self.unlink(key);
        self.slots[key as usize].after = self.vacant;
        self.vacant = key;
    }

    /// Something came from the session. Time never goes back: an earlier `now` than the last one changes nothing.
    pub(crate) fn seen(&mut self, now: Duration, Key(key): Key) {
        let clock = self.clock(now);
        if planted(Canary::PongIgnored) && self.slots[key as usize].stage == Stage::Pinged {
            return;
        }
        self.unlink(key);
        let slot = &mut self.slots[key as usize];
        slot.seen = slot.seen.max(clock);
        slot.stage = Stage::Fresh;
        self.link(key);
    }

    /// The session has been told this limit (in whole seconds, rounded up): it holds from now on, for the silence
    /// that has already begun as well.
    pub(crate) fn told(&mut self, Key(key): Key, limit: Duration) {
        let limit = seconds(limit);
        if self.slots[key as usize].limit == limit {
            return;
        }
        self.unlink(key);
        let slot = &mut self.slots[key as usize];
        slot.limit = limit;
        slot.stage = slot.stage.min(Stage::Pinged);
        self.link(key);
    }

    /// The limit that the session was last told.
    pub(crate) fn limit(&self, Key(key): Key) -> Duration {
        Duration::from_secs(u64::from(self.slots[key as usize].limit))
    }

    /// The server itself stood still for `length`: nobody was silent meanwhile.
    pub(crate) fn stalled(&mut self, length: Duration) {
        self.stalled = self.stalled.saturating_add(nanos(length));
    }

    /// The next session that is to be pinged or is due at `now`, the longest expired first.
    pub(crate) fn expire(&mut self, now: Duration) -> Option<Expired> {
        let clock = self.clock(now);
        let (deadline, key) = self.earliest()?;
        if deadline > clock {
            return None;
        }
        self.unlink(key);
        let slot = &mut self.slots[key as usize];
        let session = slot.session;
        if clock - slot.seen >= slot.limit() {
            slot.stage = Stage::Due;
            return Some(Expired::Due(session));
        }
        slot.stage = Stage::Pinged;
        self.link(key);
        Some(Expired::Ping(session))
    }

    /// How long the session has been silent, if that is its limit or more. If it is less, and the session had been
    /// said to be due, it is timed again.
    pub(crate) fn overdue(&mut self, now: Duration, Key(key): Key) -> Option<Duration> {
        let clock = self.clock(now);
        let slot = &mut self.slots[key as usize];
        let silent = clock.saturating_sub(slot.seen);
        if silent >= slot.limit() || planted(Canary::ReapWithoutRecheck) {
            return Some(Duration::from_nanos(silent));
        }
        if slot.stage == Stage::Due {
            slot.stage = Stage::Pinged;
            self.link(key);
        }
        None
    }

    /// When `expire` will have something to say, on the monotonic clock.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.earliest().map(|(deadline, _)| self.at(deadline))
    }

    /// Slots looked at since the start.
    pub(crate) const fn touched(&self) -> u64 {
        self.touched
    }

    fn earliest(&self) -> Option<(u64, u32)> {
        let heads = self.lists.values().map(|list| list.oldest);
        heads.map(|key| (self.slots[key as usize].deadline(), key)).min_by_key(|(deadline, _)| *deadline)
    }

    /// Puts a slot into the list of its limit and stage, behind all that were last seen no later.
    fn link(&mut self, key: u32) {
        let slot = self.slots[key as usize];
        let list = self.lists.entry((slot.limit, slot.stage)).or_insert(List { oldest: NONE, newest: NONE });
        self.touched += 1;
        let mut before = list.newest;
        while before != NONE && self.slots[before as usize].seen > slot.seen {
            before = self.slots[before as usize].before;
            self.touched += 1;
        }
        let after = match before {
            NONE => std::mem::replace(&mut list.oldest, key),
            before => std::mem::replace(&mut self.slots[before as usize].after, key),
        };
        match after {
            NONE => list.newest = key,
            after => self.slots[after as usize].before = key,
        }
        let slot = &mut self.slots[key as usize];
        (slot.before, slot.after) = (before, after);
    }

    /// Takes a slot out of its list; an empty list is dropped.
    fn unlink(&mut self, key: u32) {
        let Slot { limit, stage, before, after, .. } = self.slots[key as usize];
        self.touched += 1;
        if stage == Stage::Due {
            return;
        }
        if before != NONE {
            self.slots[before as usize].after = after;
        }
        if after != NONE {
            self.slots[after as usize].before = before;
        }
        if before == NONE && after == NONE {
            self.lists.remove(&(limit, stage));
            return;
        }
        let list = self.lists.get_mut(&(limit, stage)).expect("a linked slot is in its list");
        if before == NONE {
            list.oldest = after;
        }
        if after == NONE {
            list.newest = before;
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Whole seconds, rounded up, from 1 to [`LIMIT_MAX`].
fn seconds(limit: Duration) -> u32 {
    let limit = limit.clamp(Duration::from_secs(1), LIMIT_MAX);
    let up = limit.as_secs() + u64::from(limit.subsec_nanos() > 0);
    u32::try_from(up).expect("LIMIT_MAX is a day")
}

#[cfg(test)]
mod tests;
