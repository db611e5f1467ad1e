//! The server, as production runs it, over memory instead of SQLite.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::{
    Env,
    serve::Server,
    tls::{Acceptor, Identity},
};
use chatdev_server::{Config, Counters};
use chatdev_stream::{
    receiving,
    sasl::{FakeSalts, ITERATIONS_MIN},
};
use jid::DomainPart;
use rand_core::Rng;

use super::{
    DOMAIN,
    disk::{Mounted, ServerDisk},
};
use crate::schedule::ServerPlan;

/// The port that serves STARTTLS and TLS at once.
pub(crate) const PORT: u16 = 5222;

/// How long signing in may take, on either side. Shorter than in production, so that worlds can be shorter.
pub(super) const SIGN_IN_WAIT: Duration = Duration::from_secs(8);

/// What the server is started with.
#[derive(Clone)]
pub(crate) struct ServerSettings {
    pub(crate) plan: ServerPlan,
    pub(crate) identity: Identity,
}

/// A view of the running server from outside, for what its log does not say.
pub(crate) struct Watch<E: Env> {
    running: Arc<Mutex<Option<Running<E>>>>,
}

type Running<E> = Server<E, Mounted<E>>;

impl<E: Env> Clone for Watch<E> {
    fn clone(&self) -> Self {
        Self { running: Arc::clone(&self.running) }
    }
}

impl<E: Env> Default for Watch<E> {
    fn default() -> Self {
        Self { running: Arc::default() }
    }
}

impl<E: Env> Watch<E> {
    fn server(&self) -> Option<Running<E>> {
        self.running.lock().expect("nothing panics while it holds the server").clone()
    }

    fn set(&self, server: Option<Running<E>>) {
        *self.running.lock().expect("nothing panics while it holds the server") = server;
    }

    /// What is held of a server must not keep its connections open when it is gone.
    pub(crate) fn let_go(&self) {
        self.set(None);
    }

    /// How many are in its directory; `None` where it does not run.
    pub(crate) fn online(&self) -> Option<usize> {
        self.server().map(|server| server.online())
    }

    /// What it counted in this life.
    pub(crate) fn counters(&self) -> Counters {
        self.server().map(|server| server.counters()).unwrap_or_default()
    }
}

/// Serves until it is asked to stop.
pub(crate) async fn server<E: Env>(env: E, settings: ServerSettings, disk: ServerDisk, watch: Watch<E>) {
    let domain = DomainPart::new(DOMAIN).expect("a domain").into_owned();
    let mut secrets = env.rng("server secrets", 0);
    let mut secret = [0; 32];
    secrets.fill_bytes(&mut secret);
    let mut stream = receiving::Config::new(domain, FakeSalts::new(secret, ITERATIONS_MIN));
    stream.negotiation = SIGN_IN_WAIT;
    let mut directory = chatdev_directory::Config::new(secrets.next_u32());
    directory.interval = Duration::from_secs(settings.plan.interval_s);
    directory.limit = Duration::from_secs(settings.plan.limit_s);
    directory.departures_max = settings.plan.departures_max;
    let mut config = Config { iterations: ITERATIONS_MIN, ..Config::new(stream, directory) };
    config.limits.outbound_bytes_max = settings.plan.outbound_octets_max;
    // Thousands of clients share a few machines.
    config.limits.unsigned_per_address_max = config.limits.connections_max;
    let acceptor = Acceptor::for_clients(&settings.identity);
    let mounted = Mounted { env: env.clone(), disk };
    let server =
        Server::new(env.clone(), config, Some(acceptor), mounted).expect("a schedule's times are in range");
    let listener = env.bind(([0, 0, 0, 0], PORT).into()).await.expect("nobody else has the port");
    watch.set(Some(server.clone()));
    server.serve(vec![listener]).await;
    watch.let_go();
}
