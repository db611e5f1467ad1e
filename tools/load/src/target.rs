//! Where the load goes: the server's address and domain, how connections to it are encrypted, and where they come from.

use std::net::{IpAddr, SocketAddr};

use anyhow::Context as _;
use chatdev_net::tls::Connector;
use chatdev_stream::sasl::Mechanism;
use clap::ValueEnum;
use tokio::net::{TcpSocket, TcpStream};

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encryption {
    /// Not at all. PLAIN is not used then; making accounts in band does show their passwords.
    None,
    /// RFC 6120 §5.
    Starttls,
    /// TLS from the first octet (XEP-0368).
    Direct,
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// RFC 6120.
    Xmpp,
    /// The line that the bare relay pairs connections by, and then the stanzas alone.
    Raw,
}

/// See the file's documentation.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The domain that it serves.
    pub domain: String,
    /// How connections are encrypted.
    pub encryption: Encryption,
    /// The mechanisms that may be used; the strongest that the server offers is.
    pub mechanisms: Vec<Mechanism>,
    /// What is spoken.
    pub speech: Speech,
    /// Addresses of this machine that connections come from in turns; none: as the system chooses.
    pub sources: Vec<IpAddr>,
}

impl Target {
    /// How TLS is begun. The server's certificate is not judged: a load test wants its handshake, not its word.
    ///
    /// # Errors
    /// If the domain cannot stand in a certificate.
    pub fn connector(&self) -> anyhow::Result<Connector> {
        let connector = Connector::to_server(&self.domain)
            .with_context(|| format!("‘{}’ is no domain that TLS could be spoken with", self.domain))?;
        Ok(if self.encryption == Encryption::Direct { connector.at_once() } else { connector })
    }

    /// A TCP connection for the session with that number.
    pub(crate) async fn connect(&self, number: usize) -> std::io::Result<TcpStream> {
        let tcp = match self.address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        if !self.sources.is_empty() {
            tcp.set_reuseaddr(true)?;
            tcp.bind(SocketAddr::new(self.sources[number % self.sources.len()], 0))?;
        }
        let tcp = tcp.connect(self.address).await?;
        tcp.set_nodelay(true)?;
        Ok(tcp)
    }
}
