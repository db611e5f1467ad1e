//! TLS as both worlds see it: who we are, what we require, and what a finished handshake tells.
//!
//! | connection | versions | ALPN | certificates |
//! |---|---|---|---|
//! | client to server (RFC 6120 §5, XEP-0368) | 1.2 and 1.3 | `xmpp-client`, offered only for TLS at once | the server's |
//! | peer stream (PROTOCOL section 3) | 1.3 | `xmpp-peer`, required | both sides', self-signed |
//!
//! The chain of a certificate is never what decides here: a certificate is known by its fingerprint, and
//! whether a public authority vouches for it is only *reported* ([`PeerCertificate::trusted`]). What *is*
//! always verified is the handshake's signature: whoever shows a certificate holds its key. Nothing is
//! resumed, no tickets are given, no early data is taken.
//!
//! Memory: an idle session keeps about 7.5 kB here (measured: 1.2 kB of state in place, 6.3 kB on the heap, 4
//! kB of which is rustls' reading buffer). Configurations are shared, and there is no cache of sessions.
//!
//! Whoever debugs can have each handshake's secrets given to a [`KeyLog`] ([`Acceptor::with_key_log`],
//! [`Connector::with_key_log`]): with them, all that was said on the wire can be read. Without one, they stay inside
//! rustls.
//!
//! Not here: making certificates (the programs do), and deciding whether a fingerprint is the right one (the
//! client's brain does).

mod acceptor;
mod connector;
mod handshake;
mod identity;
mod verify;

pub use acceptor::Acceptor;
pub use connector::{Connector, ConnectorError};
pub use handshake::{accept, connect};
pub use identity::{Identity, IdentityError};
pub use rustls::{CipherSuite, KeyLog, ProtocolVersion};

use std::fmt;
use std::sync::Arc;

use chatdev_directory::Fingerprint;
use rustls::crypto::{CryptoProvider, ring};

/// ALPN of a client stream over TLS at once (XEP-0368 §3).
pub const ALPN_CLIENT: &[u8] = b"xmpp-client";
/// ALPN of a peer stream.
pub const ALPN_PEER: &[u8] = b"xmpp-peer";

/// RFC 9266 §2: the exporter's label; its context is empty and its output has 32 octets.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// A finished handshake: the sealed stream, and what was learned.
#[derive(Debug)]
pub struct Handshaken<S> {
    /// The stream; what is written to it is sealed.
    pub stream: S,
    /// The other side's certificate. `None` only for a client of a server, which shows none.
    pub peer: Option<PeerCertificate>,
    /// The channel binding `tls-exporter` (RFC 9266), equal on both sides. Always there: TLS 1.2 is spoken
    /// only with the extended master secret (RFC 7627), without which the value would bind nothing.
    pub exporter: [u8; 32],
    /// The protocol that both sides agreed on, where one was offered.
    pub alpn: Option<Vec<u8>>,
    /// How the stream is sealed. `None` in a simulation, where it is not.
    pub protection: Option<Protection>,
}

/// The version of TLS and the cipher suite that both sides agreed on. Shown as `TLS 1.3, TLS13_AES_128_GCM_SHA256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Version.
    pub version: ProtocolVersion,
    /// Cipher suite.
    pub suite: CipherSuite,
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            ProtocolVersion::TLSv1_2 => f.write_str("TLS 1.2")?,
            ProtocolVersion::TLSv1_3 => f.write_str("TLS 1.3")?,
            other => write!(f, "{other:?}")?,
        }
        write!(f, ", {:?}", self.suite)
    }
}

/// What the other side's certificate says. It has proven that it holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// SHA-256 over the certificate's DER.
    pub fingerprint: Fingerprint,
    /// Whether a public authority vouches for it, for the name asked for, now. Always false between peers.
    pub trusted: bool,
}

/// Whom an [`Acceptor`] answers or a [`Connector`] turns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Between a client and a server.
    ClientAndServer,
    /// Between two clients.
    Peers,
}

/// The one cryptography provider of this process's TLS; named, so that nothing depends on a process-wide
/// default.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
