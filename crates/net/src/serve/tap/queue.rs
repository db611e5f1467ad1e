//! The queue between the server's tasks, which never wait, and the thread that writes, which does.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::record::{Entry, Record};

/// Bytes that wait to be written or are being written, entries' own size included. Beyond, text is left out and counted.
pub const QUEUED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes beyond that, for what is no text: a connection that comes or goes is told even where what it says is not.
const RESERVE_BYTES: usize = 1024 * 1024;

/// The end that the server tells. Clones are the same; when the last one is gone, the queue is [closed](Self::close).
#[derive(Clone, Debug)]
pub struct Tap {
    end: Arc<End>,
}

/// The end that a thread takes from.
#[derive(Debug)]
pub struct Drain {
    queue: Arc<Queue>,
    /// Bytes of the batch that was taken last.
    taken_bytes: usize,
}

/// How much of the queue something may fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Text, and that some is missing before more of it.
    Usual,
    /// What there is little of on each connection.
    Reserve,
}

/// What was told since the last time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// In the order in which it happened.
    pub entries: VecDeque<Entry>,
    /// Entries other than text for which there was no room: a connection's beginning or end, or a remark.
    pub lost: u64,
}

#[derive(Debug)]
struct End {
    queue: Arc<Queue>,
}

#[derive(Debug)]
struct Queue {
    bytes_max: usize,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    /// Of what waits and of what was taken and is being written.
    bytes: usize,
    closed: bool,
}

impl Tap {
    /// A tap whose queue holds [`QUEUED_BYTES_MAX`], and its other end.
    #[must_use]
    pub fn new() -> (Self, Drain) {
        Self::holding(QUEUED_BYTES_MAX)
    }

    /// The same with another limit.
    #[must_use]
    pub fn holding(bytes_max: usize) -> (Self, Drain) {
        let queue = Arc::new(Queue { bytes_max, state: Mutex::default(), arrived: Condvar::new() });
        let end = Arc::new(End { queue: Arc::clone(&queue) });
        (Self { end }, Drain { queue, taken_bytes: 0 })
    }

    /// Nothing more is taken; what is there can still be drained.
    pub fn close(&self) {
        self.end.queue.close();
    }

    /// Tells something, if there is `room`. The clock is asked while nobody else can tell anything, so that entries are in the order of
    /// their times. Returns whether there was room, or nobody listens any more.
    pub(super) fn tell(
        &self,
        connection: u64,
        clock: impl FnOnce() -> Timestamp,
        record: Record,
        room: Room,
    ) -> bool {
        let queue = &self.end.queue;
        let bytes = bytes_of(&record);
        let mut state = queue.lock();
        if state.closed {
            return true;
        }
        let bytes_max = match room {
            Room::Usual => queue.bytes_max,
            Room::Reserve => queue.bytes_max + RESERVE_BYTES,
        };
        if state.bytes + bytes > bytes_max {
            return false;
        }
        state.bytes += bytes;
        state.batch.entries.push_back(Entry { at: clock(), connection, record });
        drop(state);
        queue.arrived.notify_one();
        true
    }

    /// Something that there was no room for will not be told again.
    pub(super) fn lose(&self) {
        self.end.queue.lock().batch.lost += 1;
    }
}

impl Drain {
    /// Waits until something was told, and takes all of it. Whatever was taken before counts as written now. `None` once
    /// the tap is closed and nothing is left. Blocks.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let mut state = self.queue.lock();
        state.bytes -= self.taken_bytes;
        while state.batch.entries.is_empty() && !state.closed {
            state = self.queue.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.taken_bytes = state.bytes;
        let batch = std::mem::take(&mut state.batch);
        (batch != Batch::default()).then_some(batch)
    }
}

impl Queue {
    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done while it is held leaves it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn bytes_of(record: &Record) -> usize {
    let text = match record {
        Record::Said { text, .. } | Record::Note(text) => text.capacity(),
        Record::Opened { .. } | Record::Missing { .. } | Record::Ended(_) => 0,
    };
    size_of::<Entry>() + text
}

#[cfg(test)]
mod tests {
    use super::super::record::{Ending, Speaker};
    use super::*;

    fn said(text: &str) -> Record {
        Record::Said { by: Speaker::Dialler, sealed: true, text: text.to_owned() }
    }

    fn tell(tap: &Tap, record: Record) -> bool {
        let room = if matches!(record, Record::Said { .. }) { Room::Usual } else { Room::Reserve };
        tap.tell(1, || Timestamp::UNIX_EPOCH, record, room)
    }

    #[test]
    fn a_full_queue_takes_no_text_but_still_ends_until_its_reserve_is_used_up() {
        let text = "x".repeat(1000);
        let (tap, mut drain) = Tap::holding(2 * (1000 + size_of::<Entry>()));
        assert!(tell(&tap, said(&text)) && tell(&tap, said(&text)));
        assert!(!tell(&tap, said("")));
        let mut ends = 0;
        while tell(&tap, Record::Ended(Ending::Reset)) {
            ends += 1;
        }
        assert_eq!(ends, RESERVE_BYTES / size_of::<Entry>());
        tap.lose();
        let batch = drain.next_batch().unwrap();
        assert_eq!((batch.entries.len(), batch.lost), (2 + ends, 1));
        // What is being written still counts; what was written does not.
        assert!(!tell(&tap, said("")));
        tap.close();
        assert_eq!(drain.next_batch(), None);
    }

    #[test]
    fn room_comes_back_with_the_next_taking() {
        let (tap, mut drain) = Tap::holding(size_of::<Entry>() + 3);
        assert!(tell(&tap, said("one")));
        assert!(!tell(&tap, said("two")));
        assert_eq!(drain.next_batch().unwrap().entries.len(), 1);
        assert!(!tell(&tap, said("two")), "the first one is being written");
        assert!(tell(&tap, Record::Note(String::new())));
        assert_eq!(drain.next_batch().unwrap().entries.len(), 1);
        drop(tap);
        assert_eq!(drain.next_batch(), None);
    }

    #[test]
    fn a_tap_that_is_closed_gives_what_it_holds_and_swallows_the_rest() {
        let (tap, mut drain) = Tap::new();
        let clone = tap.clone();
        assert!(tell(&clone, said("one")));
        tap.close();
        assert!(tell(&clone, said("two")));
        let batch = drain.next_batch().unwrap();
        assert_eq!(batch.entries.into_iter().map(|entry| entry.record).collect::<Vec<_>>(), [said("one")]);
        assert_eq!(drain.next_batch(), None);
    }
}
