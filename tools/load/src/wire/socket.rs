//! [`Socket`]: TCP, or TLS over it, that several tasks of one thread may write to. Nothing is borrowed while one waits.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chatdev_net::tls::{self, Acceptor, Connector, Handshaken};
use chatdev_stream::TlsFacts;
use jiff::Timestamp;
use rustls::{Connection, ProtocolVersion};
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// Octets that wait inside TLS at most.
const UNSENT_BYTES_MAX: usize = 64 * 1024;

/// See the file's documentation.
#[derive(Debug)]
pub struct Socket {
    tcp: RefCell<TcpStream>,
    tls: Option<RefCell<Box<Connection>>>,
}

impl Socket {
    /// A connection in clear.
    #[must_use]
    pub fn clear(tcp: TcpStream) -> Self {
        Self { tcp: RefCell::new(tcp), tls: None }
    }

    /// Begins TLS on a connection in clear.
    ///
    /// # Errors
    /// The handshake failed, or there is TLS already.
    pub async fn seal(self, connector: &Connector) -> io::Result<(Self, TlsFacts)> {
        if self.tls.is_some() {
            return Err(io::Error::new(ErrorKind::InvalidData, "there is TLS on this connection already"));
        }
        #[expect(clippy::disallowed_methods, reason = "when a certificate is looked at, it is now")]
        let handshaken = tls::connect(self.tcp.into_inner(), connector, Timestamp::now()).await?;
        let facts = TlsFacts { exporter: handshaken.exporter };
        Ok((Self::sealed(handshaken), facts))
    }

    /// Answers TLS on a connection in clear.
    ///
    /// # Errors
    /// The handshake failed.
    pub async fn answer(self, acceptor: &Acceptor) -> io::Result<Self> {
        Ok(Self::sealed(tls::accept(self.tcp.into_inner(), acceptor).await?))
    }

    fn sealed(handshaken: Handshaken<TlsStream<TcpStream>>) -> Self {
        let (tcp, mut tls) = match handshaken.stream {
            TlsStream::Client(stream) => {
                let (tcp, tls) = stream.into_inner();
                (tcp, Connection::from(tls))
            }
            TlsStream::Server(stream) => {
                let (tcp, tls) = stream.into_inner();
                (tcp, Connection::from(tls))
            }
        };
        // What TCP does not take waits in front of TLS, not inside.
        tls.set_buffer_limit(Some(UNSENT_BYTES_MAX));
        Self { tcp: RefCell::new(tcp), tls: Some(RefCell::new(Box::new(tls))) }
    }

    /// The version of TLS that was agreed on.
    #[must_use]
    pub fn tls_version(&self) -> &'static str {
        match self.tls.as_ref().and_then(|tls| tls.borrow().protocol_version()) {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "no TLS",
        }
    }

    /// Reads once, and waits for something to come; 0 at the end. Cancel safe.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx, buffer)).await
    }

    /// As [`Self::read`].
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut tcp = self.tcp.borrow_mut();
        let Some(tls) = &self.tls else { return poll_read(&mut tcp, cx, buffer) };
        let mut tls = tls.borrow_mut();
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The other side may end TCP without saying so in TLS: the end all the same.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Poll::Ready(Ok(0)),
                read => return Poll::Ready(read),
            }
            match tls.read_tls(&mut Polled { tcp: &mut tcp, cx }) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                read => read?,
            };
            tls.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Writes what the socket takes; returns how much of `bytes` need not be given again. With TLS, [`Self::try_flush`]
    /// says whether all of that has left.
    ///
    /// # Errors
    /// `WouldBlock` if it takes nothing now; otherwise the system's.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else { return self.tcp.borrow().try_write(bytes) };
        self.try_flush()?;
        let taken = tls.borrow_mut().writer().write(bytes)?;
        match self.try_flush() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    /// Writes what TLS still has.
    ///
    /// # Errors
    /// `WouldBlock` if the socket takes nothing now; otherwise the system's.
    pub fn try_flush(&self) -> io::Result<()> {
        let Some(tls) = &self.tls else { return Ok(()) };
        let (tcp, mut tls) = (self.tcp.borrow(), tls.borrow_mut());
        while tls.wants_write() {
            tls.write_tls(&mut Unwaiting(&tcp))?;
        }
        Ok(())
    }

    /// Writes all of it, and waits for room.
    ///
    /// # Errors
    /// The system's.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            let tried = if bytes.is_empty() { self.try_flush().map(|()| 0) } else { self.try_write(bytes) };
            match tried {
                Ok(0) if bytes.is_empty() => return Ok(()),
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    poll_fn(|cx| self.tcp.borrow().poll_write_ready(cx)).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn poll_read(tcp: &mut TcpStream, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
    // Through tokio's own reading, which knows that a buffer that was not filled means that there is no more.
    let mut buffer = ReadBuf::new(buffer);
    ready!(Pin::new(tcp).poll_read(cx, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}

/// TCP as rustls wants to read it: it reads at once, or says that it cannot.
struct Polled<'a, 'b> {
    tcp: &'a mut TcpStream,
    cx: &'a mut Context<'b>,
}

impl Read for Polled<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match poll_read(self.tcp, self.cx, buffer) {
            Poll::Ready(read) => read,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

/// TCP as rustls wants to write to it.
struct Unwaiting<'a>(&'a TcpStream);

impl Write for Unwaiting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
