//! Peer streams from their first header to their end: who is it, which of two stays, and what follows when one is gone.

use chatdev_directory::{Fingerprint, Moment};
use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_stream::{Closed, Side as End, peer};
use jid::FullJid;

use super::Client;
use crate::event::{Event, FailReason};
use crate::identity::{Claim, judge};
use crate::lane::Device;
use crate::link::{Phase, Side};
use crate::output::{ConnectionId, Output};
use crate::peer_trust::Meeting;
use crate::peer_trust::Trust;
use crate::reachability::{Outcome, Reachability};
use crate::schedule::Round;
use crate::storage::Record;

use super::stored::Awaited;

impl Client {
    pub(super) fn handle_peer_bytes(&mut self, at: Moment, id: ConnectionId, bytes: &[u8]) {
        let Some(link) = self.links.get_mut(&id) else { return };
        if link.stream.as_ref().is_none_or(|stream| stream.is_waiting()) || !link.unread.is_empty() {
            link.unread.extend_from_slice(bytes);
            return;
        }
        let mut rest = bytes;
        loop {
            let Some(stream) = self.links.get_mut(&id).and_then(|link| link.stream.as_mut()) else { return };
            stream.handle_bytes(at.mono, &mut rest);
            self.drive_peer(at, id);
            let Some(link) = self.links.get_mut(&id) else { return };
            if rest.is_empty() {
                return;
            }
            if link.stream.as_ref().is_none_or(|stream| stream.is_waiting()) {
                link.unread.extend_from_slice(rest);
                return;
            }
        }
    }

