//! A process's end of a simulated connection: turmoil's stream behind the faults of its [`Link`].

use std::{
    any::Any,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use chatdev_net::{Connection, Listener, Prefixed};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};
use turmoil::net::{
    TcpListener, TcpStream,
    tcp::{OwnedReadHalf, OwnedWriteHalf},
};

use super::{
    link::{End, Link, MayRead, MayWrite},
    process::Process,
};
use crate::events::Event;

/// The most that one read takes from the network, in octets.
const READ_OCTETS_MAX: usize = 4096;

/// A connection in the simulation.
pub struct SimConnection {
    reading: SimReadHalf,
    writing: SimWriteHalf,
}

/// Its reading side.
pub struct SimReadHalf {
    network: OwnedReadHalf,
    holder: Arc<Holder>,
    /// Sleeps until what comes next has arrived.
    under_way: Option<(Duration, Pin<Box<Sleep>>)>,
}

/// Its writing side.
pub struct SimWriteHalf {
    network: OwnedWriteHalf,
    holder: Arc<Holder>,
    ended: bool,
}

/// What the two halves of one end have in common; dropped with the second of them.
pub(crate) struct Holder {
    process: Arc<Process>,
    link: Arc<Link>,
    end: End,
    /// From here on the bytes are TLS's.
    sealed: AtomicBool,
}

impl Holder {
    /// The end of a simulated connection that `io` is, or has beneath it.
    pub(crate) fn beneath(io: &dyn Any) -> Option<Arc<Self>> {
        let plain = io.downcast_ref::<SimConnection>();
        let prefixed = || io.downcast_ref::<Prefixed<SimConnection>>().map(Prefixed::inner);
        plain.or_else(prefixed).map(|connection| Arc::clone(&connection.reading.holder))
    }

    /// TLS begins.
    pub(crate) fn seal(&self) {
        self.sealed.store(true, Ordering::Relaxed);
    }

    fn is_clear(&self) -> bool {
        !self.sealed.load(Ordering::Relaxed)
    }

    /// `text` was written to the stream that this connection carries.
    pub(crate) fn said(&self, text: &[u8]) {
        self.process.record(Event::Said {
            connection: self.link.id,
            by_dialler: self.end == End::Dialler,
            sealed: !self.is_clear(),
            text: text.to_vec(),
        });
    }

    /// So much text was read from it.
    pub(crate) fn heard(&self, octets: usize) {
        self.process.record(Event::Heard {
            connection: self.link.id,
            by_dialler: self.end == End::Answerer,
            sealed: !self.is_clear(),
            octets,
        });
    }

    /// What the world makes of `text` on its way to the other end, where it lies.
    pub(crate) fn falsified(&self, text: &[u8]) -> Option<Vec<u8>> {
        let hearer = self.link.owner(self.end.other())?;
        self.process.universe.falsified(&self.process.name, &hearer, text)
    }

    fn has_written(&self, octets: usize) {
        let Self { process, link, end, .. } = self;
        let universe = &process.universe;
        link.has_written(*end, octets, universe.now(), universe.slow_by(link.way(*end)));
        process.record(Event::Wrote { connection: link.id, octets });
        if let Some(how) = process.count_down(octets) {
            process.record(Event::CutOff { connection: link.id });
            link.cut(*end, how);
            link.cut(end.other(), how);
        }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.process.record(Event::Closed { connection: self.link.id });
        if self.link.gone(self.end) {
            self.process.universe.forget_link(self.link.id);
        }
    }
}

impl SimConnection {
    pub(crate) fn new(process: &Arc<Process>, network: TcpStream, end: End) -> io::Result<Self> {
        let (here, there) = (network.local_addr()?, network.peer_addr()?);
        let link = match end {
            End::Dialler => process.universe.link(here, there),
            End::Answerer => process.universe.link(there, here),
        };
        link.own(end, &process.name);
        process.record(Event::Opened { connection: link.id, dialled: end == End::Dialler });
        let sealed = AtomicBool::new(false);
        let holder = Arc::new(Holder { process: Arc::clone(process), link, end, sealed });
        let (reading, writing) = network.into_split();
        Ok(Self {
            reading: SimReadHalf { network: reading, holder: Arc::clone(&holder), under_way: None },
            writing: SimWriteHalf { network: writing, holder, ended: false },
        })
    }
}

