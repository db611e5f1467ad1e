//! `Env`: everything that a driver may ask of the world it runs in, as one static generic.
//!
//! Production ([`crate::TokioEnv`]) and simulation run the same drivers; only the `Env` differs. It is never
//! a `dyn` object and never a `cfg` switch. This file is the contract; `contract.rs` holds the tests that
//! every implementation has to pass.
//!
//! What it does *not* do: know XMPP, keep sessions, decide time-outs. Those belong to the brains and drivers.
//!
//! # What a driver may rely on
//!
//! - **Time.** [`Env::now`] never goes back, starts near zero at the start of the process and compares only
//!   within one process. [`Env::wall`] may jump either way. A [`Env::sleep_until`] in the past is ready at its
//!   first poll; a later one wakes no earlier than asked and, where the machine is not late, in the order of the
//!   deadlines.
//! - **Order.** Input that has arrived by an instant is readable before a timer of that instant fires, provided
//!   that the driver polls its connection before its timer (`select!` with `biased;`, connection first).
//! - **Randomness.** [`Env::rng`] is a function of (the world's seed, purpose, key): asking twice with the same
//!   pair gives the same stream twice. A driver therefore uses each (purpose, key) once in the life of a process.
//! - **Tasks.** Every task is started through [`Env::spawn`], so that a simulation can pause a whole process and
//!   can notice a panic. What computes for long goes through [`Env::compute`], or it would hold up every task of its
//!   thread. Nothing else of tokio that touches time, threads or randomness is used by a driver: no `tokio::time`, no
//!   `spawn_blocking`, no `tokio::sync::watch`, no `select!` without `biased;`.
//! - **Endings.** Dropping things is seen by others: a process that is killed closes its connections in the order
//!   in which its tasks and maps are dropped. So connections are not kept in unordered maps.
//! - **TLS.** Both directions work over any [`Io`], so that a peer stream can run inside an in-band bytestream as
//!   well.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use chatdev_directory::Moment;
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{
    note::Note,
    stop::Stop,
    tls::{Acceptor, Connector, Handshaken},
};

/// Bytes both ways: a TCP connection, TLS over one, or a stream inside a stream.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for T {}

/// A TCP connection. Small writes go out at once (`TCP_NODELAY`); dropping it closes it.
pub trait Connection: Io {
    /// The reading side, owned.
    type ReadHalf: AsyncRead + Unpin + Send + 'static;
    /// The writing side, owned. Dropping it, or `shutdown`, sends the end of the stream.
    type WriteHalf: AsyncWrite + Unpin + Send + 'static;

    /// The address on this side: what a client may announce as the endpoint that others reach it at.
    ///
    /// # Errors
    /// The operating system's, where the connection is already gone.
    fn local_addr(&self) -> io::Result<SocketAddr>;

    /// The address on the other side.
    ///
    /// # Errors
    /// The operating system's, where the connection is already gone.
    fn peer_addr(&self) -> io::Result<SocketAddr>;

    /// Takes the connection apart so that two tasks can own one direction each.
    fn into_split(self) -> (Self::ReadHalf, Self::WriteHalf);
}

/// A bound socket.
pub trait Listener: Send + 'static {
    /// What it hands out.
    type Connection: Connection;

    /// Waits for the next connection and says where it comes from. Cancel safe: no connection is lost when
    /// the future is dropped.
    ///
    /// # Errors
    /// The operating system's. A server goes on after one, with a pause: it may be out of file descriptors.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Connection, SocketAddr)>> + Send;

    /// The address it is bound to, with the port that was chosen where 0 was asked for.
    ///
    /// # Errors
    /// The operating system's.
    fn local_addr(&self) -> io::Result<SocketAddr>;
}

/// One process's view of the world: network, clocks, tasks, randomness, TLS. Cloning it is cheap and gives
/// the same process.
pub trait Env: Clone + Send + Sync + 'static {
    /// A TCP connection.
    type Connection: Connection;
    /// A bound TCP socket.
    type Listener: Listener<Connection = Self::Connection>;
    /// TLS over `S`.
    type Tls<S: Io>: Io;

    /// Listens on `address`; port 0 asks for any free one.
    ///
    /// # Errors
    /// The operating system's: address in use, not ours, not permitted.
    fn bind(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Listener>> + Send;

    /// Connects to `address`. No time-out of its own: the caller races it against [`Env::sleep_until`].
    ///
    /// # Errors
    /// `ConnectionRefused` where nobody listens; otherwise the operating system's.
    fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Connection>> + Send;

    /// The addresses of `host` (a name or an address literal), in the resolver's order of preference, each
    /// with `port`.
    ///
    /// # Errors
    /// The resolver's; an empty answer is an error too.
    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Monotonic time since the start of the process.
    fn now(&self) -> Duration;

    /// The time of day, as this machine believes it to be.
    fn wall(&self) -> Timestamp;

    /// Both clocks at once.
    fn moment(&self) -> Moment {
        Moment { mono: self.now(), wall: self.wall() }
    }

    /// Waits until [`Env::now`] has reached `deadline`; for ever, if the clock cannot count that far.
    fn sleep_until(&self, deadline: Duration) -> impl Future<Output = ()> + Send;

    /// Runs `task` beside the caller. `name` is for logs. Nobody waits for it: a task ends by itself, usually
    /// because its connection ended or because [`Env::stop`] was triggered.
    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static);

    /// Carries out a computation that takes milliseconds (a password that is stretched) without holding up any task.
    /// How many are carried out at once is the world's to bound; the others wait their turn. One that nobody waits for
    /// any more when its turn comes is not begun; one that has begun is carried to its end.
    fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send;

    /// A cryptographic generator derived from the seed of this process, `purpose` and `key`. In production
    /// that seed comes from the operating system. See the contract above: never the same pair twice.
    fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng;

    /// Tells a simulation what just happened. In production the closure is never called, and compiled out.
    fn note(&self, what: impl FnOnce() -> Note);

    /// A gap in a driver where the rest of the world may overtake it: read → handle, output → write, storage
    /// request → answer, stretching → stretched, timer due → fired. Ready at once in production; a simulation may
    /// wait here for a while.
    fn chaos(&self, site: &'static str) -> impl Future<Output = ()> + Send;

    /// The signal that asks everything in this process to end gracefully.
    fn stop(&self) -> &Stop;

    /// Answers a TLS handshake over `io`. No time-out of its own.
    ///
    /// # Errors
    /// `InvalidData` for a handshake that failed or did not give what `acceptor` requires; the transport's
    /// own errors; `UnexpectedEof`.
    fn accept_tls<S: Io>(
        &self,
        io: S,
        acceptor: &Acceptor,
    ) -> impl Future<Output = io::Result<Handshaken<Self::Tls<S>>>> + Send;

    /// Begins a TLS handshake over `io`. No time-out of its own.
    ///
    /// # Errors
    /// As for [`Env::accept_tls`].
    fn connect_tls<S: Io>(
        &self,
        io: S,
        connector: &Connector,
    ) -> impl Future<Output = io::Result<Handshaken<Self::Tls<S>>>> + Send;
}
