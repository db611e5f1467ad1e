//! Messages of ours: how each one goes, on which path, and when it fails (PROTOCOL section 3).
//!
//! To an accepted device, over a peer stream, or not at all. Clear text through the server is for JIDs that never showed a
//! fingerprint, and for those where the person said so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chatdev_canary::{Canary, planted};
use chatdev_directory::{Fingerprint, Moment};
use chatdev_stanza::message::Body;
use chatdev_stanza::origin_id::OriginId;
use chatdev_stanza::peer::Sequence;
use chatdev_stanza::{Envelope, MessageType, StreamCondition, StreamError, receipt};
use chatdev_xml::Element;
use jid::{BareJid, FullJid, Jid};

use super::Client;
use super::stored::Awaited;
use crate::chance::identifier;
use crate::command::MessageId;
use crate::config::Limits;
use crate::event::{Event, FailReason, MessageState};
use crate::lane::{Delivery, Device, Lane};
use crate::output::ConnectionId;
use crate::progress::Progress;
use crate::receipts::Receipts;
use crate::schedule::Round;
use crate::sendable::sendable;
use crate::sequence::Outgoing;
use crate::storage::Record;

/// A message that has an id on the wire, and no way yet.
#[derive(Debug, Clone)]
struct Draft {
    message: MessageId,
    origin_id: String,
    to: Jid,
    body: String,
}

/// A message that waits to learn how its receiver is reached.
#[derive(Debug)]
struct Undecided {
    /// Then it fails.
    until: Duration,
    /// The round of check-ins that it waits for; `None`: the first of the session.
    round: Option<Round>,
    draft: Draft,
}

/// All messages of ours that are not at their end.
#[derive(Debug)]
pub(super) struct Messages {
    lanes: BTreeMap<Device, Lane>,
    outgoing: Outgoing,
    progress: Progress,
    pub(super) receipts: Receipts,
    /// It is not known yet how their receivers are reached.
    undecided: VecDeque<Undecided>,
}

impl Messages {
    pub(super) fn new(reserved: BTreeMap<Fingerprint, u64>, limits: &Limits) -> Self {
        Self {
            lanes: BTreeMap::new(),
            outgoing: Outgoing::new(reserved),
            progress: Progress::default(),
            receipts: Receipts::new(limits.receipts_awaited_max),
            undecided: VecDeque::new(),
        }
    }

    /// Nothing waits to be written or acknowledged.
    pub(super) fn is_drained(&self) -> bool {
        self.undecided.is_empty() && self.lanes.values().all(Lane::is_empty)
    }

    /// The round of check-ins that the last message to this JID which waits is waiting for, where one does.
    fn waits_for(&self, bare: &BareJid) -> Option<Option<Round>> {
        let mut waiting = self.undecided.iter().rev();
        waiting.find(|waiting| waiting.draft.to.to_bare() == *bare).map(|waiting| waiting.round)
    }

    /// The session with the server is over: its next check-ins will not be. What waited for one waits for the first of the
    /// next session.
    pub(super) fn wait_for_next_session(&mut self) {
        self.undecided.iter_mut().for_each(|waiting| waiting.round = None);
    }

    pub(super) fn leave_path(&mut self, device: &Device, path: ConnectionId) {
        if let Some(lane) = self.lanes.get_mut(device) {
            lane.leave_path(path);
        }
    }

    pub(super) fn handle_acknowledged(&mut self, device: &Device, path: ConnectionId) -> Option<Event> {
        let delivery = self.lanes.get_mut(device)?.handle_acknowledged(path)?;
        self.progress.handle_delivered(delivery.message)
    }
}

impl Client {
    pub(super) fn send_message(&mut self, at: Moment, message: MessageId, to: Jid, body: String) {
        let origin_id = identifier(&mut self.rng);
        let Some(queued) = self.messages.progress.begin(message, &origin_id) else {
            let state = MessageState::Failed { reason: FailReason::IdInUse, may_have_arrived: false };
            return self.tell(Event::MessageState { message, origin_id, state });
        };
        self.tell(queued);
        let draft = Draft { message, origin_id, to, body };
        match sendable(&draft.body, self.config.limits.body_bytes_max) {
            Ok(()) => self.route(at, draft, false),
            Err(reason) => self.fail(message, reason),
        }
    }

