//! An owner for a receiving stream: accounts in a map, resources as asked for, everything it is told written down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chatdev_stanza::register::Register;
use chatdev_stanza::{Stanza, StanzaCondition};
use chatdev_stream::receiving::{Config, Event};
use chatdev_stream::sasl::{Credentials, FakeSalts, ITERATIONS_MIN, Password};
use chatdev_stream::{Receiving, TlsFacts, Transport};
use chatdev_xml::Element;
use jid::{BareJid, DomainPart, ResourcePart};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// The TLS connection that both sides of a test speak over.
pub(crate) const TLS: TlsFacts = TlsFacts { exporter: *b"the same octets at both ends, 32" };

/// A receiving stream and its owner.
pub(crate) struct ServerSide {
    pub(crate) stream: Receiving,
    pub(crate) accounts: BTreeMap<BareJid, Credentials>,
    /// All that the stream told its owner.
    pub(crate) events: Vec<Event>,
    /// Whether a TLS handshake is due.
    pub(crate) wants_tls: bool,
    /// Whether lookups are answered at once.
    pub(crate) answers: bool,
    /// Whether passwords are stretched at once.
    pub(crate) stretches: bool,
    rng: ChaCha20Rng,
}

pub(crate) fn config() -> Config {
    let domain: DomainPart = "example.net".parse().unwrap();
    Config::new(domain, FakeSalts::new([9; 32], ITERATIONS_MIN))
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

impl ServerSide {
    pub(crate) fn new(config: Config, transport: Transport) -> Self {
        let rng = ChaCha20Rng::from_seed([1; 32]);
        let mut server = Self {
            stream: Receiving::new(Arc::new(config), transport, rng, Duration::ZERO),
            accounts: BTreeMap::new(),
            events: Vec::new(),
            wants_tls: false,
            answers: true,
            stretches: true,
            rng: ChaCha20Rng::from_seed([2; 32]),
        };
        server.add("alice@example.net", "pencil");
        server
    }

    /// On a connection from far away that speaks TLS already.
    pub(crate) fn inside_tls() -> Self {
        Self::new(config(), Transport { tls: Some(TLS), loopback: false })
    }

    /// On a connection from far away in clear.
    pub(crate) fn in_clear() -> Self {
        Self::new(config(), Transport { tls: None, loopback: false })
    }

    pub(crate) fn add(&mut self, account: &str, secret: &str) {
        let credentials = Credentials::derive(&password(secret), ITERATIONS_MIN, &mut self.rng);
        self.accounts.insert(BareJid::new(account).unwrap(), credentials);
    }

    /// Octets arrive; what the server says to them.
    pub(crate) fn receive(&mut self, now: Duration, mut octets: &[u8]) -> Vec<u8> {
        loop {
            self.stream.handle_bytes(now, &mut octets);
            while let Some(event) = self.stream.poll_event() {
                self.act(&event);
                self.events.push(event);
            }
            if octets.is_empty() || self.stream.is_waiting() {
                break;
            }
        }
        std::mem::take(self.stream.output())
    }

    /// Time passes; what the server says to it.
    pub(crate) fn wait(&mut self, now: Duration) -> Vec<u8> {
        self.stream.handle_timeout(now);
        while let Some(event) = self.stream.poll_event() {
            self.events.push(event);
        }
        std::mem::take(self.stream.output())
    }

    /// The same, as text.
    pub(crate) fn hear(&mut self, text: &str) -> String {
        String::from_utf8(self.receive(Duration::ZERO, text.as_bytes())).unwrap()
    }

    pub(crate) fn handle_tls(&mut self) {
        assert!(std::mem::take(&mut self.wants_tls), "nobody asked for TLS");
        self.stream.handle_tls(TLS);
    }

    fn act(&mut self, event: &Event) {
        match event {
            Event::StartTls => self.wants_tls = true,
            Event::Credentials { account } if self.answers => {
                self.stream.handle_credentials(self.accounts.get(account).cloned());
            }
            Event::Stretch(stretching) if self.stretches => {
                self.stream.handle_stretched(&stretching.clone().carry_out());
            }
            Event::Bind { account, resource } => {
                let resource = resource.clone().unwrap_or("made-here".parse::<ResourcePart>().unwrap());
                let answer = match resource.as_str() {
                    "taken" => Err(StanzaCondition::Conflict.into()),
                    _ => Ok(account.with_resource(&resource)),
                };
                self.stream.handle_bound(answer);
            }
            Event::PreAuth(request) => {
                let reply = self.register(request);
                self.stream.send(&reply);
            }
            _ => {}
        }
    }

    fn register(&mut self, request: &Element) -> Element {
        let request = Stanza::try_from(request.clone()).unwrap();
        let Ok(Register::Account { username: Some(name), password: Some(secret) }) =
            Register::from_set(request.payload().unwrap())
        else {
            return request.error_reply(None, &StanzaCondition::NotAcceptable.into()).unwrap();
        };
        let account = format!("{name}@example.net");
        if self.accounts.contains_key(&BareJid::new(&account).unwrap()) {
            return request.error_reply(None, &StanzaCondition::Conflict.into()).unwrap();
        }
        self.add(&account, &secret);
        request.result(None, None)
    }
}
