//! A world without sockets: clients, the scripted server, and wires between them that carry octets in order.
//!
//! Everything that is ready happens before time goes on. TLS is a stand-in: each side is told what the other one
//! shows. What can go wrong is in `world/faults.rs`.

// Named, because tests of other rooms take this file by its path.
#[path = "world/faults.rs"]
mod faults;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use chatdev_client::{
    Client, Command, ConnectionId, Event, Handshake, MessageId, MessageState, Output, Received, Secured,
    StoreRequest,
};
use chatdev_directory::{Endpoint, Moment};
use jid::{FullJid, Jid};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::actor::{Actor, StorageMood};
use crate::script::{Effect, Server};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Actor(usize, ConnectionId),
    Server(u64),
}

struct Wire {
    ends: [End; 2],
    shaking: [bool; 2],
}

enum Happening {
    Bytes(u64, usize, Vec<u8>),
    Closed(u64, usize),
    Secured(u64),
    Refused(usize, ConnectionId),
    Connected(usize, ConnectionId, SocketAddr, SocketAddr),
    Stored(usize, StoreRequest),
}

pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) server: Server,
    pub(crate) actors: Vec<Actor>,
    wires: BTreeMap<u64, Wire>,
    by_end: BTreeMap<End, u64>,
    next_wire: u64,
    happenings: VecDeque<Happening>,
    /// Nobody reaches the server.
    pub(crate) server_down: bool,
    /// Octets between clients, as text, in the order in which they were written.
    pub(crate) between_clients: String,
    /// Connections that clients dialled to each other.
    pub(crate) dials: usize,
}

/// Which client.
pub(crate) type Who = usize;

impl World {
    pub(crate) fn new() -> Self {
        Self {
            now: Duration::ZERO,
            server: Server::new(),
            actors: Vec::new(),
            wires: BTreeMap::new(),
            by_end: BTreeMap::new(),
            next_wire: 0,
            happenings: VecDeque::new(),
            server_down: false,
            between_clients: String::new(),
            dials: 0,
        }
    }

    /// A world with these people signed in, each under the resource `main`.
    pub(crate) fn with(names: &[&str]) -> Self {
        let mut world = Self::new();
        for name in names {
            let who = world.add(name, "main");
            world.start(who);
        }
        world.settle();
        world.advance(Duration::from_secs(25));
        world
    }

    /// Adds a device, not started yet.
    pub(crate) fn add(&mut self, name: &str, resource: &str) -> Who {
        let who = self.actors.len();
        self.actors.push(Actor::new(who, name, resource));
        who
    }

    /// Starts a client with what its storage holds.
    pub(crate) fn start(&mut self, who: Who) {
        let at = self.at();
        let actor = &mut self.actors[who];
        actor.runs += 1;
        let rng = ChaCha20Rng::seed_from_u64(who as u64 * 1000 + actor.runs);
        actor.client = Some(Client::new(actor.config.clone(), actor.remembered.clone(), rng, at));
    }

    pub(crate) fn at(&self) -> Moment {
        let start: Timestamp = "2026-11-22T20:59:03Z".parse().unwrap();
        Moment::new(self.now, start + self.now)
    }

    pub(crate) fn give(&mut self, who: Who, command: Command) {
        let at = self.at();
        self.actors[who].client.as_mut().unwrap().handle_command(at, command);
        self.settle();
    }

    /// Sends a message without letting anything else happen.
    pub(crate) fn write(&mut self, from: Who, to: impl Into<Jid>, body: &str) -> MessageId {
        let at = self.at();
        let actor = &mut self.actors[from];
        actor.messages += 1;
        let message = MessageId(actor.messages);
        let command = Command::Send { message, to: to.into(), body: body.to_owned() };
        actor.client.as_mut().unwrap().handle_command(at, command);
        message
    }

    /// Sends a message, and lets everything happen that follows from it at once.
    pub(crate) fn say(&mut self, from: Who, to: impl Into<Jid>, body: &str) -> MessageId {
        let message = self.write(from, to, body);
        self.settle();
        message
    }

    pub(crate) fn jid(&self, who: Who) -> FullJid {
        let config = &self.actors[who].config;
        config.jid.with_resource(config.resource.as_ref().unwrap())
    }

    pub(crate) fn bodies(&self, who: Who) -> Vec<&str> {
        self.received(who).into_iter().map(|received| received.body.as_str()).collect()
    }

    pub(crate) fn received(&self, who: Who) -> Vec<&Received> {
        let messages = self.actors[who].events.iter().filter_map(|event| match event {
            Event::Message(received) => Some(received),
            _ => None,
        });
        messages.collect()
    }

    /// Every state that a message went through.
    pub(crate) fn states(&self, who: Who, message: MessageId) -> Vec<&MessageState> {
        let states = self.actors[who].events.iter().filter_map(|event| match event {
            Event::MessageState { message: told, state, .. } if *told == message => Some(state),
            _ => None,
        });
        states.collect()
    }