    /// A round of check-ins is complete, or it became known that there will be none: messages that waited for it go.
    pub(super) fn decide_waiting(&mut self, at: Moment, completed: Option<Round>) {
        for waiting in std::mem::take(&mut self.messages.undecided) {
            if waiting.round.is_none_or(|round| completed.is_some_and(|completed| completed >= round)) {
                self.route(at, waiting.draft, true);
            } else {
                self.messages.undecided.push_back(waiting);
            }
        }
    }

    /// Chooses the ways of a message. `checked`: who is online was asked since the message was given.
    fn route(&mut self, at: Moment, draft: Draft, checked: bool) {
        let bare = draft.to.to_bare();
        let (devices, any_online, any_sealing) = self.devices_of(&draft.to);
        if !devices.is_empty() {
            self.send_waiting(at, &bare);
            return self.send_sealed(at, &draft, devices);
        }
        // Messages of one conversation stay in order: this one waits behind those that wait.
        if let Some(round) = self.messages.waits_for(&bare) {
            return self.postpone(at, draft, round);
        }
        if !self.listing.is_settled() {
            return self.postpone(at, draft, None);
        }
        let hidden = any_online && !any_sealing;
        if self.trust.is_sealing(&bare)
            && !self.trust.is_clear_text_allowed(&bare)
            && !(planted(Canary::ClearWhenHidden) && hidden)
        {
            let reason = match (any_sealing, any_online || self.listing.is_absent()) {
                (true, _) => FailReason::NotAccepted,
                (false, true) => FailReason::FingerprintHidden,
                (false, false) => FailReason::NotOnline,
            };
            return self.fail(draft.message, reason);
        }
        // Before clear text goes to somebody who is not listed: they may have come, with a fingerprint, a moment ago.
        if !checked
            && !any_online
            && let Some(round) = self.listing.force()
        {
            self.postpone(at, draft, Some(round));
            return self.handle_listing_timeout(at);
        }
        self.send_through_server(&draft);
    }

    /// The receiver can be reached now: what was given for it before goes first.
    fn send_waiting(&mut self, at: Moment, bare: &BareJid) {
        for waiting in std::mem::take(&mut self.messages.undecided) {
            if waiting.draft.to.to_bare() == *bare {
                self.route(at, waiting.draft, false);
            } else {
                self.messages.undecided.push_back(waiting);
            }
        }
    }

    /// Keeps a message until it is known how its receiver is reached.
    fn postpone(&mut self, at: Moment, draft: Draft, round: Option<Round>) {
        if self.messages.undecided.len() >= self.config.limits.undecided_max {
            return self.fail(draft.message, FailReason::QueueFull);
        }
        let until = at.mono + self.config.limits.undecided_wait;
        self.messages.undecided.push_back(Undecided { until, round, draft });
    }

    /// The accepted devices that a message to this JID goes to; whether any session of it is online, and any with a
    /// fingerprint.
    fn devices_of(&mut self, to: &Jid) -> (BTreeSet<Device>, bool, bool) {
        let bare = to.to_bare();
        let meant = |jid: &FullJid| {
            to.try_as_full().map_or(true, |full| full == jid) && Some(jid) != self.me.as_ref()
        };
        let online: Vec<(FullJid, Option<Fingerprint>)> = self
            .listing
            .mirror
            .lookup_bare(&bare)
            .filter(|listed| meant(&listed.entry.jid))
            .map(|listed| (listed.entry.jid.as_ref().clone(), listed.entry.fingerprint))
            .collect();
        // A conversation outlives the server, and so the entry of the one at the other end.
        let open = self.links.values().filter(|link| link.is_open());
        let open = open.filter_map(|link| Some((link.remote()?, link.shown?)));
        let mut devices: BTreeSet<Device> = open
            .filter(|(remote, _)| remote.to_bare() == bare && meant(remote))
            .map(|(_, fingerprint)| Device { jid: bare.clone(), fingerprint })
            .collect();
        let any_sealing = online.iter().any(|(_, fingerprint)| fingerprint.is_some());
        for (jid, fingerprint) in &online {
            let Some(fingerprint) = *fingerprint else { continue };
            let meeting = self.trust.meet(&bare, fingerprint);
            self.handle_meeting(jid, fingerprint, meeting);
            if meeting.is_accepted() {
                devices.insert(Device { jid: bare.clone(), fingerprint });
            }
        }
        devices.retain(|device| self.trust.is_accepted(&device.jid, device.fingerprint));
        (devices, !online.is_empty(), any_sealing)
    }

