//! Messages that went through the server, and whose receipt (XEP-0184) or error is awaited.
//!
//! Bounded: where too many are awaited, the oldest is no longer watched and stays in the state that it is in.

use std::collections::{BTreeMap, VecDeque};

use jid::BareJid;

use crate::command::MessageId;

/// Who is to confirm what.
#[derive(Debug)]
pub(crate) struct Receipts {
    max: usize,
    awaited: BTreeMap<String, (MessageId, BareJid)>,
    oldest_first: VecDeque<String>,
}

impl Receipts {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, awaited: BTreeMap::new(), oldest_first: VecDeque::new() }
    }

    /// Awaits the receipt for the message with this id on the wire. The message that is no longer watched for it.
    pub(crate) fn expect(&mut self, id: String, message: MessageId, from: BareJid) -> Option<MessageId> {
        self.oldest_first.push_back(id.clone());
        self.awaited.insert(id, (message, from));
        if self.oldest_first.len() <= self.max {
            return None;
        }
        let oldest = self.oldest_first.pop_front()?;
        self.awaited.remove(&oldest).map(|(message, _)| message)
    }

    /// Somebody answers the message with this id. It counts only from the one it was sent to: ids can be seen by others.
    pub(crate) fn take(&mut self, id: &str, from: &BareJid) -> Option<MessageId> {
        if self.awaited.get(id).is_none_or(|(_, expected)| expected != from) {
            return None;
        }
        self.oldest_first.retain(|awaited| awaited != id);
        self.awaited.remove(id).map(|(message, _)| message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).unwrap()
    }

    #[test]
    fn only_the_receiver_can_confirm() {
        let mut receipts = Receipts::new(8);
        receipts.expect("o1".into(), MessageId(1), jid("bob@example.net"));
        assert_eq!(receipts.take("o1", &jid("eve@example.net")), None);
        assert_eq!(receipts.take("o1", &jid("bob@example.net")), Some(MessageId(1)));
        assert_eq!(receipts.take("o1", &jid("bob@example.net")), None);
    }

    #[test]
    fn the_oldest_is_given_up_where_too_many_are_awaited() {
        let mut receipts = Receipts::new(1);
        assert_eq!(receipts.expect("o1".into(), MessageId(1), jid("bob@example.net")), None);
        assert_eq!(receipts.expect("o2".into(), MessageId(2), jid("bob@example.net")), Some(MessageId(1)));
        assert_eq!(receipts.take("o1", &jid("bob@example.net")), None);
    }
}
