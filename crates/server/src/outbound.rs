//! What one connection still has to be sent: a bounded queue of whole stanzas, shared by those who fill it
//! (the [`Switchboard`](crate::Switchboard) under its hold, the [`Connection`](crate::Connection) itself) and
//! whoever writes it to the socket. Boundaries between stanzas are kept, so that what a dead or slow
//! connection was owed can be told from what it got, and goes back to its senders (RFC 6120 §8.3.3: nothing
//! that was accepted just disappears).
//!
//! It does *not* write to sockets: the owner copies the front, writes, and says how far it came.

mod queue;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chatdev_stanza::StreamError;

use queue::Queue;

/// Names a connection inside one server, from its acceptance on. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The queue of bytes to one connection.
pub struct Outbound {
    connection: ConnectionId,
    bytes_max: usize,
    /// It is among the touched ones of the Switchboard, under whose hold alone this is looked at.
    touched: AtomicBool,
    /// There are orders. Changed with them; to be asked without the lock.
    ordered: AtomicBool,
    state: Mutex<State>,
}

/// What somebody else wants of a connection; its own task carries it out.
#[derive(Debug, Default)]
pub struct Orders {
    /// Its session was taken away: say why, and close the stream.
    pub(crate) end: Option<Box<End>>,
    /// Its session was silent for its limit, or did not claim in time what it inherited: read what waits on
    /// the socket once more, then look whether it still is so (PROTOCOL section 2, "Time").
    pub(crate) due: bool,
}

/// How a session was ended by somebody else than its own connection.
#[derive(Debug)]
pub(crate) struct End {
    /// What the client is told.
    pub(crate) error: StreamError,
    /// Whether what waits in the queue is given up first: it is full, and nobody reads it.
    pub(crate) cut: bool,
}

/// A queue that would have grown over its limit. What was offered is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A stanza that a connection was owed, and that goes back to its sender.
#[derive(Debug)]
pub(crate) struct Owed {
    /// One element, as it was written for the recipient.
    pub(crate) stanza: Box<[u8]>,
    /// As in [`Undelivered::Shared`].
    pub(crate) shared_before: Option<u64>,
}

/// Whether a stanza goes back to its sender if it cannot be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// A message, or an iq that waits for an answer.
    Bounced,
    /// A message of which several sessions of the account got a copy: those that were eligible before the
    /// ordinal `before` was given out. It goes back if none of them is left.
    Shared {
        /// See `Availability::ordinal`.
        before: u64,
    },
    /// Presence, answers, errors, and all that is the server's own.
    Dropped,
}

#[derive(Default)]
struct State {
    queue: Queue,
    orders: Orders,
}

impl Outbound {
    pub(crate) fn new(connection: ConnectionId, bytes_max: usize) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { connection, bytes_max, touched: false.into(), ordered: false.into(), state })
    }

    /// Whose it is.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Gives the front to `take`, at most `octets_max` of it, to be copied: nobody can add anything meanwhile. The queue
    /// keeps it until [`Self::advance`].
    pub fn front(&self, octets_max: usize, take: impl FnOnce(&[u8])) {
        let state = self.lock();
        let unwritten = state.queue.unwritten();
        take(&unwritten[..unwritten.len().min(octets_max)]);
    }

    /// Says that the first `length` octets are written. Returns how many are not.
    ///
    /// # Panics
    /// If there were never that many.
    pub fn advance(&self, length: usize) -> usize {
        let mut state = self.lock();
        state.queue.advance(length);
        state.queue.unwritten().len()
    }

    /// Octets that are not written yet.
    #[must_use]
    pub fn unwritten_bytes(&self) -> usize {
        self.lock().queue.unwritten().len()
    }

    /// Whether others want something of this connection: its task is to be woken.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.ordered.load(Ordering::Acquire)
    }

    /// Takes what others want of this connection; its task does so each time it is woken.
    #[must_use]
    pub fn take_orders(&self) -> Orders {
        let mut state = self.lock();
        self.ordered.store(false, Ordering::Release);
        std::mem::take(&mut state.orders)
    }

    /// Adds one stanza, as `write` writes it.
    pub(crate) fn append(
        &self,
        undelivered: Undelivered,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Full> {
        self.lock().queue.append(self.bytes_max, undelivered, write)
    }

    /// Adds what the connection's own stream has to say: headers, features, errors. Not held against the
    /// limit: negotiation is short, and an ending must always be said.
    pub(crate) fn append_own(&self, bytes: &mut Vec<u8>) {
        if !bytes.is_empty() {
            // Taken with its room, which an idle connection has no use for.
            let bytes = std::mem::take(bytes);
            let written = self
                .lock()
                .queue
                .append(usize::MAX, Undelivered::Dropped, |queue| queue.extend_from_slice(&bytes));
            debug_assert_eq!(written, Ok(()));
        }
    }

    /// Remembers that it was touched; `true` if this is the first time since [`Self::clear_touched`].
    pub(crate) fn touch(&self) -> bool {
        !self.touched.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn clear_touched(&self) {
        self.touched.store(false, Ordering::Relaxed);
    }

    pub(crate) fn order_end(&self, end: End) {
        let mut state = self.lock();
        // The first word counts: a session is ended once.
        state.orders.end.get_or_insert_with(|| Box::new(end));
        self.ordered.store(true, Ordering::Release);
    }

    pub(crate) fn order_due(&self) {
        let mut state = self.lock();
        state.orders.due = true;
        self.ordered.store(true, Ordering::Release);
    }

    /// Gives up everything but the rest of a stanza that is partly written. Returns the stanzas that go back
    /// to their senders.
    pub(crate) fn cut(&self) -> Vec<Owed> {
        self.lock().queue.cut()
    }

    /// Gives up everything: nothing will be written any more. Returns the stanzas that go back to their
    /// senders.
    pub(crate) fn abandon(&self) -> Vec<Owed> {
        self.lock().queue.abandon()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nobody leaves the state half changed: no caller's code but a stanza's writer runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("connection", &self.connection)
            .field("unwritten_bytes", &self.unwritten_bytes())
            .finish_non_exhaustive()
    }
}
