//! What was read, as steps that take effect in one hold of the Switchboard, in the order in which it was
//! read.

use std::ops::Range;

use chatdev_canary::{Canary, planted};
use chatdev_directory::Moment;
use chatdev_stanza::directory::{CheckIn, Look};
use chatdev_stanza::presence::Availability;
use chatdev_stanza::{Stanza, StanzaError, StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::{BareJid, ResourcePart};

use super::Connection;
use crate::Switchboard;
use crate::switchboard::{Passing, Seat};

/// One thing that takes effect in the hold.
#[derive(Debug)]
pub(super) enum Step {
    /// The client has proven who it is.
    SignedIn,
    Bind {
        account: BareJid,
        resource: ResourcePart,
    },
    /// The answer to a request, or an error that needed nobody else.
    Answer(Element),
    /// A stanza for somebody else, and where among [`Connection::stamped`] it stands as they will read it.
    Route(Stanza, Range<usize>),
    Refuse(Stanza, StanzaError),
    Available(Stanza, Availability),
    Unavailable(Stanza),
    CheckIn(Stanza, CheckIn),
    Look(Stanza, Look),
    /// The account is no more; its sessions go.
    Expel(BareJid),
    /// A stanza that was queued for this connection and will not be written.
    Bounce {
        stanza: Stanza,
        shared_before: Option<u64>,
    },
    /// The session goes if it has been silent for its limit; what it inherited goes if its time is over.
    Reap,
    /// The stream is over.
    End,
    /// The connection is closed.
    Release,
    /// It has taken effect.
    Taken,
}

/// What is counted while bytes are read, until the next hold.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) iqs: u64,
    pub(super) presences: u64,
    pub(super) sign_in_failures: u64,
    pub(super) registrations: u64,
    /// The account of the attempt to sign in that is under way was looked up.
    pub(super) attempt: bool,
}

impl Tally {
    /// Whether there is something that no step will bring into a hold.
    fn is_pending(&self) -> bool {
        self.sign_in_failures > 0 || self.registrations > 0
    }
}

impl Connection {
    /// Whether something waits to take effect.
    #[must_use]
    pub fn needs_commit(&self) -> bool {
        self.heard || !self.steps.is_empty() || self.tally.is_pending()
    }

    /// Lets everything that was read take effect at once. To be called within the owner's hold of the
    /// Switchboard, and followed by [`Switchboard::take_touched`] within it and [`Self::handle_committed`]
    /// after it.
    pub fn commit(&mut self, switchboard: &mut Switchboard, at: Moment) {
        self.count(switchboard);
        let heard = std::mem::take(&mut self.heard);
        // A session that was ended by somebody else meanwhile says nothing any more: its client is about to
        // read why.
        let mut alive = match &self.seat {
            Some(seat) if heard => switchboard.seen(at, seat.session),
            _ => true,
        };
        if planted(Canary::LastReadFirst) {
            self.steps.reverse();
        }
        let mut steps = std::mem::take(&mut self.steps);
        for step in &mut steps {
            if let Step::Route(stanza, stamped) = step {
                // What is left of it goes when the hold is over.
                if let Some(seat) = self.seat.as_ref().filter(|_| alive) {
                    switchboard.route(seat, &Passing { stanza, stamped: &self.stamped[stamped.clone()] });
                }
                continue;
            }
            match std::mem::replace(step, Step::Taken) {
                Step::SignedIn => switchboard.signed_in(&self.outbound),
                Step::Bind { account, resource } => self.bind(switchboard, at, &account, &resource),
                Step::Expel(account) => switchboard.expel(at, &account),
                Step::Bounce { stanza, shared_before } => switchboard.bounce(&stanza, shared_before),
                Step::Release => switchboard.release_connection(self.outbound.connection()),
                of_session => {
                    if let Some(seat) = self.seat.clone() {
                        alive = self.take_step(switchboard, at, &seat, of_session, alive);
                    }
                }
            }
        }
        self.spent = steps;
        switchboard.settle(at);
        // Behind everything that the steps had put into the queue: last words come last.
        self.outbound.append_own(self.receiving.output());
    }

    /// After the hold: writes what it found out, and reads on where reading had to wait for it.
    pub fn handle_committed(&mut self, at: Moment) {
        self.spent = Vec::new();
        self.stamped = Vec::new();
        for answer in std::mem::take(&mut self.answers) {
            self.write_directory_answer(&answer);
        }
        self.read_on(at);
    }

    /// Takes a step of a bound session. Returns whether the session is still there.
    fn take_step(
        &mut self,
        switchboard: &mut Switchboard,
        at: Moment,
        seat: &Seat,
        step: Step,
        alive: bool,
    ) -> bool {
        match step {
            Step::End => {
                switchboard.close(at, seat.session);
                return false;
            }
            _ if !alive => return false,
            Step::Reap => return !self.reap(switchboard, at, seat),
            Step::Answer(element) => switchboard.answer(seat.session, &element),
            Step::Refuse(stanza, error) => switchboard.refuse(seat, &stanza, &error),
            Step::Available(stanza, said) => switchboard.available(at, seat, &stanza, said),
            Step::Unavailable(stanza) => switchboard.unavailable(at, seat, &stanza),
            Step::CheckIn(request, asked) => {
                let answer = switchboard.check_in(at, seat, request, asked);
                self.answers.push(answer);
            }
            Step::Look(request, asked) => {
                let answer = switchboard.look(seat, request, &asked);
                self.answers.push(answer);
            }
            Step::SignedIn
            | Step::Bind { .. }
            | Step::Expel(_)
            | Step::Bounce { .. }
            | Step::Release
            | Step::Route(..)
            | Step::Taken => unreachable!("taken by the caller"),
        }
        true
    }

    fn bind(
        &mut self,
        switchboard: &mut Switchboard,
        at: Moment,
        account: &BareJid,
        resource: &ResourcePart,
    ) {
        let bound = switchboard.bind(at, &self.outbound, account, resource, self.address);
        // Within the hold: nobody's stanza gets into the queue before the answer to the bind.
        self.receiving.handle_bound(match &bound {
            Ok(seat) => Ok(seat.jid.as_ref().clone()),
            Err(error) => Err(error.clone()),
        });
        self.outbound.append_own(self.receiving.output());
        let lang = self.receiving.lang().map(Into::into);
        self.seat = bound.ok().map(|seat| Seat { lang, ..seat });
    }

    fn reap(&mut self, switchboard: &mut Switchboard, at: Moment, seat: &Seat) -> bool {
        let reaped = switchboard.reap(at, seat.session);
        if reaped {
            let text = "nothing was heard of this session for its limit";
            self.fail(at, StreamError::new(StreamCondition::ConnectionTimeout).with_text(text));
        }
        reaped
    }

    fn count(&mut self, switchboard: &mut Switchboard) {
        let counters = switchboard.counters_mut();
        counters.iqs += std::mem::take(&mut self.tally.iqs);
        counters.presences += std::mem::take(&mut self.tally.presences);
        counters.sign_in_failures += std::mem::take(&mut self.tally.sign_in_failures);
        counters.registrations += std::mem::take(&mut self.tally.registrations);
    }
}
