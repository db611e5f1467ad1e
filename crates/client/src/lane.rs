//! The lane of one device: messages to it in order, on one path at a time (PROTOCOL section 3, "Order and exactly once").
//!
//! A path is a peer stream. Messages enter at the back, are written to the path in order, and leave at the front when they are
//! acknowledged. When the path is lost or drained, the lane takes another and begins again with the first unacknowledged message,
//! under the number that it had. What it does *not* do: choose the path, give numbers, or tell anybody (`client/deliver.rs`).

use std::collections::VecDeque;
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::Fingerprint;
use jid::BareJid;

use crate::command::MessageId;
use crate::output::ConnectionId;

/// A device of a person: what a message is delivered to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Device {
    pub(crate) jid: BareJid,
    pub(crate) fingerprint: Fingerprint,
}

/// One message on its way to one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) message: MessageId,
    pub(crate) origin_id: String,
    pub(crate) body: String,
    /// Given when it is first written; kept when it is written again.
    pub(crate) n: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Lane {
    queue: VecDeque<Delivery>,
    path: Option<ConnectionId>,
    /// So many from the front were written to `path`.
    written: usize,
    /// When to try again to find a path.
    pub(crate) retry_at: Option<Duration>,
}

impl Lane {
    pub(crate) fn push(&mut self, delivery: Delivery) {
        self.queue.push_back(delivery);
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn path(&self) -> Option<ConnectionId> {
        self.path
    }

    /// Nothing that was written to the path is unacknowledged: it may be left for another one.
    pub(crate) fn is_drained(&self) -> bool {
        self.written == 0
    }

    /// Takes another path. The old one is drained or dead.
    pub(crate) fn take_path(&mut self, path: ConnectionId) {
        debug_assert!(self.path.is_none() || self.is_drained(), "one path carries at a time");
        self.path = Some(path);
        self.written = 0;
        self.retry_at = None;
    }

    /// The path is dead, or given up: what it carried unacknowledged is to be written again.
    pub(crate) fn leave_path(&mut self, path: ConnectionId) {
        if self.path == Some(path) {
            if planted(Canary::UnackedNotResent) {
                self.queue.drain(..self.written);
            }
            if planted(Canary::ResendOutOfOrder) {
                self.queue.make_contiguous()[..self.written].reverse();
            }
            self.path = None;
            self.written = 0;
        }
    }

    /// The message to write next to the path.
    pub(crate) fn next(&mut self) -> Option<&mut Delivery> {
        self.path?;
        self.queue.get_mut(self.written)
    }

    /// The message that [`Self::next`] gave was written.
    pub(crate) fn handle_written(&mut self) {
        self.written += 1;
    }

    /// The path acknowledged the first message that it carried.
    pub(crate) fn handle_acknowledged(&mut self, path: ConnectionId) -> Option<Delivery> {
        if self.path != Some(path) || self.written == 0 {
            return None;
        }
        self.written -= 1;
        self.queue.pop_front()
    }

    /// Takes out what was never written anywhere: it may fail with a clear conscience.
    pub(crate) fn remove_unwritten(&mut self) -> Vec<Delivery> {
        let keep = self.queue.iter().take_while(|delivery| delivery.n.is_some()).count();
        self.queue.split_off(keep).into()
    }

    /// Takes out everything.
    pub(crate) fn remove_all(&mut self) -> Vec<Delivery> {
        self.written = 0;
        std::mem::take(&mut self.queue).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: ConnectionId = ConnectionId(1);
    const NEW: ConnectionId = ConnectionId(2);

    fn delivery(message: u64) -> Delivery {
        Delivery { message: MessageId(message), origin_id: message.to_string(), body: String::new(), n: None }
    }

    fn write_all(lane: &mut Lane, numbers: &mut impl Iterator<Item = u64>) -> Vec<u64> {
        let mut written = Vec::new();
        while let Some(delivery) = lane.next() {
            delivery.n = delivery.n.or_else(|| numbers.next());
            written.extend(delivery.n);
            lane.handle_written();
        }
        written
    }

    #[test]
    fn a_lost_path_is_followed_by_the_first_unacknowledged_message_under_its_old_number() {
        let mut lane = Lane::default();
        let mut numbers = 1..;
        for message in 1..=3 {
            lane.push(delivery(message));
        }
        lane.take_path(OLD);
        assert_eq!(write_all(&mut lane, &mut numbers), [1, 2, 3]);
        assert_eq!(lane.handle_acknowledged(OLD).unwrap().message, MessageId(1));
        lane.leave_path(OLD);
        lane.push(delivery(4));
        lane.take_path(NEW);
        assert_eq!(write_all(&mut lane, &mut numbers), [2, 3, 4]);
    }

    #[test]
    fn an_acknowledgement_from_a_path_that_was_left_counts_for_nothing() {
        let mut lane = Lane::default();
        lane.push(delivery(1));
        lane.take_path(OLD);
        write_all(&mut lane, &mut (1..));
        lane.leave_path(OLD);
        lane.take_path(NEW);
        assert_eq!(lane.handle_acknowledged(OLD), None);
        assert_eq!(lane.len(), 1);
    }

    #[test]
    fn without_a_path_nothing_is_written() {
        let mut lane = Lane::default();
        lane.push(delivery(1));
        assert_eq!(lane.next(), None);
    }

    #[test]
    fn what_was_written_once_is_not_among_what_may_fail_clearly() {
        let mut lane = Lane::default();
        lane.push(delivery(1));
        lane.take_path(OLD);
        write_all(&mut lane, &mut (1..));
        lane.push(delivery(2));
        lane.leave_path(OLD);
        let failed: Vec<_> = lane.remove_unwritten().into_iter().map(|delivery| delivery.message).collect();
        assert_eq!(failed, [MessageId(2)]);
        assert_eq!(lane.len(), 1);
    }
}
