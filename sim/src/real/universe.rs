//! What the processes of one run on real sockets share: the log, the connections by both their ends, who listens
//! where.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use chatdev_net::{Env, TokioEnv};
use tokio::net::TcpSocket;

use super::connection::Holder;
use crate::{
    actors::{DOMAIN, PORT},
    events::{Entry, Event},
    world::End,
};

/// See the file's documentation.
pub(super) struct Universe {
    /// The clock of the run: it began when the run did.
    clock: TokioEnv,
    /// Bound for as long as the run lasts, and never listening: nobody else gets the server's port while the server
    /// is down, not even a dial to it as the port that it comes from.
    _reserved: TcpSocket,
    server: SocketAddr,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What happened and was not taken yet.
    entries: Vec<Entry>,
    /// Connections of which one end is known: (dialler, answerer) → connection, and which end it is.
    half_known: BTreeMap<(SocketAddr, SocketAddr), (u64, End)>,
    links_made: u64,
    holders: Vec<Weak<Holder>>,
    listeners: BTreeMap<SocketAddr, Arc<str>>,
    /// Certificates that processes show without having their keys.
    pretended: BTreeMap<String, Vec<u8>>,
    failure: Option<String>,
}

/// Ends that are gone are swept when there are this many.
const HOLDERS_SWEPT_AT: usize = 256;

impl Universe {
    pub(super) fn new() -> io::Result<Self> {
        let reserved = TcpSocket::new_v4()?;
        // As the server's own socket will: then it may have the port as well.
        reserved.set_reuseaddr(true)?;
        reserved.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let server = reserved.local_addr()?;
        Ok(Self { clock: TokioEnv::new()?, _reserved: reserved, server, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the state")
    }

    /// Time since the start of the run.
    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) async fn sleep_until(&self, at: Duration) {
        self.clock.sleep_until(at).await;
    }

    pub(super) fn record(&self, process: &Arc<str>, event: Event) {
        let mut state = self.state();
        // Read within the lock: the log is in order of time.
        let at = self.now();
        state.entries.push(Entry { at, process: Arc::clone(process), event });
    }

    pub(super) fn take_entries(&self) -> Vec<Entry> {
        std::mem::take(&mut self.state().entries)
    }

    /// The run has failed. The first failure is kept.
    pub(super) fn fail(&self, why: String) {
        self.state().failure.get_or_insert(why);
    }

    pub(super) fn failure(&self) -> Option<String> {
        self.state().failure.clone()
    }

    /// The address of the one domain.
    pub(super) fn address_of(&self, host: &str) -> Option<SocketAddr> {
        (host == DOMAIN).then_some(self.server)
    }

    /// Where somebody really listens who wants to at `wanted`: on loopback, the server at its own port.
    pub(super) fn real_address(&self, wanted: SocketAddr) -> SocketAddr {
        if wanted.port() == PORT { self.server } else { (Ipv4Addr::LOCALHOST, wanted.port()).into() }
    }

    /// An address as the log shows it: the server's port has the number that checkers know.
    pub(super) fn logged_address(&self, real: SocketAddr) -> SocketAddr {
        if real == self.server { SocketAddr::new(real.ip(), PORT) } else { real }
    }

    /// The connection between two addresses, for `end` of it. The first end to ask makes it, the second finds it.
    pub(super) fn link(&self, dialler: SocketAddr, answerer: SocketAddr, end: End) -> u64 {
        let mut state = self.state();
        if let Some((id, _)) =
            state.half_known.remove(&(dialler, answerer)).filter(|(_, known)| *known != end)
        {
            return id;
        }
        state.links_made += 1;
        let id = state.links_made;
        state.half_known.insert((dialler, answerer), (id, end));
        id
    }

    pub(super) fn hold(&self, holder: &Arc<Holder>) {
        let mut state = self.state();
        if state.holders.len() >= HOLDERS_SWEPT_AT && state.holders.len().is_power_of_two() {
            state.holders.retain(|holder| holder.strong_count() > 0);
        }
        state.holders.push(Arc::downgrade(holder));
    }

    /// All ends of connections that there are.
    pub(super) fn holders(&self) -> Vec<Arc<Holder>> {
        // The last of its owners locks the state when it lets go of it: not within this call.
        self.state().holders.iter().filter_map(Weak::upgrade).collect()
    }

    pub(super) fn listen(&self, at: SocketAddr, process: &Arc<str>) {
        self.state().listeners.insert(at, Arc::clone(process));
    }

    pub(super) fn deafen(&self, at: SocketAddr) {
        self.state().listeners.remove(&at);
    }

    /// Where a process listens.
    pub(super) fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        self.state().listeners.iter().find(|(_, owner)| ***owner == *process).map(|(at, _)| *at)
    }

    /// `process` shows `certificate` from now on; or its own again.
    pub(super) fn pretend(&self, process: &str, certificate: Option<Vec<u8>>) {
        let mut state = self.state();
        match certificate {
            Some(certificate) => drop(state.pretended.insert(process.to_owned(), certificate)),
            None => drop(state.pretended.remove(process)),
        }
    }

    /// The certificate that `process` shows in the place of its own.
    pub(super) fn pretended(&self, process: &str) -> Option<Vec<u8>> {
        self.state().pretended.get(process).cloned()
    }
}
