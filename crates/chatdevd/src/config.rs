//! Every setting of the server, with its default.
//!
//! A [`Config`] is built from four layers, each overriding the one before it: the defaults below, a TOML file,
//! environment variables, flags ([`Layers`]). Unknown keys are refused, with the nearest known one named;
//! [`Config::check`] holds the rules between settings. It does *not* open, bind or create anything: that is
//! [`crate::Server::start`].

mod keys;
mod layers;
mod network;
mod problem;
mod rules;
mod toml_file;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use keys::{KEYS, Key};
pub use layers::Layers;
pub use network::Network;
pub use problem::{Origin, Problem, Problems};

/// The settings of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The data folder: accounts, the server's own certificate, the lock. Default: `chatdevd` in the user's XDG data
    /// folder.
    pub data: Option<PathBuf>,
    /// The domain that is served: the part of everybody's address after the `@`. Default: `localhost`.
    pub domain: String,
    /// Addresses that clients connect to; STARTTLS and TLS at once (XEP-0368) on each. Port 0: the system chooses.
    /// Default: `127.0.0.1:5222`, and `[::1]:5222` where the machine has IPv6.
    pub listen: Vec<SocketAddr>,
    /// Who may make an account from a client.
    pub registration: Registration,
    /// How accounts are kept.
    pub accounts: Accounts,
    /// Certificate, and whether encryption may be done without.
    pub tls: Tls,
    /// Who is online, who is told, and for how long silence is taken for presence.
    pub directory: Directory,
    /// Bounds on what others can make the server hold.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: Log,
    /// The figures for a monitoring system.
    pub metrics: Metrics,
    /// What is said on all connections, for whoever debugs a protocol.
    pub tap: Tap,
}

/// `[registration]`: accounts made in band (XEP-0077).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Whether a client may make an account. Default: yes; refused together with an address that others can reach.
    pub open: bool,
}

/// `[accounts]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// PBKDF2 iterations of the SCRAM keys of passwords set from now on (RFC 7677 §4 asks for 4096 at least).
    /// Default: 10,000.
    pub scram_iterations: u32,
}

/// `[tls]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the operator's certificate, followed by its chain. Default: none, the server makes its own.
    pub certificate: Option<PathBuf>,
    /// PEM file with the certificate's private key. Default: none.
    pub key: Option<PathBuf>,
    /// Whether a client must encrypt before it can sign in. Default: yes; `false` is taken on loopback addresses
    /// only.
    pub required: bool,
    /// File that the secrets of every TLS connection are appended to, for a packet inspector. Default: none. Whoever
    /// has it can read all that was said.
    pub key_log: Option<PathBuf>,
}

/// `[directory]`: `crates/PROTOCOL.md` §2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// Seconds until a client's next check-in. Default: 20.
    pub interval_seconds: u32,
    /// Seconds of silence after which a session is reaped; at least three intervals. Default: 60.
    pub limit_seconds: u32,
    /// Who sees who is online. Default: everyone who is signed in.
    pub visibility: Visibility,
    /// Who is shown network addresses. Default: everyone who sees the entry.
    pub endpoints: Endpoints,
    /// Addresses and networks that any session may announce, beside its own and private ones; at most 64. Default:
    /// none.
    pub endpoint_allow: Vec<Network>,
    /// Departures remembered for delta answers; a client that was away for longer gets the whole list again. Default:
    /// 10,000.
    pub departures_max: usize,
    /// People online up to which ordinary clients see them in the roster group `Online`. Default: 0, off.
    pub roster_push_max: usize,
}

/// `directory.visibility`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// All who are signed in see each other.
    Everyone,
    /// Those whom a roster subscription allows it.
    Contacts,
    /// Nobody; the directory is not offered.
    Off,
}

/// `directory.endpoints`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoints {
    /// All who see the entry.
    Everyone,
    /// Those whom a roster subscription allows it.
    Contacts,
    /// Nobody.
    Nobody,
}

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections in all; one more is closed at once. Default: 10,000.
    pub connections_max: usize,
    /// Connections from one address that are not signed in; one more is closed at once. Default: 100.
    pub unsigned_per_address_max: usize,
    /// Sessions of one account; one more is refused at resource binding. Default: 20.
    pub sessions_per_account_max: usize,
    /// Bytes queued for one session that does not read them; beyond, it is cut off. Default: 1 MiB.
    pub queue_bytes_max: usize,
    /// Bytes of one stanza from a session that is signed in. Default: 64 KiB. Before sign-in it is always 8 KiB.
    pub stanza_bytes_max: usize,
    /// Seconds that a connection has for TLS, sign-in and binding, whatever it sends. Default: 30.
    pub sign_in_seconds: u32,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least severe level that is logged. Default: `info`.
    pub level: LogLevel,
    /// The form of one line. Default: `text`.
    pub format: LogFormat,
}

/// `log.level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the levels of every logger")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// `log.format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object a line, for a log collector.
    Json,
}

/// `[metrics]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Where `GET /metrics` is answered in the Prometheus text format. Default: nowhere. A loopback address is
    /// advised.
    pub listen: Option<SocketAddr>,
}

/// `[tap]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tap {
    /// File that all that clients and server say to each other is appended to, in clear, without passwords. Default: none.
    pub file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: None,
            domain: "localhost".to_owned(),
            listen: Self::LISTEN_DEFAULT.to_vec(),
            registration: Registration::default(),
            accounts: Accounts::default(),
            tls: Tls::default(),
            directory: Directory::default(),
            limits: Limits::default(),
            log: Log::default(),
            metrics: Metrics::default(),
            tap: Tap::default(),
        }
    }
}

impl Config {
    /// What `chatdevd config default` prints: every key, commented, with its default.
    pub const DEFAULT_FILE: &str = include_str!("config/default.toml");

    /// Loopback only, so that a server that nobody configured is reached by nobody else.
    pub const LISTEN_DEFAULT: [SocketAddr; 2] = [
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5222),
        SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 5222),
    ];
}

impl Default for Registration {
    fn default() -> Self {
        Self { open: true }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self { scram_iterations: 10_000 }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self { certificate: None, key: None, required: true, key_log: None }
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            interval_seconds: 20,
            limit_seconds: 60,
            visibility: Visibility::Everyone,
            endpoints: Endpoints::Everyone,
            endpoint_allow: Vec::new(),
            departures_max: 10_000,
            roster_push_max: 0,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            unsigned_per_address_max: 100,
            sessions_per_account_max: 20,
            queue_bytes_max: 1024 * 1024,
            stanza_bytes_max: 64 * 1024,
            sign_in_seconds: 30,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel::Info, format: LogFormat::Text }
    }
}
