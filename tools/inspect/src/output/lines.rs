//! [`Lines`]: text that is gathered before it is written.

use std::io::{self, Write};

/// So much is gathered before it is written, in octets.
const BUFFER_OCTETS: usize = 64 * 1024;

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    /// What is gathered; to be appended to.
    pub(super) text: String,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, text: String::with_capacity(BUFFER_OCTETS + 1024) }
    }

    /// A line is whole: writes what is gathered if it is much.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.text.push('\n');
        if self.text.len() > BUFFER_OCTETS { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        self.out.flush()
    }
}