    fn send_sealed(&mut self, at: Moment, draft: &Draft, devices: BTreeSet<Device>) {
        for _ in &devices {
            self.messages.progress.add_way(draft.message);
        }
        for device in devices {
            let lane = self.messages.lanes.entry(device.clone()).or_default();
            if lane.len() >= self.config.limits.unacknowledged_max {
                self.fail(draft.message, FailReason::QueueFull);
                continue;
            }
            lane.push(Delivery {
                message: draft.message,
                origin_id: draft.origin_id.clone(),
                body: draft.body.clone(),
                n: None,
            });
            self.pump_device(at, &device);
        }
    }

    /// An ordinary message: the server reads it, and an ordinary client understands it.
    fn send_through_server(&mut self, draft: &Draft) {
        let origin_id = OriginId(draft.origin_id.clone());
        let envelope = Envelope::id(&draft.origin_id).to(&draft.to);
        let payloads: [&dyn chatdev_stanza::Payload; 3] = [&Body(&draft.body), &origin_id, &receipt::Request];
        if !self.send_to_server(&envelope.message(MessageType::Chat, &payloads)) {
            return self.fail(draft.message, FailReason::NotSignedIn);
        }
        self.messages.progress.add_way(draft.message);
        let sent = self.messages.progress.handle_sent(draft.message, false);
        self.tell_all(sent);
        let (id, from) = (draft.origin_id.clone(), draft.to.to_bare());
        if let Some(forgotten) = self.messages.receipts.expect(id, draft.message, from) {
            self.messages.progress.forget(forgotten);
        }
    }

    /// A receipt came, or an error, for a message that went through the server.
    pub(super) fn handle_receipt(&mut self, id: &str, from: &BareJid, error: Option<String>) {
        let Some(message) = self.messages.receipts.take(id, from) else { return };
        match error {
            None => {
                let delivered = self.messages.progress.handle_delivered(message);
                self.tell_all(delivered);
            }
            Some(error) => self.fail(message, FailReason::Refused(error)),
        }
    }

    /// Moves the messages of a device on, as far as that goes now.
    pub(super) fn pump_device(&mut self, at: Moment, device: &Device) {
        let Some(lane) = self.messages.lanes.get_mut(device) else { return };
        if lane.is_empty() {
            self.messages.lanes.remove(device);
            return;
        }
        self.settle_path(device);
        match self.messages.lanes.get(device).and_then(Lane::path) {
            Some(path) => self.write_lane(at, device, path),
            None => self.want_path(at, device),
        }
    }

    /// Sees to it that the lane has a usable path, if there is one. One path carries at a time: a drained or dead one is left, one
    /// that still owes an acknowledgement is waited for.
    fn settle_path(&mut self, device: &Device) {
        let Some(lane) = self.messages.lanes.get_mut(device) else { return };
        if let Some(path) = lane.path() {
            let link = self.links.get(&path);
            if link.is_some_and(|link| link.is_open()) || (link.is_some() && !lane.is_drained()) {
                return;
            }
            lane.leave_path(path);
        }
        let theirs = |link: &&crate::link::Link| {
            link.shown == Some(device.fingerprint)
                && link.is_open()
                && link.remote().is_some_and(|remote| remote.to_bare() == device.jid)
        };
        if let Some(link) = self.links.values().filter(theirs).max_by_key(|link| link.id) {
            lane.take_path(link.id);
        }
    }

    /// Writes what the path takes.
    fn write_lane(&mut self, at: Moment, device: &Device, path: ConnectionId) {
        let Messages { lanes, outgoing, progress, .. } = &mut self.messages;
        let (Some(lane), Some(link)) = (lanes.get_mut(device), self.links.get_mut(&path)) else { return };
        if !link.is_open() {
            return;
        }
        let Some(stream) = link.stream.as_mut() else { return };
        while let Some(delivery) = lane.next() {
            delivery.n = delivery.n.or_else(|| outgoing.take(device.fingerprint));
            let Some(n) = delivery.n else { break };
            if stream.send_message(at.mono, &sealed(delivery, n)).is_err() {
                break;
            }
            let sent = progress.handle_sent(delivery.message, true);
            self.outputs.extend(sent.map(crate::output::Output::Event));
            if planted(Canary::DeliveredOnSend) {
                let delivered = progress.handle_delivered(delivery.message);
                self.outputs.extend(delivered.map(crate::output::Output::Event));
            }
            lane.handle_written();
        }
        if let Some(below) = self.messages.outgoing.reservation(device.fingerprint) {
            let record = Record::Reserved { device: device.fingerprint, below };
            self.store(record, Awaited::Numbers { device: device.clone(), below });
        }
        self.flush_peer(path);
    }

