//! What the sessions of a scenario do, a struct for each kind.

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::measure::Operation;

/// The `[load]` of a scenario; `kind` says which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Load {
    /// Sign-ins at a rate; each leaves again.
    Login(Login),
    /// All sign in at once.
    Storm(Storm),
    /// All are signed in, the server restarts, and all come back.
    Reconnect(Reconnect),
    /// All are signed in and do nothing.
    Idle(Idle),
    /// Pings to the server.
    Ping(Ping),
    /// Messages from the first to the second of each pair.
    Route(Route),
    /// `ChatDev` sessions that check in.
    CheckIn(CheckIn),
    /// Direct streams between clients; the server has no part in them.
    Peer(Peer),
    /// A working day, compressed.
    Mixed(Mixed),
}

/// Sign-ins at a rate, in an open loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Sign-ins that are to begin in a second, in all.
    pub per_second: f64,
}

/// All sign in at once, as far as `at_once` lets them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storm {
    /// At most so many at one time; the others wait, and their waiting counts.
    pub at_once: usize,
}

/// All are signed in, lose their connections, and come back, as clients do: after a random while, which grows with each
/// failure (decorrelated jitter).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconnect {
    /// The shortest wait.
    pub wait_seconds_min: f64,
    /// The longest wait.
    pub wait_seconds_max: f64,
}

/// All are signed in and do nothing but answer what the server asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idle {}

/// Pings to the server (XEP-0199).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    /// Closed loop: so many are under way in each session.
    pub window: usize,
    /// Open loop instead: so many begin in a second, in all.
    pub per_second: Option<f64>,
}

/// Messages from the first to the second of each pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Closed loop: so many are under way in each pair.
    pub window: usize,
    /// Open loop instead: so many begin in a second, in all.
    pub per_second: Option<f64>,
    /// Octets of text in a message.
    pub body_bytes: usize,
}

/// Check-ins of `urn:chatdev:directory:1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// Seconds between two of one session.
    pub interval_seconds: f64,
    /// Of a hundred check-ins so many tell a new status.
    pub changed_percent: f64,
}

/// Direct streams between clients (`urn:chatdev:peer:1`), each pair with one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// So many messages are under way in each stream; 0: streams are opened and closed, and nothing is said.
    pub window: usize,
    /// Octets of text in a message.
    pub body_bytes: usize,
    /// After so many messages a stream is closed and another one opened; 0: never.
    pub messages_per_stream: u64,
}

/// A working day, compressed. What each session does comes at random times (a Poisson process), in an open loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixed {
    /// Messages that somebody writes in an hour, to others in turns.
    pub messages_per_hour: f64,
    /// Changes of presence in an hour, told to the server.
    pub presences_per_hour: f64,
    /// Pings to the server in an hour.
    pub pings_per_hour: f64,
    /// How often somebody leaves and signs in again in an hour.
    pub sign_ins_per_hour: f64,
    /// How many times faster than a clock the hours go by.
    pub faster: f64,
    /// Octets of text in a message.
    pub body_bytes: usize,
}

/// The longest text of a message: 32 KiB, which every server takes.
const BODY_BYTES_MAX: usize = 32 * 1024;
/// The most operations that one session may have under way.
const WINDOW_MAX: usize = 10_000;

impl Load {
    /// Whether sessions come in pairs.
    #[must_use]
    pub fn is_of_pairs(&self) -> bool {
        matches!(self, Self::Route(_) | Self::Peer(_))
    }

    /// The operation that it is about.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Login(_) | Self::Storm(_) | Self::Reconnect(_) | Self::Idle(_) => Operation::SignIn,
            Self::Ping(_) => Operation::Ping,
            Self::Route(_) | Self::Mixed(_) => Operation::Message,
            Self::CheckIn(_) => Operation::CheckIn,
            Self::Peer(peer) if peer.window == 0 => Operation::PeerConnect,
            Self::Peer(_) => Operation::PeerMessage,
        }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Login(login) => between("per_second", login.per_second, 0.001, 1e6),
            Self::Storm(storm) => whole("at_once", storm.at_once, 1, 100_000),
            Self::Reconnect(reconnect) => {
                between("wait_seconds_min", reconnect.wait_seconds_min, 0.01, 3600.0)?;
                between("wait_seconds_max", reconnect.wait_seconds_max, reconnect.wait_seconds_min, 86400.0)
            }
            Self::Idle(_) => Ok(()),
            Self::Ping(ping) => {
                whole("window", ping.window, 1, WINDOW_MAX)?;
                between("per_second", ping.per_second.unwrap_or(1.0), 0.001, 1e8)
            }
            Self::Route(route) => {
                whole("window", route.window, 1, WINDOW_MAX)?;
                whole("body_bytes", route.body_bytes, 1, BODY_BYTES_MAX)?;
                between("per_second", route.per_second.unwrap_or(1.0), 0.001, 1e8)
            }
            Self::CheckIn(check_in) => {
                between("interval_seconds", check_in.interval_seconds, 0.001, 86400.0)?;
                between("changed_percent", check_in.changed_percent, 0.0, 100.0)
            }
            Self::Peer(peer) => {
                whole("window", peer.window, 0, 256)?;
                whole("body_bytes", peer.body_bytes, 1, BODY_BYTES_MAX)
            }
            Self::Mixed(mixed) => {
                between("messages_per_hour", mixed.messages_per_hour, 0.0, 1e6)?;
                between("presences_per_hour", mixed.presences_per_hour, 0.0, 1e6)?;
                between("pings_per_hour", mixed.pings_per_hour, 0.0, 1e6)?;
                between("sign_ins_per_hour", mixed.sign_ins_per_hour, 0.0, 1e6)?;
                between("faster", mixed.faster, 0.001, 1e6)?;
                whole("body_bytes", mixed.body_bytes, 1, BODY_BYTES_MAX)
            }
        }
    }
}

fn between(name: &str, found: f64, min: f64, max: f64) -> anyhow::Result<()> {
    if !(min..=max).contains(&found) {
        bail!("load.{name} should be between {min} and {max}; it is {found}");
    }
    Ok(())
}

fn whole(name: &str, found: usize, min: usize, max: usize) -> anyhow::Result<()> {
    if !(min..=max).contains(&found) {
        bail!("load.{name} should be between {min} and {max}; it is {found}");
    }
    Ok(())
}
