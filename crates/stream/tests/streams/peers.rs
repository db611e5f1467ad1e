//! Two peers, wired together in memory: Alice dials, Bob answers.

use std::time::Duration;

use chatdev_stanza::StreamCondition;
use chatdev_stream::peer::{Config, Event, SendError};
use chatdev_stream::{Closed, Peer, Side};
use chatdev_xml::Element;
use jid::FullJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::stream_errors::Case;
use crate::transcript::Transcript;

pub(crate) const ALICE: &str = "alice@example.net/desk";
pub(crate) const BOB: &str = "bob@example.net/tui";

/// A peer and its owner, who accepts everybody and stores at once unless told otherwise.
pub(crate) struct Owned {
    pub(crate) stream: Peer,
    pub(crate) events: Vec<Event>,
    pub(crate) accepts: bool,
    pub(crate) stores: bool,
    pub(crate) now: Duration,
}

impl Owned {
    fn new(stream: Peer) -> Self {
        Self { stream, events: Vec::new(), accepts: true, stores: true, now: Duration::ZERO }
    }

    pub(crate) fn receive(&mut self, mut octets: &[u8]) {
        loop {
            self.stream.handle_bytes(self.now, &mut octets);
            self.drain();
            if octets.is_empty() || self.stream.is_waiting() {
                break;
            }
        }
    }

    pub(crate) fn hear(&mut self, text: &str) -> String {
        self.receive(text.as_bytes());
        self.say()
    }

    pub(crate) fn say(&mut self) -> String {
        String::from_utf8(std::mem::take(self.stream.output())).unwrap()
    }

    pub(crate) fn wait(&mut self, now: Duration) -> String {
        self.now = now;
        self.stream.handle_timeout(now);
        self.drain();
        self.say()
    }

    pub(crate) fn try_send(&mut self, message: &str) -> Result<(), SendError> {
        self.stream.send_message(self.now, &Element::parse(message).unwrap())
    }

    pub(crate) fn send(&mut self, message: &str) {
        self.try_send(message).unwrap();
    }

    pub(crate) fn acknowledge(&mut self, count: u32) {
        self.stream.acknowledge(self.now, count);
    }

    /// The bodies of the messages that came in.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let messages = self.events.iter().filter_map(|event| match event {
            Event::Element(message) => Some(message),
            _ => None,
        });
        messages.map(|message| message.child("jabber:client", "body").unwrap().text().into_owned()).collect()
    }

    /// How many messages the other side has acknowledged.
    pub(crate) fn acknowledged(&self) -> u32 {
        let counts = self.events.iter().filter_map(|event| match event {
            Event::Acked { count } => Some(*count),
            _ => None,
        });
        counts.sum()
    }

    /// The stream error that this side ended the stream with.
    pub(crate) fn condition(&self) -> StreamCondition {
        match self.events.last() {
            Some(Event::Closed(Closed::Failed { by: Side::Us, error })) => error.condition,
            other => panic!("expected a stream error of ours, found {other:?}"),
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.stream.poll_event() {
            match &event {
                Event::Opened { .. } if self.accepts => self.stream.accept(self.now),
                Event::Element(_) if self.stores => self.stream.acknowledge(self.now, 1),
                _ => {}
            }
            self.events.push(event);
        }
    }
}

pub(crate) fn config(me: &str) -> Config {
    Config::new(FullJid::new(me).unwrap())
}

pub(crate) fn dialling() -> Owned {
    let rng = ChaCha20Rng::from_seed([4; 32]);
    Owned::new(Peer::dial(config(ALICE), FullJid::new(BOB).unwrap(), rng, Duration::ZERO))
}

pub(crate) fn answering() -> Owned {
    Owned::new(Peer::answer(config(BOB), ChaCha20Rng::from_seed([5; 32]), Duration::ZERO))
}

/// Both ends of a peer stream, and what they said.
pub(crate) struct Peers {
    pub(crate) alice: Owned,
    pub(crate) bob: Owned,
    pub(crate) transcript: Transcript,
}

impl Peers {
    pub(crate) fn new(alice: Owned, bob: Owned) -> Self {
        Self { alice, bob, transcript: Transcript::default() }
    }

    /// Two that may send.
    pub(crate) fn ready() -> Self {
        let mut peers = Self::new(dialling(), answering());
        peers.run();
        assert!(peers.alice.stream.is_ready() && peers.bob.stream.is_ready());
        peers
    }

    /// Carries octets to and fro until nobody has anything to say.
    pub(crate) fn run(&mut self) {
        loop {
            let from_alice = self.alice.say();
            self.transcript.say("A", from_alice.as_bytes());
            self.bob.receive(from_alice.as_bytes());
            let from_bob = self.bob.say();
            self.transcript.say("B", from_bob.as_bytes());
            self.alice.receive(from_bob.as_bytes());
            if from_alice.is_empty() && from_bob.is_empty() {
                return;
            }
        }
    }
}

/// A dialler's header.
pub(crate) const HEADER: &str = "<?xml version='1.0'?><stream:stream from='alice@example.net/desk' to='bob@example.net/tui' \
    version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// The dialler's choice.
pub(crate) const ENABLE: &str = "<enable xmlns='urn:xmpp:sm:3'/>";

/// What a dialler says that Bob does not take.
pub(crate) fn said_by_bad_diallers() -> Vec<Case> {
    use StreamCondition::*;
    let instead = |from: &str, to: &str| HEADER.replace(from, to);
    let first = String::new;
    let ready = || [HEADER, ENABLE].concat();
    vec![
        ("somebody else is wanted", first(), instead(BOB, "eve@example.net/x"), HostUnknown),
        ("the account instead of the device", first(), instead(BOB, "bob@example.net"), HostUnknown),
        ("no device of the dialler's", first(), instead(ALICE, "alice@example.net"), InvalidFrom),
        ("no dialler at all", first(), instead(&format!("from='{ALICE}' "), ""), InvalidFrom),
        ("a message before acknowledgements are enabled", HEADER.into(), "<message/>".into(), NotAuthorized),
        ("a message in another's name", ready(), "<message from='eve@example.net/x'/>".into(), InvalidFrom),
        (
            "a message in the account's name",
            ready(),
            "<message from='alice@example.net'/>".into(),
            InvalidFrom,
        ),
        ("a message to somebody else", ready(), "<message to='eve@example.net'/>".into(), HostUnknown),
        ("presence", ready(), "<presence/>".into(), UnsupportedStanzaType),
        (
            "an iq",
            ready(),
            "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>".into(),
            UnsupportedStanzaType,
        ),
        ("something else", ready(), "<hello xmlns='urn:example'/>".into(), UnsupportedStanzaType),
        ("enabling twice", ready(), ENABLE.into(), UnsupportedStanzaType),
        (
            "acknowledging what was not sent",
            ready(),
            "<a xmlns='urn:xmpp:sm:3' h='1'/>".into(),
            UndefinedCondition,
        ),
        (
            "an acknowledgement of nonsense",
            ready(),
            "<a xmlns='urn:xmpp:sm:3' h='-1'/>".into(),
            UnsupportedStanzaType,
        ),
        ("a processing instruction", ready(), "<?php ?>".into(), RestrictedXml),
    ]
}
