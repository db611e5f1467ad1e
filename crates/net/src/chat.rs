//! The client driver: runs the brain of [`chatdev_client`] on any [`Env`].
//!
//! One task owns the brain and everything that it decides on. Each connection has a task of its own that reads, writes and shakes
//! hands, one hears the port for peers, and one carries requests to storage. They talk through bounded channels, and the owner waits for
//! none of them. A connection that does not take what is written to it is cut off; one that sends is read a piece at a time, and
//! only when the brain wants more; while the program does not take its events, nothing is read at all.
//!
//! ```text
//!   program ──commands──▶ owner ──work──▶ connection tasks ⇄ network
//!           ◀──events────       ◀─inputs─
//!                               ⇄ storage task ⇄ the program's database
//! ```
//!
//! What it does *not* do: decide anything, or store anything.

mod connection;
mod conversation;
mod notes;
mod owner;
mod storage;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chatdev_client::{Client, Command, Config, Event, MessageId, Remembered};
use jid::Jid;
use tokio::sync::mpsc;

pub use storage::{MemoryStorage, Storage};

use crate::tls::{Acceptor, Connector, Identity, KeyLog};
use crate::{Env, Listener as _};
use owner::Owner;

/// Commands that wait for the owner. With so many, [`Commands::give`] waits.
const COMMANDS_WAITING_MAX: usize = 64;
/// Events that the program has not taken. With so many, nothing more is read from the network.
const EVENTS_WAITING_MAX: usize = 256;

/// What a client is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Account, server, profile, limits. Its `device` and `peer_address` are filled in here.
    pub client: Config,
    /// The certificate and key of this device.
    pub identity: Identity,
    /// What storage holds from earlier runs.
    pub remembered: Remembered,
    /// Where to hear peers; port 0 asks for any free one. `None`: nowhere, peers cannot dial us.
    pub listen: Option<SocketAddr>,
    /// Tells the clients of one process apart, for their randomness: each has another number. 0 where there is one.
    pub instance: u64,
    /// Where the secrets of all TLS connections are told, to the server and among peers. `None`: nowhere.
    pub key_log: Option<Arc<dyn KeyLog>>,
}

/// Starts a client. It connects at once; it ends after [`Command::Quit`], when its [`Handle`] is dropped, or when the
/// process is [stopped](Env::stop), each time gracefully.
///
/// # Errors
/// The operating system's, where the port for peers cannot be bound.
pub async fn start<E: Env, S: Storage>(env: E, mut settings: Settings, storage: S) -> io::Result<Handle> {
    let listener = match settings.listen {
        Some(address) => Some(env.bind(address).await?),
        None => None,
    };
    let peer_address = listener.as_ref().map(|listener| listener.local_addr()).transpose()?;
    settings.client.peer_address = peer_address;
    settings.client.device = settings.identity.fingerprint();
    let tls = Tls {
        acceptor: Acceptor::for_peers(&settings.identity).with_key_log(settings.key_log.clone()),
        connector: Connector::to_peer(&settings.identity).with_key_log(settings.key_log.clone()),
        key_log: settings.key_log,
    };
    let rng = env.rng("client", settings.instance);
    let client = Client::new(settings.client, settings.remembered, rng, env.moment());
    let (commands, wishes) = mpsc::channel(COMMANDS_WAITING_MAX);
    let (told, events) = mpsc::channel(EVENTS_WAITING_MAX);
    let owner = Owner::new(env.clone(), client, Arc::new(tls), wishes);
    owner.start(listener, storage, told);
    Ok(Handle {
        commands: Commands { commands, messages: Arc::new(AtomicU64::new(0)) },
        events: Events { events },
        peer_address,
    })
}

/// How peers are spoken to, and what is told of every handshake.
struct Tls {
    acceptor: Acceptor,
    connector: Connector,
    key_log: Option<Arc<dyn KeyLog>>,
}

/// A running client, as its program sees it.
#[derive(Debug)]
pub struct Handle {
    /// For wishes.
    pub commands: Commands,
    /// For what happens.
    pub events: Events,
    /// Where peers are heard.
    pub peer_address: Option<SocketAddr>,
}

impl Handle {
    /// Gives a command; see [`Commands::give`].
    ///
    /// # Errors
    /// The client has ended.
    pub async fn command(&self, command: Command) -> Result<(), Ended> {
        self.commands.give(command).await
    }

    /// The next event; see [`Events::next`].
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.next().await
    }
}

/// Takes commands to the client. Clones share it; when the last one is gone, the client ends.
#[derive(Debug, Clone)]
pub struct Commands {
    commands: mpsc::Sender<Command>,
    messages: Arc<AtomicU64>,
}

impl Commands {
    /// Gives a command. Waits while too many wait.
    ///
    /// # Errors
    /// The client has ended.
    pub async fn give(&self, command: Command) -> Result<(), Ended> {
        self.commands.send(command).await.map_err(|_| Ended)
    }

    /// Sends a message under a new name, which is returned: its states are told under it.
    ///
    /// # Errors
    /// The client has ended.
    pub async fn send(&self, to: Jid, body: impl Into<String> + Send) -> Result<MessageId, Ended> {
        let message = MessageId(self.messages.fetch_add(1, Ordering::Relaxed));
        self.give(Command::Send { message, to, body: body.into() }).await?;
        Ok(message)
    }
}

/// Brings what happens.
#[derive(Debug)]
pub struct Events {
    events: mpsc::Receiver<Event>,
}

impl Events {
    /// The next event. `None` after [`Event::Ended`], once everything that was to be stored is. Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

/// The client has ended and takes no more commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client has ended")]
pub struct Ended;
