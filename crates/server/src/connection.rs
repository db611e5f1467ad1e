//! One client's connection: its stream, what was read from it, and what of that is answered without the
//! others.
//!
//! ```text
//!               Event::Bind           Switchboard::bind
//!   SigningIn ──────────────▶ Binding ─────────────────▶ Bound ─────┐
//!       │ ▲                                               │ ▲       │ closed by the client, an error, an
//!       ▼ │ answered                                      ▼ │       ▼ order, or the end of the connection
//!     waiting (not read)                          waiting (not read)   Over ──▶ gone
//! ```
//!
//! What takes effect on others is collected as steps while bytes are read, and all steps of one read take
//! effect in one hold of the Switchboard ([`Connection::commit`]). What needs storage, or a password to be
//! stretched, ends in a named wait, during which nothing more is read.
//!
//! # Layout
//! - `reading.rs`: events of the stream, and stanzas: who is it from, whom is it for, what is it
//! - `step.rs`: what takes effect in the hold
//! - `waiting.rs`: what storage is asked for, passwords that are stretched, and the answers
//! - `extensions/`: what the server itself answers

mod extensions;
mod reading;
mod step;
mod waiting;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::Moment;
use chatdev_stanza::{Stanza, StreamCondition, StreamError};
use chatdev_stream::receiving::Receiving;
use chatdev_stream::sasl::Stretching;
use chatdev_stream::{RestingRng, TlsFacts, Transport};
use chatdev_xml::Element;
use jid::Jid;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::outbound::{Outbound, Owed};
use crate::switchboard::{DirectoryAnswer, Seat};
use crate::{Admitted, Config, RequestId, StorageRequest};

use step::{Step, Tally};
use waiting::Waiting;

/// One client's connection. See the crate's documentation for how it is driven.
pub struct Connection {
    config: Arc<Config>,
    receiving: Receiving,
    outbound: Arc<Outbound>,
    address: IpAddr,
    rng: RestingRng,
    /// Who is at the other end, once it is bound.
    seat: Option<Seat>,
    /// Whom its last stanza was to.
    last_to: Option<Arc<Jid>>,
    /// What storage is asked for, or a password is stretched for; nothing is read meanwhile.
    waiting: Option<Waiting>,
    next_request: u64,
    /// What was read and could not be handled yet: less than one read's length, because nothing is read on
    /// top of it.
    unread: Vec<u8>,
    /// Something complete came in since the last commit.
    heard: bool,
    /// The session is to be reaped once what waits is read.
    due: bool,
    /// The stream was ended from here: what was read behind the reason no longer counts.
    failed: bool,
    over: bool,
    steps: Vec<Step>,
    /// The stanzas among the steps that are for somebody else, one after another, as these will read them.
    stamped: Vec<u8>,
    /// Steps that have taken effect: cleared away behind the hold, not in it.
    spent: Vec<Step>,
    tally: Tally,
    /// What the last commit found out and is still to be written.
    answers: Vec<DirectoryAnswer>,
    effects: VecDeque<Effect>,
}

/// Something for the owner to carry out.
#[derive(Debug)]
pub enum Effect {
    /// Write the whole queue, then do the TLS handshake, then call [`Connection::handle_tls`].
    StartTls,
    /// Have this answered, then call [`Connection::handle_stored`].
    Storage {
        /// To be given back with the answer.
        id: RequestId,
        /// What is asked.
        request: Box<StorageRequest>,
    },
    /// Have this carried out, where it holds up nobody else, then call [`Connection::handle_stretched`].
    Stretch {
        /// To be given back with what comes of it.
        id: RequestId,
        /// What is to be stretched.
        stretching: Box<Stretching>,
    },
    /// The stream is over: write the rest of the queue for at most
    /// [`Limits::parting`](crate::Limits::parting), close the connection, then call
    /// [`Connection::handle_gone`]. The last effect.
    Close,
}

