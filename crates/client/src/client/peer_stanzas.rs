//! Messages on peer streams: each is shown once, and acknowledged when it is stored.

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Fingerprint, Moment};
use chatdev_stanza::origin_id::{self, OriginId};
use chatdev_stanza::peer::Sequence;
use chatdev_stanza::{StreamCondition, StreamError, message};
use chatdev_xml::Element;
use jid::{FullJid, Jid};

use super::Client;
use super::stored::Awaited;
use crate::event::{Event, Received, Way};
use crate::lane::Device;
use crate::output::ConnectionId;
use crate::sequence::Novelty;
use crate::storage::Record;

/// The highest sequence number taken: what signed 64-bit columns can hold. At a message per nanosecond that is 292 years.
const SEQUENCE_MAX: u64 = i64::MAX as u64;

impl Client {
    pub(super) fn handle_peer_message(&mut self, at: Moment, id: ConnectionId, element: &Element) {
        let Some(link) = self.links.get(&id) else { return };
        let (Some(remote), Some(device)) = (link.remote().cloned(), link.shown) else { return };
        if !self.trust.is_accepted(&remote.to_bare(), device) {
            return;
        }
        let n = match Sequence::of(element.root()) {
            Ok(Sequence(n)) if n <= SEQUENCE_MAX => n,
            // A reply would be one more message to count; who can't number messages can't keep the stream either.
            _ => {
                let error = StreamError::new(StreamCondition::BadFormat);
                return self.close_link(
                    at,
                    id,
                    Some(error.with_text("expected a sequence number in the message")),
                );
            }
        };
        self.touch(id);
        if let Some(link) = self.links.get_mut(&id) {
            link.owed.push_back(n);
        }
        let novelty = self.incoming.judge(device, n);
        if novelty == Novelty::Repeated {
            return self.acknowledge(at, device);
        }
        let message = received(at, element, remote, device);
        if novelty == Novelty::New {
            self.tell_all(message.clone().map(Event::Message));
        }
        self.store(Record::Received { device, n, message }, Awaited::Mark { device, n });
        if planted(Canary::AckBeforeStored) {
            self.incoming.handle_stored(device, n);
            self.acknowledge(at, device);
        }
    }

    /// Acknowledges, on each stream with this device, what is stored of what it owes, in the order in which it came.
    pub(super) fn acknowledge(&mut self, at: Moment, device: Fingerprint) {
        let theirs = |link: &&crate::link::Link| link.shown == Some(device) && !link.owed.is_empty();
        for id in self.links.values().filter(theirs).map(|link| link.id).collect::<Vec<_>>() {
            let Some(link) = self.links.get_mut(&id) else { continue };
            let stored = link.owed.iter().take_while(|n| self.incoming.is_stored(device, **n)).count();
            link.owed.drain(..stored);
            if let Some(stream) = link.stream.as_mut() {
                stream.acknowledge(at.mono, u32::try_from(stored).unwrap_or(u32::MAX));
            }
            self.flush_peer(id);
            self.resume_reading(at, id);
            self.finish_draining(at, id);
        }
    }

    /// What is not stored cannot be acknowledged, nor anything that came behind it: the streams that owe it end, and their
    /// sender sends it again on the next one.
    pub(super) fn close_owing(&mut self, at: Moment, device: Fingerprint) {
        let owing = |link: &&crate::link::Link| link.shown == Some(device) && !link.owed.is_empty();
        for id in self.links.values().filter(owing).map(|link| link.id).collect::<Vec<_>>() {
            let error = StreamError::new(StreamCondition::InternalServerError);
            self.close_link(at, id, Some(error.with_text("a message could not be stored")));
        }
    }

    /// The other side has `count` more of our messages.
    pub(super) fn handle_acked(&mut self, at: Moment, id: ConnectionId, count: u32) {
        let Some(link) = self.links.get(&id) else { return };
        let (Some(remote), Some(fingerprint)) = (link.remote(), link.shown) else { return };
        let device = Device { jid: remote.to_bare(), fingerprint };
        for _ in 0..count {
            let events = self.messages.handle_acknowledged(&device, id);
            self.tell_all(events);
        }
        self.touch(id);
        self.finish_draining(at, id);
        self.pump_device(at, &device);
    }
}

/// What a message has for a person; `None` without a text.
fn received(at: Moment, element: &Element, from: FullJid, device: Fingerprint) -> Option<Received> {
    let root = element.root();
    let body = message::body(root, None)?.into_owned();
    let origin_id = root.child(origin_id::NS, "origin-id").and_then(|node| OriginId::from_node(node).ok());
    let id =
        origin_id.map(|origin| origin.0).or_else(|| root.attribute("id").map(std::borrow::Cow::into_owned));
    Some(Received { from: Jid::from(from), id, body, way: Way::Sealed(device), at: at.wall })
}
