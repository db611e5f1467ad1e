//! Reading and writing one stream at the same time, in one task.
//!
//! Neither direction waits for the other: two peers that both send much while neither reads would otherwise block each other for
//! ever. What it does *not* do: understand the bytes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncWriteExt as _, ReadBuf};

use crate::env::Io;

/// A stream, and what is still to be written to it.
#[derive(Debug)]
pub(super) struct Pump<S> {
    stream: S,
    outgoing: Vec<u8>,
    written: usize,
    /// Bytes were given to the stream that it may not have passed on (TLS keeps records).
    unflushed: bool,
}

/// What a turn of the pump came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// So many bytes were read; 0 is the end of the stream.
    Read(usize),
    /// Everything that was queued is with the operating system.
    Drained,
}

impl<S: Io> Pump<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, outgoing: Vec::new(), written: 0, unflushed: false }
    }

    /// Queues bytes.
    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        if self.outgoing.is_empty() {
            self.outgoing = bytes;
        } else {
            self.outgoing.extend_from_slice(&bytes);
        }
    }

    /// Octets queued and not yet written.
    pub(super) fn queued(&self) -> usize {
        self.outgoing.len() - self.written
    }

    pub(super) fn is_drained(&self) -> bool {
        self.queued() == 0 && !self.unflushed
    }

    /// Writes what is queued and, if `reading`, reads into `scratch`, until one of them comes to something. Cancel safe: nothing
    /// is lost or written twice when the future is dropped.
    ///
    /// # Errors
    /// The stream's.
    pub(super) async fn turn(&mut self, scratch: &mut [u8], reading: bool) -> io::Result<Turn> {
        poll_fn(|cx| {
            if !self.is_drained()
                && let Poll::Ready(written) = self.poll_drain(cx)
            {
                return Poll::Ready(written.map(|()| Turn::Drained));
            }
            if !reading {
                return Poll::Pending;
            }
            let mut buffer = ReadBuf::new(scratch);
            let read = Pin::new(&mut self.stream).poll_read(cx, &mut buffer);
            read.map_ok(|()| Turn::Read(buffer.filled().len()))
        })
        .await
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.queued() > 0 {
            let rest = &self.outgoing[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => {
                    self.written += count;
                    self.unflushed = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        // An idle connection keeps no buffer.
        self.outgoing = Vec::new();
        self.written = 0;
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }

    /// The stream itself, for a handshake. Everything queued has been written.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }

    /// Ends the sending direction; TLS says so to the other side first.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn it_reads_while_its_writing_is_stuck() {
        let (near, mut far) = duplex(16);
        let mut pump = Pump::new(near);
        pump.push(vec![b'x'; 100]);
        far.write_all(b"hello").await.unwrap();
        let mut scratch = [0; 32];
        assert_eq!(pump.turn(&mut scratch, true).await.unwrap(), Turn::Read(5));
        assert_eq!(&scratch[..5], b"hello");
        assert!(!pump.is_drained());
        let mut got = vec![0; 100];
        let (turned, read) = tokio::join!(biased; pump.turn(&mut scratch, false), far.read_exact(&mut got));
        assert_eq!(turned.unwrap(), Turn::Drained);
        assert_eq!((read.unwrap(), got), (100, vec![b'x'; 100]));
        assert!(pump.is_drained());
    }

    #[tokio::test]
    async fn the_end_of_the_stream_is_a_read_of_nothing() {
        let (near, far) = duplex(16);
        drop(far);
        assert_eq!(Pump::new(near).turn(&mut [0; 8], true).await.unwrap(), Turn::Read(0));
    }
}
