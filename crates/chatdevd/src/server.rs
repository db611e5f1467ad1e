//! One running server: everything that the driver needs around it, put together and taken apart again.
//!
//! Several can run in one process, each with a data folder of its own.

mod listen;
mod open_files;
mod settings;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use chatdev_directory::Fingerprint;
use chatdev_net::tls::{Acceptor, KeyLog};
use chatdev_net::{Env as _, TokioEnv, serve};
use chatdev_server::Counters;
use jid::{BareJid, DomainPart};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::certificate;
use crate::config::Config;
use crate::data_folder::DataFolder;
use crate::key_log::KeyLogFile;
use crate::metrics::{self, MetricsListener};
use crate::process_lock::ProcessLock;
use crate::store::{AccountChange, Opener, StorageThread, Store};
use crate::tap::TapThread;

/// The driver, on this machine and with this program's storage.
type Driver = serve::Server<TokioEnv, StorageThread>;

/// Starts servers.
#[derive(Clone, Copy, Debug)]
pub struct Server;

/// A server that runs, until [`stop`](Self::stop) or until it is dropped.
#[derive(Debug)]
pub struct Running {
    config: Config,
    folder: DataFolder,
    addresses: Vec<SocketAddr>,
    fingerprint: Fingerprint,
    metrics: Option<MetricsListener>,
    env: TokioEnv,
    driver: Driver,
    key_log: Option<Arc<dyn KeyLog>>,
    serving: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server in the current tokio runtime (with I/O and time). When this is ready, clients can connect.
    ///
    /// # Errors
    /// Settings that do not go together ([`Problems`](crate::config::Problems)), a data folder that is in use or
    /// cannot be used, an address that cannot be had; each with what to do about it.
    pub async fn start(config: Config) -> anyhow::Result<Running> {
        config.check()?;
        let path = config.data.clone().map_or_else(DataFolder::default_path, Ok)?;
        let folder = DataFolder::open(&path)?;
        let lock = folder.lock()?;
        let store = Store::open(&folder.database(), Opener::Alone)?;
        let secret = store.secret()?;
        let identity = certificate::identity(&config, &folder)?;
        let key_log = key_log(&config)?;
        let env = TokioEnv::new()?;
        let tap = tap_file(&config, &env)?;
        open_files::make_room(config.limits.connections_max);

        let epoch = getrandom::u32().context("the system gives no random numbers")?;
        let brain = settings::brain(&config, secret, epoch)?;
        let (listeners, addresses) = listen::bind(&env, &config).await?;
        let expulsion = Expulsion::new(brain.domain.clone());
        let commands = expulsion.clone();
        let storage = StorageThread::start(store, move |change| commands.handle(&change))?;
        let acceptor = Acceptor::for_clients(&identity).with_key_log(key_log.clone());
        let driver = Driver::with_tap(
            env.clone(),
            brain,
            Some(acceptor),
            storage.clone(),
            tap.as_ref().map(TapThread::tap),
        )?;
        let counted = driver.clone();
        let metrics = match config.metrics.listen {
            Some(address) => {
                Some(MetricsListener::start(address, metrics::registry(move || counted.counters())).await?)
            }
            None => None,
        };
        // From here on nothing fails: an error now would leave driver and storage holding each other.
        expulsion.set(Some(driver.clone()));
        let serving = tokio::spawn(serve(driver.clone(), listeners, expulsion, storage, tap, lock));
        let fingerprint = identity.fingerprint();
        let serving = Some(serving);
        Ok(Running { config, folder, addresses, fingerprint, metrics, env, driver, key_log, serving })
    }
}

/// Opens the key log, if there is to be one.
fn key_log(config: &Config) -> anyhow::Result<Option<Arc<dyn KeyLog>>> {
    let Some(path) = &config.tls.key_log else { return Ok(None) };
    let file = KeyLogFile::open(path, |trouble| tracing::error!("{trouble}"))?;
    tracing::warn!("{}", file.warning());
    Ok(Some(Arc::new(file)))
}

/// Opens the tap's file, if there is to be one.
fn tap_file(config: &Config, env: &TokioEnv) -> anyhow::Result<Option<TapThread>> {
    let Some(path) = &config.tap.file else { return Ok(None) };
    let tap = TapThread::start(path, env.wall())?;
    tracing::warn!(
        "all that is said on every connection is written to {}, in clear but for passwords: whoever has that file can read it",
        path.display()
    );
    Ok(Some(tap))
}

/// Serves to the end, and gives the folder back when nothing is written to it any more.
async fn serve(
    driver: Driver,
    listeners: Vec<TcpListener>,
    expulsion: Expulsion,
    storage: StorageThread,
    tap: Option<TapThread>,
    lock: ProcessLock,
) {
    driver.serve(listeners).await;
    expulsion.set(None);
    let close = tokio::task::spawn_blocking(move || {
        storage.close();
        // Written to its end, as the storage is.
        drop(tap);
        drop(lock);
    });
    if close.await.is_err() {
        tracing::error!("the storage could not be closed");
    }
}

impl Running {
    /// The settings it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The folder it keeps things in.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Where clients connect, with the ports that the system chose; in the order of [`Config::listen`].
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where figures are read, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsListener::address)
    }

    /// The fingerprint of the certificate that it was started with.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        self.driver.counters()
    }

    /// How many sessions are in the directory.
    pub fn online(&self) -> usize {
        self.driver.online()
    }

    /// Reads the certificate again, for connections from now on, and gives its fingerprint.
    ///
    /// # Errors
    /// Files that cannot be read or used; the old certificate stays.
    pub fn reload_certificate(&self) -> anyhow::Result<Fingerprint> {
        let identity = certificate::identity(&self.config, &self.folder)?;
        let acceptor = Acceptor::for_clients(&identity).with_key_log(self.key_log.clone());
        self.driver.replace_acceptor(acceptor);
        Ok(identity.fingerprint())
    }

    /// Tells every client `<system-shutdown/>`, writes what is queued, and gives the data folder back.
    pub async fn stop(mut self) {
        self.env.stop().trigger();
        let Some(serving) = self.serving.take() else { return };
        if serving.await.is_err() {
            tracing::error!("the server ended early");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The serving task, if it is still there, ends by itself; nobody waits for it.
        self.env.stop().trigger();
    }
}

/// Closes the sessions of accounts that `chatdevd account` changed. Made before the driver is, as the driver needs
/// the storage; emptied at its end, so that they do not keep each other alive.
#[derive(Clone, Debug)]
struct Expulsion {
    domain: DomainPart,
    driver: Arc<Mutex<Option<Driver>>>,
}

impl Expulsion {
    fn new(domain: DomainPart) -> Self {
        Self { domain, driver: Arc::default() }
    }

    fn set(&self, driver: Option<Driver>) {
        *self.driver.lock().unwrap_or_else(PoisonError::into_inner) = driver;
    }

    /// Called on the storage thread.
    fn handle(&self, change: &AccountChange) {
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Before the driver is there, nobody can have signed in.
        let Some(driver) = driver else { return };
        tracing::info!(username = %change.username, what = change.kind.as_str(), "an account was changed by a command");
        driver.expel(&BareJid::from_parts(Some(&change.username), &self.domain));
    }
}
