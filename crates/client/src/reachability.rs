//! Reaching one session of a peer: which of its streams is in use, the attempt to dial it, and how soon the next may begin.
//!
//! The tie-break of PROTOCOL section 3 is here: of two streams between the same two sessions, the one dialled by the smaller
//! full JID (compared as octets) stays, and a new stream from the same dialler replaces its older one. What this does *not* do:
//! own the streams (`link.rs`) or carry messages (`lane.rs`).

use std::collections::BTreeSet;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Endpoint, Fingerprint};
use jid::FullJid;

use crate::dial_plan::{DialLimits, DialPlan};
use crate::output::ConnectionId;

/// The stream in use with one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) id: ConnectionId,
    pub(crate) dialler: FullJid,
}

/// What becomes of the streams when another one opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The new one is the only one.
    Alone,
    /// The new one stays; the old one came from the same dialler, who gave it up.
    Replaces { old: ConnectionId },
    /// The new one stays; the old one takes nothing new.
    Wins { old: ConnectionId },
    /// The old one stays; the new one takes nothing new.
    Loses,
}

/// One attempt to dial a session, over all its endpoints.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) plan: DialPlan,
    /// The device that has to answer.
    pub(crate) expected: Fingerprint,
    /// Connections that have neither failed nor shown their certificate.
    pub(crate) dialled: BTreeSet<ConnectionId>,
    /// Somebody answered who is not that device.
    pub(crate) impostor: bool,
}

impl Attempt {
    /// Whether nothing can come of it any more.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        now >= self.plan.deadline() || (self.plan.is_exhausted() && self.dialled.is_empty())
    }
}

/// What is known about reaching one session.
#[derive(Debug)]
pub(crate) struct Reachability {
    current: Option<Current>,
    pub(crate) attempt: Option<Attempt>,
    /// No attempt begins before.
    next_dial_at: Duration,
    gap: Duration,
}

impl Reachability {
    pub(crate) fn new(limits: &DialLimits) -> Self {
        Self { current: None, attempt: None, next_dial_at: Duration::ZERO, gap: limits.gap }
    }

    pub(crate) fn current(&self) -> Option<ConnectionId> {
        self.current.as_ref().map(|current| current.id)
    }

    /// A stream opened, both sides authenticated.
    pub(crate) fn handle_opened(
        &mut self,
        id: ConnectionId,
        dialler: FullJid,
        limits: &DialLimits,
    ) -> Outcome {
        self.gap = limits.gap;
        let outcome = match &self.current {
            None => Outcome::Alone,
            Some(old) if old.dialler == dialler => Outcome::Replaces { old: old.id },
            Some(old)
                if dialler.as_str().as_bytes() < old.dialler.as_str().as_bytes()
                    || planted(Canary::TieBreakClosesBoth) =>
            {
                Outcome::Wins { old: old.id }
            }
            Some(_) => Outcome::Loses,
        };
        if outcome != Outcome::Loses {
            self.current = Some(Current { id, dialler });
        }
        outcome
    }

    /// A stream is no longer usable. Whether it was the one in use.
    pub(crate) fn handle_closed(&mut self, id: ConnectionId) -> bool {
        let was_current = self.current() == Some(id);
        if was_current {
            self.current = None;
        }
        was_current
    }

    /// When an attempt may begin.
    pub(crate) fn next_dial_at(&self) -> Duration {
        self.next_dial_at
    }

    /// Begins an attempt; its time has come ([`Self::next_dial_at`]).
    pub(crate) fn begin(
        &mut self,
        now: Duration,
        endpoints: &[Endpoint],
        expected: Fingerprint,
        limits: &DialLimits,
    ) {
        self.next_dial_at = now + self.gap;
        self.attempt = Some(Attempt {
            plan: DialPlan::new(now, endpoints, limits),
            expected,
            dialled: BTreeSet::new(),
            impostor: false,
        });
    }

    /// The attempt, or the stream that it led to, failed: the next one waits longer.
    pub(crate) fn handle_failed(&mut self, now: Duration, limits: &DialLimits) {
        self.gap = (self.gap * 2).min(limits.gap_max);
        self.next_dial_at = self.next_dial_at.max(now + self.gap / 2);
    }

    /// Nothing here is worth keeping.
    pub(crate) fn is_idle(&self, now: Duration) -> bool {
        self.current.is_none() && self.attempt.is_none() && now >= self.next_dial_at + self.gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: ConnectionId = ConnectionId(1);
    const SECOND: ConnectionId = ConnectionId(2);

    fn jid(text: &str) -> FullJid {
        FullJid::new(text).unwrap()
    }

    fn opened(dialler: &str) -> Reachability {
        let mut reach = Reachability::new(&DialLimits::default());
        let outcome = reach.handle_opened(FIRST, jid(dialler), &DialLimits::default());
        assert_eq!(outcome, Outcome::Alone);
        reach
    }

    #[test]
    fn of_two_simultaneous_streams_the_one_of_the_smaller_jid_stays_whichever_opened_first() {
        let limits = DialLimits::default();
        let mut reach = opened("bob@example.net/tui");
        let outcome = reach.handle_opened(SECOND, jid("alice@example.net/desk"), &limits);
        assert_eq!(outcome, Outcome::Wins { old: FIRST });
        assert_eq!(reach.current(), Some(SECOND));
        let mut reach = opened("alice@example.net/desk");
        assert_eq!(reach.handle_opened(SECOND, jid("bob@example.net/tui"), &limits), Outcome::Loses);
        assert_eq!(reach.current(), Some(FIRST));
    }

    #[test]
    fn jids_are_compared_as_octets_not_as_letters() {
        // In octets "Z" comes before "a", and "-" before "/".
        let limits = DialLimits::default();
        let mut reach = opened("a@example.net/a");
        assert_eq!(
            reach.handle_opened(SECOND, jid("a@example.net/Z"), &limits),
            Outcome::Wins { old: FIRST }
        );
    }

    #[test]
    fn a_new_stream_of_the_same_dialler_replaces_its_older_one() {
        let mut reach = opened("bob@example.net/tui");
        let outcome = reach.handle_opened(SECOND, jid("bob@example.net/tui"), &DialLimits::default());
        assert_eq!(outcome, Outcome::Replaces { old: FIRST });
        assert!(!reach.handle_closed(FIRST));
        assert!(reach.handle_closed(SECOND));
    }

    #[test]
    fn attempts_that_fail_come_at_growing_distances_up_to_a_limit() {
        let limits = DialLimits::default();
        let mut reach = Reachability::new(&limits);
        let mut now = Duration::ZERO;
        for _ in 0..12 {
            reach.begin(now, &[], Fingerprint([0; 32]), &limits);
            reach.attempt = None;
            reach.handle_failed(now, &limits);
            assert!(reach.next_dial_at() > now);
            assert!(reach.next_dial_at() <= now + limits.gap_max);
            now = reach.next_dial_at();
        }
        let outcome = reach.handle_opened(FIRST, jid("bob@example.net/tui"), &limits);
        assert_eq!(outcome, Outcome::Alone);
        reach.begin(now, &[], Fingerprint([0; 32]), &limits);
        assert_eq!(reach.next_dial_at(), now + limits.gap);
    }
}
