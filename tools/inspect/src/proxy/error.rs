//! Why there is no proxy.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the proxy cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The address is in use, or not one of this machine.
    #[error("cannot listen on {address}: {source}; choose another --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It would talk to itself.
    #[error(
        "--to {to} is the proxy itself, which listens on {address}: it needs a port of its own; choose another --listen and let the client connect there"
    )]
    Itself {
        /// Where it would connect to.
        to: String,
        /// Where it listens.
        address: SocketAddr,
    },
    /// A file of certificates or keys.
    #[error("{}: expected {expected} in PEM form, found {found}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What is.
        found: String,
    },
    /// The certificate and the key do not belong together, or are of a kind that TLS here does not have.
    #[error(
        "the certificate and the key cannot be used: {0}; give the server's own pair, or leave both out for a throw-away certificate"
    )]
    Certificate(rustls::Error),
    /// There is no runtime.
    #[error("the proxy cannot be started: {0}")]
    Runtime(io::Error),
}
