//! A process's end of a real connection: tokio's stream, written down, and open to be cut from outside.
//!
//! What production sees of a socket is seen here too: a connection that is dropped is closed, and the kernel tells
//! the other end what it tells; a writing half that is dropped ends its direction.

use std::{
    any::Any,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use chatdev_net::{Connection, Listener, Prefixed};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::process::Process;
use crate::{
    events::Event,
    world::{Cut, End},
};

/// A real connection.
pub struct RealConnection {
    holder: Arc<Holder>,
}

/// Its reading side.
pub struct RealReadHalf {
    holder: Arc<Holder>,
}

/// Its writing side.
pub struct RealWriteHalf {
    holder: Arc<Holder>,
}

/// What the two halves of one end have in common; dropped with the second of them.
pub(super) struct Holder {
    process: Arc<Process>,
    connection: u64,
    end: End,
    addresses: [SocketAddr; 2],
    /// From here on the bytes are TLS's.
    sealed: AtomicBool,
    socket: Mutex<Socket>,
}

struct Socket {
    /// `None`: it was reset.
    stream: Option<TcpStream>,
    cut: Option<Cut>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// The first so many octets of `bufs`.
pub(super) fn taken(bufs: &[IoSlice<'_>], octets: usize) -> Vec<u8> {
    bufs.iter().flat_map(|buf| buf.iter().copied()).take(octets).collect()
}

impl Holder {
    /// The end of a real connection that `io` is, or has beneath it.
    pub(super) fn beneath(io: &dyn Any) -> Option<Arc<Self>> {
        let plain = io.downcast_ref::<RealConnection>();
        let prefixed = || io.downcast_ref::<Prefixed<RealConnection>>().map(Prefixed::inner);
        plain.or_else(prefixed).map(|connection| Arc::clone(&connection.holder))
    }

    pub(super) fn is_of(&self, process: &str) -> bool {
        *self.process.name == *process
    }

    /// TLS begins.
    pub(super) fn seal(&self) {
        self.sealed.store(true, Ordering::Relaxed);
    }

    fn is_clear(&self) -> bool {
        !self.sealed.load(Ordering::Relaxed)
    }

    /// `text` was written to the stream that this connection carries.
    pub(super) fn said(&self, text: &[u8]) {
        self.process.record(Event::Said {
            connection: self.connection,
            by_dialler: self.end == End::Dialler,
            sealed: !self.is_clear(),
            text: text.to_vec(),
        });
    }

    /// So much text was read from it.
    pub(super) fn heard(&self, octets: usize) {
        self.process.record(Event::Heard {
            connection: self.connection,
            by_dialler: self.end == End::Answerer,
            sealed: !self.is_clear(),
            octets,
        });
    }

    fn socket(&self) -> MutexGuard<'_, Socket> {
        self.socket.lock().expect("nothing panics while it holds a socket")
    }

    /// Cuts the connection off at this end, as a machine on its way could: by an end of this direction (FIN), after
    /// which nothing more is sent and what has arrived is all that is read; or by a reset.
    pub(super) fn cut(&self, how: Cut) {
        let wakers = {
            let mut socket = self.socket();
            socket.cut = Some(how);
            match how {
                Cut::Fin => socket.end(),
                Cut::Rst => {
                    if let Some(stream) = socket.stream.take() {
                        // Closed with no time to linger, a socket resets its connection.
                        let _already_reset = stream.set_zero_linger();
                    }
                }
                Cut::Silent => panic!("no socket falls silent on its own"),
            }
            [socket.reader.take(), socket.writer.take()]
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(self.socket().poll_read(cx, buf))?;
        let octets = buf.filled().len() - before;
        if octets > 0 {
            self.process.record(Event::Read { connection: self.connection, octets });
            if self.is_clear() {
                self.heard(octets);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let octets = ready!(self.socket().poll_write(cx, bufs))?;
        if self.is_clear() {
            self.said(&taken(bufs, octets));
        }
        self.process.record(Event::Wrote { connection: self.connection, octets });
        Poll::Ready(Ok(octets))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.process.record(Event::Closed { connection: self.connection });
    }
}

impl Socket {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        match Pin::new(stream).poll_read(cx, buf) {
            Poll::Pending if self.cut.is_some() => Poll::Ready(Ok(())),
            Poll::Pending => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            read => read,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        // After a cut that is no reset the kernel itself says that the pipe is broken.
        let written = Pin::new(stream).poll_write_vectored(cx, bufs);
        if written.is_pending() {
            self.writer = Some(cx.waker().clone());
        }
        written
    }

    /// Ends the direction in which this end writes.
    fn end(&mut self) {
        if let Some(stream) = &mut self.stream {
            // Done at once by the kernel; an end that is gone already has nothing to be told.
            let _done = Pin::new(stream).poll_shutdown(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl RealConnection {
    /// `end` of the connection between `addresses`, this side's first.
    pub(super) fn new(
        process: &Arc<Process>,
        stream: TcpStream,
        (here, there): (SocketAddr, SocketAddr),
        end: End,
    ) -> Self {
        let (dialler, answerer) = if end == End::Dialler { (here, there) } else { (there, here) };
        let connection = process.universe.link(dialler, answerer, end);
        process.record(Event::Opened { connection, dialled: end == End::Dialler });
        let holder = Arc::new(Holder {
            process: Arc::clone(process),
            connection,
            end,
            addresses: [here, there],
            sealed: AtomicBool::new(false),
            socket: Mutex::new(Socket { stream: Some(stream), cut: None, reader: None, writer: None }),
        });
        process.universe.hold(&holder);
        Self { holder }
    }
}

impl Connection for RealConnection {
    type ReadHalf = RealReadHalf;
    type WriteHalf = RealWriteHalf;

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.holder.addresses[0])
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.holder.addresses[1])
    }

    fn into_split(self) -> (RealReadHalf, RealWriteHalf) {
        (RealReadHalf { holder: Arc::clone(&self.holder) }, RealWriteHalf { holder: self.holder })
    }
}

impl Drop for RealWriteHalf {
    fn drop(&mut self) {
        self.holder.socket().end();
    }
}

impl AsyncRead for RealReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.holder.poll_read(cx, buf)
    }
}

impl AsyncRead for RealConnection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.holder.poll_read(cx, buf)
    }
}

/// Writing, the same for a whole connection and for its half.
macro_rules! writes {
    ($($end:ty),*) => {$(
        impl AsyncWrite for $end {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                self.holder.poll_write(cx, &[IoSlice::new(buf)])
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.holder.poll_write(cx, bufs)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.holder.socket().end();
                Poll::Ready(Ok(()))
            }
        }
    )*};
}

writes!(RealConnection, RealWriteHalf);

/// A bound real socket.
pub struct RealListener {
    listener: TcpListener,
    process: Arc<Process>,
    /// Where it really listens.
    at: SocketAddr,
    /// The address that its owner asked for.
    named: SocketAddr,
}

impl RealListener {
    pub(super) fn new(
        process: &Arc<Process>,
        listener: TcpListener,
        at: SocketAddr,
        named: SocketAddr,
    ) -> Self {
        process.universe.listen(at, &process.name);
        Self { listener, process: Arc::clone(process), at, named }
    }
}

impl Drop for RealListener {
    fn drop(&mut self) {
        self.process.universe.deafen(self.at);
    }
}

impl Listener for RealListener {
    type Connection = RealConnection;

    async fn accept(&mut self) -> io::Result<(RealConnection, SocketAddr)> {
        let (stream, from) = Listener::accept(&mut self.listener).await?;
        Ok((RealConnection::new(&self.process, stream, (self.at, from), End::Answerer), from))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.named)
    }
}
