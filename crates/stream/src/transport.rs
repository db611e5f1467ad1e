//! What a stream is told of the connection below it. It never sees the connection itself.

use std::fmt;

use crate::sasl::Exporter;

/// What TLS says once its handshake is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TlsFacts {
    /// Keying material that only the two ends of this TLS connection have, for channel binding (RFC 9266).
    pub exporter: Exporter,
}

impl fmt::Debug for TlsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsFacts(…)")
    }
}

/// The connection that a stream begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// There if the connection speaks TLS already (XEP-0368).
    pub tls: Option<TlsFacts>,
    /// Whether the other end is on this machine; only there may TLS be switched off.
    pub loopback: bool,
}
