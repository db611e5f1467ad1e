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
    connection::{Holder, SimConnection, SimListener},
    link::End,
    process::Process,
    routes::Dial,
    tls::{Layer, SimTls, accept, connect},
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

    /// turmoil's own dials know neither hanging nor trying again, and leak where they are refused; so they
    /// begin only when they will be answered.
    async fn dial(&self, address: SocketAddr) -> io::Result<SimConnection> {
        let universe = &self.process.universe;
        // turmoil knows a machine's loopback by its own address.
        let there = if address.ip().is_loopback() { self.process.address } else { address.ip() };
        let there = SocketAddr::new(there, address.port());
        let mut again = SYN_AGAIN;
        loop {
            match universe.routes(|routes| routes.dial(self.process.address, there)) {
                Dial::Answered => break,
                Dial::Refused => {
                    sleep(2 * universe.settings().latency).await;
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                Dial::Hangs => sleep(again).await,
            }
            again *= 2;
        }
        SimConnection::new(&self.process, TcpStream::connect(address).await?, End::Dialler)
    }

    fn handshaken<S: Io>(&self, done: Handshaken<SimTls<S>>) -> Handshaken<SimTls<S>> {
        self.process.record(Event::Handshaken { peer: done.peer.map(|peer| peer.fingerprint) });
        done
    }
}

/// When a SYN that nobody answered is first sent again; then after twice as long, each time (RFC 6298 §5.7).
const SYN_AGAIN: Duration = Duration::from_secs(1);

fn with_stream<S, T>(done: Handshaken<S>, wrap: impl FnOnce(S) -> T) -> Handshaken<T> {
    Handshaken {
        stream: wrap(done.stream),
        peer: done.peer,
        exporter: done.exporter,
        alpn: done.alpn,
        protection: done.protection,
    }
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
        SimListener::new(&self.process, listener)
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<SimConnection> {
        self.process.record(Event::Dialling { to: address });
        let connection = self.dial(address).await;
        if connection.is_err() {
            self.process.record(Event::NotReached { to: address });
        }
        connection
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

    /// At once: in a world whose time stands still meanwhile, nothing takes long.
    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        work()
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
        let holder = sealed(&io);
        let done = if self.process.universe.settings().real_tls {
            with_stream(tls::accept(io, acceptor).await?, |stream| Layer::Real(Box::new(stream)))
        } else {
            with_stream(accept(&self.process, io, acceptor).await?, Layer::StandIn)
        };
        Ok(self.handshaken(with_stream(done, |layer| SimTls::new(layer, holder))))
    }

    async fn connect_tls<S: Io>(&self, io: S, connector: &Connector) -> io::Result<Handshaken<SimTls<S>>> {
        let holder = sealed(&io);
        let done = if self.process.universe.settings().real_tls {
            let done = tls::connect(io, connector, self.wall()).await?;
            with_stream(done, |stream| Layer::Real(Box::new(stream)))
        } else {
            with_stream(connect(&self.process, io, connector).await?, Layer::StandIn)
        };
        Ok(self.handshaken(with_stream(done, |layer| SimTls::new(layer, holder))))
    }
}

/// The connection beneath, where there is one; TLS begins on it.
fn sealed<S: Io>(io: &S) -> Option<Arc<Holder>> {
    Holder::beneath(io).inspect(|holder| holder.seal())
}
