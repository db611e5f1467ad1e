//! A server in memory with many sessions. Nothing of theirs is read but by the benchmark.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_directory::Moment;
use chatdev_server::{Config, Connection, Effect, MemoryStore, Switchboard};
use chatdev_stream::sasl::{Credentials, FakeSalts, Password};
use chatdev_stream::{TlsFacts, Transport, receiving};
use jid::{BareJid, DomainPart};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
    to='example.net' version='1.0' xml:lang='en'>";

/// See the file's documentation.
pub(crate) struct Room {
    switchboard: Switchboard,
    connections: Vec<Connection>,
    at: Moment,
}

impl Room {
    /// So many sessions, of `u0000@example.net/x` and so on.
    pub(crate) fn new(sessions: usize) -> Self {
        let domain = DomainPart::new("example.net").expect("a domain").into_owned();
        let stream = receiving::Config::new(domain, FakeSalts::new([1; 32], 1));
        let mut config = Config::new(stream, chatdev_directory::Config::new(1));
        config.limits.unsigned_per_address_max = sessions;
        let config = Arc::new(config);
        let at = Moment::new(Duration::from_secs(1), Timestamp::UNIX_EPOCH);
        let switchboard = Switchboard::new(Arc::clone(&config)).expect("the defaults are sound");
        let mut room = Self { switchboard, connections: Vec::new(), at };
        for number in 0..sessions {
            room.sign_in(&config, number);
        }
        room
    }

    /// What all share, and what is each session's own.
    #[allow(dead_code, reason = "not every program that includes this file takes it apart")]
    pub(crate) fn into_parts(self) -> (Switchboard, Vec<Connection>, Moment) {
        (self.switchboard, self.connections, self.at)
    }

    fn sign_in(&mut self, config: &Arc<Config>, number: usize) {
        let admitted = self.switchboard.admit([192, 0, 2, 1].into()).expect("there is room");
        let transport = Transport { tls: Some(TlsFacts { exporter: [7; 32] }), loopback: false };
        let rng = ChaCha20Rng::from_seed([4; 32]);
        self.connections.push(Connection::new(Arc::clone(config), admitted, transport, rng, self.at));
        let plain = STANDARD.encode(format!("\0u{number:04}\0pencil"));
        let auth = format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>");
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind></iq>";
        for said in [HEADER, &auth, HEADER, bind] {
            self.handle(number, said.as_bytes());
            self.carry_out_effects(number);
        }
        self.take_written(number, &mut Vec::new());
        assert!(self.connections[number].is_bound(), "u{number:04} could not sign in");
    }

    fn carry_out_effects(&mut self, number: usize) {
        while let Some(effect) = self.connections[number].poll_effect() {
            let connection = &mut self.connections[number];
            match effect {
                Effect::Storage { id, request } => {
                    let mut store = MemoryStore::new();
                    let account = BareJid::new(&format!("u{number:04}@example.net")).expect("a bare JID");
                    let password = Password::new("pencil").expect("a password");
                    let mut rng = ChaCha20Rng::from_seed([2; 32]);
                    store.insert(account, Credentials::derive(&password, 1, &mut rng));
                    connection.handle_stored(self.at, id, store.answer(*request));
                }
                Effect::Stretch { id, stretching } => {
                    connection.handle_stretched(self.at, id, stretching.carry_out());
                }
                other => panic!("{other:?}"),
            }
            self.settle(number);
        }
    }

    /// Bytes come in from a session, and take effect. Returns how many queues were touched.
    pub(crate) fn handle(&mut self, number: usize, bytes: &[u8]) -> usize {
        self.connections[number].handle_bytes(self.at, bytes);
        self.settle(number)
    }

    fn settle(&mut self, number: usize) -> usize {
        let connection = &mut self.connections[number];
        let mut touched = 0;
        while connection.needs_commit() {
            connection.commit(&mut self.switchboard, self.at);
            touched += self.switchboard.take_touched().len();
            connection.handle_committed(self.at);
        }
        touched
    }

    /// Takes what is queued for a session, as if it were written to its socket.
    pub(crate) fn take_written(&mut self, number: usize, written: &mut Vec<u8>) {
        let outbound = self.connections[number].outbound();
        written.clear();
        outbound.front(16 * 1024, |front| written.extend_from_slice(front));
        assert_eq!(outbound.advance(written.len()), 0, "more than a write takes");
    }
}