impl Connection {
    /// The stream of a connection that was let in. With TLS from the first byte, `transport` has its facts
    /// already.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        admitted: Admitted,
        transport: Transport,
        mut rng: ChaCha20Rng,
        at: Moment,
    ) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let stream_rng = ChaCha20Rng::from_seed(seed);
        let receiving = Receiving::new(Arc::clone(&config.stream), transport, stream_rng, at.mono);
        Self {
            config,
            receiving,
            outbound: admitted.outbound,
            address: admitted.address,
            rng: rng.into(),
            seat: None,
            last_to: None,
            waiting: None,
            next_request: 0,
            unread: Vec::new(),
            heard: false,
            due: false,
            failed: false,
            over: false,
            steps: Vec::new(),
            stamped: Vec::new(),
            spent: Vec::new(),
            tally: Tally::default(),
            answers: Vec::new(),
            effects: VecDeque::new(),
        }
    }

    /// The queue of what is to be written to it.
    #[must_use]
    pub fn outbound(&self) -> &Arc<Outbound> {
        &self.outbound
    }

    /// Whether bytes may be brought now. If not, the owner leaves them on the socket.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        !self.over && !self.is_waiting()
    }

    /// Bytes came in.
    pub fn handle_bytes(&mut self, at: Moment, bytes: &[u8]) {
        if self.unread.is_empty() {
            self.read(at, bytes);
        } else {
            self.unread.extend_from_slice(bytes);
            self.read_on(at);
        }
    }

    /// The TLS handshake that was asked for is done.
    pub fn handle_tls(&mut self, at: Moment, facts: TlsFacts) {
        self.receiving.handle_tls(facts);
        self.read_on(at);
    }

    /// Carries out what others want of this connection. Returns whether its session is due: the owner then
    /// brings what waits on the socket, and calls [`Self::handle_due`].
    #[must_use]
    pub fn handle_orders(&mut self, at: Moment) -> bool {
        let orders = self.outbound.take_orders();
        if let Some(end) = orders.end
            && !self.over
        {
            if end.cut {
                let owed = self.outbound.cut();
                self.give_back(owed);
            }
            self.fail(at, end.error);
            self.read_on(at);
        }
        orders.due && !self.over
    }

    /// The session was due, and what waited on its socket was brought: it is reaped now if it was still
    /// silent for its limit, and what it inherited goes if it still did not claim that.
    pub fn handle_due(&mut self, at: Moment) {
        self.due = true;
        self.read_on(at);
    }

    /// Deadlines may have passed.
    pub fn handle_timeout(&mut self, at: Moment) {
        self.receiving.handle_timeout(at.mono);
        self.stop_stretching();
        self.read_on(at);
    }

    /// Nothing more will come in, or nothing can be written any more.
    pub fn handle_eof(&mut self, at: Moment) {
        self.unread.clear();
        self.receiving.handle_eof();
        self.stop_stretching();
        self.read_on(at);
    }

    /// The connection is closed. What was not written goes back to its senders with the commit that follows,
    /// which is the last.
    pub fn handle_gone(&mut self, at: Moment) {
        self.handle_eof(at);
        let owed = self.outbound.abandon();
        self.give_back(owed);
        self.steps.push(Step::Release);
    }

    /// The next thing to carry out, until there is none.
    #[must_use]
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.effects.pop_front();
        if effect.is_none() {
            // An idle connection keeps no room for what it may once have to ask for.
            self.effects = VecDeque::new();
        }
        effect
    }

    /// When [`Self::handle_timeout`] is wanted (monotonic), if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.receiving.poll_timeout().filter(|_| !self.over)
    }

    /// Whether the stream is over, in whatever way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the other end has signed in and bound a resource.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.seat.is_some()
    }

    fn is_waiting(&self) -> bool {
        self.waiting.is_some() || self.receiving.is_waiting()
    }

    /// Goes on with what was read and not handled.
    fn read_on(&mut self, at: Moment) {
        let unread = std::mem::take(&mut self.unread);
        self.read(at, &unread);
    }

    fn read(&mut self, at: Moment, mut input: &[u8]) {
        loop {
            self.handle_events(at);
            if input.is_empty() || self.is_waiting() {
                break;
            }
            self.receiving.handle_bytes(at.mono, &mut input);
        }
        self.unread = input.to_vec();
        if self.due && !self.is_waiting() {
            // Behind what was just read: input goes before time-outs (PROTOCOL section 2, "Time").
            self.due = false;
            self.steps.push(Step::Reap);
        }
        if !self.needs_commit() {
            self.outbound.append_own(self.receiving.output());
        }
    }

    /// Ends the stream with an error, which is the last thing that the client reads.
    fn fail(&mut self, at: Moment, error: StreamError) {
        self.waiting = None;
        self.failed = true;
        self.receiving.close(at.mono, Some(error));
    }

    fn answer(&mut self, element: Element) {
        self.steps.push(Step::Answer(element));
    }

    /// Prepares the return of stanzas that were queued for this connection and never written.
    fn give_back(&mut self, owed: Vec<Owed>) {
        for owed in owed.into_iter().filter(|_| !planted(Canary::BounceLost)) {
            let text = str::from_utf8(&owed.stanza).expect("what is queued was written by us, as text");
            let element = Element::parse(text).expect("what is queued was written by us, one element each");
            let stanza = Stanza::try_from(element).expect("only checked stanzas are queued to go back");
            self.steps.push(Step::Bounce { stanza, shared_before: owed.shared_before });
        }
    }

    fn invalid_from(&mut self, at: Moment) {
        let text = "‘from’ is neither the full nor the bare JID of this stream";
        self.fail(at, StreamError::new(StreamCondition::InvalidFrom).with_text(text));
    }
}