impl Connection for SimConnection {
    type ReadHalf = SimReadHalf;
    type WriteHalf = SimWriteHalf;

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.reading.network.local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.reading.network.peer_addr()
    }

    fn into_split(self) -> (SimReadHalf, SimWriteHalf) {
        (self.reading, self.writing)
    }
}

impl AsyncRead for SimReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let now = this.holder.process.universe.now();
            match this.holder.link.may_read(this.holder.end, now, cx) {
                MayRead::Ended(how) => return Poll::Ready(how),
                MayRead::Never => return Poll::Pending,
                MayRead::At(due) => {
                    let set = this.under_way.take().filter(|(set, _)| *set == due);
                    let (_, until) =
                        this.under_way.insert(set.unwrap_or_else(|| (due, Box::pin(sleep(due - now)))));
                    ready!(until.as_mut().poll(cx));
                    this.under_way = None;
                }
                MayRead::Octets(most) => {
                    let mut piece = [0; READ_OCTETS_MAX];
                    let most = most.min(READ_OCTETS_MAX).min(buf.remaining());
                    let mut piece = ReadBuf::new(&mut piece[..most]);
                    ready!(Pin::new(&mut this.network).poll_read(cx, &mut piece))?;
                    let Holder { process, link, end, .. } = &*this.holder;
                    let octets = piece.filled().len();
                    if octets > 0 {
                        link.has_read(*end, octets);
                        process.record(Event::Read { connection: link.id, octets });
                        if this.holder.is_clear() {
                            this.holder.heard(octets);
                        }
                    }
                    buf.put_slice(piece.filled());
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for SimWriteHalf {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Holder { process, link, end, .. } = &*this.holder;
        let buf = &buf[..process.countdown().map_or(buf.len(), |left| left.min(buf.len()))];
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        match link.may_write(*end, buf.len(), cx) {
            MayWrite::Broken(how) => Poll::Ready(Err(how.into())),
            MayWrite::Never => Poll::Pending,
            MayWrite::Swallow(octets) => Poll::Ready(Ok(octets)),
            MayWrite::Octets(most) => {
                let octets = ready!(Pin::new(&mut this.network).poll_write(cx, &buf[..most]))?;
                process.universe.record_bytes(link.id, *end == End::Dialler, &buf[..octets]);
                if this.holder.is_clear() {
                    this.holder.said(&buf[..octets]);
                }
                this.holder.has_written(octets);
                Poll::Ready(Ok(octets))
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().network).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ended || !this.holder.link.may_close(this.holder.end) {
            return Poll::Ready(Ok(()));
        }
        this.ended = true;
        Pin::new(&mut this.network).poll_shutdown(cx)
    }
}

impl AsyncRead for SimConnection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().reading).poll_read(cx, buf)
    }
}

impl AsyncWrite for SimConnection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().writing).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writing).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writing).poll_shutdown(cx)
    }
}

/// A bound socket in the simulation.
pub struct SimListener {
    network: TcpListener,
    process: Arc<Process>,
    at: SocketAddr,
}

impl SimListener {
    pub(crate) fn new(process: &Arc<Process>, network: TcpListener) -> io::Result<Self> {
        let at = SocketAddr::new(process.address, network.local_addr()?.port());
        process.universe.routes(|routes| routes.listen(at, &process.name));
        Ok(Self { network, process: Arc::clone(process), at })
    }
}

impl Drop for SimListener {
    fn drop(&mut self) {
        self.process.universe.routes(|routes| routes.deafen(self.at));
    }
}

impl Listener for SimListener {
    type Connection = SimConnection;

    async fn accept(&mut self) -> io::Result<(SimConnection, SocketAddr)> {
        let (network, from) = self.network.accept().await?;
        Ok((SimConnection::new(&self.process, network, End::Answerer)?, from))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.network.local_addr()
    }
}
