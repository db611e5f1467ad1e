//! A process's end of a simulated connection: turmoil's stream behind the faults of its [`Link`].

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use chatdev_net::{Connection, Listener};
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
    under_way: Option<Pin<Box<Sleep>>>,
}

/// Its writing side.
pub struct SimWriteHalf {
    network: OwnedWriteHalf,
    holder: Arc<Holder>,
    ended: bool,
}

/// What the two halves of one end have in common; dropped with the second of them.
struct Holder {
    process: Arc<Process>,
    link: Arc<Link>,
    end: End,
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
        let holder = Arc::new(Holder { process: Arc::clone(process), link, end });
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
                    let under_way = this.under_way.get_or_insert_with(|| Box::pin(sleep(due - now)));
                    ready!(under_way.as_mut().poll(cx));
                    this.under_way = None;
                }
                MayRead::Octets(most) => {
                    let mut piece = [0; READ_OCTETS_MAX];
                    let most = most.min(READ_OCTETS_MAX).min(buf.remaining());
                    let mut piece = ReadBuf::new(&mut piece[..most]);
                    ready!(Pin::new(&mut this.network).poll_read(cx, &mut piece))?;
                    let Holder { process, link, end } = &*this.holder;
                    let octets = piece.filled().len();
                    if octets > 0 {
                        link.has_read(*end, octets);
                        process.record(Event::Read { connection: link.id, octets });
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
        let Holder { process, link, end } = &*this.holder;
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        match link.may_write(*end, buf.len(), cx) {
            MayWrite::Broken(how) => Poll::Ready(Err(how.into())),
            MayWrite::Never => Poll::Pending,
            MayWrite::Swallow(octets) => Poll::Ready(Ok(octets)),
            MayWrite::Octets(most) => {
                let octets = ready!(Pin::new(&mut this.network).poll_write(cx, &buf[..most]))?;
                link.has_written(*end, octets, process.universe.now());
                process.universe.record_bytes(link.id, *end == End::Dialler, &buf[..octets]);
                process.record(Event::Wrote { connection: link.id, octets });
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
}

impl SimListener {
    pub(crate) fn new(process: &Arc<Process>, network: TcpListener) -> Self {
        Self { network, process: Arc::clone(process) }
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
