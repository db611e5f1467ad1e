//! What is in the entry that is selected: facts, what belongs to it, findings, and the XML, indented.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::Line;

use super::clock;
use super::palette::Palette;
use super::store::Store;
use super::wrap::wrapped;
use crate::entry::Entry;
use crate::model::{At, Layer};
use crate::pretty;

/// So many octets of what was said are shown; of more it is said that there is more.
const RAW_OCTETS_SHOWN_MAX: usize = 64 * 1024;

/// So many sightings of a message, and so many payloads, are listed.
const LISTED_MAX: usize = 16;

/// All lines about an entry, in `width` columns.
pub(super) fn lines(entry: &Entry<'_>, store: &Store, palette: Palette, width: usize) -> Vec<Line<'static>> {
    let mut page = Page { lines: Vec::new(), palette, width };
    page.facts(entry, store.start());
    page.relations(entry, store);
    for finding in &entry.findings {
        let style = palette.severity(finding.severity);
        let words = [
            (style, finding.severity.word()),
            (Style::new(), " "),
            (palette.title(), finding.rule),
            (Style::new(), ": "),
            (Style::new(), &finding.found),
            (palette.faint(), " ("),
            (palette.faint(), finding.section),
            (palette.faint(), ")"),
        ];
        page.put(&words, 0);
    }
    if !entry.detail.is_empty() {
        page.put(&[(Style::new(), &entry.detail)], 0);
    }
    page.xml(entry);
    page.lines
}

struct Page {
    lines: Vec<Line<'static>>,
    palette: Palette,
    width: usize,
}

impl Page {
    fn put(&mut self, spans: &[(Style, &str)], indent: usize) {
        self.lines.extend(wrapped(spans, indent, self.width));
    }

    fn facts(&mut self, entry: &Entry<'_>, start: At) {
        let faint = self.palette.faint();
        let mut when = clock::date_time(entry.at);
        if entry.at != At(0) {
            when.push_str(&format!(" ({} s)", clock::signed(entry.at.difference(start))));
        }
        self.put(&[(Style::new(), &when)], 0);
        if !entry.speaker().is_empty() || !entry.hearer().is_empty() {
            let sign = if entry.side.is_some() { " → " } else { " – " };
            self.put(&[(Style::new(), entry.speaker()), (faint, sign), (Style::new(), entry.hearer())], 0);
        }
        let mut facts = Vec::new();
        if let Some(connection) = entry.connection {
            facts.push(format!("connection {}", connection.0));
            facts.push(if entry.layer == Layer::Tls { "in TLS" } else { "in the clear" }.to_owned());
            facts.push(entry.phase.word().to_owned());
        }
        if entry.octets > 0 {
            facts.push(format!("{} octets", entry.octets));
        }
        self.put(&[(faint, &facts.join(", "))], 0);
        for payload in entry.payloads.iter().take(LISTED_MAX) {
            let title = payload.title.map(|title| format!("{title}: ")).unwrap_or_default();
            self.put(
                &[
                    (faint, "carries "),
                    (Style::new(), &title),
                    (Style::new(), &payload.name),
                    (faint, " "),
                    (faint, &payload.namespace),
                ],
                0,
            );
        }
    }

    /// What it answers, what answers it, and where the same message was.
    fn relations(&mut self, entry: &Entry<'_>, store: &Store) {
        let after = |latency: Option<u64>| {
            latency.map(|latency| format!(" after {}", clock::duration(latency))).unwrap_or_default()
        };
        if let Some(answer) = entry.answers {
            let words = format!("answers {}{} (r)", answer.to, after(answer.latency));
            self.put(&[(self.palette.title(), &words)], 0);
        }
        if let Some(number) = store.answer_to(entry.number) {
            let answer = store.position_of(number).and_then(|position| store.get(position));
            let latency = answer.and_then(|answer| answer.answers).and_then(|answer| answer.latency);
            let words = format!("answered by {number}{} (r)", after(latency));
            self.put(&[(self.palette.title(), &words)], 0);
        }
        let path = store.path_of(entry);
        if path.is_empty() {
            return;
        }
        self.put(&[(self.palette.title(), "path of this message (p)")], 0);
        for &number in path.iter().take(LISTED_MAX) {
            self.sighting(number, entry, store);
        }
        if path.len() > LISTED_MAX {
            let more = format!("and {} more", path.len() - LISTED_MAX);
            self.put(&[(self.palette.faint(), &more)], 2);
        }
    }

    fn sighting(&mut self, number: u64, here: &Entry<'_>, store: &Store) {
        let mark = if number == here.number { "▸ " } else { "  " };
        let Some(entry) = store.position_of(number).and_then(|position| store.get(position)) else {
            let words = format!("{mark}{number}, no longer kept");
            return self.put(&[(self.palette.faint(), &words)], 0);
        };
        let after = entry.seen.and_then(|seen| seen.after);
        let after = after.map(|after| format!(" after {}", clock::duration(after))).unwrap_or_default();
        let words = format!("{mark}{number} {} → {}{after}", entry.speaker(), entry.hearer());
        self.put(&[(Style::new(), &words)], 0);
    }

    fn xml(&mut self, entry: &Entry<'_>) {
        if entry.raw.is_empty() {
            return;
        }
        self.lines.push(Line::default());
        let shown = &entry.raw[..entry.raw.len().min(RAW_OCTETS_SHOWN_MAX)];
        let text = String::from_utf8_lossy(shown);
        for line in pretty::lines(&text) {
            let spans: Vec<_> =
                line.spans.iter().map(|span| (self.palette.markup(span.style), span.text)).collect();
            self.put(&spans, 2 * usize::from(line.indent));
        }
        let more = entry.raw.len() - shown.len();
        if more > 0 {
            let words = format!("… and {more} octets more, which are not shown");
            self.put(&[(self.palette.title(), &words)], 0);
        }
        if matches!(text, Cow::Owned(_)) && std::str::from_utf8(&entry.raw).is_err() {
            self.put(&[(self.palette.title(), "octets that are no UTF-8 are shown as �")], 0);
        }
    }
}
