//! The state of each message of ours: exactly one, which only moves forward, whatever happens on its several ways.
//!
//! A message to a bare JID goes to each accepted device. It is as far as the device that is farthest, and it fails only when no
//! way is left. What this does *not* do: carry anything (`lane.rs`).

use std::collections::BTreeMap;

use crate::command::MessageId;
use crate::event::{Event, FailReason, MessageState};

#[derive(Debug)]
struct Tracked {
    origin_id: String,
    state: MessageState,
    /// Ways on which it has neither arrived nor failed.
    ways: usize,
}

/// Messages that are not yet at their end.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    messages: BTreeMap<MessageId, Tracked>,
}

impl Progress {
    /// Takes a message, queued and without a way. `None`: its name is in use.
    pub(crate) fn begin(&mut self, message: MessageId, origin_id: &str) -> Option<Event> {
        if self.messages.contains_key(&message) {
            return None;
        }
        let tracked = Tracked { origin_id: origin_id.to_owned(), state: MessageState::Queued, ways: 0 };
        let told = tell(message, &tracked);
        self.messages.insert(message, tracked);
        Some(told)
    }

    pub(crate) fn add_way(&mut self, message: MessageId) {
        if let Some(tracked) = self.messages.get_mut(&message) {
            tracked.ways += 1;
        }
    }

    pub(crate) fn handle_sent(&mut self, message: MessageId, sealed: bool) -> Option<Event> {
        let tracked = self.messages.get_mut(&message)?;
        if tracked.state != MessageState::Queued {
            return None;
        }
        tracked.state = MessageState::Sent { sealed };
        Some(tell(message, tracked))
    }

    pub(crate) fn handle_delivered(&mut self, message: MessageId) -> Option<Event> {
        let tracked = self.messages.get_mut(&message)?;
        tracked.ways = tracked.ways.saturating_sub(1);
        let news = tracked.state != MessageState::Delivered;
        tracked.state = MessageState::Delivered;
        let told = news.then(|| tell(message, tracked));
        self.forget_at_end(message);
        told
    }

    /// One way failed, or (where it had none) all of them.
    pub(crate) fn handle_failed(&mut self, message: MessageId, reason: FailReason) -> Option<Event> {
        let tracked = self.messages.get_mut(&message)?;
        tracked.ways = tracked.ways.saturating_sub(1);
        if tracked.ways > 0 {
            return None;
        }
        let may_have_arrived = matches!(tracked.state, MessageState::Sent { .. });
        let told = if tracked.state == MessageState::Delivered {
            None
        } else {
            tracked.state = MessageState::Failed { reason, may_have_arrived };
            Some(tell(message, tracked))
        };
        self.messages.remove(&message);
        told
    }

    /// One way is no longer watched: the message stays in the state that it is in.
    pub(crate) fn forget(&mut self, message: MessageId) {
        self.messages.remove(&message);
    }

    fn forget_at_end(&mut self, message: MessageId) {
        if self.messages.get(&message).is_some_and(|tracked| tracked.ways == 0) {
            self.messages.remove(&message);
        }
    }
}

fn tell(message: MessageId, tracked: &Tracked) -> Event {
    Event::MessageState { message, origin_id: tracked.origin_id.clone(), state: tracked.state.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: MessageId = MessageId(1);

    fn state(event: Option<Event>) -> Option<MessageState> {
        match event? {
            Event::MessageState { state, .. } => Some(state),
            other => panic!("{other:?} is not about a message"),
        }
    }

    fn begun(ways: usize) -> Progress {
        let mut progress = Progress::default();
        assert_eq!(state(progress.begin(MESSAGE, "o1")), Some(MessageState::Queued));
        for _ in 0..ways {
            progress.add_way(MESSAGE);
        }
        progress
    }

    #[test]
    fn a_message_is_as_far_as_the_device_that_is_farthest() {
        let mut progress = begun(2);
        assert_eq!(state(progress.handle_sent(MESSAGE, true)), Some(MessageState::Sent { sealed: true }));
        assert_eq!(state(progress.handle_sent(MESSAGE, true)), None);
        assert_eq!(state(progress.handle_delivered(MESSAGE)), Some(MessageState::Delivered));
        assert_eq!(state(progress.handle_delivered(MESSAGE)), None);
    }

    #[test]
    fn it_fails_only_when_no_way_is_left() {
        let mut progress = begun(2);
        assert_eq!(state(progress.handle_failed(MESSAGE, FailReason::Unreachable)), None);
        let failed = MessageState::Failed { reason: FailReason::Unreachable, may_have_arrived: false };
        assert_eq!(state(progress.handle_failed(MESSAGE, FailReason::Unreachable)), Some(failed));
    }

    #[test]
    fn what_was_delivered_once_never_fails() {
        let mut progress = begun(2);
        progress.handle_delivered(MESSAGE);
        assert_eq!(state(progress.handle_failed(MESSAGE, FailReason::Unreachable)), None);
        assert_eq!(state(progress.handle_sent(MESSAGE, true)), None);
    }

    #[test]
    fn a_failure_after_sending_admits_that_it_may_have_arrived() {
        let mut progress = begun(1);
        progress.handle_sent(MESSAGE, true);
        let failed = MessageState::Failed { reason: FailReason::Ended, may_have_arrived: true };
        assert_eq!(state(progress.handle_failed(MESSAGE, FailReason::Ended)), Some(failed));
    }

    #[test]
    fn a_name_in_use_is_not_taken_twice() {
        assert_eq!(begun(1).begin(MESSAGE, "o2"), None);
    }
}
