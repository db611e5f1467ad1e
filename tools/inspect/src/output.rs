//! What is made of entries: each form of output is a file of its own, and takes entries one by one.

pub mod brief;
pub mod html;
pub mod json;
mod lines;
pub mod lint;
pub mod paint;
pub mod stats;
pub mod text;
pub mod times;
pub mod transcript;

use std::io;

use crate::entry::{Entry, Finding};
use crate::model::ConnectionId;

/// What is known when all is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries read, shown or not.
    pub entries: u64,
    /// Connections that spoke XMPP, or might have.
    pub connections: u64,
    /// What is against the rules and known only at the end, by connection.
    pub late_findings: Vec<(ConnectionId, Finding)>,
    /// What could not be used, in words, one a line: "3 IP fragments, which are not put together".
    pub notes: Vec<String>,
}

impl Summary {
    /// The late findings, in words.
    pub fn late_lines(&self) -> impl Iterator<Item = String> {
        self.late_findings.iter().map(|(id, finding)| {
            let Finding { rule, severity, section, found } = finding;
            format!("{} ({section}): connection {}: {found} [{rule}]", severity.word(), id.0)
        })
    }
}

/// A form of output.
pub trait Output {
    /// Takes the next entry.
    ///
    /// # Errors
    /// It could not be written.
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()>;

    /// The source has nothing more for now: whoever reads along wants to see what there is.
    ///
    /// # Errors
    /// It could not be written.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The end.
    ///
    /// # Errors
    /// It could not be written.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
