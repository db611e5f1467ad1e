//! One connection as the world sees it, both ends at once: where its faults are, and when its bytes may be
//! read.
//!
//! turmoil carries whole writes between machines after a fixed latency. This layer, keyed by connection, adds
//! what it lacks: writes and reads in pieces down to one octet, delays of single writes, stalls, cuts that
//! hit both ends or one. A write's delay is drawn when it is written, from (connection, number of the write),
//! so that what lay in a frozen process's kernel is readable at once when it goes on, and a fault moves no
//! other delay.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Waker},
    time::Duration,
};

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::{Pieces, universe::Universe};

/// The end that dialled, or the one that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It dialled.
    Dialler,
    /// It answered.
    Answerer,
}

impl End {
    fn index(self) -> usize {
        match self {
            Self::Dialler => 0,
            Self::Answerer => 1,
        }
    }

    /// The end on the other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Answerer,
            Self::Answerer => Self::Dialler,
        }
    }
}

/// How an end of a connection sees it being cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The other side seems to have closed it.
    Fin,
    /// It is reset.
    Rst,
    /// Nothing comes any more, and what is written vanishes.
    Silent,
}

/// What a silent connection still swallows before its writer has to wait, as a kernel's buffer would.
const SWALLOWED_OCTETS_MAX: usize = 256 * 1024;

/// What an end that wants to read may do.
pub(crate) enum MayRead {
    /// Take at most so many octets from the network.
    Octets(usize),
    /// What comes next is still under way until this time.
    At(Duration),
    /// Wait: it is stalled, or silent for ever.
    Never,
    /// It has ended.
    Ended(io::Result<()>),
}

/// What an end that wants to write may do.
pub(crate) enum MayWrite {
    /// Hand at most so many octets to the network.
    Octets(usize),
    /// Claim that so many were written.
    Swallow(usize),
    /// Wait.
    Never,
    /// It has ended.
    Broken(io::ErrorKind),
}

/// One connection.
pub(crate) struct Link {
    pub(crate) id: u64,
    state: Mutex<State>,
}

struct State {
    pieces: Pieces,
    jitter_ms_max: u64,
    /// By the end that writes.
    directions: [Direction; 2],
    ends: [EndState; 2],
}

struct Direction {
    delays: ChaCha20Rng,
    write_pieces: ChaCha20Rng,
    read_pieces: ChaCha20Rng,
    written: u64,
    read: u64,
    /// (how far, readable from when), not yet all read, in order.
    under_way: VecDeque<(u64, Duration)>,
    due_last: Duration,
    stalled: bool,
}

#[derive(Default)]
struct EndState {
    owner: Option<Arc<str>>,
    cut: Option<Cut>,
    swallowed: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
    gone: bool,
}

