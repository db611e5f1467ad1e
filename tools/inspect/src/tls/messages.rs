//! Handshake messages out of records: one may span records, one record may hold several (RFC 8446 §5.1).

/// Octets of a handshake message that are kept. A longer one is passed over: none that is needed here is near it.
pub const MESSAGE_OCTETS_MAX: usize = 128 * 1024;

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const END_OF_EARLY_DATA: u8 = 5;
pub(super) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(super) const CERTIFICATE: u8 = 11;
pub(super) const SERVER_HELLO_DONE: u8 = 14;
pub(super) const FINISHED: u8 = 20;
pub(super) const KEY_UPDATE: u8 = 24;

/// Type and length.
const HEADER_OCTETS: usize = 4;

/// One side's handshake messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    octets: Vec<u8>,
    /// How far `octets` have been given out.
    start: usize,
    /// Octets still to come of a message that is passed over.
    passing_over: usize,
}

impl Messages {
    /// Takes the content of a record.
    pub(super) fn add(&mut self, mut content: &[u8]) {
        let passed_over = self.passing_over.min(content.len());
        self.passing_over -= passed_over;
        content = &content[passed_over..];
        self.octets.drain(..self.start);
        self.start = 0;
        self.octets.extend_from_slice(content);
    }

    /// The next complete message: its type and its body.
    pub(super) fn next(&mut self) -> Option<(u8, &[u8])> {
        loop {
            let [kind, high, middle, low] = *self.octets[self.start..].first_chunk::<HEADER_OCTETS>()?;
            let body_octets = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
            let body = self.start + HEADER_OCTETS;
            let end = body + body_octets;
            if body_octets > MESSAGE_OCTETS_MAX {
                let passed_over = end.min(self.octets.len());
                self.passing_over = end - passed_over;
                self.start = passed_over;
            } else if end <= self.octets.len() {
                self.start = end;
                return Some((kind, &self.octets[body..end]));
            } else {
                return None;
            }
        }
    }

    /// Forgets what was begun: octets are missing, and the next record is taken to begin with a message.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::default();
    }

    /// Gives back the memory of a large message, once nothing is begun.
    pub(super) fn shrink(&mut self) {
        if self.start == self.octets.len() && self.octets.capacity() > 0 {
            *self = Self { passing_over: self.passing_over, ..Self::default() };
        }
    }
}
