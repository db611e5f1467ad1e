//! The initiating side of a client stream: what a client does from the first octet to a bound resource, and after.
//!
//! ```text
//!              header             starttls              proceed                handle_tls
//!   Opening ───────────▶ Choosing ────────▶ Upgrading ───────────▶ AwaitingTls ──────────▶ Opening
//!                         │    │  register
//!                    auth │    └────────────▶ Registering
//!                         │   ◀────────────────┘ result
//!                         ▼ success                header               features             result
//!               Authenticating ──▶ Opening (signed in) ──▶ Choosing (signed in) ──▶ Binding ──────▶ Bound
//! ```
//!
//! RFC 6120 §4 to §7, client side; the mirror of [`receiving`](crate::receiving), file for file. It does not connect, does
//! not judge certificates, and does not try again: a failure is its owner's to act on.
//!
//! Deviation: the session of RFC 3921 §3 is never requested. RFC 6120 dropped it, and no server has insisted for years.

mod config;
mod event;
mod negotiation;
mod sign_in;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chatdev_stanza::features::Features;
use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::FullJid;
use rand_chacha::ChaCha20Rng;

use crate::sasl::{ClientKeys, Mechanism, client::Exchange};
use crate::wire::{EVENTS_MAX, Incoming, Wire, negotiation_wait};
use crate::{Closed, TlsFacts, Transport};

pub use config::{Config, NoAccount, TlsPolicy};
pub use event::{Event, Failure};

/// The initiating side of one client stream. See the [crate] for how it is driven.
pub struct Initiating {
    config: Arc<Config>,
    rng: ChaCha20Rng,
    wire: Wire,
    state: State,
    tls: Option<TlsFacts>,
    loopback: bool,
    keys: Option<Arc<ClientKeys>>,
    /// When negotiation must be done; nothing once it is.
    deadline: Option<Duration>,
    events: VecDeque<Event>,
}

enum State {
    /// Our header is out, the server's is next.
    Opening(Stage),
    /// The server's features are next, and our choice among them.
    Choosing(Stage),
    /// `<starttls/>` is out.
    Upgrading,
    /// The owner does the TLS handshake.
    AwaitingTls,
    /// The request for the account is out; with these features we go on.
    Registering { id: String, features: Box<Features> },
    /// Our SASL message is out.
    Authenticating { exchange: Exchange, mechanism: Mechanism },
    /// The request to bind is out.
    Binding { id: String },
    /// Stanzas flow.
    Bound { jid: FullJid },
    /// The stream is closing, or closed.
    Over,
}

/// What a header and features are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// TLS, registration, signing in.
    Fresh,
    /// Binding.
    SignedIn,
}

impl Initiating {
    /// A stream on a connection that has just been made, or on one whose TLS handshake is done and whose certificate
    /// the owner accepts. Its header is in the output.
    pub fn new(config: Arc<Config>, transport: Transport, rng: ChaCha20Rng, now: Duration) -> Self {
        let mut stream = Self {
            wire: Wire::new(config.before_sign_in, config.closing),
            state: State::Over,
            tls: transport.tls,
            loopback: transport.loopback,
            keys: None,
            deadline: Some(now + negotiation_wait(config.negotiation)),
            events: VecDeque::new(),
            config,
            rng,
        };
        stream.open(Stage::Fresh);
        stream
    }

    /// Takes octets from the front of `input`. Some are left if the stream [waits](Self::is_waiting) for its owner or
    /// has many events for it: drain those and call again.
    pub fn handle_bytes(&mut self, now: Duration, input: &mut &[u8]) {
        // Input goes before time-outs at one instant, but does not come after its deadline.
        if self.deadline.is_some_and(|deadline| now > deadline) {
            self.handle_timeout(now);
        }
        while !self.is_waiting() && self.events.len() < EVENTS_MAX {
            match self.wire.read(input) {
                None => break,
                Some(Incoming::Header(header)) => self.handle_header(&header),
                Some(Incoming::Element(element)) => self.handle_element(element),
                Some(Incoming::KeepAlive) => self.handle_keep_alive(),
                Some(Incoming::Fault(error)) => self.fail(error),
                Some(Incoming::Closed(closed)) => self.end(closed),
            }
        }
        // What comes behind `<proceed/>` came in clear.
        if matches!(self.state, State::AwaitingTls) {
            *input = &[];
        }
    }

    /// The TLS handshake that [`Event::StartTls`] asked for is done, and the certificate is the server's.
    pub fn handle_tls(&mut self, facts: TlsFacts) {
        if matches!(self.state, State::AwaitingTls) {
            self.tls = Some(facts);
            self.open(Stage::Fresh);
        }
    }

