//! Dumps: streams as people paste them into reports, and as programs log them; plain text.
//!
//! Each form that is known is a file of its own, which says where it was seen. A line that begins what somebody said is a *mark*; XML
//! that goes on over several lines belongs to the mark before it; whatever else stands in a log is passed over and counted.
//!
//! - Times are those of the lines, taken for UTC if they do not say; without a date, from 1970 on; 0 where there are none.
//! - A log of a program with several streams becomes several connections, by what the log calls them. A client that says a new stream
//!   header where none is due (RFC 6120 §4.3.3) has connected anew.
//! - Behind `<proceed/>` what is said is told as inside TLS: the program that logged it had opened it.
//! - What is no UTF-8 is read as U+FFFD.
//!
//! Not here: forms without XML, or with the XML cut (but for Prosody's, see `prosody`), and BOSH and WebSocket, which have no stream.

mod arrows;
mod balance;
mod ejabberd;
mod error;
mod find;
mod format;
mod gajim;
mod mark;
mod profanity;
mod prosody;
mod reading;
mod rfc;
mod sessions;
mod slixmpp;
mod smack;
mod stream;
#[cfg(test)]
mod tests;
mod time;

pub use error::DumpError;
pub use format::Format;

use std::io::BufRead;

use crate::model::Listener;

/// Octets of one line; what is beyond that is told as missing.
pub const LINE_OCTETS_MAX: usize = 16 * 1024 * 1024;
/// Octets of one element over several lines; what is beyond that is told as missing.
pub const ELEMENT_OCTETS_MAX: usize = 16 * 1024 * 1024;
/// Octets at the beginning among which there has to be something of a known form.
pub const FIND_OCTETS_MAX: usize = 4 * 1024 * 1024;
/// Connections at one time; the one with the first name is abandoned for another.
pub const SESSIONS_MAX: usize = 100_000;

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The form that it was read as.
    pub format: Format,
    /// Pieces of XML that were told.
    pub told: u64,
    /// Lines that are no XML of a stream.
    pub passed_over: u64,
}

/// Reads all, and tells it; in the form `format`, or in the one that the first lines have. From a pipe that grows, what a line
/// completes is told at once.
///
/// # Errors
/// It could not be read, or has nothing of a known form in it.
pub fn read(
    reader: impl BufRead,
    format: Option<Format>,
    listener: impl Listener,
) -> Result<Report, DumpError> {
    reading::read(reader, format, listener)
}

/// Whether a file that begins with these octets is a dump, and of which form.
#[must_use]
pub fn looks_like(beginning: &[u8]) -> Option<Format> {
    let mut finding = find::Finding::new();
    let text = String::from_utf8_lossy(beginning);
    text.lines().find_map(|line| finding.line(line)).or_else(|| finding.at_the_end())
}
