//! [`Env`] on real sockets, as the simulation has it: what production's does, written down, behind the gate of its
//! process.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use chatdev_net::{
    Env, Io, Listener, Note, Stop, TokioEnv,
    tls::{self, Acceptor, Connector, Handshaken},
};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use tokio_rustls::TlsStream;

use super::{
    connection::{Holder, RealConnection, RealListener},
    forger,
    process::Process,
    tls::RealTls,
};
use crate::{events::Event, world::End};

/// One process's world.
#[derive(Clone)]
pub struct RealEnv {
    process: Arc<Process>,
}

impl RealEnv {
    pub(super) fn new(process: Arc<Process>) -> Self {
        Self { process }
    }

    fn tokio(&self) -> &TokioEnv {
        &self.process.tokio
    }

    fn handshaken<S: Io>(
        &self,
        done: Handshaken<TlsStream<S>>,
        holder: Option<Arc<Holder>>,
    ) -> Handshaken<RealTls<S>> {
        self.process.record(Event::Handshaken { peer: done.peer.map(|peer| peer.fingerprint) });
        let Handshaken { stream, peer, exporter, alpn, protection } = done;
        Handshaken { stream: RealTls::new(stream, holder), peer, exporter, alpn, protection }
    }
}

impl Env for RealEnv {
    type Connection = RealConnection;
    type Listener = RealListener;
    type Tls<S: Io> = RealTls<S>;

    async fn bind(&self, address: SocketAddr) -> io::Result<RealListener> {
        let listener = self.tokio().bind(self.process.universe.real_address(address)).await?;
        let at = Listener::local_addr(&listener)?;
        Ok(RealListener::new(&self.process, listener, at, SocketAddr::new(address.ip(), at.port())))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<RealConnection> {
        let to = self.process.universe.logged_address(address);
        self.process.record(Event::Dialling { to });
        let dialled = async {
            let stream = self.tokio().connect(address).await?;
            let here = stream.local_addr()?;
            Ok(RealConnection::new(&self.process, stream, (here, address), End::Dialler))
        };
        dialled.await.inspect_err(|_| self.process.record(Event::NotReached { to }))
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self.process.universe.address_of(host) {
            Some(address) => Ok(vec![address]),
            None => self.tokio().resolve(host, port).await,
        }
    }

    fn now(&self) -> Duration {
        self.tokio().now()
    }

    fn wall(&self) -> Timestamp {
        self.tokio().wall()
    }

    fn sleep_until(&self, deadline: Duration) -> impl Future<Output = ()> + Send {
        self.tokio().sleep_until(deadline)
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.process.spawn(name, task);
    }

    fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        self.tokio().compute(work)
    }

    fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng {
        self.tokio().rng(purpose, key)
    }

    fn note(&self, what: impl FnOnce() -> Note) {
        self.process.record(Event::Note(what()));
    }

    fn chaos(&self, site: &'static str) -> impl Future<Output = ()> + Send {
        self.tokio().chaos(site)
    }

    fn stop(&self) -> &Stop {
        self.tokio().stop()
    }

    async fn accept_tls<S: Io>(&self, io: S, acceptor: &Acceptor) -> io::Result<Handshaken<RealTls<S>>> {
        let holder = sealed(&io);
        let done = tls::accept(io, acceptor).await?;
        Ok(self.handshaken(done, holder))
    }

    async fn connect_tls<S: Io>(&self, io: S, connector: &Connector) -> io::Result<Handshaken<RealTls<S>>> {
        let holder = sealed(&io);
        let pretended = self.process.universe.pretended(&self.process.name);
        let done = match pretended.zip(connector.identity()) {
            Some((certificate, own)) => forger::connect(io, &certificate, own).await?,
            None => tls::connect(io, connector, self.wall()).await?,
        };
        Ok(self.handshaken(done, holder))
    }
}

/// The connection beneath, where there is one; TLS begins on it.
fn sealed<S: Io>(io: &S) -> Option<Arc<Holder>> {
    Holder::beneath(io).inspect(|holder| holder.seal())
}
