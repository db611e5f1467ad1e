//! Why a dump cannot be read.

use std::io;

use super::Format;

/// Why a dump cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The source failed.
    #[error("line {line}: the dump cannot be read: {source}")]
    Read {
        /// The line that was being read.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// Nothing in it is of a form that is known.
    #[error(
        "no stream was recognised in the first {lines} lines (line {line}: {found:?}); expected lines of one of these forms, which --format NAME chooses:\n{}",
        Format::examples()
    )]
    Unrecognised {
        /// Lines that were looked at.
        lines: u64,
        /// The first that says something.
        line: u64,
        /// How it begins.
        found: String,
    },
    /// Nothing in it is of the form that was chosen.
    #[error("{lines} lines were read, and none is of the form {format}; expected lines such as {:?}; another --format, or none, may find more", format.example())]
    Nothing {
        /// The form.
        format: Format,
        /// Lines that were read.
        lines: u64,
    },
    /// There is no such form.
    #[error("expected one of {words}, found {0:?}", words = Format::words())]
    NoSuchFormat(String),
}
