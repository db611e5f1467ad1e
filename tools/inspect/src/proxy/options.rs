//! What a person says about the proxy on the command line.

use std::fmt;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::str::FromStr;

use super::CONNECTIONS_MAX;

/// The port of a server where none is said (RFC 6120 §14.7).
const CLIENT_PORT: u16 = 5222;

/// What the proxy does.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address and port on which clients connect, such as 127.0.0.1:5333
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen)]
    pub listen: SocketAddr,
    /// The server: host, or host:port (5222 if none is said)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub to: Target,
    /// The domain that clients sign in to, where they do not say it themselves
    #[arg(long)]
    pub domain: Option<String>,
    /// The certificate that clients are shown (PEM, with its chain); a throw-away one if not given
    #[arg(long, value_name = "PEM", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The key of the certificate (PEM)
    #[arg(long, value_name = "PEM", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Turn to no server whose certificate nobody vouches for
    #[arg(long)]
    pub verify: bool,
    /// Authorities to trust besides the public ones (PEM)
    #[arg(long, value_name = "PEM")]
    pub trust: Option<PathBuf>,
    /// Pass on what the server says of channel binding, which then fails for clients that do it
    #[arg(long)]
    pub keep_binding: bool,
    /// Leave the channel binding tls-server-end-point, which holds if --certificate is the server's own
    #[arg(long, requires = "certificate", conflicts_with = "keep_binding")]
    pub keep_end_point_binding: bool,
    /// Connections at one time; what comes beyond that is closed at once
    #[arg(long, value_name = "NUMBER", default_value_t = CONNECTIONS_MAX)]
    pub connections_max: usize,
}

impl Options {
    /// Those of a proxy of which nothing else is said.
    #[must_use]
    pub fn new(listen: SocketAddr, to: Target) -> Self {
        Self {
            listen,
            to,
            domain: None,
            certificate: None,
            key: None,
            verify: false,
            trust: None,
            keep_binding: false,
            keep_end_point_binding: false,
            connections_max: CONNECTIONS_MAX,
        }
    }
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Target {
    /// Whether it is this address, as far as can be told without asking for names.
    pub(super) fn is(&self, address: SocketAddr) -> bool {
        self.host.parse().is_ok_and(|host| is_reached(address, SocketAddr::new(host, self.port)))
    }
}

/// Where clients connect: an address, for a name may have several.
fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("expected an address and a port, such as 127.0.0.1:5333 or [::1]:5333, found {text:?}")
    })
}

/// Whether whoever connects to `target` reaches who listens on `listens`.
pub(super) fn is_reached(listens: SocketAddr, target: SocketAddr) -> bool {
    let (here, there) = (listens.ip().to_canonical(), target.ip().to_canonical());
    listens.port() == target.port()
        && (here == there
            // To connect to no address is to connect to this machine.
            || there.is_unspecified() && (here.is_loopback() || here.is_unspecified())
            || here.is_unspecified() && is_of_this_machine(there))
}

/// Only addresses of this machine can be bound to.
fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// What is no host and port.
#[derive(Debug, thiserror::Error)]
#[error("expected a host such as example.org, example.org:5222 or [2001:db8::1]:5222, found {0:?}")]
pub struct TargetError(String);

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError(text.to_owned());
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(wrong)?)),
            None => match text.split_once(':') {
                // An IPv6 address without brackets.
                Some((_, rest)) if rest.contains(':') => (text, None),
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = port.map_or(Ok(CLIENT_PORT), str::parse).map_err(|_| wrong())?;
        if host.is_empty() || host.contains(char::is_whitespace) || port == 0 {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn hosts_are_read_with_and_without_a_port() {
        let read = |text: &str| {
            text.parse().map(|target: Target| target.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(read("example.org"), Ok("example.org:5222".to_owned()));
        assert_eq!(read("example.org:1"), Ok("example.org:1".to_owned()));
        assert_eq!(read("::1"), Ok("[::1]:5222".to_owned()));
        assert_eq!(read("[::1]:80"), Ok("[::1]:80".to_owned()));
        assert_eq!(read("[::1]"), Ok("[::1]:5222".to_owned()));
        for wrong in ["", ":1", "a:b", "a:0", "[::1]80", "a b", "a:70000"] {
            assert!(read(wrong).unwrap_err().contains("expected a host"), "{wrong}");
        }
    }

    #[test]
    fn who_listens_on_all_addresses_is_reached_by_each_of_them() {
        let reaches =
            |listens: &str, target: &str| is_reached(listens.parse().unwrap(), target.parse().unwrap());
        for (listens, target) in [
            ("127.0.0.1:5222", "127.0.0.1:5222"),
            ("0.0.0.0:5222", "127.0.0.1:5222"),
            ("0.0.0.0:5222", "127.0.0.2:5222"),
            ("[::]:5222", "127.0.0.1:5222"),
            ("[::]:5222", "[::1]:5222"),
            ("127.0.0.1:5222", "0.0.0.0:5222"),
            ("127.0.0.1:5222", "[::ffff:127.0.0.1]:5222"),
        ] {
            assert!(reaches(listens, target), "{listens} {target}");
        }
        for (listens, target) in [
            ("127.0.0.1:5333", "127.0.0.1:5222"),
            ("0.0.0.0:5222", "192.0.2.1:5222"),
            ("127.0.0.1:5222", "127.0.0.2:5222"),
            ("192.0.2.1:5222", "0.0.0.0:5222"),
        ] {
            assert!(!reaches(listens, target), "{listens} {target}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let line = ["x", "--listen", "127.0.0.1:5333", "--to", "localhost"];
        let options = Line::try_parse_from(line).unwrap().options;
        assert_eq!(
            (options.to.port, options.connections_max, options.verify),
            (5222, CONNECTIONS_MAX, false)
        );
        let alone = line.iter().chain(&["--certificate", "a.pem"]);
        assert!(Line::try_parse_from(alone).unwrap_err().to_string().contains("--key"));
    }
}
