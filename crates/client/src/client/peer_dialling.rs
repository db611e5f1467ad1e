//! Connections with peers until they are secured: those that we dial, and those that come to our door.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use chatdev_directory::{Entry, Fingerprint, Moment};
use chatdev_stream::{Peer, peer};
use jid::FullJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::{Client, Ending};
use crate::event::{FailReason, Reach};
use crate::lane::Device;
use crate::link::{Link, Phase, Side};
use crate::output::{ConnectionId, Handshake, Output};
use crate::reachability::Reachability;

impl Client {
    /// Somebody connected to our port.
    pub(super) fn accept(&mut self, at: Moment, address: IpAddr) -> Option<ConnectionId> {
        if self.ending != Ending::No || self.me.is_none() || !self.door.has_room(address) {
            return None;
        }
        let id = self.next_connection();
        self.door.enter(id, address);
        let until = Some(at.mono + self.config.limits.door.handshake);
        self.links.insert(id, Link::new(id, Side::Answered, Phase::Securing { until }));
        self.outputs.push_back(Output::StartTls { id, handshake: Handshake::AnswerPeer });
        Some(id)
    }

    /// A message waits for this device and has no path: sees to it that one comes, or that it fails.
    pub(super) fn want_path(&mut self, at: Moment, device: &Device) {
        let session = self.listing.mirror.lookup_bare(&device.jid);
        let session = session.filter(|listed| listed.entry.fingerprint == Some(device.fingerprint));
        let Some(entry) = session.map(|listed| listed.entry.clone()).max_by_key(|entry| entry.since) else {
            return self.fail_unwritten(device, &FailReason::NotOnline);
        };
        self.want_path_at(device, None);
        if self.links.values().any(|link| link.is_on_its_way_to(&entry.jid)) {
            return;
        }
        if entry.endpoints.is_empty() {
            return self.fail_unwritten(device, &FailReason::NoEndpoint);
        }
        self.dial(at, &entry, device.fingerprint);
    }

    /// Begins an attempt to reach a session, if none is under way and its time has come.
    fn dial(&mut self, at: Moment, entry: &Entry, expected: Fingerprint) {
        let limits = self.config.limits.dial;
        let reach =
            self.reach.entry(entry.jid.as_ref().clone()).or_insert_with(|| Reachability::new(&limits));
        if reach.attempt.is_some() {
            return;
        }
        let next_dial_at = reach.next_dial_at();
        if at.mono < next_dial_at {
            let device = Device { jid: entry.jid.to_bare(), fingerprint: expected };
            return self.want_path_at(&device, Some(next_dial_at));
        }
        reach.begin(at.mono, &entry.endpoints, expected, &limits);
        self.advance_attempt(at, &entry.jid);
    }

    /// Dials what is due of an attempt, and ends it when nothing can come of it.
    fn advance_attempt(&mut self, at: Moment, to: &FullJid) {
        loop {
            let Some(attempt) = self.reach.get_mut(to).and_then(|reach| reach.attempt.as_mut()) else {
                return;
            };
            let Some(endpoint) = attempt.plan.poll(at.mono) else { break };
            let id = self.next_connection();
            let side = Side::Dialled { to: to.clone() };
            self.links.insert(id, Link::new(id, side, Phase::Connecting));
            if let Some(attempt) = self.reach.get_mut(to).and_then(|reach| reach.attempt.as_mut()) {
                attempt.dialled.insert(id);
            }
            self.outputs.push_back(Output::Dial { id, endpoint });
        }
        let over =
            |reach: &Reachability| reach.attempt.as_ref().is_some_and(|attempt| attempt.is_over(at.mono));
        if self.reach.get(to).is_some_and(over) {
            self.end_attempt(at, to);
        }
    }

    fn end_attempt(&mut self, at: Moment, to: &FullJid) {
        let limits = self.config.limits.dial;
        let Some(reach) = self.reach.get_mut(to) else { return };
        let Some(attempt) = reach.attempt.take() else { return };
        reach.handle_failed(at.mono, &limits);
        self.drop_dialled(attempt.dialled);
        if self.links.values().any(|link| link.is_on_its_way_to(to)) {
            return;
        }
        let reason = if attempt.impostor {
            FailReason::NotAuthentic("another device answered".to_owned())
        } else {
            FailReason::Unreachable
        };
        let device = Device { jid: to.to_bare(), fingerprint: attempt.expected };
        self.fail_unwritten(&device, &reason);
        // What was written before waits on, and is tried again when the time has come.
        self.pump_device(at, &device);
    }

    fn drop_dialled(&mut self, dialled: BTreeSet<ConnectionId>) {
        for id in dialled {
            if self.links.remove(&id).is_some() {
                self.close_connection(id);
            }
        }
    }

    pub(super) fn handle_dial_connected(&mut self, id: ConnectionId) {
        if let Some(link) = self.links.get_mut(&id)
            && link.phase == Phase::Connecting
        {
            link.phase = Phase::Securing { until: None };
            self.outputs.push_back(Output::StartTls { id, handshake: Handshake::DialPeer });
        }
    }

