//! [`Brief`]: one line for each entry: number, time, connection, who → whom, what, and what it says.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::lines::Lines;
use super::paint::{Ink, Paint};
use super::times::{Clock, Times, put_length, put_number};
use super::{Output, Summary};
use crate::entry::{Entry, Kind};
use crate::model::Layer;
use crate::visible;

/// See the file's documentation.
#[derive(Debug)]
pub struct Brief<W> {
    lines: Lines<W>,
    clock: Clock,
    paint: Paint,
}

impl<W: Write> Brief<W> {
    /// Writes to `out`.
    pub fn new(out: W, times: Times, paint: Paint) -> Self {
        Self { lines: Lines::new(out), clock: Clock::new(times), paint }
    }
}

impl<W: Write> Output for Brief<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        line(entry, &mut self.clock, self.paint, &mut self.lines.text);
        self.lines.end()
    }

    fn pause(&mut self) -> io::Result<()> {
        self.lines.flush()
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.lines.flush()
    }
}

/// Appends the line of one entry, without its end.
pub(crate) fn line(entry: &Entry<'_>, clock: &mut Clock, paint: Paint, out: &mut String) {
    paint.on(Ink::Faint, out);
    put_number(entry.number, 6, out);
    out.push_str("  ");
    clock.write(entry.at, out);
    match entry.connection {
        Some(id) => put_number(u64::from(id.0), 3, out),
        None => out.push_str("  -"),
    }
    paint.off(Ink::Faint, out);
    out.push_str("  ");
    way(entry, out);
    let ink = Ink::of(entry);
    paint.on(ink, out);
    if entry.kind.is_stanza() && entry.kind != Kind::Message {
        out.push_str(entry.kind.word());
        out.push(' ');
    }
    visible::put(&entry.title, out);
    paint.off(ink, out);
    if !entry.detail.is_empty() {
        out.push_str(": ");
        visible::put(&entry.detail, out);
    }
    relations(entry, paint, out);
    for finding in &entry.findings {
        let ink = Ink::of_severity(finding.severity);
        out.push_str("  ");
        paint.on(ink, out);
        let _ = write!(out, "! {}", finding.rule);
        paint.off(ink, out);
    }
}

/// Who → whom; ⇒ within TLS; between, where nobody speaks.
fn way(entry: &Entry<'_>, out: &mut String) {
    if entry.connection.is_none() {
        return;
    }
    visible::put(entry.speaker(), out);
    out.push_str(match (entry.side, entry.layer) {
        (None, _) => " ↔ ",
        (Some(_), Layer::Clear) => " → ",
        (Some(_), Layer::Tls) => " ⇒ ",
    });
    visible::put(entry.hearer(), out);
    out.push_str("  ");
}

/// What it answers and where it was seen.
fn relations(entry: &Entry<'_>, paint: Paint, out: &mut String) {
    if entry.answers.is_none() && entry.seen.is_none() {
        return;
    }
    paint.on(Ink::Faint, out);
    if let Some(answer) = entry.answers {
        out.push_str("  ↳ #");
        put_number(answer.to, 0, out);
        if let Some(latency) = answer.latency {
            out.push(' ');
            put_length(latency, out);
        }
    }
    if let Some(seen) = entry.seen {
        out.push_str("  = #");
        put_number(seen.first, 0, out);
        if let Some(after) = seen.after {
            out.push(' ');
            put_length(after, out);
        }
    }
    paint.off(Ink::Faint, out);
}
