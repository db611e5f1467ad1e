//! The report as text.

use std::fmt::Write as _;

use super::{Count, Counts, Latency, ROWS_SHOWN};
use crate::entry::Kind;
use crate::output::Summary;
use crate::output::times::length;
use crate::visible;

/// The whole report.
pub(super) fn text(counts: &Counts, summary: &Summary) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} entries on {} connections in {}, {} octets of XML",
        counts.all.entries,
        summary.connections,
        length(counts.duration()),
        counts.all.octets
    );
    let kinds: Vec<(&str, &Count)> = Kind::ALL
        .iter()
        .map(|kind| (kind.word(), &counts.kinds[*kind as usize]))
        .filter(|(_, count)| count.entries > 0)
        .collect();
    section(&mut out, "Kind", &kinds, Count::cells, &Count::HEAD);
    let by_entries = |count: &Count| count.entries;
    section(&mut out, "Stanza", &counts.types.sorted(by_entries), Count::cells, &Count::HEAD);
    section(&mut out, "Namespace", &counts.namespaces.sorted(by_entries), Count::cells, &Count::HEAD);
    section(&mut out, "Said by", &counts.speakers.sorted(by_entries), Count::cells, &Count::HEAD);
    section(&mut out, "Error", &counts.errors.sorted(by_entries), Count::cells, &Count::HEAD);
    section(
        &mut out,
        "Answered after",
        &counts.latencies.sorted(Latency::count),
        Latency::cells,
        &Latency::HEAD,
    );
    if counts.deliveries.count() > 0 {
        section(
            &mut out,
            "Passed on after",
            &[("messages", &counts.deliveries)],
            Latency::cells,
            &Latency::HEAD,
        );
    }
    section(
        &mut out,
        "Rule broken",
        &counts.findings.sorted(by_entries),
        |count| vec![count.entries.to_string()],
        &["times"],
    );
    if !summary.notes.is_empty() {
        out.push('\n');
        for note in &summary.notes {
            let _ = writeln!(out, "Note: {}", visible::line(note));
        }
    }
    out
}

impl Count {
    const HEAD: [&'static str; 3] = ["entries", "octets", "mean"];

    fn cells(&self) -> Vec<String> {
        let mean = self.octets.checked_div(self.entries).unwrap_or_default();
        vec![self.entries.to_string(), self.octets.to_string(), mean.to_string()]
    }
}

impl Latency {
    const HEAD: [&'static str; 6] = ["times", "p50", "p90", "p99", "p99.9", "max"];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.count().to_string()];
        cells.extend([50.0, 90.0, 99.0, 99.9].map(|percent| length(self.percentile(percent))));
        cells.push(length(self.max()));
        cells
    }
}

/// A table with a head; nothing if it has no rows.
fn section<T>(
    out: &mut String,
    name: &str,
    rows: &[(&str, &T)],
    cells: impl Fn(&T) -> Vec<String>,
    head: &[&str],
) {
    if rows.is_empty() {
        return;
    }
    let shown = &rows[..rows.len().min(ROWS_SHOWN)];
    let lines: Vec<(String, Vec<String>)> =
        shown.iter().map(|(label, row)| (visible::cut(label, 60).into_owned(), cells(row))).collect();
    let label_width =
        lines.iter().map(|(label, _)| visible::columns(label)).chain([name.len()]).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().map(|(_, cells)| cells[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let _ = write!(out, "\n{name:<label_width$}");
    for (title, width) in head.iter().zip(&widths) {
        let _ = write!(out, "  {title:>width$}");
    }
    out.push('\n');
    for (label, cells) in &lines {
        let _ = write!(out, "{label}{:1$}", "", label_width - visible::columns(label));
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(out, "  {cell:>width$}");
        }
        out.push('\n');
    }
    if rows.len() > shown.len() {
        let _ = writeln!(out, "… and {} more (all of them by --json)", rows.len() - shown.len());
    }
}
