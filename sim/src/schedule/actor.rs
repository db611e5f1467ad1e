//! Who takes part in a run, besides the server.

use serde::{Deserialize, Serialize};

/// A client. It starts once by itself; operations end it and start it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The process's name; unique.
    pub name: String,
    /// The machine that it runs on.
    pub machine: String,
    /// The account's name at the one domain that there is.
    pub account: String,
    /// The resource that it asks for.
    pub resource: String,
    /// What it is.
    pub kind: Kind,
    /// When it starts.
    pub start_ms: u64,
    /// TLS at once instead of STARTTLS.
    pub tls_at_once: bool,
    /// Parts per million by which its clocks run fast.
    pub clock_rate_ppm: i32,
}

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// ChatDev's own, as production runs it.
    Person,
    /// One that signs in, and then writes what the schedule says, when it says it, and nothing else.
    Puppet,
    /// One that never signs in: it dials people and claims to be somebody, and is anybody to whoever is led to it.
    Impostor,
}