    /// Lets deadlines fire that are due.
    pub fn handle_timeout(&mut self, now: Duration) {
        if let Some(closed) = self.wire.handle_timeout(now) {
            self.end(closed);
        }
        if self.wire.is_open() && self.deadline.is_some_and(|deadline| now >= deadline) {
            self.give_up(Failure::TimedOut);
        }
    }

    /// The connection has ended; nothing more will come.
    pub fn handle_eof(&mut self) {
        if let Some(closed) = self.wire.handle_eof() {
            self.end(closed);
        }
    }

    /// Writes a stanza. For bound streams only: before, it is negotiation's turn.
    ///
    /// # Errors
    /// If the stream is not bound, or is closing.
    pub fn send(&mut self, element: &Element) -> Result<(), NotBound> {
        if !matches!(self.state, State::Bound { .. }) || !self.wire.is_open() {
            return Err(NotBound);
        }
        self.wire.send(element);
        Ok(())
    }

    /// Writes white space, which tells the server that we are still here (RFC 6120 §4.6.1).
    pub fn send_keep_alive(&mut self) {
        if matches!(self.state, State::Bound { .. }) {
            self.wire.send_keep_alive();
        }
    }

    /// Ends the stream: with an error at once, without one by the close handshake, during which a bound stream's
    /// elements still come in.
    pub fn close(&mut self, now: Duration, error: Option<StreamError>) {
        if self.wire.is_over() {
            return;
        }
        self.deadline = None;
        let bound = matches!(self.state, State::Bound { .. });
        if !bound {
            self.state = State::Over;
        }
        match error {
            Some(error) => self.fail(error),
            None => self.wire.close(now),
        }
    }

    /// The next event, until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let negotiation = self.deadline.filter(|_| self.wire.is_open());
        negotiation.or_else(|| self.wire.poll_timeout())
    }

    /// What is to be written to the connection; the owner takes it away.
    pub fn output(&mut self) -> &mut Vec<u8> {
        self.wire.output()
    }

    /// Whether nothing is read until the owner has answered the last event.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::AwaitingTls)
    }

    /// Whether the stream is over; the last event says why.
    pub fn is_over(&self) -> bool {
        self.wire.is_over()
    }

    /// Whether the connection below is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// The full JID of a bound stream.
    pub fn jid(&self) -> Option<&FullJid> {
        match &self.state {
            State::Bound { jid } => Some(jid),
            _ => None,
        }
    }

    /// What the password was stretched to, for the next sign-in of the same account; there once signed in with SCRAM.
    pub fn keys(&self) -> Option<&Arc<ClientKeys>> {
        self.keys.as_ref()
    }

    fn handle_element(&mut self, element: Element) {
        match self.take_state() {
            State::Choosing(Stage::Fresh) => self.choose(&element),
            State::Choosing(Stage::SignedIn) => self.bind(&element),
            State::Upgrading => self.upgrade(&element),
            State::Registering { id, features } => self.registered(id, features, element),
            State::Authenticating { exchange, mechanism } => self.authenticate(exchange, mechanism, &element),
            State::Binding { id } => self.bound(id, element),
            State::Bound { jid } => {
                self.events.push_back(Event::Element(element));
                self.state = State::Bound { jid };
            }
            // Our closing tag is out: what still comes does not matter.
            State::Over => {}
            State::Opening(_) | State::AwaitingTls => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    fn handle_keep_alive(&mut self) {
        if matches!(self.state, State::Bound { .. }) {
            self.events.push_back(Event::KeepAlive);
        }
    }

    /// Leaves the state open for the transition that follows, which sets the next one. Between the two, what ends the
    /// stream is a failure of negotiation: so says the deadline, which only a bound or closed stream has not.
    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Over)
    }

    /// The server said something that it must not say.
    fn fail(&mut self, error: StreamError) {
        let closed = self.wire.fail(error);
        self.end(closed);
    }

    fn end(&mut self, closed: Closed) {
        self.state = State::Over;
        let negotiating = self.deadline.take().is_some();
        self.events.push_back(if negotiating {
            Event::Failed(Failure::Ended(closed))
        } else {
            Event::Closed(closed)
        });
    }

    /// Negotiation does not get through: says good-bye and does not wait for the answer.
    fn give_up(&mut self, failure: Failure) {
        self.wire.abandon();
        self.state = State::Over;
        self.deadline = None;
        self.events.push_back(Event::Failed(failure));
    }
}

/// The stream is not bound, so no stanza can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream is not bound")]
pub struct NotBound;
