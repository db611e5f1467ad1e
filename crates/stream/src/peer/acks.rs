//! Acknowledgements (XEP-0198 §4), both directions: two counters and one timer each way.
//!
//! Resumption (XEP-0198 §5) is not here: what a lost peer stream still owed is sent again on the next one, by its
//! sequence numbers. Nothing here reads or writes XML.

use std::time::Duration;

use chatdev_canary::{Canary, planted};

/// What we sent and they have not acknowledged yet.
#[derive(Debug)]
pub(crate) struct Sent {
    /// `h` of the other side, modulo 2³² (XEP-0198 §4).
    acknowledged: u32,
    /// Messages sent beyond it.
    waiting: u32,
    /// How many may wait.
    max: u32,
    /// How long an `<r/>` may stay unanswered.
    answer: Duration,
    request: Request,
}

/// Where we stand with asking for an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// Nothing to ask for.
    Idle,
    /// Something was sent since we last asked: ask along with it.
    Wanted,
    /// Asked; without an answer until then the stream is dead.
    Asked { until: Duration },
    /// Asked, and more was sent since: ask again, the first question keeps its deadline.
    AskedAndWanted { until: Duration },
    /// Answered, but not everything is acknowledged: ask again then.
    Later { at: Duration },
}

/// More was acknowledged than was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooHigh {
    /// What they acknowledge.
    pub(crate) found: u32,
    /// What we have sent.
    pub(crate) sent: u32,
}

/// What a time-out asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Send an `<r/>`.
    Ask,
    /// Close the stream: the last `<r/>` went unanswered.
    GiveUp,
}

impl Sent {
    pub(crate) fn new(max: u32, answer: Duration) -> Self {
        Self { acknowledged: 0, waiting: 0, max, answer, request: Request::Idle }
    }

    /// Messages that wait for their acknowledgement.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting >= self.max
    }

    /// A message goes out.
    pub(crate) fn count(&mut self) {
        self.waiting += 1;
        self.request = match self.request {
            Request::Asked { until } | Request::AskedAndWanted { until } => Request::AskedAndWanted { until },
            Request::Idle | Request::Wanted | Request::Later { .. } => Request::Wanted,
        };
    }

    /// Asks for an acknowledgement even though nothing waits for one: an answer shows that the other side is there.
    pub(crate) fn probe(&mut self) {
        if self.request == Request::Idle {
            self.request = Request::Wanted;
        }
    }

    /// Whether an `<r/>` belongs behind what is being written now; if so, the clock for its answer runs.
    pub(crate) fn ask(&mut self, now: Duration) -> bool {
        match self.request {
            Request::Wanted => self.request = Request::Asked { until: now + self.patience() },
            Request::AskedAndWanted { until } => self.request = Request::Asked { until },
            Request::Idle | Request::Asked { .. } | Request::Later { .. } => return false,
        }
        true
    }

    /// How long the answer to an `<r/>` is waited for.
    fn patience(&self) -> Duration {
        if planted(Canary::PeerAnswerNeverTimesOut) { Duration::from_secs(365 * 86_400) } else { self.answer }
    }

    /// They have handled everything up to `h`. Gives how many that acknowledges anew.
    pub(crate) fn handle_answer(&mut self, now: Duration, h: u32) -> Result<u32, TooHigh> {
        let newly = h.wrapping_sub(self.acknowledged);
        // A count that goes backwards wraps around to far more than was ever sent.
        if newly > self.waiting {
            return Err(TooHigh { found: h, sent: self.acknowledged.wrapping_add(self.waiting) });
        }
        self.acknowledged = h;
        self.waiting -= newly;
        self.request = match self.request {
            _ if self.waiting == 0 => Request::Idle,
            Request::Wanted | Request::AskedAndWanted { .. } => Request::Wanted,
            Request::Idle | Request::Asked { .. } | Request::Later { .. } => {
                Request::Later { at: now + self.answer }
            }
        };
        Ok(newly)
    }

    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Option<Due> {
        match self.request {
            Request::Asked { until } | Request::AskedAndWanted { until } if now >= until => Some(Due::GiveUp),
            Request::Later { at } if now >= at => {
                self.request = Request::Wanted;
                Some(Due::Ask)
            }
            _ => None,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        match self.request {
            Request::Asked { until: at } | Request::AskedAndWanted { until: at } | Request::Later { at } => {
                Some(at)
            }
            Request::Idle | Request::Wanted => None,
        }
    }
}

/// What they sent and we have handled: stored, or shown where nothing is stored.
#[derive(Debug)]
pub(crate) struct Received {
    /// Our `h`, modulo 2³².
    handled: u32,
    /// Given to the owner beyond it, and not yet stored.
    open: u32,
    /// How many may be open before reading pauses.
    max: u32,
    /// Whether an `<a/>` is to be sent: `h` has changed, or they asked.
    answer: bool,
}

impl Received {
    pub(crate) fn new(max: u32) -> Self {
        Self { handled: 0, open: 0, max, answer: false }
    }

    /// A message came in and goes to the owner.
    pub(crate) fn count(&mut self) {
        self.open += 1;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.open >= self.max
    }

    /// The owner has stored the oldest `count` that are open (those that are open, if it says more).
    pub(crate) fn handle_stored(&mut self, count: u32) {
        let count = count.min(self.open);
        self.open -= count;
        self.handled = self.handled.wrapping_add(count);
        self.answer |= count > 0;
    }

