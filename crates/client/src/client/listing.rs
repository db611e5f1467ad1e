//! The directory, as this client takes part in it (PROTOCOL section 2): does the server have one, check-ins and their
//! answers, and what follows for peers from each change.

use std::num::NonZeroU32;
use std::time::Duration;

use chatdev_directory::{Announcement, Endpoint, Entry, Mirror, Moment, Update};
use chatdev_stanza::directory::{CheckIn, Look, NS, Online};
use chatdev_stanza::disco::{Info, Query, Question};
use chatdev_stanza::presence::Availability;
use chatdev_stanza::{Envelope, IqType, Kind, PresenceType, Stanza};
use jid::Jid;

use super::Client;
use crate::chance::identifier;
use crate::config::{Config, Participation};
use crate::event::{Event, SignedOutReason};
use crate::peer_trust::Meeting;
use crate::schedule::{CheckIns, Due};

/// What is known of the server's directory in this session.
#[derive(Debug)]
enum State {
    /// Not signed in.
    Away,
    /// Asked whether there is one.
    Asking { id: String, until: Duration },
    /// There is none.
    Absent,
    /// There is one, and we take part.
    Present(Box<Session>),
}

#[derive(Debug)]
struct Session {
    check_ins: CheckIns,
    /// The id of the request under way.
    awaited: Option<String>,
    /// Profile, endpoints and fingerprint are to be sent (again) with the next check-in.
    announce: bool,
    /// The first round is complete.
    complete: bool,
}

/// The copy of the directory, and where we stand with its original.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) mirror: Mirror,
    state: State,
    /// We read once, and are not in it.
    reader: bool,
    /// The local address of the server connection.
    local: Option<std::net::IpAddr>,
}

impl Listing {
    pub(super) fn new(config: &Config) -> Self {
        let mirror = Mirror::new(config.limits.entries_max);
        let reader = config.participation == Participation::Read;
        Self { mirror, state: State::Away, local: None, reader }
    }

    pub(super) fn set_local(&mut self, local: std::net::IpAddr) {
        self.local = Some(local);
    }

    /// Whether it is settled who is online, and so how everybody is reached.
    pub(super) fn is_settled(&self) -> bool {
        match &self.state {
            State::Absent => true,
            State::Present(session) => session.complete,
            State::Away | State::Asking { .. } => false,
        }
    }

    /// Whether this server is known to have no directory.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent)
    }

    /// Asks for a check-in beside the schedule; `None` where there is nobody to ask.
    pub(super) fn force(&mut self) -> Option<crate::schedule::Round> {
        match &mut self.state {
            State::Present(session) if !self.reader => Some(session.check_ins.force()),
            _ => None,
        }
    }
}

impl Client {
    /// A session with the server began: does it have a directory?
    pub(super) fn begin_listing(&mut self, at: Moment) {
        let id = identifier(&mut self.rng);
        let domain = self.domain();
        self.send_to_server(&Envelope::id(&id).to(&domain).get(&Query::new(Question::Info)));
        self.listing.state = State::Asking { id, until: at.mono + self.config.limits.answer_wait };
    }

    /// The session with the server is over. The copy stays: conversations outlive the server.
    pub(super) fn end_listing(&mut self, at: Moment) {
        self.listing.state = State::Away;
        self.messages.wait_for_next_session();
        self.refuse_unconfirmed(at);
    }

    /// An iq result or error came: the answer to one of our questions, or nothing to us. Ids are not guessable, so an
    /// answer is the server's even where its `from` is written in another of the allowed ways (RFC 6120 §8.1.2.1).
    pub(super) fn handle_listing_answer(&mut self, at: Moment, stanza: &Stanza) {
        let answered = |id: &str| stanza.answers(id);
        match &mut self.listing.state {
            State::Asking { id, .. } if answered(id) => self.handle_server_features(at, stanza),
            State::Present(session) if session.awaited.as_deref().is_some_and(answered) => {
                session.awaited = None;
                self.handle_page(at, stanza);
            }
            _ => {}
        }
    }

