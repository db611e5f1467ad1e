//! The connection below a client's stream: TCP, or TLS over it. Only one of them at a time, and never TCP
//! again after TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::env::Env;
use crate::prefixed::Prefixed;

/// What TLS runs over: the first bytes may have been read already.
pub(super) type Beneath<E> = Prefixed<<E as Env>::Connection>;

/// See the file's documentation.
pub(super) enum Socket<E: Env> {
    Clear(Beneath<E>),
    /// Boxed: TLS is large, and sessions in clear need not be.
    Sealed(Box<E::Tls<Beneath<E>>>),
}

impl<E: Env> AsyncRead for Socket<E> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Sealed(socket) => Pin::new(socket).poll_read(cx, buf),
        }
    }
}

impl<E: Env> AsyncWrite for Socket<E> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Sealed(socket) => Pin::new(socket).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_flush(cx),
            Self::Sealed(socket) => Pin::new(socket).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Sealed(socket) => Pin::new(socket).poll_shutdown(cx),
        }
    }
}
