//! The line to one client: its socket, its queue, and how to wake its task. The task reads and waits; anybody
//! may write.
//!
//! Whoever has put something into the queue [pushes](Line::push): one attempt to write, on the spot. What the
//! socket does not take then is the task's to write, in [`Line::flush`]; while it waits for room, nobody else
//! tries. So a message costs the recipient's task nothing, and a slow recipient costs the sender one attempt.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use chatdev_canary::{Canary, planted};
use chatdev_server::Outbound;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::socket::Socket;
use super::tap::{Ending, Tee};
use super::wake::Wake;
use crate::env::Env;

/// Bytes read at once; on the stack, only while there is something to read.
const READ_BYTES: usize = 16 * 1024;
/// Bytes written at once; on the stack, only while they are written. What one read brought fits.
const WRITE_BYTES: usize = 16 * 1024;

/// See the file's documentation.
pub(super) struct Line<E: Env> {
    outbound: Arc<Outbound>,
    port: Mutex<Port<E>>,
    wake: Wake,
    /// Who is told what is read and written, if anybody.
    tee: Option<Arc<Tee<E>>>,
}

struct Port<E: Env> {
    /// `None` while a TLS handshake has it.
    socket: Option<Socket<E>>,
    /// The line's own task waits for room to write; it will go on by itself.
    owner_waits: bool,
    /// Something was written that may still be in a buffer of TLS.
    unflushed: bool,
    /// Writing failed once. It is not tried again.
    broken: Option<io::ErrorKind>,
}

impl<E: Env> Line<E> {
    pub(super) fn new(outbound: Arc<Outbound>, socket: Socket<E>, tee: Option<Arc<Tee<E>>>) -> Arc<Self> {
        let port = Port { socket: Some(socket), owner_waits: false, unflushed: false, broken: None };
        Arc::new(Self { outbound, port: Mutex::new(port), wake: Wake::default(), tee })
    }

    pub(super) fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    pub(super) fn tee(&self) -> Option<&Tee<E>> {
        self.tee.as_deref()
    }

    /// Waits until somebody needs this line's task. Cancel safe.
    pub(super) async fn woken(&self) {
        poll_fn(|cx| self.wake.poll_called(cx)).await;
    }

    /// Somebody put something into the queue, or has orders for its task.
    pub(super) fn push(&self) {
        if self.outbound.has_orders() {
            self.wake.call();
        }
        let Ok(mut port) = self.port.try_lock() else {
            // Its task is reading at this moment: it will see to the queue when it is done.
            return self.wake.call();
        };
        if port.owner_waits || port.broken.is_some() {
            return;
        }
        let written = port.write(&self.outbound, self.tee(), &mut Context::from_waker(Waker::noop()));
        if !matches!(written, Poll::Ready(Ok(()))) {
            // The socket's waker is now one that wakes nobody: its task has to ask again for itself.
            self.wake.call();
        }
    }

    /// Whether something waits to be written.
    pub(super) fn is_behind(&self) -> bool {
        let port = self.lock();
        port.unflushed || port.broken.is_some() || self.outbound.unwritten_bytes() > 0
    }

    /// Writes the whole queue. For the line's own task. Cancel safe.
    ///
    /// # Errors
    /// The socket's, this time or earlier.
    pub(super) async fn flush(&self) -> io::Result<()> {
        poll_fn(|cx| {
            let mut port = self.lock();
            let written = port.write(&self.outbound, self.tee(), cx);
            port.owner_waits = written.is_pending();
            written
        })
        .await
    }

    /// Writes what the socket takes at this moment; it wakes the line's own task when it takes more. For that
    /// task. Returns whether there is something to [`flush`](Self::flush): a rest, or an error.
    pub(super) async fn flush_now(&self) -> bool {
        poll_fn(|cx| {
            let mut port = self.lock();
            let written = port.write(&self.outbound, self.tee(), cx);
            port.owner_waits = written.is_pending();
            Poll::Ready(!matches!(written, Poll::Ready(Ok(()))))
        })
        .await
    }

    /// Reads once, and gives what came to `take`; no octets at the end. For the line's own task. Cancel safe.
    ///
    /// # Errors
    /// The socket's.
    pub(super) async fn read(&self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        poll_fn(|cx| self.poll_read(cx, &mut take)).await
    }

    /// Reads once if there is something to read at this moment. Returns whether there was.
    ///
    /// # Errors
    /// The socket's.
    pub(super) async fn read_now(&self, mut take: impl FnMut(&[u8])) -> io::Result<bool> {
        poll_fn(|cx| match self.poll_read(cx, &mut take) {
            Poll::Ready(read) => Poll::Ready(read.map(|()| true)),
            Poll::Pending => Poll::Ready(Ok(false)),
        })
        .await
    }

    /// Ends the writing direction.
    ///
    /// # Errors
    /// The socket's.
    pub(super) async fn shut_down(&self) -> io::Result<()> {
        if let Some(tee) = self.tee() {
            tee.ending(Ending::Answerer);
        }
        poll_fn(|cx| match &mut self.lock().socket {
            Some(socket) => Pin::new(socket).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        })
        .await
    }

    /// Takes the socket, for a TLS handshake.
    pub(super) fn take_socket(&self) -> Option<Socket<E>> {
        self.lock().socket.take()
    }

    pub(super) fn put_socket(&self, socket: Socket<E>) {
        self.lock().socket = Some(socket);
    }

    fn poll_read(&self, cx: &mut Context<'_>, take: &mut impl FnMut(&[u8])) -> Poll<io::Result<()>> {
        let mut buffer = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        {
            let mut port = self.lock();
            let Some(socket) = &mut port.socket else { return Poll::Pending };
            let read = ready!(Pin::new(socket).poll_read(cx, &mut buffer));
            if planted(Canary::EofIgnored) && (read.is_err() || buffer.filled().is_empty()) {
                return Poll::Pending; // until something else wakes the task
            }
            if let (Err(error), Some(tee)) = (&read, self.tee()) {
                tee.failed(error.kind());
            }
            read?;
        }
        // Before anything can come of it: what it causes is said after it.
        if let Some(tee) = self.tee() {
            tee.heard(buffer.filled());
        }
        take(buffer.filled());
        Poll::Ready(Ok(()))
    }

    fn lock(&self) -> MutexGuard<'_, Port<E>> {
        self.port.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Env> Port<E> {
    fn write(
        &mut self,
        outbound: &Outbound,
        tee: Option<&Tee<E>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(kind) = self.broken {
            return Poll::Ready(Err(kind.into()));
        }
        let written = self.write_queue(outbound, tee, cx);
        if let Poll::Ready(Err(error)) = &written {
            self.broken = Some(error.kind());
            if let Some(tee) = tee {
                tee.failed(error.kind());
            }
        }
        written
    }

    fn write_queue(
        &mut self,
        outbound: &Outbound,
        tee: Option<&Tee<E>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(socket) = &mut self.socket else { return Poll::Ready(Ok(())) };
        let mut buffer = [const { MaybeUninit::uninit() }; WRITE_BYTES];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        loop {
            // Copied, so that the queue is free for others while the socket takes its time.
            buffer.clear();
            outbound.front(WRITE_BYTES, |front| buffer.put_slice(front));
            if buffer.filled().is_empty() {
                break;
            }
            let written = ready!(Pin::new(&mut *socket).poll_write(cx, buffer.filled()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            if let Some(tee) = tee {
                tee.said(&buffer.filled()[..written]);
            }
            if outbound.advance(written) == 0 {
                break;
            }
        }
        if self.unflushed {
            ready!(Pin::new(socket).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
