//! An owner for an initiating stream: approves every certificate, and writes down everything it is told.

use std::sync::Arc;
use std::time::Duration;

use chatdev_stream::initiating::{Config, Event, Failure};
use chatdev_stream::{Initiating, Transport};
use jid::BareJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::server_side::{TLS, password};

/// An initiating stream and its owner.
pub(crate) struct ClientSide {
    pub(crate) stream: Initiating,
    /// All that the stream told its owner.
    pub(crate) events: Vec<Event>,
    /// Whether a TLS handshake is due.
    pub(crate) wants_tls: bool,
}

/// Alice, who knows her password.
pub(crate) fn alice() -> Config {
    let mut config = Config::new(&BareJid::new("alice@example.net").unwrap(), password("pencil")).unwrap();
    config.resource = Some("desk".parse().unwrap());
    config
}

impl ClientSide {
    pub(crate) fn new(config: Config, transport: Transport) -> Self {
        let rng = ChaCha20Rng::from_seed([3; 32]);
        let stream = Initiating::new(Arc::new(config), transport, rng, Duration::ZERO);
        Self { stream, events: Vec::new(), wants_tls: false }
    }

    /// On a connection to far away that speaks TLS already.
    pub(crate) fn inside_tls(config: Config) -> Self {
        Self::new(config, Transport { tls: Some(TLS), loopback: false })
    }

    /// On a connection to far away in clear.
    pub(crate) fn in_clear(config: Config) -> Self {
        Self::new(config, Transport { tls: None, loopback: false })
    }

    /// Octets arrive; what the client says to them.
    pub(crate) fn receive(&mut self, now: Duration, mut octets: &[u8]) -> Vec<u8> {
        loop {
            self.stream.handle_bytes(now, &mut octets);
            while let Some(event) = self.stream.poll_event() {
                self.wants_tls |= event == Event::StartTls;
                self.events.push(event);
            }
            if octets.is_empty() || self.stream.is_waiting() {
                break;
            }
        }
        std::mem::take(self.stream.output())
    }

    /// Time passes; what the client says to it.
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

    /// Why the stream was not bound; it must not have been.
    pub(crate) fn failure(&self) -> &Failure {
        match self.events.last() {
            Some(Event::Failed(failure)) => failure,
            other => panic!("expected a failure, found {other:?}"),
        }
    }
}