impl Link {
    pub(crate) fn new(id: u64, universe: &Universe) -> Self {
        let direction = |key| Direction {
            delays: universe.rng("delay of a write", key),
            write_pieces: universe.rng("pieces of writes", key),
            read_pieces: universe.rng("pieces of reads", key),
            written: 0,
            read: 0,
            under_way: VecDeque::new(),
            due_last: Duration::ZERO,
            stalled: false,
        };
        let settings = universe.settings();
        let state = State {
            pieces: settings.pieces,
            jitter_ms_max: settings.jitter_ms_max,
            directions: [direction(id * 2), direction(id * 2 + 1)],
            ends: Default::default(),
        };
        Self { id, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a connection")
    }

    pub(crate) fn own(&self, end: End, process: &Arc<str>) {
        self.state().ends[end.index()].owner = Some(Arc::clone(process));
    }

    /// Which end the process has, where it has one.
    pub(crate) fn end_of(&self, process: &str) -> Option<End> {
        let state = self.state();
        [End::Dialler, End::Answerer]
            .into_iter()
            .find(|end| state.ends[end.index()].owner.as_deref() == Some(process))
    }

    pub(crate) fn may_read(&self, end: End, now: Duration, cx: &Context<'_>) -> MayRead {
        let mut state = self.state();
        let pieces = state.pieces;
        state.ends[end.index()].reader = Some(cx.waker().clone());
        match state.ends[end.index()].cut {
            Some(Cut::Fin) => return MayRead::Ended(Ok(())),
            Some(Cut::Rst) => return MayRead::Ended(Err(io::ErrorKind::ConnectionReset.into())),
            Some(Cut::Silent) => return MayRead::Never,
            None => {}
        }
        let direction = &mut state.directions[end.other().index()];
        if direction.stalled {
            return MayRead::Never;
        }
        let arrived = direction.under_way.iter().take_while(|(_, due)| *due <= now).last();
        match (arrived, direction.under_way.front()) {
            (Some((to, _)), _) => {
                let there = usize::try_from(to - direction.read).unwrap_or(usize::MAX);
                MayRead::Octets(pieces.draw(&mut direction.read_pieces, there))
            }
            (None, Some((_, due))) => MayRead::At(*due),
            // Nothing was written: only an end can come from the network now.
            (None, None) => MayRead::Octets(1),
        }
    }

    pub(crate) fn has_read(&self, end: End, octets: usize) {
        let mut state = self.state();
        let direction = &mut state.directions[end.other().index()];
        direction.read += octets as u64;
        while direction.under_way.front().is_some_and(|(to, _)| *to <= direction.read) {
            direction.under_way.pop_front();
        }
    }

    pub(crate) fn may_write(&self, end: End, octets: usize, cx: &Context<'_>) -> MayWrite {
        let mut state = self.state();
        let pieces = state.pieces;
        let own = &mut state.ends[end.index()];
        own.writer = Some(cx.waker().clone());
        match own.cut {
            Some(Cut::Fin) => return MayWrite::Broken(io::ErrorKind::BrokenPipe),
            Some(Cut::Rst) => return MayWrite::Broken(io::ErrorKind::ConnectionReset),
            Some(Cut::Silent) => {
                let taken = octets.min(SWALLOWED_OCTETS_MAX - own.swallowed);
                own.swallowed += taken;
                return if taken == 0 { MayWrite::Never } else { MayWrite::Swallow(taken) };
            }
            None => {}
        }
        let direction = &mut state.directions[end.index()];
        if direction.stalled {
            return MayWrite::Never;
        }
        MayWrite::Octets(pieces.draw(&mut direction.write_pieces, octets))
    }

    pub(crate) fn has_written(&self, end: End, octets: usize, now: Duration) {
        let mut state = self.state();
        let jitter_ms_max = state.jitter_ms_max;
        let direction = &mut state.directions[end.index()];
        let jitter = match jitter_ms_max {
            0 => 0,
            most => direction.delays.next_u64() % (most + 1),
        };
        direction.written += octets as u64;
        direction.due_last = direction.due_last.max(now + Duration::from_millis(jitter));
        let mark = (direction.written, direction.due_last);
        direction.under_way.push_back(mark);
    }

    /// Whether closing this end may be told to the other.
    pub(crate) fn may_close(&self, end: End) -> bool {
        self.state().ends[end.index()].cut.is_none()
    }

    /// This end has no owner any more. Whether that is so of both.
    pub(crate) fn gone(&self, end: End) -> bool {
        let mut state = self.state();
        state.ends[end.index()].gone = true;
        state.ends.iter().all(|end| end.gone)
    }

    /// Cuts `end` off. The other end is cut by another call, or hears what the network tells it.
    pub(crate) fn cut(&self, end: End, how: Cut) {
        let wakers = {
            let mut state = self.state();
            let own = &mut state.ends[end.index()];
            own.cut = Some(how);
            [own.reader.take(), own.writer.take()]
        };
        wake(wakers);
    }

    /// What `writer` writes from now on, and what is under way, does not move; or moves again.
    pub(crate) fn stall(&self, writer: End, stalled: bool) {
        let wakers = {
            let mut state = self.state();
            state.directions[writer.index()].stalled = stalled;
            [state.ends[writer.other().index()].reader.take(), state.ends[writer.index()].writer.take()]
        };
        wake(wakers);
    }
}

fn wake(wakers: impl IntoIterator<Item = Option<Waker>>) {
    wakers.into_iter().flatten().for_each(Waker::wake);
}
