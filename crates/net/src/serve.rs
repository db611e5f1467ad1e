//! The server's driver: runs the brain of `chatdev-server` on any [`Env`]. It accepts, reads, writes, waits,
//! asks storage and has passwords stretched; what any of it means is decided in the brain.
//!
//! One task for each connection, one that accepts on each listener, and one timer. What all share stands
//! behind one short lock (`board.rs`), in which nothing waits. Whoever puts something into another
//! connection's queue writes it to that connection's socket at once if the socket takes it; only if it does
//! not is the other task woken (`line.rs`).
//!
//! An idle session costs 2.1 kB of state here (task 0.8 with tokio's part of the socket, brain 1.0, line and queue
//! 0.3) and 7 kB more under TLS, most of it rustls' buffer for reading. Queues, lists and scratch memory are given back
//! whenever they are empty: `just crowd` shows what is left.
//!
//! - `accept.rs`: listeners
//! - `session.rs`: one connection from its first byte to its last
//! - `opening.rs`: TLS at once or not (XEP-0368), and STARTTLS
//! - `line.rs`, `wake.rs`: writing to a connection, and waking its task
//! - [`tap`]: what is said on all connections, for a program that writes it down; off unless asked for
//! - `timer.rs`: the Switchboard's deadlines, and stalls of the server itself

mod accept;
mod board;
mod line;
mod opening;
mod session;
mod socket;
pub mod tap;
mod timer;
mod wake;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdev_directory::ConfigError;
use chatdev_server::{Config, Counters, StorageAnswer, StorageRequest};
use jid::BareJid;
use tokio::select;

use crate::env::Env;
use crate::tls::Acceptor;
use board::Board;
use tap::Tap;

/// How much longer than a stream's last words the whole shutdown may take.
const SHUTDOWN_MARGIN: Duration = Duration::from_secs(1);

/// What carries out the brain's storage requests: SQLite in the program, memory in tests and simulation.
pub trait Storage: Clone + Send + Sync + 'static {
    /// Carries out one request. Requests about one account are carried out in the order in which they are
    /// made; a change is durable before it is answered, and is made even if nobody waits for the answer any
    /// more.
    fn request(&self, request: StorageRequest) -> impl Future<Output = StorageAnswer> + Send;
}

/// A server. Clones are the same server.
#[derive(Debug)]
pub struct Server<E: Env, S: Storage> {
    shared: Arc<Shared<E, S>>,
}

/// What all tasks of a server share.
#[derive(Debug)]
struct Shared<E: Env, S> {
    env: E,
    config: Arc<Config>,
    /// There is none only where TLS is switched off.
    acceptor: Mutex<Option<Acceptor>>,
    storage: S,
    tap: Option<Tap>,
    board: Board<E>,
}

impl<E: Env, S> Shared<E, S> {
    fn acceptor(&self) -> Option<Acceptor> {
        self.acceptor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<E: Env, S: Storage> Clone for Server<E, S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<E: Env, S: Storage> Server<E, S> {
    /// A server that nobody is connected to. Without an `acceptor` it offers no TLS, and
    /// `config.stream.tls_offered` should say so.
    ///
    /// # Errors
    /// The first value of the directory's settings that is out of its range.
    pub fn new(env: E, config: Config, acceptor: Option<Acceptor>, storage: S) -> Result<Self, ConfigError> {
        Self::with_tap(env, config, acceptor, storage, None)
    }

    /// The same; what everybody says is told to `tap`.
    ///
    /// # Errors
    /// As for [`Server::new`].
    pub fn with_tap(
        env: E,
        config: Config,
        acceptor: Option<Acceptor>,
        storage: S,
        tap: Option<Tap>,
    ) -> Result<Self, ConfigError> {
        let config = Arc::new(config);
        let board = Board::new(Arc::clone(&config))?;
        let acceptor = Mutex::new(acceptor);
        Ok(Self { shared: Arc::new(Shared { env, config, acceptor, storage, tap, board }) })
    }

    /// Serves everybody who connects to `listeners` until the process is asked to [stop](Env::stop). Then it
    /// tells every client `<system-shutdown/>`, writes what is queued, and returns when all connections are
    /// closed: after [`Limits::parting`](chatdev_server::Limits::parting) and a second, at the latest.
    pub async fn serve(&self, listeners: Vec<E::Listener>) {
        let env = &self.shared.env;
        for listener in listeners {
            env.spawn("accept", accept::run(Arc::clone(&self.shared), listener));
        }
        env.spawn("timer", timer::run(Arc::clone(&self.shared)));
        env.stop().triggered().await;
        self.shared.board.shut_down(env);
        let deadline = env.now() + self.shared.config.limits.parting + SHUTDOWN_MARGIN;
        let emptied = pin!(self.shared.board.emptied());
        select! {
            biased;
            () = emptied => {}
            () = env.sleep_until(deadline) => tracing::warn!("some connections did not close in time"),
        }
    }

    /// Answers handshakes with another certificate from now on. Connections that are there keep theirs.
    pub fn replace_acceptor(&self, acceptor: Acceptor) {
        *self.shared.acceptor.lock().unwrap_or_else(PoisonError::into_inner) = Some(acceptor);
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        self.shared.board.counters()
    }

    /// How many are in the directory.
    pub fn online(&self) -> usize {
        self.shared.board.online()
    }

    /// Closes all sessions of an account that somebody else than itself removed or gave another password.
    pub fn expel(&self, account: &BareJid) {
        self.shared.board.expel(&self.shared.env, account);
    }
}
