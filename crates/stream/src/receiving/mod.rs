//! The receiving side of a client stream: what a server does from the first octet to a bound resource, and after.
//!
//! ```text
//!              header               starttls                 handle_tls
//!   Opening ───────────▶ Negotiating ──────────▶ AwaitingTls ───────────▶ Opening
//!                        │ ▲     │ ▲ send
//!                   auth │ │     │ └────────── Registering
//!                        │ │     └──────────────────▲
//!                        ▼ │ failure    jabber:iq:register
//!               Authenticating ──────▶ AwaitingCredentials
//!                        │   ◀────────   │ handle_credentials
//!                        │               ▼ PLAIN
//!                        │       AwaitingStretched
//!                success │               │ handle_stretched
//!                        ├───────────────┘
//!                        ▼    header               bind                 handle_bound
//!            Opening (account) ─────▶ Binding ───────────▶ AwaitingBound ───────────▶ Bound
//! ```
//!
//! RFC 6120 §4 to §7, server side. Each step is a method in `negotiation` or `sign_in`; whatever else comes is an error
//! that ends the stream. It does not know accounts, resources or routes: it asks for them through [`Event`]s.

mod config;
mod event;
mod negotiation;
mod sign_in;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chatdev_stanza::{Stanza, StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::{BareJid, DomainPart, FullJid};
use rand_chacha::ChaCha20Rng;

use self::sign_in::Attempt;
use crate::wire::{EVENTS_MAX, Incoming, Wire, negotiation_wait};
use crate::{RestingRng, TlsFacts, Transport};

pub use config::{Config, Registration};
pub use event::Event;

/// The longest language tag that is kept, in octets. RFC 5646 §4.4.1 has 35 for every tag of today.
pub const LANG_BYTES_MAX: usize = 64;

/// The receiving side of one client stream. See the [crate] for how it is driven.
pub struct Receiving {
    config: Arc<Config>,
    rng: RestingRng,
    wire: Wire,
    state: State,
    tls: Option<TlsFacts>,
    loopback: bool,
    /// The host that the client came for; before it said one, the default.
    domain: DomainPart,
    /// The language of the client's stream.
    lang: Option<String>,
    /// When negotiation must be done; nothing once it is.
    deadline: Option<Duration>,
    /// Failed attempts to sign in.
    attempts: u32,
    /// Registration requests.
    registrations: u32,
    events: VecDeque<Event>,
}

enum State {
    /// The client's header is next.
    Opening { account: Option<BareJid> },
    /// The features are out, the client chooses.
    Negotiating,
    /// A registration request is with the owner.
    Registering,
    /// `<proceed/>` is out.
    AwaitingTls,
    /// The client's SASL message is next. Boxed, as it is large and short.
    Authenticating(Box<Attempt>),
    /// The account is being looked up.
    AwaitingCredentials(Box<Attempt>),
    /// The password is being stretched.
    AwaitingStretched(Box<Attempt>),
    /// The request to bind is next.
    Binding { account: BareJid },
    /// The owner chooses the full JID.
    AwaitingBound { account: BareJid, request: Box<Stanza> },
    /// Stanzas flow.
    Bound { jid: FullJid },
    /// The stream is closing, or closed, before it was bound or after.
    Over,
}

impl Receiving {
    /// A stream on a connection that has just been accepted, or has just done its TLS handshake.
    ///
    /// # Panics
    /// If the configuration names no domain.
    pub fn new(config: Arc<Config>, transport: Transport, rng: ChaCha20Rng, now: Duration) -> Self {
        Self {
            wire: Wire::new(config.before_sign_in, config.closing),
            state: State::Opening { account: None },
            tls: transport.tls,
            loopback: transport.loopback,
            domain: config.domains.first().expect("a server serves at least one domain").clone(),
            lang: None,
            deadline: Some(now + negotiation_wait(config.negotiation)),
            attempts: 0,
            registrations: 0,
            events: VecDeque::new(),
            config,
            rng: rng.into(),
        }
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
        if matches!(self.state, State::AwaitingTls) {
            *input = &[];
        }
    }

    /// The TLS handshake that [`Event::StartTls`] asked for is done.
    pub fn handle_tls(&mut self, facts: TlsFacts) {
        if matches!(self.state, State::AwaitingTls) {
            self.tls = Some(facts);
            self.reopen(None);
        }
    }

