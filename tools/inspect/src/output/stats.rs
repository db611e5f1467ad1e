//! [`Stats`]: a report on the whole: how much of what, from whom, how fast it was answered.
//!
//! Counted as entries come; memory is that of the tables, which have at most [`ROWS_MAX`] rows each (what comes later is counted as
//! "others"), and of histograms (two digits, 1 ns to an hour; 36 KiB each).

mod json;
mod rows;
mod table;

use std::io::{self, Write};

use hdrhistogram::Histogram;

use super::{Output, Summary};
use crate::entry::{Entry, Kind};
use crate::model::At;
use crate::visible;
use rows::Rows;

/// Rows of one table.
pub const ROWS_MAX: usize = 10_000;
/// Rows of one table that are shown as text.
pub const ROWS_SHOWN: usize = 20;
/// Histograms that are kept: kinds of requests.
const LATENCIES_MAX: usize = 200;

/// See the file's documentation.
#[derive(Debug)]
pub struct Stats<W> {
    out: W,
    form: Form,
    counts: Counts,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Tables.
    Text,
    /// One JSON object.
    Json,
}

/// How often, and how many octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) entries: u64,
    pub(super) octets: u64,
}

impl Count {
    fn add(&mut self, octets: u64) {
        self.entries += 1;
        self.octets += octets;
    }
}

/// All that is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    first: Option<At>,
    last: At,
    pub(super) all: Count,
    pub(super) kinds: [Count; Kind::ALL.len()],
    /// By kind and type: `iq get`.
    pub(super) types: Rows<Count>,
    /// By namespace of the payload.
    pub(super) namespaces: Rows<Count>,
    /// By who said it.
    pub(super) speakers: Rows<Count>,
    /// By what was asked: how long the answer took.
    pub(super) latencies: Rows<Latency>,
    /// How long messages took from connection to connection.
    pub(super) deliveries: Latency,
    /// Errors by their condition.
    pub(super) errors: Rows<Count>,
    /// Findings by rule.
    pub(super) findings: Rows<Count>,
}

/// How long something took.
#[derive(Debug, Default)]
pub(super) struct Latency {
    /// In nanoseconds; made at the first.
    histogram: Option<Box<Histogram<u64>>>,
}

/// The longest latency that is told apart: an hour.
const LATENCY_NS_MAX: u64 = 3_600_000_000_000;

impl Latency {
    fn record(&mut self, nanoseconds: u64) {
        let made =
            || Box::new(Histogram::new_with_bounds(1, LATENCY_NS_MAX, 2).expect("bounds that are allowed"));
        let histogram = self.histogram.get_or_insert_with(made);
        histogram.saturating_record(nanoseconds);
    }

    pub(super) fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, |histogram| histogram.len())
    }

    /// Nanoseconds below which so many percent are.
    pub(super) fn percentile(&self, percent: f64) -> u64 {
        self.histogram.as_ref().map_or(0, |histogram| histogram.value_at_percentile(percent))
    }

    pub(super) fn max(&self) -> u64 {
        self.histogram.as_ref().map_or(0, |histogram| histogram.max())
    }
}

impl Counts {
    fn see(&mut self, entry: &Entry<'_>) {
        self.first.get_or_insert(entry.at);
        self.last = self.last.max(entry.at);
        self.all.add(entry.octets);
        self.kinds[entry.kind as usize].add(entry.octets);
        if entry.kind.is_stanza() {
            self.stanza(entry);
        }
        if entry.side.is_some() && entry.octets > 0 {
            self.speakers.row(entry.speaker(), ROWS_MAX).add(entry.octets);
        }
        for finding in &entry.findings {
            self.findings.row(finding.rule, ROWS_MAX).add(0);
        }
        if let Some(latency) = entry.answers.and_then(|answer| answer.latency) {
            let asked = entry.title.strip_suffix(" result").or_else(|| entry.title.strip_suffix(" error"));
            self.latencies.row(asked.unwrap_or(&entry.title), LATENCIES_MAX).record(latency);
        }
        if let Some(after) = entry.seen.filter(|seen| seen.times == 1).and_then(|seen| seen.after) {
            self.deliveries.record(after);
        }
    }

    fn stanza(&mut self, entry: &Entry<'_>) {
        let stanza_type = entry.stanza_type.as_deref().unwrap_or("");
        self.types.row_of_two(entry.kind.word(), stanza_type, ROWS_MAX).add(entry.octets);
        if let Some(payload) = entry.payloads.iter().find(|payload| !payload.namespace.is_empty()) {
            self.namespaces.row(&payload.namespace, ROWS_MAX).add(entry.octets);
        }
        if stanza_type == "error" {
            let condition = entry.detail.split([' ', ':']).next().unwrap_or("");
            self.errors.row(condition, ROWS_MAX).add(entry.octets);
        }
    }

    /// Nanoseconds from the first to the last entry.
    pub(super) fn duration(&self) -> u64 {
        self.last.since(self.first.unwrap_or(self.last))
    }
}

impl<W: Write> Stats<W> {
    /// Writes to `out`, at the end.
    pub fn new(out: W, form: Form) -> Self {
        Self { out, form, counts: Counts::default() }
    }
}

impl<W: Write> Output for Stats<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.counts.see(entry);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        match self.form {
            Form::Text => self.out.write_all(table::text(&self.counts, summary).as_bytes())?,
            Form::Json => {
                visible::write_json_pretty(&mut self.out, &json::report(&self.counts, summary))?;
            }
        }
        self.out.flush()
    }
}
