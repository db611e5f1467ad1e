//! The brain: one signed-in account, its connection to the server and its peer streams.
//!
//! Every input is a `handle_*` method; each leaves its consequences in one queue of outputs. What each part decides is in the
//! files beside this one, a part of the conversation each; this file holds them together and does nothing but dispatch.

mod commands;
mod deliver;
mod listing;
mod peer_dialling;
mod peer_opening;
mod peer_stanzas;
mod server_connection;
mod server_stanzas;
mod stored;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use chatdev_directory::Moment;
use jid::FullJid;
use rand_chacha::ChaCha20Rng;

use self::deliver::Messages;
use self::listing::Listing;
use self::server_connection::ServerConnection;
use self::stored::Awaited;
use crate::config::Config;
use crate::doorkeeper::Doorkeeper;
use crate::event::Event;
use crate::link::Link;
use crate::output::{ConnectionId, Output, Secured};
use crate::peer_trust::PeerTrust;
use crate::reachability::Reachability;
use crate::sequence::Incoming;
use crate::server_trust::ServerTrust;
use crate::storage::{Record, Remembered, RequestId, StoreRequest};

/// The client of one account on one device.
///
/// After every input, drain [`Client::poll_output`] and ask [`Client::poll_timeout`] when to call
/// [`Client::handle_timeout`] next. `at` never goes back.
pub struct Client {
    config: Config,
    rng: ChaCha20Rng,
    outputs: VecDeque<Output>,
    connections: u64,
    /// Requests to storage that are not yet answered.
    stores: BTreeMap<RequestId, Awaited>,
    requests: u64,
    server: ServerConnection,
    server_trust: ServerTrust,
    listing: Listing,
    /// Oneself, as bound last. Peer streams need it while the server is away.
    me: Option<FullJid>,
    trust: PeerTrust,
    links: BTreeMap<ConnectionId, Link>,
    reach: BTreeMap<FullJid, Reachability>,
    door: Doorkeeper,
    uses: u64,
    impostor_told: Option<Duration>,
    messages: Messages,
    incoming: Incoming,
    ending: Ending,
}

/// Whether, and since when, the client is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It is not.
    No,
    /// What is queued gets a last chance.
    Draining { until: Duration },
    /// Streams are being closed.
    Closing { until: Duration },
    /// It has ended.
    Over,
}

impl Client {
    /// A client that connects to its server at once. `remembered` is what storage holds from earlier runs; `rng` is its own.
    #[must_use]
    pub fn new(config: Config, remembered: Remembered, rng: ChaCha20Rng, at: Moment) -> Self {
        let limits = config.limits;
        let mut client = Self {
            rng,
            outputs: VecDeque::new(),
            connections: 0,
            stores: BTreeMap::new(),
            requests: 0,
            server: ServerConnection::new(limits.backoff),
            server_trust: ServerTrust::new(remembered.servers),
            listing: Listing::new(&config),
            me: None,
            trust: PeerTrust::new(limits.trust, remembered.devices),
            links: BTreeMap::new(),
            reach: BTreeMap::new(),
            door: Doorkeeper::new(limits.door),
            uses: 0,
            impostor_told: None,
            messages: Messages::new(remembered.reserved, &limits),
            incoming: Incoming::new(remembered.marks),
            ending: Ending::No,
            config,
        };
        client.connect(at);
        client
    }

    /// The connection that [`Output::Connect`] or [`Output::Dial`] asked for is there.
    pub fn handle_connected(&mut self, at: Moment, id: ConnectionId, local: SocketAddr, remote: SocketAddr) {
        if self.server.is(id) {
            self.handle_server_connected(at, local, remote);
        } else {
            self.handle_dial_connected(id);
        }
        self.handle_ending(at);
    }

    /// It could not be made. `error`: in words.
    pub fn handle_connect_failed(&mut self, at: Moment, id: ConnectionId, error: &str) {
        if self.server.is(id) {
            self.handle_server_unreachable(at, error);
        } else {
            self.handle_dial_failed(at, id);
        }
        self.handle_ending(at);
    }

    /// Somebody connected to our port. The number of the connection, or `None`: close it, there are too many.
    pub fn handle_accepted(&mut self, at: Moment, remote: SocketAddr) -> Option<ConnectionId> {
        self.accept(at, remote.ip().to_canonical())
    }

    /// The handshake that [`Output::StartTls`] asked for is done.
    pub fn handle_tls(&mut self, at: Moment, id: ConnectionId, secured: Secured) {
        if self.server.is(id) {
            self.handle_server_tls(at, secured);
        } else {
            self.handle_peer_tls(at, id, secured.fingerprint);
        }
        self.handle_ending(at);
    }

    /// Bytes came. See [`Client::is_reading`].
    pub fn handle_bytes(&mut self, at: Moment, id: ConnectionId, bytes: &[u8]) {
        if self.server.is(id) {
            self.handle_server_bytes(at, bytes);
        } else {
            self.handle_peer_bytes(at, id, bytes);
        }
        self.handle_ending(at);
    }

    /// The connection ended: closed by the other side, reset, or its handshake failed.
    pub fn handle_closed(&mut self, at: Moment, id: ConnectionId) {
        if self.server.is(id) {
            self.handle_server_eof(at);
        } else {
            self.handle_peer_eof(at, id);
        }
        self.handle_ending(at);
    }

    /// Whether to read from this connection now. What is given to it all the same is kept.
    #[must_use]
    pub fn is_reading(&self, id: ConnectionId) -> bool {
        self.links.get(&id).is_none_or(|link| {
            link.unread.is_empty() && !link.stream.as_ref().is_some_and(|stream| stream.is_waiting())
        })
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, at: Moment) {
        self.handle_server_timeout(at);
        self.handle_listing_timeout(at);
        self.handle_peer_timeouts(at);
        self.handle_message_timeouts(at);
        self.handle_ending(at);
    }

    /// When [`Client::handle_timeout`] is wanted next: monotonic.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let ending = match self.ending {
            Ending::Draining { until } | Ending::Closing { until } => Some(until),
            Ending::No | Ending::Over => None,
        };
        [self.server_timeout(), self.listing_timeout(), self.peer_timeout(), self.message_timeout(), ending]
            .into_iter()
            .flatten()
            .min()
    }

    /// The next thing to do; `None` until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn tell_all(&mut self, events: impl IntoIterator<Item = Event>) {
        self.outputs.extend(events.into_iter().map(Output::Event));
    }

    fn close_connection(&mut self, id: ConnectionId) {
        self.outputs.push_back(Output::Close { id });
    }

    fn next_connection(&mut self) -> ConnectionId {
        self.connections += 1;
        ConnectionId(self.connections)
    }

    fn store(&mut self, record: Record, awaited: Awaited) {
        self.requests += 1;
        let id = RequestId(self.requests);
        self.stores.insert(id, awaited);
        self.outputs.push_back(Output::Store(StoreRequest { id, record }));
    }
}