    pub(crate) fn state(&self, who: Who, message: MessageId) -> &MessageState {
        self.states(who, message).last().unwrap()
    }

    pub(crate) fn has_told(&self, who: Who, wanted: impl Fn(&Event) -> bool) -> bool {
        self.actors[who].events.iter().any(wanted)
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, length: Duration) {
        let until = self.now + length;
        loop {
            self.settle();
            let timeouts = self.actors.iter().filter_map(|actor| actor.client.as_ref()?.poll_timeout());
            match timeouts.min().filter(|next| *next <= until) {
                Some(next) => self.now = next.max(self.now),
                None => break,
            }
            let at = self.at();
            self.actors
                .iter_mut()
                .filter_map(|actor| actor.client.as_mut())
                .for_each(|client| client.handle_timeout(at));
        }
        self.now = until;
    }

    /// Lets everything happen that is ready.
    pub(crate) fn settle(&mut self) {
        for turn in 0.. {
            assert!(turn < 100_000, "the world does not come to rest");
            self.perform_all();
            let Some(happening) = self.happenings.pop_front() else { return };
            self.happen(happening);
        }
    }

    /// Lets a few things happen, and leaves the rest under way.
    pub(crate) fn happen_some(&mut self, count: usize) {
        for _ in 0..count {
            self.perform_all();
            let Some(happening) = self.happenings.pop_front() else { return };
            self.happen(happening);
        }
    }

    fn perform_all(&mut self) {
        for who in 0..self.actors.len() {
            while let Some(output) = self.actors[who].client.as_mut().and_then(Client::poll_output) {
                self.perform(who, output);
            }
        }
    }

