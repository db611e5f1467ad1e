//! Octets as they come in, and where they stood: a buffer that never reads more often than it has to, and never waits
//! for more than what is asked for.

use std::io::{self, Read};
use std::ops::Range;

use super::CaptureError;

/// What one read asks for at most, in octets.
const READ_OCTETS: usize = 256 * 1024;

#[derive(Debug)]
pub(crate) struct Input<R> {
    read: R,
    octets: Vec<u8>,
    /// What is not taken yet.
    waiting: Range<usize>,
    /// Of `waiting.start`, from the beginning of the input.
    offset: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(read: R) -> Self {
        Self { read, octets: vec![0; READ_OCTETS], waiting: 0..0, offset: 0, ended: false }
    }

    /// Where the next octet stands in the input.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Everything that is there and not taken.
    pub(crate) fn waiting(&self) -> &[u8] {
        &self.octets[self.waiting.clone()]
    }

    /// The first octets that wait, if so many are there.
    pub(crate) fn peek<const N: usize>(&self) -> Option<&[u8; N]> {
        self.waiting().first_chunk()
    }

    /// Whether there will never be more than what waits.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Takes so many of those that wait, and says where they are in the buffer; they stay there until the next
    /// [`Input::read`].
    pub(crate) fn take(&mut self, octets: usize) -> Range<usize> {
        let end = (self.waiting.start + octets).min(self.waiting.end);
        let taken = self.waiting.start..end;
        self.waiting.start = end;
        self.offset += taken.len() as u64;
        taken
    }

    /// What [`Input::take`] said.
    pub(crate) fn taken(&self, range: Range<usize>) -> &[u8] {
        &self.octets[range]
    }

    /// Reads once, and may block; `wanted` is how many have to fit into the buffer in all.
    pub(crate) fn read(&mut self, wanted: usize) -> Result<(), CaptureError> {
        if self.waiting.start > 0 {
            self.octets.copy_within(self.waiting.clone(), 0);
            self.waiting = 0..self.waiting.len();
        }
        // A length may lie: the buffer doubles as octets really come, it is not made as large as somebody says.
        if self.waiting.end == self.octets.len() && wanted > self.octets.len() {
            self.octets.resize((self.octets.len() * 2).min(wanted.max(READ_OCTETS)), 0);
        }
        loop {
            match self.read.read(&mut self.octets[self.waiting.end..]) {
                Ok(0) => self.ended = true,
                Ok(more) => self.waiting.end = (self.waiting.end + more).min(self.octets.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => {
                    return Err(CaptureError::Read {
                        offset: self.offset + self.waiting.len() as u64,
                        source,
                    });
                }
            }
            return Ok(());
        }
    }
}