    /// What the stream did not take before: it may take it now.
    pub(super) fn resume_reading(&mut self, at: Moment, id: ConnectionId) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let unread = std::mem::take(&mut link.unread);
        if !unread.is_empty() {
            self.handle_peer_bytes(at, id, &unread);
        }
    }

    pub(super) fn handle_peer_eof(&mut self, at: Moment, id: ConnectionId) {
        match self.links.get_mut(&id).map(|link| link.stream.as_mut()) {
            None => {}
            Some(None) => self.handle_dial_failed(at, id),
            Some(Some(stream)) => {
                stream.handle_eof();
                self.drive_peer(at, id);
            }
        }
    }

    pub(super) fn handle_link_timeout(&mut self, at: Moment, id: ConnectionId) {
        let Some(link) = self.links.get_mut(&id) else { return };
        match (&link.phase, &mut link.stream) {
            (Phase::Securing { until: Some(until) }, _) if at.mono >= *until => {
                self.handle_dial_failed(at, id);
            }
            (_, Some(stream)) => {
                stream.handle_timeout(at.mono);
                self.drive_peer(at, id);
            }
            _ => {}
        }
    }

    /// Takes what a stream has for us, until there is nothing.
    pub(super) fn drive_peer(&mut self, at: Moment, id: ConnectionId) {
        loop {
            self.flush_peer(id);
            let Some(stream) = self.links.get_mut(&id).and_then(|link| link.stream.as_mut()) else { return };
            let Some(event) = stream.poll_event() else { return };
            match event {
                peer::Event::Opened { from, .. } => self.handle_claim(at, id, from),
                peer::Event::Ready => self.handle_opened(at, id),
                peer::Event::Element(element) => self.handle_peer_message(at, id, &element),
                peer::Event::Acked { count } => self.handle_acked(at, id, count),
                peer::Event::Closed(closed) => self.handle_link_closed(at, id, &closed),
            }
        }
    }

    pub(super) fn flush_peer(&mut self, id: ConnectionId) {
        let Some(stream) = self.links.get_mut(&id).and_then(|link| link.stream.as_mut()) else { return };
        let bytes = std::mem::take(stream.output());
        if !bytes.is_empty() {
            self.outputs.push_back(Output::Write { id, bytes });
        }
    }

    /// Somebody claims to be `claimed`. If the directory does not say so, it is asked once more before that is believed.
    fn handle_claim(&mut self, at: Moment, id: ConnectionId, claimed: FullJid) {
        let Some(shown) = self.links.get(&id).and_then(|link| link.shown) else { return };
        if judge(&self.listing.mirror, &claimed, shown) == Claim::True {
            return self.admit(at, id, &claimed);
        }
        match self.listing.force() {
            Some(round) => {
                if let Some(link) = self.links.get_mut(&id) {
                    link.phase = Phase::Checking { claimed, round };
                }
                self.handle_listing_timeout(at);
            }
            None => self.refuse_peer(at, id),
        }
    }

    /// Judges those who wait for a check-in: all whom the directory now confirms, and for good those whose round is complete.
    pub(super) fn judge_waiting(&mut self, at: Moment, completed: Option<Round>) {
        let waiting = |link: &crate::link::Link| match &link.phase {
            Phase::Checking { claimed, round } => Some((link.id, claimed.clone(), *round, link.shown?)),
            _ => None,
        };
        for (id, claimed, round, shown) in self.links.values().filter_map(waiting).collect::<Vec<_>>() {
            match judge(&self.listing.mirror, &claimed, shown) {
                Claim::True => self.admit(at, id, &claimed),
                Claim::False { expected } if completed.is_some_and(|completed| completed >= round) => {
                    self.tell_impostor(at, claimed, shown, expected);
                    self.refuse_peer(at, id);
                }
                Claim::False { .. } => {}
            }
        }
    }

    /// Tells the person that somebody is not who they claim to be, unless that was told just before.
    pub(super) fn tell_impostor(
        &mut self,
        at: Moment,
        claimed: FullJid,
        shown: Fingerprint,
        expected: Option<Fingerprint>,
    ) {
        if self.impostor_told.is_none_or(|told| at.mono >= told + self.config.limits.impostor_gap) {
            self.impostor_told = Some(at.mono);
            self.tell(Event::Impostor { claimed, shown, expected });
        }
    }

    /// The server is away, so nobody can be confirmed.
    pub(super) fn refuse_unconfirmed(&mut self, at: Moment) {
        let checking = |link: &&crate::link::Link| matches!(link.phase, Phase::Checking { .. });
        for id in self.links.values().filter(checking).map(|link| link.id).collect::<Vec<_>>() {
            self.refuse_peer(at, id);
        }
    }

    fn refuse_peer(&mut self, at: Moment, id: ConnectionId) {
        if let Some(stream) = self.links.get_mut(&id).and_then(|link| link.stream.as_mut()) {
            stream.refuse(at.mono, StreamError::new(StreamCondition::NotAuthorized));
            self.drive_peer(at, id);
        }
    }

    /// The directory confirms the claim; does the person accept the device?
    fn admit(&mut self, at: Moment, id: ConnectionId, claimed: &FullJid) {
        let Some(shown) = self.links.get(&id).and_then(|link| link.shown) else { return };
        let meeting = self.trust.meet(&claimed.to_bare(), shown);
        self.handle_meeting(claimed, shown, meeting);
        if !meeting.is_accepted() {
            return self.refuse_peer(at, id);
        }
        let Some(link) = self.links.get_mut(&id) else { return };
        link.phase = Phase::Opening;
        if let Some(stream) = link.stream.as_mut() {
            stream.accept(at.mono);
        }
        self.drive_peer(at, id);
        self.resume_reading(at, id);
    }

    /// Stores and tells what meeting a device means.
    pub(super) fn handle_meeting(&mut self, jid: &FullJid, fingerprint: Fingerprint, meeting: Meeting) {
        let bare = jid.to_bare();
        let (trust, event) = match meeting {
            Meeting::FirstUse => (Trust::Accepted, Event::DeviceTrusted { jid: bare.clone(), fingerprint }),
            Meeting::Stranger => (Trust::Shown, Event::StrangeDevice { jid: jid.clone(), fingerprint }),
            Meeting::Accepted | Meeting::NotAccepted | Meeting::NoRoom => return,
        };
        self.store(Record::Device { jid: bare, fingerprint, trust }, Awaited::Nothing("a device"));
        self.tell(event);
    }

    /// Both sides are authenticated and messages may flow. Of two streams one stays.
    fn handle_opened(&mut self, at: Moment, id: ConnectionId) {
        self.door.leave(id);
        let Some(me) = self.me.clone() else { return };
        let Some(link) = self.links.get(&id) else { return };
        let (Some(fingerprint), Some(remote)) =
            (link.shown, link.stream.as_ref().and_then(|stream| stream.other().cloned()))
        else {
            return;
        };
        let dialler = if matches!(link.side, Side::Answered) { remote.clone() } else { me };
        if !self.make_room(at) {
            return self.close_link(at, id, Some(StreamError::new(StreamCondition::ResourceConstraint)));
        }
        let limits = self.config.limits.dial;
        let reach = self.reach.entry(remote.clone()).or_insert_with(|| Reachability::new(&limits));
        let outcome = reach.handle_opened(id, dialler, &limits);
        if let Some(link) = self.links.get_mut(&id) {
            link.phase = if outcome == Outcome::Loses {
                Phase::Draining { remote: remote.clone() }
            } else {
                Phase::Open { remote: remote.clone() }
            };
        }
        match outcome {
            Outcome::Alone => self.tell(Event::PeerOpened { jid: remote.clone(), fingerprint }),
            Outcome::Replaces { old } => self.close_link(at, old, None),
            Outcome::Wins { old } => self.drain_link(at, old),
            Outcome::Loses => {
                // Who has a stream does not dial: theirs may be dead, and they know it.
                self.probe_peer(at, &remote);
                self.drain_link(at, id);
            }
        }
        self.touch(id);
        self.pump_device(at, &Device { jid: remote.to_bare(), fingerprint });
    }

    /// Asks for a sign of life on the streams with a session: one that is dead is found out, and makes room.
    pub(super) fn probe_peer(&mut self, at: Moment, remote: &FullJid) {
        let theirs = |link: &&crate::link::Link| link.is_open() && link.remote() == Some(remote);
        for id in self.links.values().filter(theirs).map(|link| link.id).collect::<Vec<_>>() {
            if let Some(stream) = self.links.get_mut(&id).and_then(|link| link.stream.as_mut()) {
                stream.probe(at.mono);
            }
            self.flush_peer(id);
        }
    }

    /// Lets a stream take nothing new; closes it once nothing is owed either way.
    fn drain_link(&mut self, at: Moment, id: ConnectionId) {
        if let Some(link) = self.links.get_mut(&id)
            && let Phase::Open { remote } = &link.phase
        {
            link.phase = Phase::Draining { remote: remote.clone() };
        }
        self.finish_draining(at, id);
    }

    pub(super) fn finish_draining(&mut self, at: Moment, id: ConnectionId) {
        let Some(link) = self.links.get(&id) else { return };
        let unacknowledged = link.stream.as_ref().map_or(0, |stream| stream.unacknowledged());
        if matches!(link.phase, Phase::Draining { .. }) && unacknowledged == 0 && link.owed.is_empty() {
            self.close_link(at, id, None);
        }
    }

    /// Whether one more stream may open. Closes the least recently used one that carries nothing, if it must.
    fn make_room(&mut self, at: Moment) -> bool {
        let open = self.links.values().filter(|link| link.is_open());
        if open.clone().count() < self.config.limits.peer_streams_max {
            return true;
        }
        let idle = open.filter(|link| {
            link.owed.is_empty() && link.stream.as_ref().is_none_or(|stream| stream.unacknowledged() == 0)
        });
        let Some(id) = idle.min_by_key(|link| link.used).map(|link| link.id) else { return false };
        self.close_link(at, id, None);
        true
    }

    pub(super) fn touch(&mut self, id: ConnectionId) {
        self.uses += 1;
        if let Some(link) = self.links.get_mut(&id) {
            link.used = self.uses;
        }
    }

    /// The directory names this certificate for this JID: a stream with the holder of another one is over.
    pub(super) fn recheck_identity(&mut self, at: Moment, jid: &FullJid, named: Fingerprint) {
        let other = |link: &&crate::link::Link| {
            let is_theirs = link.remote() == Some(jid) || link.is_on_its_way_to(jid);
            is_theirs && link.shown != Some(named)
        };
        for id in self.links.values().filter(other).map(|link| link.id).collect::<Vec<_>>() {
            let error = StreamError::new(StreamCondition::NotAuthorized);
            self.close_link(at, id, Some(error.with_text("the directory names another device")));
        }
        self.judge_waiting(at, None);
    }

    /// Ends a stream: with an error at once, else by the close handshake.
    pub(super) fn close_link(&mut self, at: Moment, id: ConnectionId, error: Option<StreamError>) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let remote = link.remote().cloned();
        let Some(stream) = link.stream.as_mut() else { return self.handle_dial_failed(at, id) };
        stream.close(at.mono, error);
        link.phase = Phase::Closing { remote };
        self.release_link(at, id);
        self.drive_peer(at, id);
    }

    /// A stream carries nothing more for us: what depended on it looks for another way.
    fn release_link(&mut self, at: Moment, id: ConnectionId) {
        let Some(link) = self.links.get(&id) else { return };
        let (Some(remote), Some(fingerprint)) = (link.remote().cloned(), link.shown) else { return };
        if let Some(reach) = self.reach.get_mut(&remote) {
            reach.handle_closed(id);
        }
        let device = Device { jid: remote.to_bare(), fingerprint };
        self.messages.leave_path(&device, id);
        self.pump_device(at, &device);
    }

    /// The stream is over; the last thing that it says.
    fn handle_link_closed(&mut self, at: Moment, id: ConnectionId, closed: &Closed) {
        self.flush_peer(id);
        self.door.leave(id);
        let was_current = self.links.get(&id).and_then(|link| link.remote()).cloned();
        let Some(mut link) = self.links.remove(&id) else { return };
        self.close_connection(id);
        let opening = link.remote().is_none();
        match (was_current, link.shown) {
            (Some(remote), Some(fingerprint)) => {
                let device = Device { jid: remote.to_bare(), fingerprint };
                if let Some(reach) = self.reach.get_mut(&remote) {
                    reach.handle_closed(id);
                }
                if !self.links.values().any(|other| other.is_open() && other.remote() == Some(&remote)) {
                    self.tell(Event::PeerClosed { jid: remote, reason: words(closed) });
                }
                self.messages.leave_path(&device, id);
                self.pump_device(at, &device);
            }
            (None, Some(fingerprint)) if opening => {
                let claimed = link.stream.take().and_then(|stream| stream.other().cloned());
                match (&link.side, claimed) {
                    (Side::Dialled { to }, _) => self.handle_opening_failed(at, to, fingerprint, closed),
                    // What waited for their stream to open looks for another way.
                    (Side::Answered, Some(claimed)) => {
                        self.pump_device(at, &Device { jid: claimed.to_bare(), fingerprint });
                    }
                    (Side::Answered, None) => {}
                }
            }
            _ => {}
        }
    }

    /// A stream that we dialled did not open.
    fn handle_opening_failed(&mut self, at: Moment, to: &FullJid, fingerprint: Fingerprint, closed: &Closed) {
        let limits = self.config.limits.dial;
        if let Some(reach) = self.reach.get_mut(to) {
            reach.handle_failed(at.mono, &limits);
        }
        let elsewhere = |link: &crate::link::Link| link.is_on_its_way_to(to) || link.remote() == Some(to);
        if !self.links.values().any(elsewhere) {
            let reason = match closed {
                // They stopped answering; who they are is not in doubt.
                Closed::Failed { by: End::Us, error }
                    if error.condition == StreamCondition::ConnectionTimeout =>
                {
                    FailReason::Unreachable
                }
                Closed::Failed { .. } => FailReason::NotAuthentic(words(closed)),
                Closed::Orderly { .. } | Closed::Lost => FailReason::Unreachable,
            };
            let device = Device { jid: to.to_bare(), fingerprint };
            self.fail_unwritten(&device, &reason);
            self.pump_device(at, &device);
        }
    }

    pub(super) fn close_all_peers(&mut self, at: Moment) {
        for id in self.links.keys().copied().collect::<Vec<_>>() {
            self.close_link(at, id, None);
        }
    }
}

/// The end of a stream, in words.
fn words(closed: &Closed) -> String {
    match closed {
        Closed::Orderly { .. } => "closed".to_owned(),
        Closed::Failed { by: End::Them, error } => format!("they closed it: {error}"),
        Closed::Failed { by: End::Us, error } => format!("we closed it: {error}"),
        Closed::Lost => "the connection was lost".to_owned(),
    }
}
