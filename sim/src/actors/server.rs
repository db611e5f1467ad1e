//! The server, as production runs it, over memory instead of SQLite.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::{
    Env,
    serve::{Server, Storage},
    tls::{Acceptor, Identity},
};
use chatdev_server::{Config, MemoryStore, StorageAnswer, StorageRequest};
use chatdev_stream::{
    receiving,
    sasl::{FakeSalts, ITERATIONS_MIN},
};
use jid::DomainPart;
use rand_core::Rng;

use super::{
    DOMAIN,
    accounts::{account, credentials},
};
use crate::world::SimEnv;

/// The port that serves STARTTLS and TLS at once.
pub(crate) const PORT: u16 = 5222;

/// The server's storage. It outlives the process, as a disk does.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    accounts: Arc<Mutex<MemoryStore>>,
}

impl Store {
    /// With these accounts, all under the simulation's password.
    pub(crate) fn with_accounts<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut accounts = MemoryStore::new();
        for name in names {
            accounts.insert(account(name), credentials());
        }
        Self { accounts: Arc::new(Mutex::new(accounts)) }
    }
}

impl Storage for Store {
    async fn request(&self, request: StorageRequest) -> StorageAnswer {
        self.accounts.lock().expect("nothing panics while it holds the store").answer(request)
    }
}

/// What the schedule says of the server.
#[derive(Clone)]
pub(crate) struct ServerSettings {
    pub(crate) interval: Duration,
    pub(crate) limit: Duration,
    pub(crate) identity: Identity,
}

/// Serves until it is asked to stop. What was counted can be read through `running`, also from outside.
pub(crate) async fn server(
    env: SimEnv,
    settings: ServerSettings,
    store: Store,
    running: Arc<Mutex<Option<Server<SimEnv, Store>>>>,
) {
    let domain = DomainPart::new(DOMAIN).expect("a domain").into_owned();
    let mut secrets = env.rng("server secrets", 0);
    let mut secret = [0; 32];
    secrets.fill_bytes(&mut secret);
    let stream = receiving::Config::new(domain, FakeSalts::new(secret, ITERATIONS_MIN));
    let mut directory = chatdev_directory::Config::new(secrets.next_u32());
    directory.interval = settings.interval;
    directory.limit = settings.limit;
    let config = Config { iterations: ITERATIONS_MIN, ..Config::new(stream, directory) };
    let acceptor = Acceptor::for_clients(&settings.identity);
    let server =
        Server::new(env.clone(), config, Some(acceptor), store).expect("a schedule's times are in range");
    let listener = env.bind(([0, 0, 0, 0], PORT).into()).await.expect("nobody else has the port");
    *running.lock().expect("nothing panics while it holds the server") = Some(server.clone());
    server.serve(vec![listener]).await;
}
