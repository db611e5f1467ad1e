//! [`Text`]: each entry as people read a conversation: the line of [`Brief`](super::brief::Brief), and beneath it the XML, indented.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::lines::Lines;
use super::paint::{Ink, Paint};
use super::times::{Clock, Times};
use super::{Output, Summary, brief};
use crate::entry::{Entry, Kind};
use crate::markup::Style;
use crate::{pretty, visible};

/// Columns before the XML.
const MARGIN: usize = 8;

/// See the file's documentation.
#[derive(Debug)]
pub struct Text<W> {
    lines: Lines<W>,
    clock: Clock,
    paint: Paint,
}

impl<W: Write> Text<W> {
    /// Writes to `out`.
    pub fn new(out: W, times: Times, paint: Paint) -> Self {
        Self { lines: Lines::new(out), clock: Clock::new(times), paint }
    }

    fn xml(&mut self, entry: &Entry<'_>) {
        let text = entry.text();
        for line in pretty::lines(&text) {
            let _ = write!(self.lines.text, "{:1$}", "", MARGIN + 2 * usize::from(line.indent));
            for span in line.spans {
                let ink = ink(span.style);
                self.paint.on(ink, &mut self.lines.text);
                // Line breaks of the text end the line here too.
                visible::put(span.text.trim_end_matches(['\r', '\n']), &mut self.lines.text);
                self.paint.off(ink, &mut self.lines.text);
            }
            self.lines.text.push('\n');
        }
    }

    fn findings(&mut self, entry: &Entry<'_>) {
        for finding in &entry.findings {
            let _ = write!(self.lines.text, "{:MARGIN$}", "");
            let ink = Ink::of_severity(finding.severity);
            self.paint.on(ink, &mut self.lines.text);
            let _ = write!(self.lines.text, "! {} ({}): ", finding.severity.word(), finding.section);
            visible::put(&finding.found, &mut self.lines.text);
            let _ = write!(self.lines.text, " [{}]", finding.rule);
            self.paint.off(ink, &mut self.lines.text);
            self.lines.text.push('\n');
        }
    }
}

fn ink(style: Style) -> Ink {
    match style {
        Style::Punctuation | Style::Namespace | Style::Aside => Ink::Faint,
        Style::Tag => Ink::Cyan,
        Style::AttributeName => Ink::Plain,
        Style::AttributeValue | Style::Entity => Ink::Green,
        Style::Broken => Ink::Red,
        Style::Text | Style::Space => Ink::Plain,
    }
}

impl<W: Write> Output for Text<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        // What is wrong stands beneath, in words.
        let line = Entry { findings: Vec::new(), ..entry.clone() };
        brief::line(&line, &mut self.clock, self.paint, &mut self.lines.text);
        self.lines.text.push('\n');
        if !entry.raw.is_empty() && entry.kind != Kind::KeepAlive {
            self.xml(entry);
        }
        self.findings(entry);
        self.lines.end()
    }

    fn pause(&mut self) -> io::Result<()> {
        self.lines.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for ((_, finding), line) in summary.late_findings.iter().zip(summary.late_lines()) {
            let ink = Ink::of_severity(finding.severity);
            self.paint.on(ink, &mut self.lines.text);
            self.lines.text.push_str("! ");
            visible::put(&line, &mut self.lines.text);
            self.paint.off(ink, &mut self.lines.text);
            self.lines.text.push('\n');
        }
        let _ =
            writeln!(self.lines.text, "{} entries on {} connections", summary.entries, summary.connections);
        for note in &summary.notes {
            self.lines.text.push_str("Note: ");
            visible::put(note, &mut self.lines.text);
            self.lines.text.push('\n');
        }
        self.lines.flush()
    }
}
