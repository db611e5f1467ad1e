//! One connection as the world sees it, both ends at once: where its faults are, and when its bytes may be
//! read.
//!
//! turmoil carries whole writes between machines after a fixed latency. This layer, keyed by connection, adds
//! what it lacks: writes and reads in pieces down to one octet, delays of single writes, a window that fills,
//! outages after which TCP sends again, readers that do not read, cuts that hit both ends or one. A write's
//! delay is drawn when it is written, from (connection, number of the write), so that what lay in a frozen
//! process's kernel is readable at once when it goes on, and a fault moves no other delay.

mod direction;

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Waker},
    time::Duration,
};

use super::{Pieces, universe::Universe};
use direction::{Direction, Next};

/// The end that dialled, or the one that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It dialled.
    Dialler,
    /// It answered.
    Answerer,
}

impl End {
    const BOTH: [Self; 2] = [Self::Dialler, Self::Answerer];

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
    /// The other side seems to have closed it, after what it wrote.
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
    /// Wait: it is held up, or silent for ever.
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
    /// The machines of dialler and answerer.
    machines: [IpAddr; 2],
    state: Mutex<State>,
}

struct State {
    pieces: Pieces,
    jitter_ms_max: u64,
    /// By the end that writes.
    directions: [Direction; 2],
    ends: [EndState; 2],
}

#[derive(Default)]
struct EndState {
    owner: Option<Arc<str>>,
    cut: Option<Cut>,
    /// Its owner does not read.
    deaf: bool,
    swallowed: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
    gone: bool,
}

impl Link {
    pub(crate) fn new(id: u64, machines: [IpAddr; 2], universe: &Universe) -> Self {
        let settings = universe.settings();
        let state = State {
            pieces: settings.pieces,
            jitter_ms_max: settings.jitter_ms_max,
            directions: [Direction::new(universe, id * 2), Direction::new(universe, id * 2 + 1)],
            ends: Default::default(),
        };
        Self { id, machines, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a connection")
    }

    /// From which machine to which `writer` writes.
    pub(crate) fn way(&self, writer: End) -> (IpAddr, IpAddr) {
        (self.machines[writer.index()], self.machines[writer.other().index()])
    }

    pub(crate) fn own(&self, end: End, process: &Arc<str>) {
        self.state().ends[end.index()].owner = Some(Arc::clone(process));
    }

    /// Which ends the process has: both, if it dialled itself.
    pub(crate) fn ends_of(&self, process: &str) -> impl Iterator<Item = End> + use<> {
        let state = self.state();
        let owned = End::BOTH.map(|end| state.ends[end.index()].owner.as_deref() == Some(process));
        End::BOTH.into_iter().filter(move |end| owned[end.index()])
    }

    pub(crate) fn owner(&self, end: End) -> Option<Arc<str>> {
        self.state().ends[end.index()].owner.clone()
    }

    pub(crate) fn may_read(&self, end: End, now: Duration, cx: &Context<'_>) -> MayRead {
        let mut state = self.state();
        let pieces = state.pieces;
        let own = &mut state.ends[end.index()];
        own.reader = Some(cx.waker().clone());
        let (cut, deaf) = (own.cut, own.deaf);
        match cut {
            Some(Cut::Rst) => return MayRead::Ended(Err(io::ErrorKind::ConnectionReset.into())),
            Some(Cut::Silent) => return MayRead::Never,
            _ if deaf => return MayRead::Never,
            Some(Cut::Fin) | None => {}
        }
        match state.directions[end.other().index()].next(now, pieces) {
            Next::Now(octets) => MayRead::Octets(octets),
            Next::At(due) => MayRead::At(due),
            Next::HeldUp => MayRead::Never,
            Next::Nothing if cut == Some(Cut::Fin) => MayRead::Ended(Ok(())),
            // Nothing was written: only an end can come from the network now.
            Next::Nothing => MayRead::Octets(1),
        }
    }

    pub(crate) fn has_read(&self, end: End, octets: usize) {
        let writer = {
            let mut state = self.state();
            state.directions[end.other().index()].has_read(octets);
            state.ends[end.other().index()].writer.take()
        };
        wake([writer]);
    }

    pub(crate) fn may_write(&self, end: End, octets: usize, cx: &Context<'_>) -> MayWrite {
        let mut state = self.state();
        let pieces = state.pieces;
        let own = &mut state.ends[end.index()];
        match own.cut {
            Some(Cut::Fin) => return MayWrite::Broken(io::ErrorKind::BrokenPipe),
            Some(Cut::Rst) => return MayWrite::Broken(io::ErrorKind::ConnectionReset),
            Some(Cut::Silent) => {
                let taken = octets.min(SWALLOWED_OCTETS_MAX - own.swallowed);
                own.swallowed += taken;
                own.writer = Some(cx.waker().clone());
                return if taken == 0 { MayWrite::Never } else { MayWrite::Swallow(taken) };
            }
            None => {}
        }
        match state.directions[end.index()].room(octets, pieces) {
            Some(octets) => MayWrite::Octets(octets),
            None => {
                state.ends[end.index()].writer = Some(cx.waker().clone());
                MayWrite::Never
            }
        }
    }

    pub(crate) fn has_written(&self, end: End, octets: usize, now: Duration, slow_by: Duration) {
        let mut state = self.state();
        let jitter_ms_max = state.jitter_ms_max;
        state.directions[end.index()].has_written(octets, now, slow_by, jitter_ms_max);
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
        self.change(end, end, |state| state.ends[end.index()].cut = Some(how));
    }

    /// What `writer` writes from now on, and what is under way, does not move; or moves again.
    pub(crate) fn stall(&self, writer: End, since: Option<Duration>) {
        self.change(writer.other(), writer, |state| state.directions[writer.index()].stall(since));
    }

    /// `reader` does not read any more; or does again.
    pub(crate) fn deafen(&self, reader: End, deaf: bool) {
        self.change(reader, reader.other(), |state| state.ends[reader.index()].deaf = deaf);
    }

    /// Nothing that `writer` writes gets through.
    pub(crate) fn shut(&self, writer: End, now: Duration) {
        self.state().directions[writer.index()].shut(now);
    }

    /// It gets through again.
    pub(crate) fn open(&self, writer: End, now: Duration) {
        self.change(writer.other(), writer, |state| state.directions[writer.index()].open(now));
    }

    /// Changes something that `reader` and `writer` may wait for.
    fn change(&self, reader: End, writer: End, change: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = self.state();
            change(&mut state);
            [state.ends[reader.index()].reader.take(), state.ends[writer.index()].writer.take()]
        };
        wake(wakers);
    }
}

fn wake(wakers: impl IntoIterator<Item = Option<Waker>>) {
    wakers.into_iter().flatten().for_each(Waker::wake);
}
