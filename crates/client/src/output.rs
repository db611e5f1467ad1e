//! What the brain wants done: connections, bytes, storage, events. The owner drains these after every input.

use chatdev_directory::{Endpoint, Fingerprint};

use crate::config::Target;
use crate::event::Event;
use crate::storage::StoreRequest;

/// A connection of this client, numbered by the brain and never reused in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Connect to the server; answer with `handle_connected` or `handle_connect_failed`.
    Connect {
        /// Its number.
        id: ConnectionId,
        /// Where.
        target: Target,
    },
    /// Connect to a peer; answer in the same way.
    Dial {
        /// Its number.
        id: ConnectionId,
        /// Where.
        endpoint: Endpoint,
    },
    /// Shake hands; answer with `handle_tls` or `handle_closed`. Bytes received before and not yet read are dropped; bytes
    /// written before are flushed.
    StartTls {
        /// Which connection.
        id: ConnectionId,
        /// In which role.
        handshake: Handshake,
    },
    /// Send these bytes, after those before.
    Write {
        /// On which connection.
        id: ConnectionId,
        /// What.
        bytes: Vec<u8>,
    },
    /// Close it once what was written is sent. No `handle_*` is expected for it any more.
    Close {
        /// Which connection.
        id: ConnectionId,
    },
    /// Store; answer with `handle_stored`.
    Store(StoreRequest),
    /// Tell the program.
    Event(Event),
}

/// How a TLS handshake is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// As client of the server of this domain. No certificate of ours.
    ToServer {
        /// The name to ask for, and to check the chain against.
        domain: String,
        /// TLS from the first octet (XEP-0368), not after STARTTLS.
        at_once: bool,
    },
    /// As client of a peer: TLS 1.3, ALPN `xmpp-peer`, our certificate.
    DialPeer,
    /// As server of a peer: TLS 1.3, ALPN `xmpp-peer`, our certificate, and the other's required.
    AnswerPeer,
}

/// What a finished handshake showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secured {
    /// SHA-256 of the other side's certificate, whose key it proved to hold.
    pub fingerprint: Fingerprint,
    /// A public authority vouches for it, for the name that was asked for. Of no meaning between peers.
    pub publicly_valid: bool,
    /// The `tls-exporter` value of RFC 9266, 32 octets.
    pub exporter: [u8; 32],
}
