//! [`Env`] on the real world: tokio's sockets and timers, the operating system's clock and entropy, rustls.
//!
//! Every method is what one would have written by hand; nothing is boxed and nothing is dispatched at run
//! time.

#![expect(clippy::disallowed_methods, reason = "this is where the machine is asked")]

use std::{
    future::{Future, pending, ready},
    io,
    net::SocketAddr,
    panic::resume_unwind,
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rustls::crypto::{CryptoProvider, ring};
use tokio::{
    net::{
        TcpListener, TcpSocket, TcpStream, lookup_host,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};
use tokio_rustls::TlsStream;

use crate::{
    derive,
    env::{Connection, Env, Io, Listener},
    note::Note,
    stop::Stop,
    tls::{self, Acceptor, Connector, Handshaken},
};

/// Connections that wait to be accepted, at most; the kernel may allow fewer (`net.core.somaxconn`). The usual 128 are soon
/// reached when everybody comes back after a restart, and whoever is not among them tries again only after a second.
const BACKLOG: u32 = 4096;

/// This process, on this machine. Needs a running tokio runtime with I/O and time.
#[derive(Clone, Debug)]
pub struct TokioEnv {
    inner: Arc<Inner>,
}

struct Inner {
    start: Instant,
    seed: [u8; 32],
    stop: Stop,
    /// One permit for each computation that may run now.
    computations: Arc<Semaphore>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The seed stays out of logs: every nonce follows from it.
        f.debug_struct("Inner").field("start", &self.start).field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl TokioEnv {
    /// A process that begins now, seeded by the operating system.
    ///
    /// # Errors
    /// Where the operating system has no randomness to give.
    pub fn new() -> io::Result<Self> {
        let CryptoProvider { secure_random, .. } = ring::default_provider();
        let mut seed = [0; 32];
        secure_random
            .fill(&mut seed)
            .map_err(|_| io::Error::other("the operating system gives no randomness"))?;
        let computations = Arc::new(Semaphore::new(computations_max()));
        Ok(Self { inner: Arc::new(Inner { start: Instant::now(), seed, stop: Stop::new(), computations }) })
    }
}

/// Long computations at one time: one core is always left to the tasks, and where there is only one, they share it.
fn computations_max() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

impl Env for TokioEnv {
    type Connection = TcpStream;
    type Listener = TcpListener;
    type Tls<S: Io> = TlsStream<S>;

    async fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        // As the usual way of binding does: a port whose last connections are still dying is to be had.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        Ok(connection)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("no address for {host}")));
        }
        Ok(addresses)
    }

    fn now(&self) -> Duration {
        self.inner.start.elapsed()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, deadline: Duration) -> impl Future<Output = ()> + Send {
        // A deadline that the clock cannot count to is one that never comes.
        let at = self.inner.start.checked_add(deadline);
        async move {
            match at {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        }
    }

    fn spawn(&self, _name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        // Nobody waits for it: a panic is printed by the process's panic hook and ends this task only.
        drop(tokio::spawn(task));
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        // Here, not on a thread of the pool: who waits their turn costs none.
        let permit = Arc::clone(&self.inner.computations).acquire_owned().await;
        let computed = spawn_blocking(move || {
            // Kept until it is done, also where nobody waits for it any more.
            let _permit = permit.expect("nobody closes the semaphore");
            work()
        });
        match computed.await {
            Ok(answer) => answer,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is ending, and this task with it.
                Err(_) => pending().await,
            },
        }
    }

    fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng {
        derive::generator(&self.inner.seed, purpose, key)
    }

    fn note(&self, _what: impl FnOnce() -> Note) {}

    fn chaos(&self, _site: &'static str) -> impl Future<Output = ()> + Send {
        ready(())
    }

    fn stop(&self) -> &Stop {
        &self.inner.stop
    }

    async fn accept_tls<S: Io>(&self, io: S, acceptor: &Acceptor) -> io::Result<Handshaken<TlsStream<S>>> {
        tls::accept(io, acceptor).await
    }

    async fn connect_tls<S: Io>(&self, io: S, connector: &Connector) -> io::Result<Handshaken<TlsStream<S>>> {
        tls::connect(io, connector, self.wall()).await
    }
}

impl Connection for TcpStream {
    type ReadHalf = OwnedReadHalf;
    type WriteHalf = OwnedWriteHalf;

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Self::peer_addr(self)
    }

    fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        Self::into_split(self)
    }
}

impl Listener for TcpListener {
    type Connection = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        let (connection, from) = Self::accept(self).await?;
        connection.set_nodelay(true)?;
        Ok((connection, from))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }
}
