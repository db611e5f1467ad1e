//! What the operator decides of the server, and every limit that it keeps after sign-in. What the streams
//! keep before it is in [`chatdev_stream::receiving::Config`], what the directory keeps in
//! [`chatdev_directory::Config`].

use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::Visibility;
use chatdev_stream::receiving;
use jid::{BareJid, DomainPart};

/// Settings of one server, shared by its [`Switchboard`](crate::Switchboard) and all of its connections.
#[derive(Clone, Debug)]
pub struct Config {
    /// The one host served.
    pub domain: DomainPart,
    /// Settings of every client stream; `domains` holds [`Self::domain`] alone.
    pub stream: Arc<receiving::Config>,
    /// Settings of the directory.
    pub directory: chatdev_directory::Config,
    /// Iterations of PBKDF2 for passwords that are set in band. Default: 10,000.
    pub iterations: u32,
    /// What is bounded, and how far.
    pub limits: Limits,
}

/// Every limit of this crate, with what happens when it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once. One more is closed before a byte is read. Default: 100,000.
    pub connections_max: usize,
    /// Connections of one address that are not signed in yet. One more is closed at once. Default: 100.
    pub unsigned_per_address_max: usize,
    /// Sessions of one account at once. A bind over it gets `<resource-constraint/>`. Default: 20.
    pub sessions_per_account_max: usize,
    /// Bytes that wait for one connection. A session over it is cut off: what it was owed goes back to the
    /// senders, its stream ends with `<resource-constraint/>`. Default: 1 MiB.
    pub outbound_bytes_max: usize,
    /// Addresses that one session has directed its presence to and not yet taken back. A presence to one more
    /// gets `<resource-constraint/>`. Default: 64.
    pub directed_presences_max: usize,
    /// Octets of one directory answer. What does not fit comes with the next page. Default: 48 KiB, so that
    /// it passes a client that takes stanzas of 64 KiB.
    pub answer_bytes_max: usize,
    /// How long the last words of a stream may take to be written to a client that does not read. Then the
    /// connection is dropped. Default: 5 s.
    pub parting: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 100_000,
            unsigned_per_address_max: 100,
            sessions_per_account_max: 20,
            outbound_bytes_max: 1024 * 1024,
            directed_presences_max: 64,
            answer_bytes_max: 48 * 1024,
            parting: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// The defaults around the settings of streams and directory.
    ///
    /// # Panics
    /// If `stream` serves no host.
    #[must_use]
    pub fn new(stream: receiving::Config, directory: chatdev_directory::Config) -> Self {
        let domain = stream.domains.first().expect("a server serves a host").clone();
        Self {
            domain,
            stream: Arc::new(stream),
            directory,
            iterations: chatdev_stream::sasl::ITERATIONS_DEFAULT,
            limits: Limits::default(),
        }
    }

    /// Whether there is a directory to check in to.
    #[must_use]
    pub fn has_directory(&self) -> bool {
        self.directory.visibility != Visibility::Off
    }

    /// The address of the server itself.
    #[must_use]
    pub fn server_jid(&self) -> BareJid {
        BareJid::from(self.domain.clone())
    }
}
