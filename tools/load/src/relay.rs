//! The bare relay: a server that reads nothing of what it passes on. What it costs is the least that any server
//! could cost on the same machine in the same minute, so it is the yardstick of every figure.
//!
//! A connection's first line is its number and its partner's, in decimal: `4 5\n`. When both are there, and each names
//! the other, both are sent one octet, `.`; from then on whatever one sends goes to the other, octet by octet. A
//! connection may be its own partner, and is then an echo.
//!
//! Its shape is that of a server: a task for each connection, which reads and writes to whom it goes. It is as lean as
//! we can write it, for a slow yardstick would flatter everybody. No XML, no accounts, no queue: who does not read
//! holds up who writes to it, by TCP alone.

#![expect(clippy::disallowed_methods, reason = "real sockets and their tasks: no simulation runs it")]

mod carry;
mod seal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use self::carry::{Connection, carry};
pub use self::seal::throw_away_tls;

/// The answer to a first line, once both partners are there.
pub(crate) const READY: [u8; 1] = *b".";
/// Octets of a first line: two numbers of 64 bits, and what separates them.
const LINE_BYTES_MAX: usize = 42;

/// Relays until it is ended from outside; with `tls`, TLS from each connection's first octet.
///
/// # Errors
/// The system gives no more connections, above all because the limit of open files is reached.
pub async fn run(listener: TcpListener, tls: Option<Arc<ServerConfig>>) -> io::Result<Infallible> {
    let acceptor = tls.map(TlsAcceptor::from);
    let waiting = Arc::new(Waiting::default());
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            // Whoever it was is gone already.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        let (acceptor, waiting) = (acceptor.clone(), Arc::clone(&waiting));
        // It ends with the pair, and what it needed for the handshake with it.
        tokio::spawn(async move {
            if let Err(error) = admit(socket, acceptor, &waiting).await {
                eprintln!("relay: a connection did not get as far as a partner: {error}");
            }
        });
    }
}

/// From a new connection to its place among those that wait, or to a pair.
async fn admit(mut socket: TcpStream, acceptor: Option<TlsAcceptor>, waiting: &Waiting) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let (pairing, mut newcomer) = if let Some(acceptor) = acceptor {
        let mut stream = acceptor.accept(socket).await?;
        (Pairing::read(&mut stream).await?, Connection::sealed(stream))
    } else {
        (Pairing::read(&mut socket).await?, Connection::clear(socket))
    };
    if pairing.number == pairing.partner {
        newcomer.outgoing.write(&READY).await?;
        tokio::spawn(carry(newcomer.incoming, newcomer.outgoing));
    } else if let Some((mut newcomer, mut partner)) = waiting.meet(pairing, newcomer)? {
        newcomer.outgoing.write(&READY).await?;
        partner.outgoing.write(&READY).await?;
        tokio::spawn(carry(newcomer.incoming, partner.outgoing));
        tokio::spawn(carry(partner.incoming, newcomer.outgoing));
    }
    Ok(())
}

/// A connection's first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pairing {
    number: u64,
    partner: u64,
}

impl Pairing {
    /// Reads the line and nothing behind it: an octet at a time, which is slow, and over before anything is measured.
    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut line = Vec::with_capacity(LINE_BYTES_MAX);
        loop {
            match stream.read_u8().await? {
                b'\n' => break,
                octet if line.len() < LINE_BYTES_MAX => line.push(octet),
                _ => break,
            }
        }
        Self::parse(&line).ok_or_else(|| {
            let found = line.escape_ascii();
            invalid(format!(
                "expected its number, a space, its partner's number and a line's end, found {found:?}"
            ))
        })
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let (number, partner) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        Some(Self { number: number.parse().ok()?, partner: partner.parse().ok()? })
    }
}

/// Whose partner is not there yet.
#[derive(Default)]
struct Waiting(Mutex<BTreeMap<u64, (u64, Connection)>>);

impl Waiting {
    /// The newcomer and its partner, if that one waits for it; if nobody does, the newcomer waits. Whoever came before
    /// under the same number is forgotten: it may have gone without our noticing.
    fn meet(&self, pairing: Pairing, newcomer: Connection) -> io::Result<Option<(Connection, Connection)>> {
        let Pairing { number, partner } = pairing;
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.remove(&partner) {
            Some((wanted, connection)) if wanted == number => Ok(Some((newcomer, connection))),
            Some((wanted, connection)) => {
                waiting.insert(partner, (wanted, connection));
                Err(invalid(format!(
                    "{number} named {partner} as its partner, which named {wanted}: each has to name the other"
                )))
            }
            None => {
                waiting.insert(number, (partner, newcomer));
                Ok(None)
            }
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
