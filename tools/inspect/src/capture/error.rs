//! Why a capture cannot be read further.

use std::io;

/// Why a capture cannot be read further. Everything before `offset` has been handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// There is nothing to read.
    #[error(
        "expected a capture (pcap or pcapng), found nothing at all; is the capturing program running, with the rights that it needs?"
    )]
    Empty,
    /// The first octets are of another kind of file.
    #[error("expected a capture (pcap or pcapng), found {found}")]
    NotACapture {
        /// What they look like, with advice where there is some.
        found: String,
    },
    /// Reading failed.
    #[error("reading the capture failed at octet {offset}")]
    Read {
        /// Where, in octets from the beginning.
        offset: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The capture ends in the middle of something.
    #[error(
        "the capture ends within {what} that begins at octet {offset}: expected {expected} octets, found {found}; everything before was read"
    )]
    CutOff {
        /// Where that begins, in octets from the beginning.
        offset: u64,
        /// What.
        what: &'static str,
        /// How long it says it is, or must be at least.
        expected: u64,
        /// How much of it is there.
        found: u64,
    },
    /// The rest is not what the format says.
    #[error(
        "the capture is damaged at octet {offset}: expected {expected}, found {found}; everything before was read"
    )]
    Damaged {
        /// Where, in octets from the beginning.
        offset: u64,
        /// What the format demands there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// One piece is longer than a limit allows.
    #[error(
        "the capture has {what} of {octets} octets at octet {offset}, which is more than {limit}; it is damaged, or not meant to be read here"
    )]
    TooLong {
        /// Where that begins, in octets from the beginning.
        offset: u64,
        /// What.
        what: &'static str,
        /// How long it says it is.
        octets: u64,
        /// What is allowed.
        limit: u64,
    },
}