    /// The answer to [`Event::Credentials`]; `None` if there is no such account, which the client is not told.
    pub fn handle_credentials(&mut self, credentials: Option<crate::sasl::Credentials>) {
        if let State::AwaitingCredentials(_) = self.state
            && let State::AwaitingCredentials(attempt) = self.take_state()
        {
            self.look_up(attempt, credentials);
        }
    }

    /// The answer to [`Event::Stretch`].
    pub fn handle_stretched(&mut self, stretched: &crate::sasl::Stretched) {
        if let State::AwaitingStretched(_) = self.state
            && let State::AwaitingStretched(attempt) = self.take_state()
        {
            self.check(attempt, stretched);
        }
    }

    /// The answer to [`Event::Bind`]: the session's full JID, or why there is none.
    pub fn handle_bound(&mut self, answer: Result<FullJid, chatdev_stanza::StanzaError>) {
        if let State::AwaitingBound { .. } = self.state
            && let State::AwaitingBound { account, request } = self.take_state()
        {
            self.bound(account, &request, answer);
        }
    }

    /// Lets deadlines fire that are due.
    pub fn handle_timeout(&mut self, now: Duration) {
        if let Some(closed) = self.wire.handle_timeout(now) {
            self.end(closed);
        }
        if self.wire.is_open() && self.deadline.is_some_and(|deadline| now >= deadline) {
            let error = StreamError::new(StreamCondition::ConnectionTimeout);
            self.fail(error.with_text("signing in took too long"));
        }
    }

    /// The connection has ended; nothing more will come.
    pub fn handle_eof(&mut self) {
        if let Some(closed) = self.wire.handle_eof() {
            self.end(closed);
        }
    }

    /// Writes an element, for instance the answer to [`Event::PreAuth`].
    pub fn send(&mut self, element: &Element) {
        self.wire.send(element);
        if matches!(self.state, State::Registering) {
            self.state = State::Negotiating;
        }
    }

    /// Ends the stream: with an error at once, without one by the close handshake, during which a bound client's
    /// elements still come in.
    pub fn close(&mut self, now: Duration, error: Option<StreamError>) {
        if self.wire.is_over() {
            return;
        }
        if let Some(error) = error {
            return self.fail(error);
        }
        self.ensure_header();
        self.wire.close(now);
        self.deadline = None;
        if !matches!(self.state, State::Bound { .. }) {
            self.state = State::Over;
        }
    }

    /// The next event, until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() {
            // An idle stream keeps no room for what it may once have to tell.
            self.events = VecDeque::new();
        }
        event
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
        use State::{AwaitingBound, AwaitingCredentials, AwaitingStretched, AwaitingTls, Registering};
        matches!(
            self.state,
            Registering | AwaitingTls | AwaitingCredentials(_) | AwaitingStretched(_) | AwaitingBound { .. }
        )
    }

    /// Whether the stream is over; [`Event::Closed`] says why.
    pub fn is_over(&self) -> bool {
        self.wire.is_over()
    }

    /// Whether the connection below is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// The host that the client came for.
    pub fn domain(&self) -> &DomainPart {
        &self.domain
    }

    /// The language that the client's stream declares (`xml:lang`): that of its stanzas which name none themselves
    /// (RFC 6120 §4.7.4). Nothing if it is longer than any language tag is, [`LANG_BYTES_MAX`] octets.
    pub fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    /// The full JID of a bound stream.
    pub fn jid(&self) -> Option<&FullJid> {
        match &self.state {
            State::Bound { jid } => Some(jid),
            _ => None,
        }
    }

    fn handle_element(&mut self, element: Element) {
        match self.take_state() {
            State::Negotiating => self.negotiate(element),
            State::Authenticating(attempt) => self.authenticate(attempt, &element),
            State::Binding { account } => self.bind(account, element),
            State::Bound { jid } => self.stanza(jid, element),
            // Our closing tag is out: what a client that is not bound still says does not matter.
            State::Over => {}
            _ => self.fail(StreamCondition::NotAuthorized.into()),
        }
    }

    fn handle_keep_alive(&mut self) {
        if matches!(self.state, State::Bound { .. }) {
            self.events.push_back(Event::KeepAlive);
        }
    }

    /// Leaves the state open for the transition that follows, which must set the next one.
    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Over)
    }

    fn fail(&mut self, error: StreamError) {
        self.ensure_header();
        let closed = self.wire.fail(error);
        self.end(closed);
    }

    fn end(&mut self, closed: crate::Closed) {
        self.state = State::Over;
        self.deadline = None;
        self.events.push_back(Event::Closed(closed));
    }
}