    /// Carries out what the server was made to do.
    pub(crate) fn serve(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Write(seat, bytes) => self.transmit(End::Server(seat), bytes),
                Effect::StartTls(seat) => self.shake(End::Server(seat)),
                Effect::Close(seat) => self.close(End::Server(seat)),
            }
        }
        self.settle();
    }

    fn perform(&mut self, who: Who, output: Output) {
        match output {
            Output::Connect { id, .. } if self.server_down => {
                self.happenings.push_back(Happening::Refused(who, id));
            }
            Output::Connect { id, .. } => self.connect(who, id),
            Output::Dial { id, endpoint } => self.dial(who, id, endpoint),
            Output::StartTls { id, handshake } => {
                assert_eq!(matches!(handshake, Handshake::ToServer { .. }), self.is_to_server(who, id));
                self.shake(End::Actor(who, id));
            }
            Output::Write { id, bytes } => self.transmit(End::Actor(who, id), bytes),
            Output::Close { id } => self.close(End::Actor(who, id)),
            Output::Store(request) => match self.actors[who].storage {
                StorageMood::Holds => self.actors[who].held.push(request),
                _ => self.happenings.push_back(Happening::Stored(who, request)),
            },
            Output::Event(event) => self.actors[who].events.push(event),
        }
    }

    /// Storage answers the oldest request that it held back.
    pub(crate) fn release_one(&mut self, who: Who) {
        let request = self.actors[who].held.remove(0);
        self.happenings.push_back(Happening::Stored(who, request));
        self.settle();
    }

    /// Storage answers what it held back.
    pub(crate) fn release_storage(&mut self, who: Who) {
        self.actors[who].storage = StorageMood::Answers;
        let held = std::mem::take(&mut self.actors[who].held);
        self.happenings.extend(held.into_iter().map(|request| Happening::Stored(who, request)));
        self.settle();
    }

    fn is_to_server(&self, who: Who, id: ConnectionId) -> bool {
        let wire = self.by_end.get(&End::Actor(who, id)).map(|wire| &self.wires[wire]);
        wire.is_none_or(|wire| wire.ends.iter().any(|end| matches!(end, End::Server(_))))
    }

    fn connect(&mut self, who: Who, id: ConnectionId) {
        let seat = self.next_wire;
        let address = self.actors[who].address;
        self.server.open(self.at(), seat, address);
        self.lay(End::Actor(who, id), End::Server(seat));
        let (local, remote) = (SocketAddr::new(address, 40000), SocketAddr::from(([10, 0, 0, 200], 5222)));
        self.happenings.push_back(Happening::Connected(who, id, local, remote));
    }

    fn dial(&mut self, who: Who, id: ConnectionId, endpoint: Endpoint) {
        self.dials += 1;
        let (at, from) = (self.at(), SocketAddr::new(self.actors[who].address, 40001));
        let callee =
            self.actors.iter().position(|actor| actor.address == endpoint.address && !actor.unreachable);
        let accepted = callee.and_then(|callee| {
            let client = self.actors[callee].client.as_mut()?;
            Some((callee, client.handle_accepted(at, from)?))
        });
        let Some((callee, accepted)) = accepted else {
            return self.happenings.push_back(Happening::Refused(who, id));
        };
        self.lay(End::Actor(who, id), End::Actor(callee, accepted));
        let remote = SocketAddr::new(endpoint.address, endpoint.port);
        self.happenings.push_back(Happening::Connected(who, id, from, remote));
    }

    fn lay(&mut self, from: End, to: End) {
        self.wires.insert(self.next_wire, Wire { ends: [from, to], shaking: [false; 2] });
        self.by_end.insert(from, self.next_wire);
        self.by_end.insert(to, self.next_wire);
        self.next_wire += 1;
    }

    /// The wire of an end, and which of its two ends it is.
    fn wire_of(&self, end: End) -> Option<(u64, usize)> {
        let id = *self.by_end.get(&end)?;
        Some((id, usize::from(self.wires[&id].ends[1] == end)))
    }

    fn shake(&mut self, end: End) {
        let Some((id, side)) = self.wire_of(end) else { return };
        let wire = self.wires.get_mut(&id).unwrap();
        wire.shaking[side] = true;
        if wire.shaking == [true; 2] {
            self.happenings.push_back(Happening::Secured(id));
        }
    }

    fn transmit(&mut self, end: End, bytes: Vec<u8>) {
        let Some((id, side)) = self.wire_of(end) else { return };
        if self.wires[&id].ends.iter().all(|end| matches!(end, End::Actor(..))) {
            self.between_clients.push_str(&String::from_utf8_lossy(&bytes));
        }
        self.happenings.push_back(Happening::Bytes(id, 1 - side, bytes));
    }

    fn close(&mut self, end: End) {
        let Some((id, side)) = self.wire_of(end) else { return };
        self.by_end.remove(&end);
        self.happenings.push_back(Happening::Closed(id, 1 - side));
    }

    fn happen(&mut self, happening: Happening) {
        let at = self.at();
        match happening {
            Happening::Bytes(id, side, bytes) => self.arrive(id, side, &bytes),
            Happening::Closed(id, side) => self.hang_up(id, side),
            Happening::Secured(id) => self.secure(id),
            Happening::Refused(who, id) => {
                self.with_client(who, |client| client.handle_connect_failed(at, id, "refused"));
            }
            Happening::Connected(who, id, local, remote) => {
                self.with_client(who, |client| client.handle_connected(at, id, local, remote));
            }
            Happening::Stored(who, request) => {
                let answer = self.actors[who].store(&request);
                self.with_client(who, |client| client.handle_stored(at, answer));
            }
        }
    }

    fn with_client(&mut self, who: Who, act: impl FnOnce(&mut Client)) {
        if let Some(client) = self.actors[who].client.as_mut() {
            act(client);
        }
    }

    fn arrive(&mut self, id: u64, side: usize, bytes: &[u8]) {
        let at = self.at();
        let end = self.wires[&id].ends[side];
        if self.by_end.get(&end) != Some(&id) {
            return;
        }
        match end {
            End::Actor(who, connection) => {
                self.with_client(who, |client| client.handle_bytes(at, connection, bytes));
            }
            End::Server(seat) => {
                let effects = self.server.handle_bytes(at, seat, bytes);
                self.serve_later(effects);
            }
        }
    }

    fn hang_up(&mut self, id: u64, side: usize) {
        let at = self.at();
        let end = self.wires[&id].ends[side];
        if self.by_end.get(&end) != Some(&id) {
            return;
        }
        match end {
            End::Actor(who, connection) => {
                self.with_client(who, |client| client.handle_closed(at, connection));
            }
            End::Server(seat) => {
                let effects = self.server.handle_closed(at, seat);
                self.serve_later(effects);
            }
        }
    }

    fn secure(&mut self, id: u64) {
        let at = self.at();
        let ends = self.wires[&id].ends;
        let shown = ends.map(|end| match end {
            End::Actor(who, _) => (self.actors[who].shows, false),
            End::Server(_) => (self.server.certificate, self.server.publicly_valid),
        });
        for (side, end) in ends.into_iter().enumerate() {
            if self.by_end.get(&end) != Some(&id) {
                continue;
            }
            let (fingerprint, publicly_valid) = shown[1 - side];
            let secured = Secured { fingerprint, publicly_valid, exporter: [9; 32] };
            match end {
                End::Actor(who, connection) => {
                    self.with_client(who, |client| client.handle_tls(at, connection, secured));
                }
                End::Server(seat) => {
                    let effects = self.server.handle_tls(at, seat);
                    self.serve_later(effects);
                }
            }
        }
    }

    /// As [`Self::serve`], within a turn of the world.
    fn serve_later(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Write(seat, bytes) => self.transmit(End::Server(seat), bytes),
                Effect::StartTls(seat) => self.shake(End::Server(seat)),
                Effect::Close(seat) => self.close(End::Server(seat)),
            }
        }
    }
}
