//! Either side of a stream between two clients (PROTOCOL section 3): XEP-0246's form between full JIDs, with the
//! acknowledgements of XEP-0198.
//!
//! ```text
//!              header             features                enabled
//!   Opening ───────────▶ Choosing ─────────▶ Enabling ────────────▶ Ready           dialling
//!
//!              header             accept                  enable
//!   Opening ───────────▶ Judged ───────────▶ Offering ────────────▶ Ready           answering
//!                          │ refuse
//!                          ▼
//!                         Over
//! ```
//!
//! TLS is done before, and its certificates are the owner's to compare: here a name is a claim. Sequence numbers, storage
//! and sending again are the owner's too. Resumption (XEP-0198 §5) is not offered.

mod acks;
mod config;
mod event;
mod exchange;
mod negotiation;

use std::collections::VecDeque;
use std::time::Duration;

use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::FullJid;
use rand_chacha::ChaCha20Rng;

use self::acks::{Received, Sent};
use crate::Closed;
use crate::wire::{EVENTS_MAX, Incoming, Wire};

pub use config::Config;
pub use event::Event;

/// One side of a peer stream. See the [crate] for how it is driven.
pub struct Peer {
    config: Config,
    rng: ChaCha20Rng,
    wire: Wire,
    side: Role,
    state: State,
    /// The other side: whom we dialled, or who claims to have dialled us.
    other: Option<FullJid>,
    sent: Sent,
    received: Received,
    /// When messages must flow; nothing once they do.
    deadline: Option<Duration>,
    /// The instant of the last input, which is that of the output that follows it.
    now: Duration,
    events: VecDeque<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Dialling,
    Answering,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The other side's header is next.
    Opening,
    /// Dialling: their features are next.
    Choosing,
    /// Dialling: `<enable/>` is out.
    Enabling,
    /// Answering: the owner judges who that is.
    Judged,
    /// Answering: our features are out.
    Offering,
    /// Messages flow.
    Ready,
    /// The stream is closing, or closed.
    Over,
}

/// Why a message can't be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not yet [`Event::Ready`], or closing.
    #[error("the peer stream is not ready")]
    NotReady,
    /// [`Config::unacknowledged_max`] messages wait for their acknowledgement.
    #[error("too many messages wait for their acknowledgement")]
    Full,
}

impl Peer {
    /// The dialling side, on a connection to `to` whose TLS handshake is done and whose certificate the owner accepts.
    /// Its header is in the output.
    pub fn dial(config: Config, to: FullJid, rng: ChaCha20Rng, now: Duration) -> Self {
        let mut peer = Self::new(config, Role::Dialling, Some(to), rng, now);
        peer.send_header();
        peer
    }

    /// The answering side, on a connection whose TLS handshake is done.
    pub fn answer(config: Config, rng: ChaCha20Rng, now: Duration) -> Self {
        Self::new(config, Role::Answering, None, rng, now)
    }

    fn new(config: Config, side: Role, other: Option<FullJid>, rng: ChaCha20Rng, now: Duration) -> Self {
        Self {
            wire: Wire::new(config.before_ready, config.closing),
            side,
            state: State::Opening,
            other,
            sent: Sent::new(config.unacknowledged_max, config.answer),
            received: Received::new(config.unstored_max),
            deadline: Some(now + config.negotiation),
            now,
            events: VecDeque::new(),
            config,
            rng,
        }
    }

    /// Takes octets from the front of `input`. Some are left if the stream [waits](Self::is_waiting) for its owner or
    /// has many events for it: drain those and call again.
    pub fn handle_bytes(&mut self, now: Duration, input: &mut &[u8]) {
        self.now = now;
        // Input goes before time-outs at one instant, but does not come after its deadline.
        if self.deadline.is_some_and(|deadline| now > deadline) {
            self.handle_timeout(now);
        }
        while !self.is_waiting() && self.events.len() < EVENTS_MAX {
            match self.wire.read(input) {
                None => break,
                Some(Incoming::Header(header)) => self.handle_header(&header),
                Some(Incoming::Element(element)) => self.handle_element(element),
                Some(Incoming::KeepAlive) => {}
                Some(Incoming::Fault(error)) => self.fail(error),
                Some(Incoming::Closed(closed)) => self.end(closed),
            }
        }
    }

    /// The answer to [`Event::Opened`]: the other side is who it claims to be.
    pub fn accept(&mut self, now: Duration) {
        self.now = now;
        if self.state == State::Judged {
            self.offer();
        }
    }

