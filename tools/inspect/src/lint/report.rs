//! [`Report`]: how often each rule is broken, where first, and how: as a table for people, as JSON, as the status of a program.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::rules::Rule;
use crate::entry::{Finding, Severity};

/// Entries of which the numbers are kept for each rule.
pub const EXAMPLES_MAX: usize = 5;

/// One rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub rule: &'static str,
    /// How grave it is.
    #[serde(serialize_with = "word")]
    pub severity: Severity,
    /// Where it is written.
    pub section: &'static str,
    /// How often it is broken.
    pub count: u64,
    /// Numbers of the first entries that break it, at most [`EXAMPLES_MAX`].
    pub entries: Vec<u64>,
    /// What it asks for.
    pub explanation: &'static str,
    /// What was found first.
    pub found: String,
}

/// See the file's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    rows: BTreeMap<&'static str, Row>,
}

/// The gravest that was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing but notes.
    #[default]
    Clean,
    /// Warnings.
    Warnings,
    /// Errors.
    Errors,
}

impl Report {
    /// Nothing is found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts findings. `entry` is the number of theirs, if they belong to one.
    pub fn take(&mut self, entry: Option<u64>, findings: &[Finding]) {
        for finding in findings {
            let row = self.rows.entry(finding.rule).or_insert_with(|| Row {
                rule: finding.rule,
                severity: finding.severity,
                section: finding.section,
                count: 0,
                entries: Vec::new(),
                explanation: Rule::named(finding.rule).map_or("", |rule| rule.explanation),
                found: finding.found.clone(),
            });
            row.count += 1;
            if row.entries.len() < EXAMPLES_MAX && row.entries.last().copied() != entry {
                row.entries.extend(entry);
            }
        }
    }

    /// Whether nothing at all was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rules that are broken: the gravest first, then the most frequent, then by name.
    #[must_use]
    pub fn rows(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.values().collect();
        rows.sort_by_key(|row| (Reverse(row.severity), Reverse(row.count), row.rule));
        rows
    }

    /// The gravest that was found.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.rows.values().map(|row| row.severity).max() {
            Some(Severity::Error) => Verdict::Errors,
            Some(Severity::Warning) => Verdict::Warnings,
            _ => Verdict::Clean,
        }
    }

    fn count(&self, severity: Severity) -> u64 {
        self.rows.values().filter(|row| row.severity == severity).map(|row| row.count).sum()
    }
}

/// Rows as [`Report::rows`] orders them.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}

fn word<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.word())
}

/// A table with two lines for each rule: what is broken, how often and where; what the rule asks for, and what was found.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return writeln!(f, "nothing is against the rules");
        }
        let rows = self.rows();
        let columns =
            |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0);
        let (rules, sections) = (columns(|row| row.rule), columns(|row| row.section));
        for row in rows {
            let severity = row.severity.word();
            write!(f, "{severity:7}  {:rules$}  {:sections$}  {:>6}", row.rule, row.section, row.count)?;
            for (n, entry) in row.entries.iter().enumerate() {
                write!(f, "{}#{entry}", if n == 0 { "  " } else { " " })?;
            }
            writeln!(f, "\n         {}; found: {}", row.explanation, row.found)?;
        }
        let number = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let [errors, warnings, notes] =
            [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
                .map(|(severity, word)| number(self.count(severity), word));
        writeln!(f, "{errors}, {warnings}, {notes}")
    }
}
