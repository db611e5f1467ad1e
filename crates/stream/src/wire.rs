//! One XML stream on one connection: headers, elements, closing tags and errors (RFC 6120 §4), for every machine here.
//!
//! ```text
//!          close                closing tag, end of connection, time
//!   Open ─────────▶ Closing ──────────────────────────────────────────┐
//!     │ closing tag, stream error, fault, end of connection           ▼
//!     └────────────────────────────────────────────────────────────▶ Over
//! ```
//!
//! It knows no features and no stanzas, and it does not judge headers.

use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_xml::{Element, Event, Header, Limits, NS_STREAMS, Reader, STREAM_CLOSE, write_header};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use crate::{Closed, Side};

/// Events that wait for the owner at most; reading pauses until it has taken them.
pub(crate) const EVENTS_MAX: usize = 64;

/// How long signing in may take in all, where `configured` is what the owner allows.
pub(crate) fn negotiation_wait(configured: Duration) -> Duration {
    if planted(Canary::NegotiationWithoutDeadline) { Duration::from_secs(365 * 86_400) } else { configured }
}

/// Reads and writes one stream.
pub(crate) struct Wire {
    reader: Reader,
    output: Vec<u8>,
    header_sent: bool,
    phase: Phase,
    /// How long the other side may take to answer our closing tag.
    closing: Duration,
}

enum Phase {
    Open,
    Closing { until: Duration },
    Over,
}

/// What was read.
pub(crate) enum Incoming {
    Header(Header),
    Element(Element),
    KeepAlive,
    /// The stream cannot be read on: raise this error.
    Fault(StreamError),
    /// The other side ended the stream; ours is ended too.
    Closed(Closed),
}

impl Wire {
    pub(crate) fn new(limits: Limits, closing: Duration) -> Self {
        Self {
            reader: Reader::new(limits),
            output: Vec::new(),
            header_sent: false,
            phase: Phase::Open,
            closing,
        }
    }

    /// A new stream on the same connection: nothing that was read before matters any more (RFC 6120 §4.3.3).
    pub(crate) fn restart(&mut self, limits: Limits) {
        self.reader = Reader::new(limits);
        self.header_sent = false;
    }

    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.reader.set_limits(limits);
    }

    /// Reads from the front of `input` until there is something to tell. A stream that is over swallows everything.
    pub(crate) fn read(&mut self, input: &mut &[u8]) -> Option<Incoming> {
        loop {
            if self.is_over() {
                *input = &[];
                return None;
            }
            match self.reader.read(input) {
                Ok(None) => return None,
                // Whoever closes before the other's header came has no use for it.
                Ok(Some(Event::Open(_))) if self.is_closing() => {}
                Ok(Some(Event::Open(header))) => return Some(Incoming::Header(header)),
                Ok(Some(Event::KeepAlive)) => return Some(Incoming::KeepAlive),
                Ok(Some(Event::Close)) => return Some(Incoming::Closed(self.handle_closing_tag())),
                Ok(Some(Event::Element(element))) if element.is(NS_STREAMS, "error") => {
                    return Some(Incoming::Closed(self.handle_error(&element)));
                }
                Ok(Some(Event::Element(element))) => return Some(Incoming::Element(element)),
                Err(error) => {
                    let fault = StreamError::new(StreamCondition::from(&error)).with_text(error.to_string());
                    return Some(Incoming::Fault(fault));
                }
            }
        }
    }

    pub(crate) fn send_header(&mut self, attributes: &[(&str, Option<&str>)]) {
        write_header(&mut self.output, attributes);
        self.header_sent = true;
    }

    pub(crate) fn header_sent(&self) -> bool {
        self.header_sent
    }

    /// Writes an element, unless our closing tag is written already.
    pub(crate) fn send(&mut self, element: &Element) {
        if self.is_open() {
            self.output.extend_from_slice(element.as_bytes());
        }
    }

    /// Writes white space (RFC 6120 §4.6.1), unless our closing tag is written already.
    pub(crate) fn send_keep_alive(&mut self) {
        if self.is_open() {
            self.output.push(b' ');
        }
    }

    /// Begins the close handshake (RFC 6120 §4.4). Our header must have been sent.
    pub(crate) fn close(&mut self, now: Duration) {
        if self.is_open() {
            self.output.extend_from_slice(STREAM_CLOSE.as_bytes());
            self.phase = Phase::Closing { until: now + self.closing };
        }
    }

    /// Raises a stream error, which ends the stream at once (RFC 6120 §4.9.1.1). Our header must have been sent.
    pub(crate) fn fail(&mut self, error: StreamError) -> Closed {
        if self.is_open() {
            self.output.extend_from_slice(error.to_element().as_bytes());
            self.output.extend_from_slice(STREAM_CLOSE.as_bytes());
        }
        self.phase = Phase::Over;
        Closed::Failed { by: Side::Us, error }
    }

    /// The connection has ended. Nothing, if the stream had ended before.
    pub(crate) fn handle_eof(&mut self) -> Option<Closed> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Open => Some(Closed::Lost),
            Phase::Closing { .. } => Some(Closed::Orderly { by: Side::Us }),
            Phase::Over => None,
        }
    }

    /// Gives up waiting for the other side's closing tag.
    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Option<Closed> {
        match self.phase {
            Phase::Closing { until } if now >= until => {
                self.phase = Phase::Over;
                Some(Closed::Lost)
            }
            _ => None,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Closing { until } => Some(until),
            Phase::Open | Phase::Over => None,
        }
    }

    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closing { .. })
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// Ends the stream without waiting for the other side's closing tag.
    pub(crate) fn abandon(&mut self) {
        if self.is_open() {
            self.output.extend_from_slice(STREAM_CLOSE.as_bytes());
        }
        self.phase = Phase::Over;
    }

    fn handle_closing_tag(&mut self) -> Closed {
        let by = if self.is_open() { Side::Them } else { Side::Us };
        self.abandon();
        Closed::Orderly { by }
    }

    fn handle_error(&mut self, element: &Element) -> Closed {
        let error = StreamError::from_node(element.root())
            .unwrap_or_else(|_| StreamError::new(StreamCondition::UndefinedCondition));
        self.abandon();
        Closed::Failed { by: Side::Them, error }
    }
}

/// A stream id that nobody can guess (RFC 6120 §4.7.3): 16 random octets in hexadecimal.
pub(crate) fn stream_id(rng: &mut ChaCha20Rng) -> String {
    format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64())
}
