//! [`Desk`]: what happens to every entry: judged by the rules, chosen by the filter, redacted, given to the output.

use std::borrow::Cow;
use std::io;

use crate::entry::{Entry, Finding, Severity};
use crate::exact::Exact;
use crate::filter::Filter;
use crate::lint::Lint;
use crate::model::{At, ConnectionId};
use crate::output::{Output, Summary};
use crate::redact::{Reach, Redactor};
use crate::understanding::Taker;

/// See the file's documentation.
pub struct Desk {
    /// The rules, if they are wanted.
    pub lint: Option<Lint>,
    /// What is wanted; everything, if there is none.
    pub filter: Option<Filter>,
    /// What is kept out of sight.
    pub redactor: Redactor,
    /// What is made of it.
    pub output: Box<dyn Output + Send>,
    /// When the first entry was, to which times are relative.
    pub start: Option<At>,
    /// The gravest that was found in what was given to the output.
    pub gravest: Option<Severity>,
    /// The output could not be written; nothing more is given to it.
    pub failure: Option<io::Error>,
}

impl Desk {
    /// A desk that gives everything, without secrets, to `output`.
    #[must_use]
    pub fn new(output: Box<dyn Output + Send>) -> Self {
        Self {
            lint: None,
            filter: None,
            redactor: Redactor::new(Reach::Secrets),
            output,
            start: None,
            gravest: None,
            failure: None,
        }
    }

    /// The end of everything.
    ///
    /// # Errors
    /// The output could not be written, now or before.
    pub fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.output.finish(summary),
        }
    }

    /// What is against the rules and known only now, by connection, redacted. It belongs to no entry that a filter could have chosen: where
    /// there is one they are only counted.
    pub fn late_findings(&mut self) -> (Vec<(ConnectionId, Finding)>, u64) {
        let findings = self.lint.as_mut().map_or_else(Vec::new, Lint::finish);
        if self.filter.is_some() {
            return (Vec::new(), findings.len() as u64);
        }
        for (_, finding) in &findings {
            self.note(std::slice::from_ref(finding));
        }
        let redacted = findings.into_iter().map(|(id, finding)| (id, self.redactor.finding(finding)));
        (redacted.collect(), 0)
    }

    fn note(&mut self, findings: &[Finding]) {
        let gravest = findings.iter().map(|finding| finding.severity).max();
        self.gravest = self.gravest.max(gravest);
    }

    /// What is not given counts for nothing.
    fn give(&mut self, entry: &Entry<'_>) {
        let start = self.start.unwrap_or(entry.at);
        if self.filter.as_ref().is_some_and(|filter| !filter.matches(entry, start)) {
            return;
        }
        self.note(&entry.findings);
        let written = match self.redactor.redacted(entry) {
            Cow::Borrowed(entry) => self.output.entry(entry),
            Cow::Owned(entry) => self.output.entry(&entry),
        };
        if let Err(error) = written {
            self.failure = Some(error);
        }
    }
}

impl Taker for Desk {
    fn take(&mut self, entry: &Entry<'_>, exact: &Exact) {
        if self.is_over() {
            return;
        }
        if self.start.is_none() {
            self.start = Some(entry.at).filter(|at| *at != At(0));
        }
        let findings = self.lint.as_mut().map_or_else(Vec::new, |lint| lint.look(entry, exact));
        if findings.is_empty() {
            self.give(entry);
        } else {
            self.give(&Entry { findings, ..entry.clone() });
        }
    }

    fn is_over(&self) -> bool {
        self.failure.is_some()
    }

    fn pause(&mut self) {
        if !self.is_over()
            && let Err(error) = self.output.pause()
        {
            self.failure = Some(error);
        }
    }
}
