//! The server of these tests: the receiving side of client streams and an honest directory, with the means to lie.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_directory::{Config as DirectoryConfig, Directory, Fingerprint, Moment, Reason, SessionId};
use chatdev_stanza::directory::{CheckIn, Look, NS, Online};
use chatdev_stanza::disco::{self, Info};
use chatdev_stanza::{
    IqType, Kind, Payload, Stanza, StanzaCondition, StanzaError, StreamCondition, StreamError,
};
use chatdev_stream::receiving::{self, Event, Registration};
use chatdev_stream::sasl::{Credentials, FakeSalts, ITERATIONS_MIN, Password};
use chatdev_stream::{Receiving, TlsFacts, Transport};
use chatdev_xml::Element;
use jid::{BareJid, DomainPart, FullJid};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

pub(crate) const DOMAIN: &str = "example.net";
pub(crate) const PASSWORD: &str = "secret";

/// What a lying server does to an answer before a client gets it.
pub(crate) type Tamper = Box<dyn Fn(&FullJid, &mut Online)>;

struct Seat {
    stream: Receiving,
    unread: Vec<u8>,
    session: SessionId,
    jid: Option<FullJid>,
    address: IpAddr,
}

/// What the network is to do for the server.
pub(crate) enum Effect {
    Write(u64, Vec<u8>),
    StartTls(u64),
    Close(u64),
}

pub(crate) struct Server {
    config: Arc<receiving::Config>,
    credentials: Credentials,
    directory: Option<Directory>,
    epoch: u32,
    seats: BTreeMap<u64, Seat>,
    sessions: u64,
    pub(crate) certificate: Fingerprint,
    pub(crate) publicly_valid: bool,
    pub(crate) tamper: Tamper,
    pub(crate) page_max: usize,
    pub(crate) interval: Duration,
    /// Takes connections and answers.
    pub(crate) silent: bool,
    /// The same towards this session alone.
    pub(crate) silent_to: Option<FullJid>,
    pub(crate) check_ins: Vec<(Duration, FullJid)>,
    pub(crate) accounts: BTreeSet<BareJid>,
    pub(crate) messages_routed: usize,
    pub(crate) stanzas: Vec<Element>,
    /// Everything that any client said, as text.
    pub(crate) heard: String,
}

