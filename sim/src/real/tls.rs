//! rustls's stream, and what is said within it written down: the place that the simulation's tap has.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use chatdev_net::Io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::connection::{Holder, taken};

/// A sealed stream on real sockets.
pub struct RealTls<S> {
    stream: TlsStream<S>,
    /// The connection beneath, to which what is said within is ascribed.
    holder: Option<Arc<Holder>>,
}

impl<S> RealTls<S> {
    pub(super) fn new(stream: TlsStream<S>, holder: Option<Arc<Holder>>) -> Self {
        Self { stream, holder }
    }
}

impl<S: Io> AsyncRead for RealTls<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, holder } = self.get_mut();
        let before = buf.filled().len();
        let read = Pin::new(stream).poll_read(cx, buf);
        let octets = buf.filled().len() - before;
        if let Some(holder) = holder.as_ref().filter(|_| octets > 0) {
            holder.heard(octets);
        }
        read
    }
}

impl<S: Io> AsyncWrite for RealTls<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, holder } = self.get_mut();
        let octets = ready!(Pin::new(stream).poll_write_vectored(cx, bufs))?;
        holder.iter().for_each(|holder| holder.said(&taken(bufs, octets)));
        Poll::Ready(Ok(octets))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
