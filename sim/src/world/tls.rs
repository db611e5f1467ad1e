//! TLS in the simulation: a stand-in whose every byte follows from the seed, or real rustls, whose bytes do
//! not.
//!
//! The stand-in keeps what the product relies on: the first octet is 0x16; a certificate is shown, and
//! whoever shows it proves that it holds the key; both sides get the same fresh exporter; the protocol is
//! agreed on by the same rules; records are torn by the network and only whole ones are read; an end without
//! a farewell is an error; no text travels in the clear. It keeps no secrets from anybody who reads this
//! file.

mod handshake;
mod sealed;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use chatdev_net::Io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::connection::Holder;
pub(crate) use handshake::{accept, connect};
pub use sealed::Sealed;

/// A sealed stream of the simulation.
pub struct SimTls<S> {
    layer: Layer<S>,
    /// The connection beneath, to which what is said within is ascribed.
    holder: Option<Arc<Holder>>,
}

/// What seals it.
pub(crate) enum Layer<S> {
    /// The stand-in.
    StandIn(Sealed<S>),
    /// rustls.
    Real(Box<TlsStream<S>>),
}

impl<S> SimTls<S> {
    pub(crate) fn new(layer: Layer<S>, holder: Option<Arc<Holder>>) -> Self {
        Self { layer, holder }
    }
}

impl<S: Io> AsyncRead for SimTls<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { layer, holder } = self.get_mut();
        let before = buf.filled().len();
        let read = match layer {
            Layer::StandIn(stream) => Pin::new(stream).poll_read(cx, buf),
            Layer::Real(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        let octets = buf.filled().len() - before;
        if let Some(holder) = holder.as_ref().filter(|_| octets > 0) {
            holder.heard(octets);
        }
        read
    }
}

impl<S: Io> AsyncWrite for SimTls<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Self { layer, holder } = self.get_mut();
        let written = match layer {
            Layer::StandIn(stream) => {
                if let Some(lie) = holder.as_ref().and_then(|holder| holder.falsified(buf)) {
                    ready!(stream.poll_write_whole(cx, &lie))?;
                    holder.iter().for_each(|holder| holder.said(&lie));
                    return Poll::Ready(Ok(buf.len()));
                }
                ready!(Pin::new(stream).poll_write(cx, buf))?
            }
            Layer::Real(stream) => ready!(Pin::new(stream).poll_write(cx, buf))?,
        };
        holder.iter().for_each(|holder| holder.said(&buf[..written]));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().layer {
            Layer::StandIn(stream) => Pin::new(stream).poll_flush(cx),
            Layer::Real(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().layer {
            Layer::StandIn(stream) => Pin::new(stream).poll_shutdown(cx),
            Layer::Real(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