impl Server {
    pub(crate) fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(4711);
        let mut config = receiving::Config::new(
            DomainPart::new(DOMAIN).unwrap().into_owned(),
            FakeSalts::new([7; 32], ITERATIONS_MIN),
        );
        config.registration = Registration::Everyone;
        let mut server = Self {
            config: Arc::new(config),
            credentials: Credentials::derive(&Password::new(PASSWORD).unwrap(), ITERATIONS_MIN, &mut rng),
            directory: None,
            epoch: 0,
            seats: BTreeMap::new(),
            sessions: 0,
            certificate: Fingerprint([0xce; 32]),
            publicly_valid: true,
            tamper: Box::new(|_, _| {}),
            page_max: 200,
            interval: Duration::from_secs(20),
            silent: false,
            silent_to: None,
            check_ins: Vec::new(),
            accounts: ["alice", "bob", "carol", "eve"].iter().map(|name| account(name)).collect(),
            messages_routed: 0,
            stanzas: Vec::new(),
            heard: String::new(),
        };
        server.restart();
        server
    }

    /// A new process: nobody is connected, and the directory is empty, under another EPOCH.
    pub(crate) fn restart(&mut self) -> Vec<Effect> {
        self.epoch += 1;
        self.directory = Some(Directory::new(DirectoryConfig::new(self.epoch)).unwrap());
        std::mem::take(&mut self.seats).into_keys().map(Effect::Close).collect()
    }

    /// Becomes a server of another make.
    pub(crate) fn drop_directory(&mut self) {
        self.directory = None;
    }

    pub(crate) fn is_online(&self, jid: &FullJid) -> bool {
        self.directory.as_ref().is_some_and(|directory| {
            directory.owner(jid).is_some_and(|session| directory.entry(session).is_some())
        })
    }

    pub(crate) fn open(&mut self, at: Moment, seat: u64, address: IpAddr) {
        self.sessions += 1;
        let transport = Transport { tls: None, loopback: false };
        let rng = ChaCha20Rng::seed_from_u64(9000 + self.sessions);
        let stream = Receiving::new(Arc::clone(&self.config), transport, rng, at.mono);
        let session = SessionId(self.sessions);
        self.seats.insert(seat, Seat { stream, unread: Vec::new(), session, jid: None, address });
    }

    pub(crate) fn handle_tls(&mut self, at: Moment, seat: u64) -> Vec<Effect> {
        if let Some(seat) = self.seats.get_mut(&seat) {
            seat.stream.handle_tls(TlsFacts { exporter: [9; 32] });
        }
        self.drive(at, seat)
    }

    pub(crate) fn handle_bytes(&mut self, at: Moment, seat: u64, bytes: &[u8]) -> Vec<Effect> {
        self.heard.push_str(&String::from_utf8_lossy(bytes));
        if self.silent {
            return Vec::new();
        }
        if let Some(seat) = self.seats.get_mut(&seat) {
            if seat.jid.is_some() && seat.jid == self.silent_to {
                return Vec::new();
            }
            seat.unread.extend_from_slice(bytes);
        }
        self.drive(at, seat)
    }

    pub(crate) fn handle_closed(&mut self, at: Moment, seat: u64) -> Vec<Effect> {
        if let Some(seat) = self.seats.get_mut(&seat) {
            seat.stream.handle_eof();
        }
        self.drive(at, seat)
    }

    /// Ends the stream of a session, as reapers and conflicts do.
    pub(crate) fn expel(&mut self, at: Moment, jid: &FullJid, condition: StreamCondition) -> Vec<Effect> {
        let Some(seat) = self.seat_of(jid) else { return Vec::new() };
        if let Some(held) = self.seats.get_mut(&seat) {
            held.stream.close(at.mono, Some(StreamError::new(condition)));
        }
        self.drive(at, seat)
    }

    /// Sends a stanza to a session, as if from anybody.
    pub(crate) fn inject(&mut self, at: Moment, jid: &FullJid, stanza: &str) -> Vec<Effect> {
        let Some(seat) = self.seat_of(jid) else { return Vec::new() };
        if let Some(held) = self.seats.get_mut(&seat) {
            held.stream.send(&Element::parse(stanza).unwrap());
        }
        self.drive(at, seat)
    }

    fn seat_of(&self, jid: &FullJid) -> Option<u64> {
        self.seats.iter().find(|(_, seat)| seat.jid.as_ref() == Some(jid)).map(|(id, _)| *id)
    }

    fn drive(&mut self, at: Moment, id: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(seat) = self.seats.get_mut(&id) {
            let unread = std::mem::take(&mut seat.unread);
            let mut rest = unread.as_slice();
            seat.stream.handle_bytes(at.mono, &mut rest);
            seat.unread = rest.to_vec();
            let event = seat.stream.poll_event();
            if let Some(event) = event {
                effects.extend(self.handle_event(at, id, event));
                continue;
            }
            break;
        }
        self.flush(id, &mut effects);
        effects
    }

    fn flush(&mut self, id: u64, effects: &mut Vec<Effect>) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let bytes = std::mem::take(seat.stream.output());
        if !bytes.is_empty() {
            effects.push(Effect::Write(id, bytes));
        }
    }

    fn handle_event(&mut self, at: Moment, id: u64, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.flush(id, &mut effects);
        match event {
            Event::StartTls => effects.push(Effect::StartTls(id)),
            Event::Credentials { account } => {
                let known = self.accounts.contains(&account).then(|| self.credentials.clone());
                self.seats.get_mut(&id).unwrap().stream.handle_credentials(known);
            }
            Event::Stretch(stretching) => {
                self.seats.get_mut(&id).unwrap().stream.handle_stretched(&stretching.carry_out());
            }
            Event::PreAuth(request) => {
                self.accounts.insert(account("dave"));
                let reply = Stanza::try_from(request).unwrap().result(None, None);
                self.seats.get_mut(&id).unwrap().stream.send(&reply);
            }
            Event::Bind { account, resource } => effects.extend(self.bind(at, id, &account, resource)),
            Event::Element(element) => effects.extend(self.handle_stanza(at, id, element)),
            Event::Closed(_) => {
                if let Some(directory) = &mut self.directory {
                    directory.close(at, self.seats[&id].session, Reason::Closed);
                }
                self.seats.remove(&id);
                effects.push(Effect::Close(id));
            }
            Event::SignedIn { .. } | Event::KeepAlive => {}
        }
        effects
    }

    fn bind(
        &mut self,
        at: Moment,
        id: u64,
        account: &BareJid,
        resource: Option<jid::ResourcePart>,
    ) -> Vec<Effect> {
        let resource = resource.map_or_else(|| format!("r{id}"), |resource| resource.as_str().to_owned());
        let jid = account.with_resource_str(&resource).unwrap();
        let effects = self.expel(at, &jid, StreamCondition::Conflict);
        let seat = self.seats.get_mut(&id).unwrap();
        if let Some(directory) = &mut self.directory {
            directory.open(at, seat.session, jid.clone(), seat.address).unwrap();
        }
        seat.jid = Some(jid.clone());
        seat.stream.handle_bound(Ok(jid));
        effects
    }

    fn handle_stanza(&mut self, at: Moment, id: u64, element: Element) -> Vec<Effect> {
        self.stanzas.push(element.clone());
        let stanza = Stanza::try_from(element).unwrap();
        match stanza.kind() {
            Kind::Iq(IqType::Get | IqType::Set) => {
                let answer = self.answer(at, id, &stanza);
                self.seats.get_mut(&id).unwrap().stream.send(&answer);
                Vec::new()
            }
            Kind::Message(_) => self.route(at, id, &stanza),
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, at: Moment, id: u64, stanza: &Stanza) -> Element {
        let payload = stanza.payload().unwrap();
        let has_directory = self.directory.is_some();
        if payload.is(disco::NS_INFO, "query") {
            let features = has_directory.then(|| NS.to_owned()).into_iter().collect();
            return stanza.result(None, Some(&Info { features, ..Info::default() }));
        }
        if has_directory && payload.is(NS, "check-in") {
            let check_in = CheckIn::from_node(payload).unwrap();
            self.check_ins.push((at.mono, self.seats[&id].jid.clone().unwrap()));
            return self.page(at, id, stanza, Some(check_in));
        }
        if has_directory && payload.is(NS, "online") {
            let look = Look::from_node(payload).unwrap();
            return self.page(
                at,
                id,
                stanza,
                Some(CheckIn { since: look.since, ..CheckIn::default() }).filter(|_| true),
            );
        }
        stanza.error_reply(None, &StanzaError::new(StanzaCondition::ServiceUnavailable)).unwrap()
    }

    fn page(&mut self, at: Moment, id: u64, stanza: &Stanza, check_in: Option<CheckIn>) -> Element {
        let seat = &self.seats[&id];
        let directory = self.directory.as_mut().unwrap();
        let check_in = check_in.unwrap();
        let mut refused = Vec::new();
        if stanza.kind() == Kind::Iq(IqType::Set) {
            refused = directory.check_in(at, seat.session, check_in.announcement).unwrap();
        }
        let page = directory.changes(seat.session, check_in.since.as_ref()).unwrap().page(self.page_max);
        let limit = self.interval * 3;
        let refused = refused.iter().map(Into::into).collect();
        let mut online = Online { page, interval: self.interval, limit, refused, surplus: 0 };
        (self.tamper)(seat.jid.as_ref().unwrap(), &mut online);
        let payload: &dyn Payload = &online;
        stanza.result(None, Some(payload))
    }

    fn route(&mut self, at: Moment, from: u64, stanza: &Stanza) -> Vec<Effect> {
        self.messages_routed += 1;
        let sender = self.seats[&from].jid.clone().unwrap();
        let to = stanza.to().unwrap().clone();
        let meant = |seat: &&u64| {
            let jid = self.seats[seat].jid.as_ref();
            jid.is_some_and(|jid| to == *jid.to_bare() || to == **jid)
        };
        let receivers: Vec<u64> = self.seats.keys().filter(meant).copied().collect();
        let stamped = stanza.element().with(&[("from", Some(sender.as_str()))]);
        if receivers.is_empty() {
            let error = StanzaError::new(StanzaCondition::RecipientUnavailable);
            if let Some(reply) = stanza.error_reply(Some(&sender), &error) {
                self.seats.get_mut(&from).unwrap().stream.send(&reply);
            }
        }
        let mut effects = Vec::new();
        for receiver in receivers {
            self.seats.get_mut(&receiver).unwrap().stream.send(&stamped);
            effects.extend(self.drive(at, receiver));
        }
        effects
    }
}

pub(crate) fn account(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@{DOMAIN}")).unwrap()
}
