//! Transcripts: what was said in the clear, as JSON lines, which `chatdevd --tap` writes and this program reads and writes.
//!
//! Version 1. One object a line, in order of time:
//!
//! ```text
//! {"transcript":1,"by":"chatdevd 0.1.0","at":"2026-11-26T10:00:00.123456Z"}
//! {"at":…,"connection":7,"opened":{"dialler":"127.0.0.1:50000","answerer":"127.0.0.1:5222"}}
//! {"at":…,"connection":7,"by":"dialler","layer":"tls","text":"<message to='bob@example.org'/>"}
//! {"at":…,"connection":7,"by":"dialler","missing":123}
//! {"at":…,"connection":7,"note":"TLS 1.3"}
//! {"at":…,"connection":7,"ended":"dialler"}
//! ```
//!
//! Of what is optional there: `opened` may have `dialler_name` and `answerer_name`, and `"from_start":false`; what is no UTF-8 stands
//! as `base64` in the place of `text`; `missing` is `null` where nobody knows how many; with `"ended":"reset"`, `by` says who cut it
//! off. Keys and kinds of lines that are not known are passed over.
//!
//! Not here: XML. A `text` need not be one whole stanza.

mod error;
mod line;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

pub use error::TranscriptError;
pub use writing::Writer;

use std::io::BufRead;

use crate::model::Listener;

/// The version that is read and written.
pub const VERSION: u64 = 1;
/// Octets of one line; a longer one is an error. What this program writes is far shorter.
pub const LINE_OCTETS_MAX: usize = 16 * 1024 * 1024;
/// Connections that are open at one time; more is an error.
pub const CONNECTIONS_MAX: usize = 1_000_000;

/// Whether a file that begins with these octets is a transcript.
#[must_use]
pub fn looks_like(beginning: &[u8]) -> bool {
    let beginning = beginning.trim_ascii_start();
    let line = beginning.split(|&octet| octet == b'\n').next().unwrap_or_default();
    line.first() == Some(&b'{') && memchr::memmem::find(line, b"\"transcript\"").is_some()
}

/// A file to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript;

impl Transcript {
    /// Reads all, line by line, and tells it. From a pipe that grows each line is told as soon as it is whole.
    ///
    /// # Errors
    /// It could not be read, or is no transcript; what came before that has been told.
    pub fn read(reader: impl BufRead, listener: impl Listener) -> Result<(), TranscriptError> {
        reading::read(reader, listener)
    }
}
