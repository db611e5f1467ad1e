//! [`Report`]: what came out of a run, as a value, as JSON, and for people ([`table`], [`html`]; [`live`] while it runs).
//!
//! The JSON is for other programs too, and stable: `"format": "chatdev-load/1"` says how to read it. Within one format
//! fields may be added, none is removed or changes its meaning. So a reader ignores what it does not know; this one does.
//!
//! Units stand at the end of names: `_s` seconds, `_us` microseconds, `_bytes`, `_per_s`. CPU shares are in percent of
//! one core. Figures are those of the measured phase unless they say otherwise. What could not be known is `null`.

mod audit;
mod circumstances;
mod columns;
mod distribution;
mod figures;
pub mod grid;
pub mod html;
pub mod live;
mod read;
mod resources;
#[cfg(test)]
mod samples;
pub mod table;
mod timeline;
mod verdict;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use audit::Audit;
pub use circumstances::{Facts, Machine, Scenario, Target};
pub use distribution::Distribution;
pub use figures::{Figures, Flaw, Sessions};
pub use read::ReadError;
pub use resources::{Generator, Memory, Server, ServerProcess, Worker};
pub use timeline::{Moment, Second, Span};
pub use verdict::Verdict;

/// How to read a report.
pub const FORMAT: &str = "chatdev-load/1";

/// A run and what came out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    /// Version of the program that measured.
    pub tool: String,
    /// When the run began, RFC 3339.
    pub started: String,
    /// What the person who measured calls it; what tells it apart from those it is compared with.
    pub label: String,
    /// Whether it went well.
    pub verdict: Verdict,
    /// What was done.
    pub scenario: Scenario,
    /// To whom.
    pub target: Target,
    /// Where the generator ran; the server too, if it was watched.
    pub machine: Machine,
    /// The phases that there were, in their order.
    pub phases: Vec<Span>,
    /// How long the measured phase was.
    pub measured_s: f64,
    /// What the generator itself needed, and whether that was its limit.
    pub generator: Generator,
    /// How many sessions there were, over the whole run.
    pub sessions: Sessions,
    /// By kind: `connect`, `sign-in`, `ping`, `message`, `check-in`, `peer-connect`, `peer-message`.
    pub operations: BTreeMap<String, Figures>,
    /// What went wrong, over the whole run, the most frequent first.
    pub flaws: Vec<Flaw>,
    /// What became of every message, in scenarios that send some.
    pub audit: Option<Audit>,
    /// What the server needed, if its processes were watched.
    pub server: Option<Server>,
    /// How it went from second to second, over the whole run.
    pub timeline: Vec<Second>,
}

impl Report {
    /// The figures of the operation that the scenario is about.
    #[must_use]
    pub fn main(&self) -> Option<&Figures> {
        self.operations.get(&self.scenario.operation)
    }

    /// As JSON, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report is plain data with text for keys") + "\n"
    }
}