    /// A connection ended before it was secured.
    pub(super) fn handle_dial_failed(&mut self, at: Moment, id: ConnectionId) {
        let Some(link) = self.links.remove(&id) else { return };
        self.close_connection(id);
        self.door.leave(id);
        if let Side::Dialled { to } = link.side {
            if let Some(attempt) = self.reach.get_mut(&to).and_then(|reach| reach.attempt.as_mut()) {
                attempt.dialled.remove(&id);
                attempt.plan.handle_failure(at.mono);
            }
            self.advance_attempt(at, &to);
        }
    }

    /// The handshake with a peer is done, and possession of the certificate's key proven.
    pub(super) fn handle_peer_tls(&mut self, at: Moment, id: ConnectionId, shown: Fingerprint) {
        let (Some(me), Some(link)) = (self.me.clone(), self.links.get_mut(&id)) else { return };
        if !matches!(link.phase, Phase::Securing { .. }) {
            return;
        }
        link.shown = Some(shown);
        match link.side.clone() {
            Side::Dialled { to } => self.handle_dial_secured(at, id, &to, shown, me),
            Side::Answered => {
                link.phase = Phase::Opening;
                let config = peer_config(&self.config.limits, me);
                let stream = Peer::answer(config, ChaCha20Rng::from_rng(&mut self.rng), at.mono);
                link.stream = Some(Box::new(stream));
                self.drive_peer(at, id);
            }
        }
    }

    /// Whoever answered must be the very device that the directory names; nothing is said to anybody else.
    ///
    /// Deviation: PROTOCOL section 3 lets a client check in before it refuses. A dialler refuses at once and checks in then: its
    /// messages are for the device that it dialled, and no newer entry would make another one of it.
    fn handle_dial_secured(
        &mut self,
        at: Moment,
        id: ConnectionId,
        to: &FullJid,
        shown: Fingerprint,
        me: FullJid,
    ) {
        let Some(attempt) = self.reach.get_mut(to).and_then(|reach| reach.attempt.as_mut()) else {
            return self.handle_dial_failed(at, id);
        };
        let expected = attempt.expected;
        if shown != expected || !self.trust.is_accepted(&to.to_bare(), shown) {
            attempt.impostor = true;
            self.listing.force();
            self.tell_impostor(at, to.clone(), shown, Some(expected));
            return self.handle_dial_failed(at, id);
        }
        attempt.dialled.remove(&id);
        let others = self.reach.get_mut(to).and_then(|reach| reach.attempt.take());
        self.drop_dialled(others.map(|attempt| attempt.dialled).unwrap_or_default());
        let config = peer_config(&self.config.limits, me);
        let stream = Peer::dial(config, to.clone(), ChaCha20Rng::from_rng(&mut self.rng), at.mono);
        if let Some(link) = self.links.get_mut(&id) {
            link.stream = Some(Box::new(stream));
            link.phase = Phase::Opening;
        }
        self.drive_peer(at, id);
    }

    pub(super) fn handle_peer_timeouts(&mut self, at: Moment) {
        let dialling: Vec<FullJid> = self
            .reach
            .iter()
            .filter(|(_, reach)| reach.attempt.is_some())
            .map(|(jid, _)| jid.clone())
            .collect();
        for jid in dialling {
            self.advance_attempt(at, &jid);
        }
        self.reach.retain(|_, reach| !reach.is_idle(at.mono));
        for id in self.links.keys().copied().collect::<Vec<_>>() {
            self.handle_link_timeout(at, id);
        }
    }

    pub(super) fn peer_timeout(&self) -> Option<Duration> {
        let attempts =
            self.reach.values().filter_map(|reach| Some(reach.attempt.as_ref()?.plan.poll_timeout()));
        let links = self.links.values().filter_map(|link| match (&link.phase, &link.stream) {
            (Phase::Securing { until }, _) => *until,
            (_, Some(stream)) => stream.poll_timeout(),
            _ => None,
        });
        attempts.chain(links).min()
    }

    /// How messages get to this session.
    pub(super) fn reach_of(&self, entry: &Entry) -> Reach {
        let bare = entry.jid.to_bare();
        if self.me.as_ref() == Some(&entry.jid) {
            return Reach::Oneself;
        }
        let Some(fingerprint) = entry.fingerprint else { return Reach::ViaServer };
        if self.reach.get(entry.jid.as_ref()).is_some_and(|reach| reach.current().is_some()) {
            Reach::Open
        } else if !self.trust.would_accept(&bare, fingerprint) {
            Reach::NotAccepted
        } else if entry.endpoints.is_empty() {
            Reach::NoEndpoint
        } else {
            Reach::Direct
        }
    }
}

fn peer_config(limits: &crate::config::Limits, me: FullJid) -> peer::Config {
    let count = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    peer::Config {
        unacknowledged_max: count(limits.unacknowledged_max),
        unstored_max: count(limits.unstored_max),
        negotiation: limits.peer_open_wait,
        ..peer::Config::new(me)
    }
}