    /// They sent an `<r/>`.
    pub(crate) fn handle_request(&mut self) {
        self.answer = true;
    }

    /// The `h` of the `<a/>` to send now, if one is.
    pub(crate) fn answer(&mut self) -> Option<u32> {
        std::mem::take(&mut self.answer).then_some(self.handled)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn sent(messages: u32) -> Sent {
        let mut sent = Sent::new(100, ANSWER);
        (0..messages).for_each(|_| sent.count());
        sent
    }

    #[test]
    fn a_probe_asks_once_and_is_over_with_the_answer() {
        let mut sent = sent(0);
        assert!(!sent.ask(at(0)));
        sent.probe();
        assert!(sent.ask(at(1)));
        sent.probe();
        assert!(!sent.ask(at(2)), "the question is out");
        assert_eq!(sent.poll_timeout(), Some(at(11)));
        assert_eq!(sent.handle_answer(at(3), 0), Ok(0));
        assert_eq!(sent.poll_timeout(), None);
        sent.probe();
        assert!(sent.ask(at(4)));
        assert_eq!(sent.handle_timeout(at(14)), Some(Due::GiveUp));
    }

    #[test]
    fn one_question_covers_all_that_was_written_with_it() {
        let mut sent = sent(3);
        assert!(sent.ask(at(0)));
        assert!(!sent.ask(at(0)), "nothing new to ask about");
        assert_eq!(sent.poll_timeout(), Some(at(10)));
        assert_eq!(sent.handle_answer(at(1), 3), Ok(3));
        assert_eq!((sent.waiting(), sent.poll_timeout()), (0, None));
    }

    #[test]
    fn an_unanswered_question_gives_up_after_its_time_however_much_is_sent_meanwhile() {
        let mut sent = sent(1);
        assert!(sent.ask(at(0)));
        sent.count();
        assert!(sent.ask(at(6)));
        assert_eq!(sent.poll_timeout(), Some(at(10)));
        assert_eq!(sent.handle_timeout(at(9)), None);
        assert_eq!(sent.handle_timeout(at(10)), Some(Due::GiveUp));
    }

    #[test]
    fn an_answer_that_does_not_cover_everything_leads_to_another_question_later() {
        let mut sent = sent(2);
        assert!(sent.ask(at(0)));
        assert_eq!(sent.handle_answer(at(1), 1), Ok(1));
        assert_eq!(sent.poll_timeout(), Some(at(11)));
        assert_eq!(sent.handle_timeout(at(11)), Some(Due::Ask));
        assert!(sent.ask(at(11)));
        assert_eq!(sent.handle_timeout(at(21)), Some(Due::GiveUp));
    }

    #[test]
    fn acknowledging_too_much_or_going_back_is_an_error() {
        let mut sent = sent(2);
        assert_eq!(sent.handle_answer(at(0), 3), Err(TooHigh { found: 3, sent: 2 }));
        assert_eq!(sent.handle_answer(at(0), 2), Ok(2));
        assert_eq!(sent.handle_answer(at(0), 2), Ok(0));
        assert_eq!(sent.handle_answer(at(0), 1), Err(TooHigh { found: 1, sent: 2 }));
    }

    #[test]
    fn counters_go_round_after_2_to_the_32() {
        let mut sent = sent(3);
        sent.acknowledged = u32::MAX - 1;
        assert_eq!(sent.handle_answer(at(0), 0), Ok(2));
        assert_eq!(sent.handle_answer(at(0), 1), Ok(1));
        let mut received = Received { handled: u32::MAX, open: 2, max: 100, answer: false };
        received.handle_stored(2);
        assert_eq!(received.answer(), Some(1));
    }

    #[test]
    fn both_sides_know_when_they_are_full() {
        let mut sent = Sent::new(1, ANSWER);
        sent.count();
        assert!(sent.is_full());
        let mut received = Received::new(1);
        received.count();
        assert!(received.is_full());
        received.handle_stored(1);
        assert!(!received.is_full());
    }

    proptest! {
        /// Whatever the order of sending, storing, asking and answering: never more acknowledged than stored, and all
        /// of it once everything is stored and told.
        #[test]
        fn acknowledgements_never_run_ahead_and_always_arrive(steps in proptest::collection::vec(0u8..5, 0..200)) {
            let mut ours = Sent::new(1000, ANSWER);
            let mut theirs = Received::new(1000);
            let (mut in_flight, mut stored, mut acknowledged) = (0, 0, 0);
            for (now, step) in steps.into_iter().enumerate() {
                let now = Duration::from_millis(now as u64);
                match step {
                    0 => { ours.count(); in_flight += 1; }
                    1 if in_flight > 0 => { theirs.count(); in_flight -= 1; }
                    2 => { let before = theirs.open; theirs.handle_stored(1); stored += before - theirs.open; }
                    3 => if ours.ask(now) { theirs.handle_request() },
                    _ => if let Some(h) = theirs.answer() { acknowledged += ours.handle_answer(now, h).unwrap() },
                }
                prop_assert!(acknowledged <= stored);
                prop_assert_eq!(ours.waiting(), in_flight + theirs.open + (stored - acknowledged));
            }
            (0..in_flight).for_each(|_| theirs.count());
            theirs.handle_stored(u32::MAX);
            theirs.handle_request();
            let h = theirs.answer().unwrap();
            ours.handle_answer(Duration::ZERO, h).unwrap();
            prop_assert_eq!(ours.waiting(), 0);
            prop_assert_eq!(ours.poll_timeout(), None);
        }
    }
}