    fn handle_server_features(&mut self, at: Moment, stanza: &Stanza) {
        let has_directory = stanza.kind() == Kind::Iq(IqType::Result)
            && stanza.payload().is_some_and(|query| Info::from_node(query).is_ok_and(|info| info.has(NS)));
        if !has_directory {
            self.listing.state = State::Absent;
            self.tell(Event::NoDirectory);
            self.send_presence();
            self.decide_waiting(at, None);
            return;
        }
        let check_ins = CheckIns::new(at.mono, self.config.limits.check_ins);
        self.listing.state =
            State::Present(Box::new(Session { check_ins, awaited: None, announce: true, complete: false }));
        self.handle_listing_timeout(at);
    }

    /// Sends what is due by the schedule.
    pub(super) fn handle_listing_timeout(&mut self, at: Moment) {
        let updates = self.listing.mirror.handle_timeout(at.mono);
        self.handle_updates(at, updates);
        let reader = self.listing.reader;
        match &mut self.listing.state {
            State::Asking { until, .. } if at.mono >= *until => {
                self.lose_server(at, SignedOutReason::NoAnswer);
            }
            // A reader reads once.
            State::Present(session) if reader && session.complete => {}
            State::Present(session) => match session.check_ins.poll(at.mono) {
                Some(Due::CheckIn) => {
                    session.check_ins.handle_sent(at.mono, &mut self.rng);
                    self.request_page();
                }
                Some(Due::KeepAlive) => self.send_keep_alive(),
                Some(Due::Dead) => self.lose_server(at, SignedOutReason::NoAnswer),
                None => {}
            },
            _ => {}
        }
    }

    pub(super) fn listing_timeout(&self) -> Option<Duration> {
        let due = match &self.listing.state {
            State::Asking { until, .. } => Some(*until),
            State::Present(session) if self.listing.reader && session.complete => None,
            State::Present(session) => Some(session.check_ins.poll_timeout()),
            State::Away | State::Absent => None,
        };
        [due, self.listing.mirror.poll_timeout()].into_iter().flatten().min()
    }

    /// Sends a check-in (or, of a reader, a look) for what changed since the last page.
    fn request_page(&mut self) {
        let id = identifier(&mut self.rng);
        let domain = self.domain();
        let since = self.listing.mirror.since().cloned();
        let max = NonZeroU32::new(self.config.limits.page_entries_max);
        let reader = self.listing.reader;
        let announcement = self.announcement();
        let State::Present(session) = &mut self.listing.state else { return };
        let envelope = Envelope::id(&id).to(&domain);
        let request = if reader {
            envelope.get(&Look { since, max })
        } else {
            let announcement = std::mem::take(&mut session.announce).then_some(announcement);
            envelope.set(&CheckIn { since, max, announcement, ..CheckIn::default() })
        };
        session.awaited = Some(id);
        self.send_to_server(&request);
    }

    fn announcement(&self) -> Announcement {
        let own = self.config.peer_address.and_then(|heard| {
            let address = if heard.ip().is_unspecified() { self.listing.local } else { Some(heard.ip()) };
            address.map(|address| Endpoint::new(address, heard.port()))
        });
        let mut endpoints: Vec<Endpoint> = own.into_iter().collect();
        for configured in &self.config.endpoints {
            if !endpoints.contains(configured) {
                endpoints.push(*configured);
            }
        }
        endpoints.truncate(self.config.limits.dial.endpoints_max);
        Announcement {
            profile: self.config.profile.clone(),
            endpoints,
            fingerprint: Some(self.config.device),
        }
    }

