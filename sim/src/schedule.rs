//! A schedule: everything about a run, in plain data. A scenario turns a seed into one; the schedule is what
//! runs, is made smaller when it fails, and is stored to be run again.
//!
//! Times are milliseconds of simulated time since the start of the world. Every operation is whole in itself: a
//! fault says how long it lasts, an end says when there is a new beginning, and what is expected of an
//! operation stands beside it. So any of them can be left out, and the rest is still a story that has to end
//! well.

mod act;
mod actor;
mod expected;
mod network;
pub mod shrink;

use serde::{Deserialize, Serialize};

pub use act::{Act, DiskFault, Ending, Manner, Op, Span};
pub use actor::{Actor, Kind};
pub use expected::Expected;
pub use network::Network;

/// The form of what is stored. It changes when old schedules would mean something else.
pub const SCHEMA: u32 = 2;

/// The name of the server's process, and of the machine it has for itself.
pub const SERVER: &str = "server";

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenario that it comes from.
    pub scenario: String,
    /// Why it is kept, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Random draws inside the world follow from it.
    pub seed: u64,
    /// The network.
    pub network: Network,
    /// The server.
    pub server: ServerPlan,
    /// Who takes part, besides the server.
    pub actors: Vec<Actor>,
    /// What is done, in order of time.
    pub ops: Vec<Op>,
    /// For so long the world is left in peace after the last operation is over. Then it must have settled, and
    /// is judged.
    pub settle_ms: u64,
    /// What must be so in the end, whichever operations are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Expected>,
}

/// What the server is told. It begins with the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerPlan {
    /// Seconds until the next check-in.
    pub interval_s: u64,
    /// Seconds of silence until removal.
    pub limit_s: u64,
    /// Parts per million by which its clocks run fast.
    #[serde(default)]
    pub clock_rate_ppm: i32,
    /// Octets that may wait for one session.
    #[serde(default = "ServerPlan::outbound_octets_default")]
    pub outbound_octets_max: usize,
    /// Departures that the directory remembers.
    #[serde(default = "ServerPlan::departures_default")]
    pub departures_max: usize,
    /// Entries that people ask for on one page.
    #[serde(default = "ServerPlan::page_entries_default")]
    pub page_entries: u32,
}

impl ServerPlan {
    /// Check-ins every second, reaped after three: a second holds much.
    pub const BRISK: Self = Self {
        interval_s: 1,
        limit_s: 3,
        clock_rate_ppm: 0,
        outbound_octets_max: 1024 * 1024,
        departures_max: 10_000,
        page_entries: 200,
    };

    fn outbound_octets_default() -> usize {
        Self::BRISK.outbound_octets_max
    }

    fn departures_default() -> usize {
        Self::BRISK.departures_max
    }

    fn page_entries_default() -> u32 {
        Self::BRISK.page_entries
    }
}

impl Schedule {
    /// From here on nothing is done to the world any more.
    #[must_use]
    pub fn calm_ms(&self) -> u64 {
        let ops = self.ops.iter().map(Op::over_ms);
        let starts = self.actors.iter().map(|actor| actor.start_ms);
        ops.chain(starts).max().unwrap_or_default()
    }

    /// When the run is over and judged.
    #[must_use]
    pub fn end_ms(&self) -> u64 {
        self.calm_ms() + self.settle_ms
    }

    /// The actor of that name.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// What an operation names and the schedule does not have, in words.
    #[must_use]
    pub fn flaw(&self) -> Option<String> {
        if self.schema != SCHEMA {
            let (found, known) = (self.schema, SCHEMA);
            return Some(format!("it has schema {found}, and this program runs schema {known}"));
        }
        let mut named = self.ops.iter().flat_map(|op| op.act.actors());
        let unknown = named.find(|name| *name != SERVER && self.actor(name).is_none());
        unknown.map(|name| format!("no actor is called {name}"))
    }

    /// As text to be stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a schedule is plain data") + "\n"
    }

    /// From stored text.
    ///
    /// # Errors
    /// In words, with line and column where the text itself is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let schedule: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        schedule.flaw().map_or(Ok(schedule), Err)
    }
}
