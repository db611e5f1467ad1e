//! A server in memory with scripted clients: every byte goes through the real streams on both sides, no
//! socket and no clock. One thing happens after the other, always in the same order.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_directory::Moment;
use chatdev_server::{
    Admitted, Config, Connection, Counters, Effect, MemoryStore, Occurrence, RequestId, StorageAnswer,
    StorageRequest, Switchboard,
};
use chatdev_stream::initiating;
use chatdev_stream::sasl::{Credentials, FakeSalts, Password, Stretching};
use chatdev_stream::{Closed, Initiating, TlsFacts, Transport, receiving};
use chatdev_xml::Element;
use jid::{BareJid, DomainPart, FullJid};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::client::Client;

pub(crate) const TLS: TlsFacts = TlsFacts { exporter: [7; 32] };

/// The defaults, with one iteration of PBKDF2: what is tested here is not how long guessing takes.
pub(crate) fn config() -> Config {
    let domain = DomainPart::new("example.net").unwrap().into_owned();
    let stream = receiving::Config::new(domain, FakeSalts::new([1; 32], 1));
    let mut config = Config::new(stream, chatdev_directory::Config::new(0x5f2c_81d0));
    config.iterations = 1;
    config
}

/// The same with other settings of the streams.
pub(crate) fn with_stream(change: impl FnOnce(&mut receiving::Config)) -> Config {
    let mut config = config();
    change(Arc::get_mut(&mut config.stream).expect("nobody else has it yet"));
    config
}

pub(crate) struct World {
    pub(crate) config: Arc<Config>,
    pub(crate) switchboard: Switchboard,
    pub(crate) store: MemoryStore,
    pub(crate) at: Moment,
    pub(crate) clients: Vec<Client>,
    /// Whether storage answers at once; if not, requests pile up in `requests`.
    pub(crate) storage_answers: bool,
    pub(crate) requests: VecDeque<(usize, RequestId, StorageRequest)>,
    /// Whether passwords are stretched at once; if not, they pile up in `stretchings`.
    pub(crate) stretches: bool,
    pub(crate) stretchings: VecDeque<(usize, RequestId, Stretching)>,
    pub(crate) occurrences: Vec<Occurrence>,
}

/// Who a client is, by its place in the world.
pub(crate) type Name = usize;

