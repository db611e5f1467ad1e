//! One direction of a connection: what was written and not yet read, when it may be read, and what holds it up.

use std::{collections::VecDeque, time::Duration};

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::world::{Pieces, universe::Universe};

/// What a direction holds that nobody has read, before its writer has to wait: the kernels' buffers on both
/// sides.
const WINDOW_OCTETS: u64 = 256 * 1024;

/// The longest that TCP waits before it sends again what an outage swallowed (RFC 6298 doubles the wait; it
/// need not be long here to be late).
const REPEAT_MS_MAX: u64 = 3_000;

/// See the file's documentation.
pub(super) struct Direction {
    delays: ChaCha20Rng,
    write_pieces: ChaCha20Rng,
    read_pieces: ChaCha20Rng,
    repeats: ChaCha20Rng,
    written: u64,
    read: u64,
    /// (how far, readable from when), not yet all read, in order.
    under_way: VecDeque<(u64, Duration)>,
    due_last: Duration,
    /// Since when nothing gets through, on this connection or between its machines.
    stalled_since: Option<Duration>,
    shut_since: Option<Duration>,
}

/// When something may be read.
pub(super) enum Next {
    /// So many octets now.
    Now(usize),
    /// At this time.
    At(Duration),
    /// Not before something else happens.
    HeldUp,
    /// Nothing is under way.
    Nothing,
}

impl Direction {
    pub(super) fn new(universe: &Universe, key: u64) -> Self {
        Self {
            delays: universe.rng("delay of a write", key),
            write_pieces: universe.rng("pieces of writes", key),
            read_pieces: universe.rng("pieces of reads", key),
            repeats: universe.rng("repeats after an outage", key),
            written: 0,
            read: 0,
            under_way: VecDeque::new(),
            due_last: Duration::ZERO,
            stalled_since: None,
            shut_since: None,
        }
    }

    fn held_since(&self) -> Option<Duration> {
        self.stalled_since.into_iter().chain(self.shut_since).min()
    }

    /// What a reader gets.
    pub(super) fn next(&mut self, now: Duration, pieces: Pieces) -> Next {
        let held_since = self.held_since();
        let by = held_since.map_or(now, |since| since.min(now));
        let arrived = self.under_way.iter().take_while(|(_, due)| *due <= by).last();
        match (arrived, self.under_way.front()) {
            (Some((to, _)), _) => {
                let there = usize::try_from(to - self.read).unwrap_or(usize::MAX);
                Next::Now(pieces.draw(&mut self.read_pieces, there))
            }
            _ if held_since.is_some() => Next::HeldUp,
            (None, Some((_, due))) => Next::At(*due),
            (None, None) => Next::Nothing,
        }
    }

    pub(super) fn has_read(&mut self, octets: usize) {
        self.read += octets as u64;
        while self.under_way.front().is_some_and(|(to, _)| *to <= self.read) {
            self.under_way.pop_front();
        }
    }

    /// How much of `octets` a writer may write; `None`: it has to wait.
    pub(super) fn room(&mut self, octets: usize, pieces: Pieces) -> Option<usize> {
        let room = WINDOW_OCTETS.saturating_sub(self.written - self.read);
        let most = octets.min(usize::try_from(room).unwrap_or(usize::MAX));
        (most > 0).then(|| pieces.draw(&mut self.write_pieces, most))
    }

    pub(super) fn has_written(
        &mut self,
        octets: usize,
        now: Duration,
        slow_by: Duration,
        jitter_ms_max: u64,
    ) {
        let jitter = match jitter_ms_max {
            0 => 0,
            most => self.delays.next_u64() % (most + 1),
        };
        self.written += octets as u64;
        self.due_last = self.due_last.max(now + slow_by + Duration::from_millis(jitter));
        self.under_way.push_back((self.written, self.due_last));
    }

    pub(super) fn stall(&mut self, since: Option<Duration>) {
        self.stalled_since = since;
    }

    pub(super) fn shut(&mut self, now: Duration) {
        self.shut_since.get_or_insert(now);
    }

    /// The way is open again. What was lost meanwhile is sent again when TCP next tries.
    pub(super) fn open(&mut self, now: Duration) {
        let Some(since) = self.shut_since.take() else { return };
        let outage_ms = u64::try_from((now - since).as_millis()).unwrap_or(u64::MAX);
        let repeat_ms = self.repeats.next_u64() % (outage_ms.min(REPEAT_MS_MAX) + 1);
        let again = now + Duration::from_millis(repeat_ms);
        for (_, due) in &mut self.under_way {
            if *due > since {
                *due = again.max(*due);
            }
        }
        if self.due_last > since {
            self.due_last = again.max(self.due_last);
        }
    }
}
