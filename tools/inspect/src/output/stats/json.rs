//! The report as JSON: the same tables, with all of their rows.

use serde::Serialize;

use super::rows::Rows;
use super::{Count, Counts, Latency};
use crate::entry::Kind;
use crate::output::Summary;

/// The whole report. Lengths of time are in nanoseconds.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    entries: u64,
    octets: u64,
    connections: u64,
    duration_ns: u64,
    kinds: Vec<CountRow<'a>>,
    stanzas: Vec<CountRow<'a>>,
    namespaces: Vec<CountRow<'a>>,
    said_by: Vec<CountRow<'a>>,
    errors: Vec<CountRow<'a>>,
    answered_after: Vec<LatencyRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_passed_on_after: Option<LatencyRow<'a>>,
    rules_broken: Vec<CountRow<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct CountRow<'a> {
    name: &'a str,
    entries: u64,
    octets: u64,
}

#[derive(Serialize)]
struct LatencyRow<'a> {
    name: &'a str,
    count: u64,
    p50_ns: u64,
    p90_ns: u64,
    p99_ns: u64,
    p999_ns: u64,
    max_ns: u64,
}

pub(super) fn report<'a>(counts: &'a Counts, summary: &'a Summary) -> Report<'a> {
    let kinds = Kind::ALL.iter().map(|kind| count_row(kind.word(), &counts.kinds[*kind as usize]));
    let deliveries = &counts.deliveries;
    Report {
        entries: counts.all.entries,
        octets: counts.all.octets,
        connections: summary.connections,
        duration_ns: counts.duration(),
        kinds: kinds.filter(|row| row.entries > 0).collect(),
        stanzas: count_rows(&counts.types),
        namespaces: count_rows(&counts.namespaces),
        said_by: count_rows(&counts.speakers),
        errors: count_rows(&counts.errors),
        answered_after: counts
            .latencies
            .sorted(Latency::count)
            .into_iter()
            .map(|(name, latency)| latency_row(name, latency))
            .collect(),
        messages_passed_on_after: (deliveries.count() > 0).then(|| latency_row("messages", deliveries)),
        rules_broken: count_rows(&counts.findings),
        notes: &summary.notes,
    }
}

fn count_rows(rows: &Rows<Count>) -> Vec<CountRow<'_>> {
    rows.sorted(|count| count.entries).into_iter().map(|(name, count)| count_row(name, count)).collect()
}

fn count_row<'a>(name: &'a str, count: &Count) -> CountRow<'a> {
    CountRow { name, entries: count.entries, octets: count.octets }
}

fn latency_row<'a>(name: &'a str, latency: &Latency) -> LatencyRow<'a> {
    LatencyRow {
        name,
        count: latency.count(),
        p50_ns: latency.percentile(50.0),
        p90_ns: latency.percentile(90.0),
        p99_ns: latency.percentile(99.0),
        p999_ns: latency.percentile(99.9),
        max_ns: latency.max(),
    }
}