    pub(super) fn handle_numbers_stored(&mut self, at: Moment, device: &Device, below: u64, stored: bool) {
        self.messages.outgoing.handle_reserved(device.fingerprint, below, stored);
        if stored {
            self.pump_device(at, device);
        } else {
            self.fail_unwritten(device, &FailReason::Storage);
        }
    }

    /// When to try again to find a path for this device.
    pub(super) fn want_path_at(&mut self, device: &Device, at: Option<Duration>) {
        if let Some(lane) = self.messages.lanes.get_mut(device) {
            lane.retry_at = at;
        }
    }

    /// The device cannot be reached: what was never written to it fails. What was written stays sent, and waits.
    pub(super) fn fail_unwritten(&mut self, device: &Device, reason: &FailReason) {
        let Some(lane) = self.messages.lanes.get_mut(device) else { return };
        let failed = lane.remove_unwritten();
        if lane.is_empty() {
            self.messages.lanes.remove(device);
        }
        for delivery in failed {
            self.fail(delivery.message, reason.clone());
        }
    }

    /// The person took the acceptance of this device back: nothing more goes to it or comes from it.
    pub(super) fn abandon_device(&mut self, at: Moment, device: &Device) {
        for delivery in
            self.messages.lanes.remove(device).map(|mut lane| lane.remove_all()).unwrap_or_default()
        {
            self.fail(delivery.message, FailReason::NotAccepted);
        }
        let theirs = |link: &&crate::link::Link| link.shown == Some(device.fingerprint);
        for id in self.links.values().filter(theirs).map(|link| link.id).collect::<Vec<_>>() {
            self.close_link(at, id, Some(StreamError::new(StreamCondition::NotAuthorized)));
        }
    }

    pub(super) fn fail_all_messages(&mut self) {
        for waiting in std::mem::take(&mut self.messages.undecided) {
            self.fail(waiting.draft.message, FailReason::Ended);
        }
        for mut lane in std::mem::take(&mut self.messages.lanes).into_values() {
            for delivery in lane.remove_all() {
                self.fail(delivery.message, FailReason::Ended);
            }
        }
    }

    pub(super) fn handle_message_timeouts(&mut self, at: Moment) {
        // Each waits equally long, and they keep their order: the first to fail is at the front.
        while self.messages.undecided.front().is_some_and(|waiting| at.mono >= waiting.until) {
            if let Some(waiting) = self.messages.undecided.pop_front() {
                self.fail(waiting.draft.message, FailReason::NotSignedIn);
            }
        }
        let due = |lane: &Lane| lane.retry_at.is_some_and(|retry| at.mono >= retry);
        let due = self.messages.lanes.iter().filter(|(_, lane)| due(lane)).map(|(device, _)| device.clone());
        for device in due.collect::<Vec<_>>() {
            self.want_path_at(&device, None);
            self.pump_device(at, &device);
        }
    }

    pub(super) fn message_timeout(&self) -> Option<Duration> {
        let undecided = self.messages.undecided.front().map(|waiting| waiting.until);
        let retries = self.messages.lanes.values().filter_map(|lane| lane.retry_at);
        retries.chain(undecided).min()
    }

    fn fail(&mut self, message: MessageId, reason: FailReason) {
        let failed = self.messages.progress.handle_failed(message, reason);
        self.tell_all(failed);
    }
}

/// A message on a peer stream. Its addresses are those of the stream.
fn sealed(delivery: &Delivery, n: u64) -> Element {
    let origin_id = OriginId(delivery.origin_id.clone());
    let payloads: [&dyn chatdev_stanza::Payload; 3] = [&Body(&delivery.body), &origin_id, &Sequence(n)];
    Envelope::id(&delivery.origin_id).message(MessageType::Chat, &payloads)
}
