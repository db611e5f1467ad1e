//! [`carry`]: one direction of a pair, in one task that reads and writes. In the usual case that is one read of all
//! that is there and one write of all of it, within one poll and without a copy of what is in clear; an idle connection
//! keeps no buffer, as those for reading belong to the thread.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use rustls::ServerConnection;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::server::TlsStream;

use super::seal::Seal;

/// Read at once, at most.
const READ_BYTES_MAX: usize = 64 * 1024;

/// What was just read, by whichever connection runs on this thread.
struct Scratch {
    /// As it came.
    read: Box<[u8]>,
    /// Out of its TLS records.
    opened: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        RefCell::new(Scratch { read: vec![0; READ_BYTES_MAX].into(), opened: Vec::new() });
}

/// A connection whose first line was read.
pub(super) struct Connection {
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
}

/// Where octets come from.
pub(super) struct Incoming {
    socket: OwnedReadHalf,
    seal: Option<Arc<Seal>>,
}

/// Where octets go.
pub(super) struct Outgoing {
    socket: OwnedWriteHalf,
    seal: Option<Arc<Seal>>,
    /// What the socket did not take; empty with TLS, which keeps its own.
    rest: Vec<u8>,
}

impl Connection {
    pub(super) fn clear(socket: TcpStream) -> Self {
        Self::new(socket, None)
    }

    pub(super) fn sealed(stream: TlsStream<TcpStream>) -> Self {
        let (socket, tls): (_, ServerConnection) = stream.into_inner();
        Self::new(socket, Some(Arc::new(Seal::new(tls))))
    }

    fn new(socket: TcpStream, seal: Option<Arc<Seal>>) -> Self {
        let (read, write) = socket.into_split();
        let incoming = Incoming { socket: read, seal: seal.clone() };
        Self { incoming, outgoing: Outgoing { socket: write, seal, rest: Vec::new() } }
    }
}

/// Carries until one of the two sides is gone; then the other is told that no more will come.
pub(super) async fn carry(mut from: Incoming, mut to: Outgoing) {
    // However it ended: the sides notice, and neither the relay nor any other pair is concerned.
    let _ = carry_all(&mut from, &mut to).await;
    let _ = to.close().await;
}

async fn carry_all(from: &mut Incoming, to: &mut Outgoing) -> io::Result<()> {
    if let Some(seal) = &from.seal {
        // It may have come with the first line, in one record.
        to.write(&seal.left_over()?).await?;
    }
    loop {
        match poll_fn(|context| from.poll_once(context, to)).await? {
            Carried::All => {}
            Carried::Part => to.flush().await?,
            Carried::End => return Ok(()),
        }
    }
}

/// What became of one read.
enum Carried {
    /// It is written.
    All,
    /// The socket has not taken all of it yet, and until it has nothing more is to be read.
    Part,
    /// It was the end.
    End,
}

impl Incoming {
    fn poll_once(
        &mut self,
        context: &mut std::task::Context<'_>,
        to: &mut Outgoing,
    ) -> Poll<io::Result<Carried>> {
        SCRATCH.with_borrow_mut(|Scratch { read, opened }| {
            let mut read = ReadBuf::new(read);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(Carried::End));
            }
            let octets = match &self.seal {
                None => read.filled(),
                Some(seal) => {
                    seal.open(read.filled(), opened)?;
                    &*opened
                }
            };
            let all = to.try_write(octets)?;
            Poll::Ready(Ok(if all { Carried::All } else { Carried::Part }))
        })
    }
}

impl Outgoing {
    /// Writes all of it.
    pub(super) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.try_write(octets)? { Ok(()) } else { self.flush().await }
    }

    /// Writes what the socket takes at once, and keeps the rest; whether there is none.
    fn try_write(&mut self, octets: &[u8]) -> io::Result<bool> {
        if let Some(seal) = &self.seal {
            return seal.write(octets, &self.socket);
        }
        let written = try_write_all(&self.socket, octets)?;
        self.rest.extend_from_slice(&octets[written..]);
        Ok(self.rest.is_empty())
    }

    /// Waits until the socket has taken what was kept.
    async fn flush(&mut self) -> io::Result<()> {
        loop {
            self.socket.writable().await?;
            if let Some(seal) = &self.seal {
                if seal.flush(&self.socket)? {
                    return Ok(());
                }
                continue;
            }
            let written = try_write_all(&self.socket, &self.rest)?;
            self.rest.drain(..written);
            if self.rest.is_empty() {
                self.rest = Vec::new();
                return Ok(());
            }
        }
    }

    /// Ends TLS; TCP ends with this half.
    async fn close(&mut self) -> io::Result<()> {
        if self.seal.as_ref().is_some_and(|seal| !seal.close()) { self.flush().await } else { Ok(()) }
    }
}

/// How much of it the socket took, before it took no more.
fn try_write_all(socket: &OwnedWriteHalf, octets: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < octets.len() {
        match socket.try_write(&octets[written..]) {
            Ok(len) => written += len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}
