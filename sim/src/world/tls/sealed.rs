//! The records of the stand-in: type, length, masked octets. A record is read whole or not at all.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use chatdev_net::Io;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// TLS's own numbers for its kinds of records (RFC 8446 §5.1).
pub(super) const HANDSHAKE: u8 = 0x16;
pub(super) const ALERT: u8 = 0x15;
const APPLICATION: u8 = 0x17;
const HEADER_OCTETS: usize = 3;
/// The most that one record carries (RFC 8446 §5.1), in octets.
const RECORD_OCTETS_MAX: usize = 16 * 1024;
const READ_OCTETS_MAX: usize = 4096;

/// A stream of records over `S`.
pub struct Sealed<S> {
    io: S,
    /// Both directions are masked with it, each from its own beginning.
    mask: [u8; 32],
    outgoing: Outgoing,
    incoming: Incoming,
}

#[derive(Default)]
struct Outgoing {
    records: Vec<u8>,
    sent: usize,
    masked: usize,
    said_farewell: bool,
}

#[derive(Default)]
struct Incoming {
    /// What has arrived of the next record.
    torn: Vec<u8>,
    /// The text of the last record, and how much of it was given.
    text: Vec<u8>,
    given: usize,
    masked: usize,
    heard_farewell: bool,
}

fn mask(bytes: &mut [u8], with: &[u8; 32], position: &mut usize) {
    for byte in bytes {
        *byte ^= with[*position % with.len()];
        *position += 1;
    }
}

impl<S: Io> Sealed<S> {
    pub(super) fn new(io: S, mask: [u8; 32]) -> Self {
        Self { io, mask, outgoing: Outgoing::default(), incoming: Incoming::default() }
    }

    /// Takes all of `text`, in as many records as it needs, once what was taken before has gone out.
    pub(super) fn poll_write_whole(&mut self, cx: &mut Context<'_>, text: &[u8]) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        for part in text.chunks(RECORD_OCTETS_MAX) {
            let mut part = part.to_vec();
            mask(&mut part, &self.mask, &mut self.outgoing.masked);
            self.outgoing.records.extend(record(APPLICATION, &part));
        }
        match self.poll_send(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let out = &mut self.outgoing;
        while out.sent < out.records.len() {
            let sent = ready!(Pin::new(&mut self.io).poll_write(cx, &out.records[out.sent..]))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            out.sent += sent;
        }
        out.records.clear();
        out.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Reads until a record is complete. `Ok(false)`: the other side said farewell.
    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if let Some(record) = self.incoming.take_record()? {
                match record {
                    (APPLICATION, mut text) => {
                        mask(&mut text, &self.mask, &mut self.incoming.masked);
                        (self.incoming.text, self.incoming.given) = (text, 0);
                        return Poll::Ready(Ok(true));
                    }
                    (ALERT, _) => {
                        self.incoming.heard_farewell = true;
                        return Poll::Ready(Ok(false));
                    }
                    _ => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                }
            }
            let mut piece = [0; READ_OCTETS_MAX];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
            if piece.filled().is_empty() {
                // As rustls: an end without a farewell may be an attacker's doing.
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.incoming.torn.extend_from_slice(piece.filled());
        }
    }
}

impl Incoming {
    fn take_record(&mut self) -> io::Result<Option<(u8, Vec<u8>)>> {
        let Some(&[kind, high, low]) = self.torn.first_chunk() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > RECORD_OCTETS_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.torn.len() < HEADER_OCTETS + length {
            return Ok(None);
        }
        let rest = self.torn.split_off(HEADER_OCTETS + length);
        let mut record = std::mem::replace(&mut self.torn, rest);
        Ok(Some((kind, record.split_off(HEADER_OCTETS))))
    }
}

impl<S: Io> AsyncRead for Sealed<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.incoming.given == this.incoming.text.len() {
            if this.incoming.heard_farewell || !ready!(this.poll_record(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
        let rest = &this.incoming.text[this.incoming.given..];
        let taken = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..taken]);
        this.incoming.given += taken;
        Poll::Ready(Ok(()))
    }
}

impl<S: Io> AsyncWrite for Sealed<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.outgoing.said_farewell {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let taken = buf.len().min(RECORD_OCTETS_MAX);
        ready!(this.poll_write_whole(cx, &buf[..taken]))?;
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.outgoing.said_farewell {
            this.outgoing.said_farewell = true;
            this.outgoing.records.extend(record(ALERT, b""));
        }
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}

/// A whole record. `text` fits into one.
pub(super) fn record(kind: u8, text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a record's text is at most 16 KiB");
    let mut record = vec![kind];
    record.extend(length.to_be_bytes());
    record.extend(text);
    record
}
