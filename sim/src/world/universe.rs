//! What all processes of a world share, and none may ask about: the log, the connections, who holds which
//! key.
//!
//! A run has one thread; the lock is there because an [`chatdev_net::Env`] is `Send`, and is never held
//! across a call to turmoil.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use chatdev_directory::Fingerprint;
use chatdev_net::derive;
use rand_chacha::ChaCha20Rng;

use super::{Settings, link::Link};
use crate::events::{Entry, Event, Log};

/// The shared part of one world. Clones are the same world.
#[derive(Clone)]
pub(crate) struct Universe {
    settings: Arc<Settings>,
    seed: [u8; 32],
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    log: Log,
    /// What the controller's clock says; inside a machine, the machine's own is exact to the timer.
    now: Duration,
    links: BTreeMap<u64, Arc<Link>>,
    /// Connections of which one end is known: (dialler, answerer) → connection.
    half_known: BTreeMap<(SocketAddr, SocketAddr), u64>,
    links_made: u64,
    keys: BTreeMap<Fingerprint, Vec<u8>>,
    names: BTreeMap<String, IpAddr>,
    failure: Option<String>,
}

impl Universe {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&settings.seed.to_be_bytes());
        Self { settings: Arc::new(settings), seed, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the state")
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A generator of the world itself, as opposed to one of a process.
    pub(crate) fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng {
        derive::generator(&self.seed, purpose, key)
    }

    /// Simulated time since the start of the world.
    pub(crate) fn now(&self) -> Duration {
        turmoil::sim_elapsed().unwrap_or_else(|| self.state().now)
    }

    pub(crate) fn set_now(&self, now: Duration) {
        self.state().now = now;
    }

    pub(crate) fn record(&self, process: &Arc<str>, event: Event) {
        let at = self.now();
        self.state().log.push(Entry { at, process: Arc::clone(process), event });
    }

    pub(crate) fn record_bytes(&self, connection: u64, from_dialler: bool, bytes: &[u8]) {
        let at = self.now();
        self.state().log.wrote(at, connection, from_dialler, bytes);
    }

    pub(crate) fn log(&self) -> Log {
        self.state().log.clone()
    }

    /// The run has failed. The first failure is kept.
    pub(crate) fn fail(&self, why: String) {
        self.state().failure.get_or_insert(why);
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.state().failure.clone()
    }

    pub(crate) fn name_host(&self, name: &str, address: IpAddr) {
        self.state().names.insert(name.to_owned(), address);
    }

    pub(crate) fn address_of(&self, name: &str) -> Option<IpAddr> {
        self.state().names.get(name).copied()
    }

    /// Remembers that somebody in this world holds `key`, the key of the certificate with `fingerprint`.
    pub(crate) fn hold_key(&self, fingerprint: Fingerprint, key: &[u8]) {
        self.state().keys.entry(fingerprint).or_insert_with(|| key.to_vec());
    }

    /// The key of a certificate; what only its holder can prove, and the referee can check.
    pub(crate) fn key_of(&self, fingerprint: &Fingerprint) -> Option<Vec<u8>> {
        self.state().keys.get(fingerprint).cloned()
    }

    /// The connection between two addresses, for the end that asks. The first end to ask makes it, the second
    /// finds it.
    pub(crate) fn link(&self, dialler: SocketAddr, answerer: SocketAddr) -> Arc<Link> {
        let mut state = self.state();
        if let Some(id) = state.half_known.remove(&(dialler, answerer)) {
            return Arc::clone(&state.links[&id]);
        }
        state.links_made += 1;
        let id = state.links_made;
        let link = Arc::new(Link::new(id, self));
        state.links.insert(id, Arc::clone(&link));
        state.half_known.insert((dialler, answerer), id);
        link
    }

    pub(crate) fn links(&self) -> Vec<Arc<Link>> {
        self.state().links.values().cloned().collect()
    }

    /// Both ends of a connection are gone.
    pub(crate) fn forget_link(&self, id: u64) {
        let mut state = self.state();
        state.links.remove(&id);
        state.half_known.retain(|_, known| *known != id);
    }
}
