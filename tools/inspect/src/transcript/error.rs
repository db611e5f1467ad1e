//! What is wrong with a transcript, and where.

use std::io;

use super::{CONNECTIONS_MAX, LINE_OCTETS_MAX, VERSION};

/// Why a transcript cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// The source failed.
    #[error("line {line}: the transcript cannot be read: {source}")]
    Read {
        /// The line that was being read.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// There is no end to a line.
    #[error(
        "line {line} is longer than {LINE_OCTETS_MAX} octets: a transcript has shorter lines; was it written by another program?"
    )]
    TooLong {
        /// Which.
        line: u64,
    },
    /// A line is no JSON, or has a value of the wrong type.
    #[error(
        "line {line}: expected a JSON object such as {{\"at\":\"2026-11-26T10:00:00Z\",\"connection\":1,…}}, found {found:?} ({reason}); remove the line, or see what wrote it"
    )]
    Json {
        /// Which.
        line: u64,
        /// How it begins.
        found: String,
        /// What the reader of JSON says.
        reason: String,
    },
    /// The file is of a version that does not exist yet.
    #[error(
        "line {line}: expected version {VERSION} of the transcript format, found {found}; a newer chatdev-inspect may read it"
    )]
    Version {
        /// Which.
        line: u64,
        /// The version.
        found: u64,
    },
    /// A line of a known kind lacks what it needs, or says what is not known.
    #[error("line {line}: expected {expected}, found {found}; correct or remove the line")]
    Line {
        /// Which.
        line: u64,
        /// What should stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// Too many connections at one time.
    #[error(
        "line {line} opens one connection more than the {CONNECTIONS_MAX} that may be open at one time; cut the transcript into parts"
    )]
    TooManyConnections {
        /// Which.
        line: u64,
    },
}
