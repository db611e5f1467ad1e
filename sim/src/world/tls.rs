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
    task::{Context, Poll},
};

use chatdev_net::Io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

pub(crate) use handshake::{accept, connect};
pub use sealed::Sealed;

/// A sealed stream of the simulation.
pub enum SimTls<S> {
    /// By the stand-in.
    StandIn(Sealed<S>),
    /// By rustls.
    Real(Box<TlsStream<S>>),
}

impl<S: Io> AsyncRead for SimTls<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::StandIn(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Real(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl<S: Io> AsyncWrite for SimTls<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::StandIn(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Real(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::StandIn(stream) => Pin::new(stream).poll_flush(cx),
            Self::Real(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::StandIn(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Real(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
