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
use sha2::{Digest, Sha256};

use super::{
    Settings,
    lies::Lies,
    link::{End, Link},
    routes::Routes,
};
use crate::events::{Entry, Event};

/// The shared part of one world. Clones are the same world.
#[derive(Clone)]
pub(crate) struct Universe {
    settings: Arc<Settings>,
    seed: [u8; 32],
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What happened and was not taken yet.
    entries: Vec<Entry>,
    /// Every byte on the network, where they are compared.
    wire: Option<Sha256>,
    /// What the controller's clock says; inside a machine, the machine's own is exact to the timer.
    now: Duration,
    links: BTreeMap<u64, Arc<Link>>,
    /// Connections of which one end is known: (dialler, answerer) → connection.
    half_known: BTreeMap<(SocketAddr, SocketAddr), u64>,
    links_made: u64,
    keys: BTreeMap<Fingerprint, Vec<u8>>,
    names: BTreeMap<String, IpAddr>,
    routes: Routes,
    lies: Lies,
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
        self.state().entries.push(Entry { at, process: Arc::clone(process), event });
    }

    /// From now on the bytes on the network are hashed.
    pub(crate) fn hash_wire(&self) {
        self.state().wire = Some(Sha256::new());
    }

    /// Bytes that one end of `connection` wrote.
    pub(crate) fn record_bytes(&self, connection: u64, from_dialler: bool, bytes: &[u8]) {
        let at = self.now();
        if let Some(wire) = &mut self.state().wire {
            wire.update(at.as_nanos().to_be_bytes());
            wire.update(connection.to_be_bytes());
            wire.update([u8::from(from_dialler)]);
            wire.update((bytes.len() as u64).to_be_bytes());
            wire.update(bytes);
        }
    }

    /// What happened since this was last asked, in order.
    pub(crate) fn take_entries(&self) -> Vec<Entry> {
        std::mem::take(&mut self.state().entries)
    }

    /// The hash of all bytes so far; zeros where they are not hashed.
    pub(crate) fn wire_digest(&self) -> [u8; 32] {
        self.state().wire.clone().map_or([0; 32], |wire| wire.finalize().into())
    }

    /// Looks at, or changes, what lies between the machines.
    pub(super) fn routes<T>(&self, what: impl FnOnce(&mut Routes) -> T) -> T {
        what(&mut self.state().routes)
    }

    pub(crate) fn slow_by(&self, way: (IpAddr, IpAddr)) -> Duration {
        self.state().routes.slow_by(way)
    }

    /// Shuts or opens a way, for the connections that are there too.
    pub(crate) fn set_shut(&self, way: (IpAddr, IpAddr), shut: bool) {
        self.routes(|routes| routes.set_shut(way, shut));
        let now = self.now();
        for link in self.links() {
            for writer in [End::Dialler, End::Answerer].into_iter().filter(|end| link.way(*end) == way) {
                if shut { link.shut(writer, now) } else { link.open(writer, now) }
            }
        }
    }

    /// Changes which lies are told.
    pub(crate) fn lies<T>(&self, what: impl FnOnce(&mut Lies) -> T) -> T {
        what(&mut self.state().lies)
    }

    /// `text` as `teller` falsifies it for `hearer`, if it does.
    pub(crate) fn falsified(&self, teller: &str, hearer: &str, text: &[u8]) -> Option<Vec<u8>> {
        self.state().lies.falsified(teller, hearer, text)
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
        let link = Arc::new(Link::new(id, [dialler.ip(), answerer.ip()], self));
        for writer in [End::Dialler, End::Answerer] {
            if state.routes.is_shut(link.way(writer)) {
                link.shut(writer, turmoil::sim_elapsed().unwrap_or_default());
            }
        }
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
