//! The meddler: a proxy between clients and a server that harms one message, to see whether the delivery audit notices.
//!
//! It counts the messages on their way from server to clients, over all connections and from 1, and does something to
//! the one whose turn it is. Everything else passes octet by octet, the other way always. It sees streams in clear
//! alone: what goes on in TLS, or is no XML, passes uncounted, and standard error says so.

#![expect(clippy::disallowed_methods, reason = "real sockets and their tasks: no simulation runs it")]

mod passage;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use self::passage::Passage;

/// Read at once, at most.
const READ_BYTES_MAX: usize = 16 * 1024;

/// What is done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not arrive.
    Drop,
    /// It arrives twice.
    Double,
    /// It arrives behind the next message of the same connection; where none follows, with the stream's end.
    Reorder,
    /// One letter or digit of its body is another.
    Alter,
}

/// What was done, once it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meddled {
    /// What was to be done.
    pub fault: Fault,
    /// The message's number.
    pub message: u64,
    /// The connection's number, in the order in which they came, from 1.
    pub connection: u64,
    /// The message, as the server sent it.
    pub stanza: Vec<u8>,
    /// False for a message without a text that could have been altered: it passed as it was.
    pub done: bool,
}

impl fmt::Display for Meddled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let did = match self.fault {
            _ if !self.done => "found nothing to alter in",
            Fault::Drop => "dropped",
            Fault::Double => "doubled",
            Fault::Reorder => "held back",
            Fault::Alter => "altered",
        };
        let stanza = String::from_utf8_lossy(&self.stanza);
        write!(f, "{did} message {}, on connection {}: {stanza}", self.message, self.connection)
    }
}

/// What is to be done, and when.
struct Plan {
    fault: Fault,
    at: u64,
    /// Messages so far.
    seen: AtomicU64,
    tell: Box<dyn Fn(&Meddled) + Send + Sync>,
}

/// Passes connections on to `to` until it is ended from outside. Does `fault` to message number `at`, and tells.
///
/// # Errors
/// The system gives no more connections.
pub async fn run(
    listener: TcpListener,
    to: SocketAddr,
    fault: Fault,
    at: u64,
    tell: impl Fn(&Meddled) + Send + Sync + 'static,
) -> io::Result<Infallible> {
    let plan = Arc::new(Plan { fault, at, seen: AtomicU64::new(0), tell: Box::new(tell) });
    for connection in 1.. {
        let (client, _) = listener.accept().await?;
        let plan = Arc::clone(&plan);
        tokio::spawn(async move {
            if let Err(error) = between(client, to, connection, plan).await {
                eprintln!("meddler: connection {connection} was not passed on to {to}: {error}");
            }
        });
    }
    unreachable!("connections are counted in 64 bits")
}

async fn between(client: TcpStream, to: SocketAddr, connection: u64, plan: Arc<Plan>) -> io::Result<()> {
    let server = TcpStream::connect(to).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    // When one direction ends, so does its half of the other side's connection, and that side ends the rest.
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    tokio::spawn(meddle(from_server, to_client, Passage::new(connection), plan));
    Ok(())
}

async fn meddle(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut passage: Passage,
    plan: Arc<Plan>,
) -> io::Result<()> {
    let (mut input, mut output) = (vec![0; READ_BYTES_MAX], Vec::new());
    loop {
        let len = from.read(&mut input).await?;
        if len == 0 {
            passage.end(&mut output);
            return to.write_all(&output).await;
        }
        passage.pass(&input[..len], &plan, &mut output);
        to.write_all(&output).await?;
        output.clear();
    }
}

impl Plan {
    /// The number of one more message, and whether it is its turn.
    fn count(&self) -> (u64, bool) {
        let number = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        (number, number == self.at)
    }
}