    /// The other answer to [`Event::Opened`], with `not-authorized` where the certificate is not that of the claim.
    pub fn refuse(&mut self, now: Duration, error: StreamError) {
        self.now = now;
        if self.state == State::Judged {
            self.fail(error);
        }
    }

    /// Writes a message. A `from` in it must be us and a `to` the other side, or it will be refused there.
    ///
    /// # Errors
    /// If the stream is not ready, or too much waits for its acknowledgement.
    pub fn send_message(&mut self, now: Duration, message: &Element) -> Result<(), SendError> {
        self.now = now;
        if self.state != State::Ready || !self.wire.is_open() {
            return Err(SendError::NotReady);
        }
        if self.sent.is_full() {
            return Err(SendError::Full);
        }
        self.wire.send(message);
        self.sent.count();
        Ok(())
    }

    /// The oldest `count` messages of those not acknowledged yet are stored (or shown, where nothing is stored): tells
    /// the other side so.
    pub fn acknowledge(&mut self, now: Duration, count: u32) {
        self.now = now;
        self.received.handle_stored(count);
    }

    /// Asks the other side for a sign of life (an `<r/>`), where none is asked for already. Unanswered, the stream is
    /// closed when [`Config::answer`] is over.
    pub fn probe(&mut self, now: Duration) {
        self.now = now;
        if self.is_ready() {
            self.sent.probe();
        }
    }

    /// Lets deadlines fire that are due.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        if let Some(closed) = self.wire.handle_timeout(now) {
            self.end(closed);
        }
        if !self.wire.is_open() {
            return;
        }
        let late = if self.deadline.is_some_and(|deadline| now >= deadline) {
            "opening the stream took too long"
        } else if self.sent.handle_timeout(now) == Some(acks::Due::GiveUp) {
            "a request for an acknowledgement was not answered"
        } else {
            return;
        };
        self.fail(StreamError::new(StreamCondition::ConnectionTimeout).with_text(late));
    }

    /// The connection has ended; nothing more will come.
    pub fn handle_eof(&mut self) {
        if let Some(closed) = self.wire.handle_eof() {
            self.end(closed);
        }
    }

    /// Ends the stream: with an error at once, without one by the close handshake. What is stored by now is acknowledged
    /// before. Messages still come in during the handshake but can't be acknowledged any more, so their sender will send
    /// them again on the next stream.
    pub fn close(&mut self, now: Duration, error: Option<StreamError>) {
        self.now = now;
        if self.wire.is_over() {
            return;
        }
        self.write_acks();
        if let Some(error) = error {
            return self.fail(error);
        }
        self.ensure_header();
        self.wire.close(now);
        self.deadline = None;
        if self.state != State::Ready {
            self.state = State::Over;
        }
    }

    /// The next event, until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called. Ask after [`output`](Self::output).
    pub fn poll_timeout(&self) -> Option<Duration> {
        if !self.wire.is_open() {
            return self.wire.poll_timeout();
        }
        [self.deadline, self.sent.poll_timeout()].into_iter().flatten().min()
    }

    /// What is to be written to the connection; the owner takes it away. All that was sent since the last time is
    /// followed by one `<r/>`, all that was acknowledged since then by one `<a/>`.
    pub fn output(&mut self) -> &mut Vec<u8> {
        self.write_acks();
        self.wire.output()
    }

    /// Whether nothing is read until the owner has answered the last event, or has stored something.
    pub fn is_waiting(&self) -> bool {
        self.state == State::Judged
            || (self.state == State::Ready && self.wire.is_open() && self.received.is_full())
    }

    /// Whether messages can be sent now.
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready && self.wire.is_open()
    }

    /// Whether the stream is over; [`Event::Closed`] says why.
    pub fn is_over(&self) -> bool {
        self.wire.is_over()
    }

    /// The other side: whom we dialled, or who claims to have dialled us.
    pub fn other(&self) -> Option<&FullJid> {
        self.other.as_ref()
    }

    /// Messages sent that are not acknowledged.
    pub fn unacknowledged(&self) -> u32 {
        self.sent.waiting()
    }

    fn handle_element(&mut self, element: Element) {
        match self.state {
            State::Choosing => self.choose(&element),
            State::Enabling => self.enabled(&element),
            State::Offering => self.enable(&element),
            State::Ready => self.exchange(element),
            // Our closing tag is out: what still comes does not matter.
            State::Over => {}
            State::Opening | State::Judged => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    fn fail(&mut self, error: StreamError) {
        self.ensure_header();
        let closed = self.wire.fail(error);
        self.end(closed);
    }

    fn end(&mut self, closed: Closed) {
        self.state = State::Over;
        self.deadline = None;
        self.events.push_back(Event::Closed(closed));
    }
}
