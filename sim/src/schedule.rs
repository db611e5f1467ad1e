//! A schedule: everything about a run, in plain data. A scenario turns a seed into one; the schedule is what
//! runs, and what is stored to be run again.
//!
//! Times are milliseconds of simulated time since the start of the world.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::{Pieces, Settings};

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The scenario that it comes from.
    pub scenario: String,
    /// Random draws inside the world follow from it.
    pub seed: u64,
    /// The network.
    pub network: Network,
    /// What the server tells its clients: seconds until the next check-in.
    pub interval_s: u64,
    /// What the server tells its clients: seconds of silence until removal.
    pub limit_s: u64,
    /// Who takes part, besides the server.
    pub actors: Vec<Actor>,
    /// What is done, in order of time.
    pub steps: Vec<Timed>,
    /// From here on nothing is done to the world any more: what has to come true in the end has until
    /// [`Schedule::end_ms`].
    pub calm_ms: u64,
    /// When the run is over and judged.
    pub end_ms: u64,
    /// What must be so in the end, besides what must always be so.
    pub expected: Vec<Expected>,
}

/// How the network treats bytes, and how late things may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The grain of time.
    pub tick_ms: u64,
    /// Of every write.
    pub latency_ms: u64,
    /// Of single writes, on top of it, drawn.
    pub jitter_ms_max: u64,
    /// Writes and reads are broken into pieces of up to so many octets; `None`: not at all.
    pub pieces_octets_max: Option<usize>,
    /// Longest wait at a chaos point.
    pub chaos_ms_max: u64,
    /// Machines take turns in a drawn order.
    pub random_turns: bool,
    /// Real rustls: outcomes only.
    pub real_tls: bool,
}

impl Network {
    /// A millisecond's grain, two milliseconds' way, nothing else.
    pub const QUIET: Self = Self {
        tick_ms: 1,
        latency_ms: 2,
        jitter_ms_max: 0,
        pieces_octets_max: None,
        chaos_ms_max: 0,
        random_turns: false,
        real_tls: false,
    };

    pub(crate) fn settings(&self, seed: u64) -> Settings {
        Settings {
            tick: Duration::from_millis(self.tick_ms),
            latency: Duration::from_millis(self.latency_ms),
            jitter_ms_max: self.jitter_ms_max,
            pieces: self.pieces_octets_max.map_or(Pieces::Whole, Pieces::UpTo),
            chaos_ms_max: self.chaos_ms_max,
            random_turns: self.random_turns,
            real_tls: self.real_tls,
            ..Settings::quiet(seed)
        }
    }

    /// The longest that a write is under way, the grain of time included.
    #[must_use]
    pub fn way_max(&self) -> Duration {
        Duration::from_millis(self.latency_ms + self.jitter_ms_max + 2 * self.tick_ms)
    }
}

/// A client.
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
}

/// Something that is done at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timed {
    /// When.
    pub at_ms: u64,
    /// What.
    pub step: Step,
}

/// Something that is done to the world, or that a person does. `server` is the server's process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Starts a process, for the first time or again.
    Start(String),
    /// Asks it to end (SIGTERM).
    AskToStop(String),
    /// Kills it (SIGKILL).
    Kill(String),
    /// Pulls its plug: nobody hears of its end.
    PowerCut(String),
    /// Freezes it (SIGSTOP).
    Pause(String),
    /// Lets it go on (SIGCONT).
    Resume(String),
    /// Its connections are closed under it, as both ends see.
    CutByFin(String),
    /// Its connections are reset.
    CutByRst(String),
    /// Its connections fall silent: nothing arrives, in either direction, and nobody is told.
    CutSilently(String),
    /// What it writes does not arrive until it is let go.
    Stall(String),
    /// It is let go.
    LetGo(String),
    /// Its wall clock is set to be so many milliseconds ahead.
    SetWall(String, i64),
    /// A person sends a message to an account.
    Send {
        /// The sending client.
        from: String,
        /// The account's name.
        to: String,
        /// The text; unique in the schedule.
        text: String,
    },
    /// A person changes the status.
    SetStatus {
        /// Of which client.
        of: String,
        /// The text.
        status: String,
    },
    /// A puppet writes XML.
    Write {
        /// Which one.
        puppet: String,
        /// One element, or white space.
        xml: String,
    },
}

/// What must be so in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// This client was reaped so many times.
    Reaped(String, usize),
    /// This client is signed in.
    SignedIn(String),
    /// This client has lost its session and does not come back by itself.
    Away(String),
    /// Exactly one of these clients is signed in.
    OneSignedIn(Vec<String>),
    /// Every message of the schedule was shown to its receiver, and its sender knows.
    AllDelivered,
    /// This account's sessions were bound so many times, over all.
    Binds(String, usize),
    /// So many messages passed the server.
    RoutedByServer(u64),
}
