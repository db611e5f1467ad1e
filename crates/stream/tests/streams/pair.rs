//! A client and a server, wired together in memory.

use std::time::Duration;

use chatdev_stream::receiving;
use chatdev_stream::{Transport, initiating};

use crate::client_side::ClientSide;
use crate::server_side::{ServerSide, TLS};
use crate::transcript::Transcript;

/// Both ends of a client stream, and what they said.
pub(crate) struct Pair {
    pub(crate) client: ClientSide,
    pub(crate) server: ServerSide,
    pub(crate) transcript: Transcript,
    pub(crate) now: Duration,
}

impl Pair {
    pub(crate) fn new(client: initiating::Config, server: receiving::Config, transport: Transport) -> Self {
        Self {
            client: ClientSide::new(client, transport),
            server: ServerSide::new(server, transport),
            transcript: Transcript::default(),
            now: Duration::ZERO,
        }
    }

    pub(crate) fn inside_tls(client: initiating::Config, server: receiving::Config) -> Self {
        Self::new(client, server, Transport { tls: Some(TLS), loopback: false })
    }

    pub(crate) fn in_clear(client: initiating::Config, server: receiving::Config) -> Self {
        Self::new(client, server, Transport { tls: None, loopback: false })
    }

    /// Carries octets to and fro until nobody has anything to say.
    pub(crate) fn run(&mut self) {
        loop {
            let to_server = std::mem::take(self.client.stream.output());
            self.transcript.say("C", &to_server);
            let to_client = self.server.receive(self.now, &to_server);
            self.transcript.say("S", &to_client);
            let answer = self.client.receive(self.now, &to_client);
            self.client.stream.output().extend(answer);
            if self.client.wants_tls && self.server.wants_tls {
                self.transcript.note("TLS handshake");
                self.client.handle_tls();
                self.server.handle_tls();
            }
            if to_client.is_empty() && self.client.stream.output().is_empty() {
                return;
            }
        }
    }

    /// Runs until quiet, and expects both ends to be bound.
    pub(crate) fn bound(mut self) -> Self {
        self.run();
        assert!(self.client.stream.jid().is_some(), "client: {:?}", self.client.events);
        assert_eq!(self.client.stream.jid(), self.server.stream.jid());
        self
    }
}
