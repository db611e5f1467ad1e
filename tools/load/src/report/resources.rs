//! What the generator and the server needed.

use serde::{Deserialize, Serialize};

/// The generator itself. It is a suspect as long as nothing shows that it had room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Whether the figures are the generator's limit, or its machine's, instead of the server's.
    pub bottleneck: bool,
    /// Why so.
    pub reasons: Vec<String>,
    /// Each thread that drove sessions.
    pub workers: Vec<Worker>,
    /// CPU of the whole process, in percent of one core.
    pub cpu_percent: f64,
    /// How busy the machine's CPUs were, in percent of all of them; `null` if it could not be known.
    pub machine_percent: Option<f64>,
    /// Its memory.
    pub memory: Memory,
}

/// A thread that drove sessions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Worker {
    /// In percent of one core, in the measured phase.
    pub cpu_percent: f64,
    /// In its busiest second or so of the measured phase. A worker without room for a second is no better for resting later.
    #[serde(default)]
    pub cpu_percent_max: f64,
}

/// Memory of a process, from before the first session until the end of the measured phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Resident, before the first session.
    pub rss_bytes_before: u64,
    /// Resident, at the end of the measured phase.
    pub rss_bytes_after: u64,
    /// Proportional (shared pages divided among those who share them), before the first session; `null` if unknown.
    pub pss_bytes_before: Option<u64>,
    /// Proportional, at the end of the measured phase.
    pub pss_bytes_after: Option<u64>,
    /// By how much its proportional memory grew, over the sessions there were in the end; resident memory where the former is
    /// not known. `null` where these are not sessions that signed in to stay, and did nothing else.
    pub bytes_per_session: Option<f64>,
}

/// The processes that were watched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// CPU time of all of them in the measured phase, user and system.
    pub cpu_s: f64,
    /// The same in percent of one core.
    pub cpu_percent: f64,
    /// The same over the completed operations of the scenario's kind; `null` if there were none.
    pub cpu_us_per_operation: Option<f64>,
    /// Growth of memory over the sessions there were in the end, all processes together; `null` as
    /// [there](Memory::bytes_per_session).
    pub bytes_per_session: Option<f64>,
    /// Each of them.
    pub processes: Vec<ServerProcess>,
}

/// A process of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerProcess {
    /// Its number.
    pub pid: u32,
    /// What the kernel calls it.
    pub name: String,
    /// CPU time in user mode, in the measured phase.
    pub user_s: f64,
    /// CPU time in the kernel, in the measured phase.
    pub system_s: f64,
    /// Its memory.
    pub memory: Memory,
    /// Threads at the end of the measured phase.
    pub threads: u64,
    /// Open files at the end of the measured phase; `null` if unknown.
    pub open_files: Option<u64>,
    /// When it was found to have ended, since the beginning of the run; `null` if it had not.
    pub ended_at_s: Option<f64>,
}