impl World {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: Config) -> Self {
        let config = Arc::new(config);
        Self {
            switchboard: Switchboard::new(Arc::clone(&config)).unwrap(),
            config,
            store: MemoryStore::new(),
            at: Moment::new(Duration::from_secs(1000), "2026-11-22T20:59:03Z".parse().unwrap()),
            clients: Vec::new(),
            storage_answers: true,
            requests: VecDeque::new(),
            stretches: true,
            stretchings: VecDeque::new(),
            occurrences: Vec::new(),
        }
    }

    pub(crate) fn add_account(&mut self, account: &str) {
        let account = BareJid::new(account).unwrap();
        let password = Password::new(account.node().unwrap().as_str()).unwrap();
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        self.store.insert(account, Credentials::derive(&password, 1, &mut rng));
    }

    /// An account and a client of it that has signed in; the password is the username.
    pub(crate) fn sign_in(&mut self, jid: &str) -> Name {
        self.sign_in_from(jid, "192.0.2.1")
    }

    pub(crate) fn sign_in_from(&mut self, jid: &str, address: &str) -> Name {
        self.add_account(jid.split('/').next().unwrap());
        let name = self.begin_sign_in(jid, address.parse().unwrap());
        self.run();
        let client = &self.clients[name];
        assert_eq!(client.initiating.as_ref().unwrap().jid(), Some(&client.jid), "{:?}", client.failed);
        name
    }

    /// Many people who sign in and check in, all in one breath, each with a session that is then left alone.
    /// Returns the first.
    pub(crate) fn crowd(&mut self, size: usize, status: &str) -> Name {
        let first = self.clients.len();
        let check_in = format!(
            "<iq type='set' id='c1' to='example.net'><check-in xmlns='urn:chatdev:directory:1' max='1'>\
             <profile nick='Somebody'><status>{status}</status></profile></check-in></iq>"
        );
        for number in 0..size {
            let user = format!("user{number}");
            self.add_account(&format!("{user}@example.net"));
            let name = self.connect(&format!("{user}@example.net/x"), [192, 0, 2, 1].into());
            self.clients[name].to_server =
                [sign_in_text(&user, "x").as_str(), &check_in].concat().into_bytes();
            self.run_from(name);
            assert!(self.clients[name].heard.contains("<online "), "{}", self.clients[name].heard);
        }
        first
    }

    /// A client that begins to sign in. Nothing of it is carried out yet.
    pub(crate) fn begin_sign_in(&mut self, jid: &str, address: IpAddr) -> Name {
        let jid = FullJid::new(jid).unwrap();
        let password = Password::new(jid.node().unwrap().as_str()).unwrap();
        let mut config = initiating::Config::new(&jid.to_bare(), password).unwrap();
        config.resource = Some(jid.resource().to_owned());
        config.iterations = 1..=4096;
        let name = self.connect(jid.as_str(), address);
        let transport = Transport { tls: Some(TLS), loopback: address.is_loopback() };
        let rng = ChaCha20Rng::from_seed([3; 32]);
        self.clients[name].initiating = Some(Initiating::new(Arc::new(config), transport, rng, self.at.mono));
        name
    }

    /// A connection over TLS whose client only says what the test tells it to.
    pub(crate) fn connect(&mut self, jid: &str, address: IpAddr) -> Name {
        self.connect_by(jid, Transport { tls: Some(TLS), loopback: address.is_loopback() }, address)
    }

    pub(crate) fn connect_by(&mut self, jid: &str, transport: Transport, address: IpAddr) -> Name {
        let admitted = self.switchboard.admit(address).unwrap();
        self.begin(admitted, jid, transport)
    }

    fn begin(&mut self, admitted: Admitted, jid: &str, transport: Transport) -> Name {
        let mut seed = [4; 32];
        seed[..8].copy_from_slice(&admitted.connection().0.to_le_bytes());
        let rng = ChaCha20Rng::from_seed(seed);
        let connection = Connection::new(Arc::clone(&self.config), admitted, transport, rng, self.at);
        self.clients.push(Client::new(FullJid::new(jid).unwrap(), connection));
        self.clients.len() - 1
    }

    /// A client says something, exactly as written, and the world goes on until nothing is left to do.
    pub(crate) fn send(&mut self, name: Name, text: &str) {
        self.clients[name].to_server.extend_from_slice(text.as_bytes());
        self.run();
    }

    /// The next stanza that a client got.
    pub(crate) fn receive(&mut self, name: Name) -> Element {
        let jid = self.clients[name].jid.clone();
        self.clients[name].inbox.pop_front().unwrap_or_else(|| panic!("{jid} got nothing"))
    }

    /// Everything that a client got and was not asked for yet, as text; without the language of the clients'
    /// streams, which each of their stanzas is stamped with.
    pub(crate) fn received(&mut self, name: Name) -> Vec<String> {
        self.clients[name]
            .inbox
            .drain(..)
            .map(|element| element.to_string().replace(" xml:lang='en'", ""))
            .collect()
    }

    /// A client asks, and this is the one thing it hears.
    pub(crate) fn ask(&mut self, name: Name, text: &str) -> Element {
        assert!(self.clients[name].inbox.is_empty(), "something came before: {:?}", self.received(name));
        self.send(name, text);
        let answer = self.receive(name);
        assert!(self.clients[name].inbox.is_empty(), "more than an answer: {:?}", self.received(name));
        answer
    }

    /// The connection of a client ends without a word.
    pub(crate) fn cut(&mut self, name: Name) {
        let at = self.at;
        self.clients[name].connection.handle_eof(at);
        self.clients[name].reads = false;
        self.settle(name);
        self.close(name);
        self.run();
    }

    /// A client closes its stream properly.
    pub(crate) fn sign_out(&mut self, name: Name) {
        let at = self.at.mono;
        self.clients[name].initiating.as_mut().unwrap().close(at, None);
        self.run();
    }

    /// Lets time pass; what falls due in it happens at its own instant.
    pub(crate) fn wait(&mut self, length: Duration) {
        let end = self.at.mono + length;
        loop {
            let live = self.clients.iter().filter(|client| !client.gone);
            let deadlines = live.filter_map(|client| client.connection.poll_timeout().or(client.parting));
            let next = deadlines.chain(self.switchboard.poll_timeout()).min().unwrap_or(end);
            self.go_to(next.clamp(self.at.mono, end));
            for name in 0..self.clients.len() {
                let client = &mut self.clients[name];
                if client.connection.poll_timeout().is_some_and(|due| due <= self.at.mono) {
                    client.connection.handle_timeout(self.at);
                    self.settle(name);
                }
            }
            for name in 0..self.clients.len() {
                if self.clients[name].parting.is_some_and(|until| until <= self.at.mono) {
                    self.close(name);
                }
            }
            if self.switchboard.poll_timeout().is_some_and(|due| due <= self.at.mono) {
                self.switchboard.handle_timeout(self.at);
            }
            self.run();
            if self.at.mono >= end && next >= end {
                return;
            }
        }
    }

    pub(crate) fn go_to(&mut self, mono: Duration) {
        let passed = mono - self.at.mono;
        self.at = Moment::new(mono, self.at.wall + passed);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.switchboard.counters()
    }

    pub(crate) fn shut_down(&mut self) {
        self.switchboard.shut_down();
        self.run();
    }

    /// Until nothing is left to do.
    pub(crate) fn run(&mut self) {
        self.run_from(0);
    }

    /// Until the clients from this one on have nothing left to do.
    fn run_from(&mut self, first: Name) {
        loop {
            let mut moved = false;
            for name in first..self.clients.len() {
                moved |= self.take_from_client(name);
                moved |= self.bring_to_server(name);
                moved |= self.carry_orders(name);
                moved |= self.bring_to_client(name);
                moved |= self.part(name);
            }
            self.occurrences.extend(self.switchboard.take_occurrences());
            if !moved {
                // Every queue was looked at; nobody needs to be told.
                drop(self.switchboard.take_touched());
                return;
            }
        }
    }

    fn take_from_client(&mut self, name: Name) -> bool {
        let client = &mut self.clients[name];
        let Some(initiating) = &mut client.initiating else { return false };
        let before = client.to_server.len();
        client.to_server.append(initiating.output());
        client.to_server.len() > before
    }

    fn bring_to_server(&mut self, name: Name) -> bool {
        let client = &mut self.clients[name];
        if client.gone || !client.arrives || client.to_server.is_empty() || !client.connection.is_reading() {
            return false;
        }
        let bytes = std::mem::take(&mut client.to_server);
        client.connection.handle_bytes(self.at, &bytes);
        self.settle(name);
        true
    }

    fn carry_orders(&mut self, name: Name) -> bool {
        let client = &mut self.clients[name];
        if client.gone || !client.connection.outbound().has_orders() {
            return false;
        }
        if client.connection.handle_orders(self.at) {
            // As a driver does: what waits on the socket goes before the time-out.
            let bytes = std::mem::take(&mut client.to_server);
            client.connection.handle_bytes(self.at, &bytes);
            client.connection.handle_due(self.at);
        }
        self.settle(name);
        true
    }

    pub(crate) fn bring_to_client(&mut self, name: Name) -> bool {
        let client = &mut self.clients[name];
        let mut moved = false;
        while client.reads {
            let mut octets = Vec::new();
            client.connection.outbound().front(4096, |front| octets.extend_from_slice(front));
            if octets.is_empty() {
                break;
            }
            client.connection.outbound().advance(octets.len());
            client.hear(self.at.mono, &octets);
            moved = true;
        }
        moved
    }

    /// A client that does not read takes some octets all the same.
    pub(crate) fn read_some(&mut self, name: Name, length: usize) {
        let client = &mut self.clients[name];
        let mut octets = Vec::new();
        client.connection.outbound().front(length, |front| octets.extend_from_slice(front));
        assert_eq!(octets.len(), length);
        client.connection.outbound().advance(length);
        client.hear(self.at.mono, &octets);
    }

    /// Lets what a connection read take effect, and carries out what it asks for.
    pub(crate) fn settle(&mut self, name: Name) {
        loop {
            let client = &mut self.clients[name];
            if client.connection.needs_commit() {
                client.connection.commit(&mut self.switchboard, self.at);
                // After each hold: another task might take the next one.
                let (seated, open) =
                    (self.switchboard.counters().sessions, self.switchboard.directory().sessions());
                assert_eq!(seated, open as u64, "the sessions that the table and the directory know");
                client.connection.handle_committed(self.at);
                continue;
            }
            match client.connection.poll_effect() {
                None => return,
                Some(Effect::StartTls) => client.connection.handle_tls(self.at, TLS),
                Some(Effect::Storage { id, request }) if self.storage_answers => {
                    let answer = self.store.answer(*request);
                    client.connection.handle_stored(self.at, id, answer);
                }
                Some(Effect::Storage { id, request }) => self.requests.push_back((name, id, *request)),
                Some(Effect::Stretch { id, stretching }) if self.stretches => {
                    client.connection.handle_stretched(self.at, id, stretching.carry_out());
                }
                Some(Effect::Stretch { id, stretching }) => {
                    self.stretchings.push_back((name, id, *stretching));
                }
                Some(Effect::Close) => {
                    client.parting = Some(self.at.mono + self.config.limits.parting);
                }
            }
        }
    }

    /// The client has read the last words: its connection goes.
    fn part(&mut self, name: Name) -> bool {
        let client = &self.clients[name];
        let read = client.connection.outbound().unwritten_bytes() == 0;
        let parts = client.parting.is_some() && read;
        if parts {
            self.close(name);
        }
        parts
    }

    /// The connection of a client is gone.
    pub(crate) fn close(&mut self, name: Name) {
        let client = &mut self.clients[name];
        client.gone = true;
        client.parting = None;
        if let Some(initiating) = &mut client.initiating {
            initiating.handle_eof();
            client.take_events();
        }
        client.connection.handle_gone(self.at);
        self.settle(name);
    }

    /// Answers the oldest storage request that waits.
    pub(crate) fn answer_storage(&mut self) {
        let (name, id, request) = self.requests.pop_front().expect("a request waits");
        let answer = self.store.answer(request);
        self.answer_with(name, id, answer);
    }

    pub(crate) fn answer_with(&mut self, name: Name, id: RequestId, answer: StorageAnswer) {
        self.clients[name].connection.handle_stored(self.at, id, answer);
        self.settle(name);
        self.run();
    }

    /// Stretches the password that has waited longest.
    pub(crate) fn stretch(&mut self) {
        let (name, id, stretching) = self.stretchings.pop_front().expect("a password waits");
        self.clients[name].connection.handle_stretched(self.at, id, stretching.carry_out());
        self.settle(name);
        self.run();
    }

    /// Octets that wait for a client in the server.
    pub(crate) fn queued(&self, name: Name) -> usize {
        self.clients[name].connection.outbound().unwritten_bytes()
    }

    pub(crate) fn is_gone(&self, name: Name) -> bool {
        self.clients[name].gone
    }
}

/// All that a client says to sign in and bind, in one breath; its password is its name.
pub(crate) fn sign_in_text(user: &str, resource: &str) -> String {
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  to='example.net' version='1.0'>";
    let secret = STANDARD.encode(format!("\0{user}\0{user}"));
    format!(
        "{header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>{header}\
         <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>"
    )
}

/// The condition of the stream error that ended a client's stream.
pub(crate) fn stream_error(world: &World, name: Name) -> String {
    match &world.clients[name].closed {
        Some(Closed::Failed { error, .. }) => error.condition.to_string(),
        other => panic!("{} was not closed with an error: {other:?}", world.clients[name].jid),
    }
}

/// The condition of a stanza error.
pub(crate) fn stanza_error(element: &Element) -> String {
    assert_eq!(element.attribute("type").as_deref(), Some("error"), "{element}");
    let error = element.child(chatdev_stanza::NS_CLIENT, "error").expect("an error says what it is");
    let condition = error.children().find(|child| child.namespace() == chatdev_stanza::stanza_error::NS);
    condition.expect("an error has a condition").name().to_owned()
}
