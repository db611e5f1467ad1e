//! Under which circumstances something was measured: what, against whom, on what.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Audit;
use crate::measure::Operation;

/// What only the one who drives the load knows; [`Collector::finish`](crate::measure::Collector::finish) adds what was
/// measured.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What tells this report apart from those it is compared with, such as `Prosody 0.12`.
    pub label: String,
    /// The wall clock at the beginning of the run.
    pub started: jiff::Timestamp,
    /// What was done.
    pub scenario: Scenario,
    /// To whom.
    pub target: Target,
    /// How many sessions the scenario is about.
    pub sessions_wanted: u64,
    /// How many have to be there when the measured phase ends; 0: none have to.
    pub sessions_to_stay: u64,
    /// What became of every message.
    pub audit: Option<Audit>,
    /// Further reasons why the run did not go well, beyond what the figures and the audit say.
    pub objections: Vec<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Such as `route`.
    pub name: String,
    /// The [name](Operation::name) of the operation that it is about: the one by which CPU time is divided, and whose rate and
    /// latency are compared.
    pub operation: String,
    /// All its parameters, defaults included: an object of names and plain values, so that it can be done again.
    pub parameters: Value,
}

impl Scenario {
    /// A scenario about one kind of operation, with its parameters as anything that becomes a JSON object.
    ///
    /// # Errors
    ///
    /// The parameters do not become JSON.
    pub fn new(name: &str, operation: Operation, parameters: &impl Serialize) -> serde_json::Result<Self> {
        let parameters = serde_json::to_value(parameters)?;
        Ok(Self { name: name.to_owned(), operation: operation.name().to_owned(), parameters })
    }
}

/// Whom the load was for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Address and port that were connected to.
    pub address: String,
    /// The XMPP domain.
    pub domain: String,
    /// How it was encrypted: `none`, or such as `TLS 1.3, from the start`.
    pub encryption: String,
    /// The SASL mechanism.
    pub mechanism: String,
}

/// Where the generator ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// CPUs.
    pub cores: u32,
    /// Model of the first.
    pub cpu: String,
    /// Release of the kernel.
    pub kernel: String,
    /// Its whole memory.
    pub memory_bytes: u64,
}