    /// The answer to a check-in.
    fn handle_page(&mut self, at: Moment, stanza: &Stanza) {
        let read = match stanza.error() {
            Some(error) => Err(error.to_string()),
            None => match stanza.payload() {
                Some(node) => Online::from_node(node).map_err(|malformed| malformed.to_string()),
                None => Err("an empty answer".to_owned()),
            },
        };
        let online = match read {
            Ok(online) => online,
            Err(error) => return self.handle_page_refused(at, error),
        };
        // An answer that ends where it began would be asked for again for ever.
        let more = online.page.more && self.listing.mirror.since() != Some(&online.page.version);
        let interval = online.interval;
        if !online.refused.is_empty() {
            self.tell(Event::EndpointsRefused(online.refused));
        }
        let updates = self.listing.mirror.apply(at.mono, online.limit, online.page);
        self.handle_updates(at, updates);
        if more {
            if let State::Present(session) = &mut self.listing.state {
                session.check_ins.handle_page(at.mono);
            }
            self.request_page();
        } else {
            self.complete_round(at, interval);
        }
    }

    /// The server did not take the check-in. It is tried again at the next interval, all of it.
    fn handle_page_refused(&mut self, at: Moment, error: String) {
        self.tell(Event::CheckInRefused { error });
        if let State::Present(session) = &mut self.listing.state {
            session.announce = true;
            let interval = session.check_ins.interval();
            self.complete_round(at, interval);
        }
    }

    fn complete_round(&mut self, at: Moment, interval: Duration) {
        let State::Present(session) = &mut self.listing.state else { return };
        let Some(round) = session.check_ins.handle_complete(interval, &mut self.rng) else { return };
        let first = !std::mem::replace(&mut session.complete, true);
        if first {
            self.server.handle_useful();
            self.tell(Event::DirectoryComplete);
        }
        self.judge_waiting(at, Some(round));
        self.decide_waiting(at, Some(round));
        self.handle_listing_timeout(at);
    }

    /// What follows from the directory's changes: identities are checked again, strangers told, waiting messages sent.
    fn handle_updates(&mut self, at: Moment, updates: Vec<Update>) {
        for update in &updates {
            match update {
                // A conversation outlives the server, and so it does a departure; but it may be the end of the other side.
                Update::Went { before, .. } => self.probe_peer(at, &before.jid),
                Update::Came(entry) => self.handle_entry(at, entry),
                Update::Changed { before, after } => {
                    if before.session != after.session {
                        self.probe_peer(at, &after.jid);
                    }
                    self.handle_entry(at, after);
                }
            }
        }
        if !updates.is_empty() {
            self.tell(Event::DirectoryChanged(updates));
        }
    }

    fn handle_entry(&mut self, at: Moment, entry: &Entry) {
        let Some(fingerprint) = entry.fingerprint else { return };
        let bare = entry.jid.to_bare();
        self.recheck_identity(at, &entry.jid, fingerprint);
        if bare != self.config.jid {
            let meeting = self.trust.see(&bare, fingerprint);
            if meeting == Meeting::Stranger {
                self.handle_meeting(&entry.jid, fingerprint, meeting);
            }
        }
        self.pump_device(at, &crate::lane::Device { jid: bare, fingerprint });
    }

    /// Sends profile and status anew, in whichever way this server knows.
    pub(super) fn announce_profile(&mut self, at: Moment) {
        match &mut self.listing.state {
            State::Present(session) => {
                session.announce = true;
                session.check_ins.force();
                self.handle_listing_timeout(at);
            }
            State::Absent => self.send_presence(),
            State::Away | State::Asking { .. } => {}
        }
    }

    fn send_presence(&mut self) {
        if self.listing.reader {
            return;
        }
        let availability = Availability { profile: self.config.profile.clone(), priority: 0 };
        self.send_to_server(&Envelope::default().presence(PresenceType::Available, &[&availability]));
    }

    pub(super) fn domain(&self) -> Jid {
        Jid::new(self.config.jid.domain().as_str()).expect("the domain of a JID is a JID")
    }

    /// Everybody who is online, as the person sees it.
    pub(super) fn people(&self) -> Vec<crate::event::Person> {
        let person = |listed: chatdev_directory::Listed<'_>| crate::event::Person {
            jid: listed.entry.jid.as_ref().clone(),
            profile: listed.entry.profile.clone(),
            since: listed.entry.since,
            reach: self.reach_of(listed.entry),
            unconfirmed: !listed.confirmed,
        };
        self.listing.mirror.entries().map(person).collect()
    }
}
