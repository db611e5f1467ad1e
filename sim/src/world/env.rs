//! [`Env`] in the simulation: a process's view of a world in which everything follows from the seed.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chatdev_net::{
    Env, Io, Note, Stop,
    tls::{self, Acceptor, Connector, Handshaken},
};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use tokio::time::sleep;
use turmoil::net::{TcpListener, TcpStream};

use super::{
    connection::{SimConnection, SimListener},
    link::End,
    process::Process,
    tls::{SimTls, accept, connect},
};
use crate::events::Event;

/// One process's world.
#[derive(Clone)]
pub struct SimEnv {
    process: Arc<Process>,
}

impl SimEnv {
    pub(crate) fn new(process: Arc<Process>) -> Self {
        Self { process }
    }

    fn handshaken<S: Io>(&self, done: Handshaken<SimTls<S>>) -> Handshaken<SimTls<S>> {
        self.process.record(Event::Handshaken { peer: done.peer.map(|peer| peer.fingerprint) });
        done
    }
}

fn with_stream<S, T>(done: Handshaken<S>, wrap: impl FnOnce(S) -> T) -> Handshaken<T> {
    Handshaken { stream: wrap(done.stream), peer: done.peer, exporter: done.exporter, alpn: done.alpn }
}

impl Env for SimEnv {
    type Connection = SimConnection;
    type Listener = SimListener;
    type Tls<S: Io> = SimTls<S>;

    async fn bind(&self, address: SocketAddr) -> io::Result<SimListener> {
        // A machine has one address, and turmoil binds to all addresses or to loopback.
        let ip = match address.ip() {
            ip if ip == self.process.address => IpAddr::from([0, 0, 0, 0]),
            ip => ip,
        };
        let listener = TcpListener::bind(SocketAddr::new(ip, address.port())).await?;
        Ok(SimListener::new(&self.process, listener))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<SimConnection> {
        let connection = TcpStream::connect(address).await?;
        SimConnection::new(&self.process, connection, End::Dialler)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let address = host.parse().ok().or_else(|| self.process.universe.address_of(host));
        let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("no address for {host}"));
        Ok(vec![SocketAddr::new(address.ok_or_else(unknown)?, port)])
    }

    fn now(&self) -> Duration {
        self.process.clock().mono(self.process.universe.now())
    }

    fn wall(&self) -> Timestamp {
        let universe = &self.process.universe;
        self.process.clock().wall(universe.now(), universe.settings().epoch)
    }

    async fn sleep_until(&self, deadline: Duration) {
        loop {
            let left = self.process.clock().real_until(self.process.universe.now(), deadline);
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.process.spawn(name, task);
    }

    fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng {
        self.process.rng(purpose, key)
    }

    fn note(&self, what: impl FnOnce() -> Note) {
        self.process.record(Event::Note(what()));
    }

    async fn chaos(&self, site: &'static str) {
        let wait_ms_max = self.process.universe.settings().chaos_ms_max;
        if wait_ms_max == 0 {
            return;
        }
        let mut rng = self.process.fresh_rng(site);
        // Most of the time nothing overtakes: a world that is late everywhere finds less than one that is
        // late somewhere.
        if rng.next_u64().is_multiple_of(4) {
            let wait_ms = rng.next_u64() % (wait_ms_max + 1);
            sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    fn stop(&self) -> &Stop {
        &self.process.stop
    }

    async fn accept_tls<S: Io>(&self, io: S, acceptor: &Acceptor) -> io::Result<Handshaken<SimTls<S>>> {
        let done = if self.process.universe.settings().real_tls {
            with_stream(tls::accept(io, acceptor).await?, |stream| SimTls::Real(Box::new(stream)))
        } else {
            with_stream(accept(&self.process, io, acceptor).await?, SimTls::StandIn)
        };
        Ok(self.handshaken(done))
    }

    async fn connect_tls<S: Io>(&self, io: S, connector: &Connector) -> io::Result<Handshaken<SimTls<S>>> {
        let done = if self.process.universe.settings().real_tls {
            let done = tls::connect(io, connector, self.wall()).await?;
            with_stream(done, |stream| SimTls::Real(Box::new(stream)))
        } else {
            with_stream(connect(&self.process, io, connector).await?, SimTls::StandIn)
        };
        Ok(self.handshaken(done))
    }
}
