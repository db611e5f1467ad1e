//! [`LintReport`]: a table of the rules that are broken, at the end.

use std::io::{self, Write};

use super::{Output, Summary};
use crate::entry::Entry;
use crate::lint::Report;
use crate::visible;

/// See the file's documentation.
#[derive(Debug)]
pub struct LintReport<W> {
    out: W,
    is_json: bool,
    report: Report,
}

impl<W: Write> LintReport<W> {
    /// Writes to `out`, at the end: text, or a JSON array.
    pub fn new(out: W, is_json: bool) -> Self {
        Self { out, is_json, report: Report::new() }
    }
}

impl<W: Write> Output for LintReport<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.report.take(Some(entry.number), &entry.findings);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for (_, finding) in &summary.late_findings {
            self.report.take(None, std::slice::from_ref(finding));
        }
        if self.is_json {
            visible::write_json_pretty(&mut self.out, &self.report)?;
        } else {
            self.out.write_all(visible::body(&self.report.to_string()).as_bytes())?;
            for note in &summary.notes {
                writeln!(self.out, "Note: {}", visible::line(note))?;
            }
        }
        self.out.flush()
    }
}
