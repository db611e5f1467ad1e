//! The live source: a proxy between a client and its server, which tells what both say while it passes it on.
//!
//! Each connection is told as the clients of a server know it: in the clear until `<starttls/>`, then what is inside TLS. TLS ends
//! here and begins here again (`tls`), at once or after `<proceed/>` (RFC 6120 §5), so the client sees another certificate than the
//! server's, and channel binding cannot hold (`binding`). What each side said is told as it was said; whatever was passed on
//! otherwise is told in a remark.
//!
//! A runtime on one thread relays; happenings come through a bounded channel to the thread of the listener. If the listener is slow,
//! relaying is slowed down; nothing is left out. It writes nothing to disk, and needs no rights but those to its port.
//!
//! Not here: SRV records (`--to` says where the server is), certificates of clients (SASL EXTERNAL cannot pass a proxy), WebSocket.

mod accept;
mod binding;
mod certificate;
mod clock;
mod connection;
mod direction;
mod error;
mod negotiation;
mod options;
mod relay;
mod stop;
mod telling;
mod tls;
mod verdict;
mod watch;

pub use error::ProxyError;
pub use options::{Options, Target};

use std::future::Future;
use std::net::{SocketAddr, TcpListener};

use tokio::sync::mpsc::error::TryRecvError;

use crate::model::Listener;

/// Connections at one time (`--connections-max`); what comes beyond that is closed at once, with a remark.
pub const CONNECTIONS_MAX: usize = 256;
/// Octets that are read at once from one side of a connection, and so the largest piece that is told.
pub const READ_OCTETS_MAX: usize = 16 * 1024;
/// Happenings on the way to the listener (at most 4 MiB); beyond that, relaying waits.
pub const HAPPENINGS_WAITING_MAX: usize = 256;
/// Octets of one element before sign-in that are held until it is whole; a larger one is passed on unread, and all after it.
pub const ELEMENT_OCTETS_MAX: usize = 64 * 1024;
/// Seconds for a connection to the server, and for a handshake; then the connection is given up.
pub const PATIENCE_SECONDS: u64 = 10;
/// Names for which a throw-away certificate is kept; beyond that, one is made for each connection.
pub const NAMES_MAX: usize = 64;

/// What the proxy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections that were taken.
    pub connections: u64,
    /// Connections beyond the limit, closed at once.
    pub refused: u64,
    /// Octets of both sides that were read, without TLS, by [`Side::index`](crate::model::Side::index).
    pub octets: [u64; 2],
    /// Elements that were passed on otherwise than they were said.
    pub altered: u64,
}

/// A proxy that listens and does not serve yet.
#[derive(Debug)]
pub struct Proxy {
    options: Options,
    listener: TcpListener,
    address: SocketAddr,
    certificates: certificate::Certificates,
    trust: verdict::Trust,
}

impl Proxy {
    /// Reads the certificates and begins to listen.
    ///
    /// # Errors
    /// A certificate that cannot be used, or an address on which it cannot listen.
    pub fn bind(options: Options) -> Result<Self, ProxyError> {
        let certificates = certificate::Certificates::load(&options)?;
        let trust = verdict::Trust::load(&options)?;
        let failed = |source| ProxyError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        if options.to.is(address) {
            return Err(ProxyError::Itself { to: options.to.to_string(), address });
        }
        Ok(Self { options, listener, address, certificates, trust })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done, and tells `listener` on this thread what happens. Must not be called from within a runtime.
    ///
    /// # Errors
    /// The runtime could not be started.
    pub fn run(
        self,
        mut listener: impl Listener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Report, ProxyError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ProxyError::Runtime)?;
        let (teller, mut told) = telling::channel();
        let (leave, left) = tokio::sync::oneshot::channel::<()>();
        let stop = async move {
            tokio::select! {
                biased;
                () = stop => {}
                _ = left => {}
            }
        };
        let serving = std::thread::Builder::new()
            .name("proxy".to_owned())
            .spawn(move || runtime.block_on(accept::serve(self, teller, stop)))
            .map_err(ProxyError::Runtime)?;
        while !listener.is_over() {
            match told.try_recv() {
                Ok(told) => told.tell(&mut listener),
                Err(TryRecvError::Empty) => {
                    listener.pause();
                    let Some(told) = told.blocking_recv() else { break };
                    told.tell(&mut listener);
                }
                Err(TryRecvError::Disconnected) => break,
            }
        }
        // If nothing more is wanted, whoever still has something to tell must not wait for it.
        drop(leave);
        while told.blocking_recv().is_some() {}
        match serving.join() {
            Ok(report) => report,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Listens and serves until `stop` is done: [`Proxy::bind`], then [`Proxy::run`].
///
/// # Errors
/// Theirs.
pub fn run(
    options: Options,
    listener: impl Listener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Report, ProxyError> {
    Proxy::bind(options)?.run(listener, stop)
}

/// Done when the person interrupts the program (Ctrl-C).
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without the signal there is no polite end; the program is then ended by the default action.
        std::future::pending::<()>().await;
    }
}
