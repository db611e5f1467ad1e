//! How a run went from second to second.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::measure::Phase;

/// When a phase was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Which.
    pub phase: Phase,
    /// Its beginning, since the beginning of the run.
    pub from_s: f64,
    /// Its end.
    pub to_s: f64,
}

/// About a second of a run; the last one of a phase may be shorter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Its beginning, since the beginning of the run.
    pub from_s: f64,
    /// Its end.
    pub to_s: f64,
    /// To which phase it belongs.
    pub phase: Phase,
    /// Sessions at its end.
    pub sessions: u64,
    /// By kind of operation; those of which there were none are left out.
    pub operations: BTreeMap<String, Moment>,
    /// CPU of the server, in percent of one core; `null` if it was not watched.
    pub server_cpu_percent: Option<f64>,
    /// Resident memory of the server at its end.
    pub server_rss_bytes: Option<u64>,
    /// CPU of the generator, in percent of one core.
    pub generator_cpu_percent: Option<f64>,
}

/// One kind of operation within a [`Second`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Completed, per second.
    pub per_s: f64,
    /// Failed and timed out, as many as there were.
    pub failed: u64,
    /// Median latency of those that completed; `null` if none did.
    pub p50_us: Option<f64>,
    /// 99 % took no longer.
    pub p99_us: Option<f64>,
    /// The slowest.
    pub max_us: Option<f64>,
}
