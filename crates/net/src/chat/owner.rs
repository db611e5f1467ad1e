//! The task that owns the brain: inputs in, outputs carried out, time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chatdev_client::{Client, Command, ConnectionId, Event, Output, Secured, StoreAnswer, StoreRequest};
use tokio::sync::mpsc;

use super::connection::{ConnectionTask, Origin};
use super::conversation::Work;
use super::notes::{Given, note};
use super::storage::{Storage, carry};
use super::{EVENTS_WAITING_MAX, Tls};
use crate::{Env, Listener, Stop};

/// Inputs that wait for the owner. Each connection has at most one or two among them.
const INPUTS_WAITING_MAX: usize = 256;
/// Pieces of work that a connection has not taken. One more ends it: it takes nothing of what is written.
const WORK_WAITING_MAX: usize = 256;
/// Requests that storage has not taken; further ones wait with the owner.
const STORES_WAITING_MAX: usize = 256;
/// How long no connection is accepted after accepting failed: there may be no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the other tasks tell the owner.
pub(super) enum Input<E: Env> {
    Connected(ConnectionId, SocketAddr, SocketAddr),
    ConnectFailed(ConnectionId, String),
    Accepted(E::Connection, SocketAddr),
    Secured(ConnectionId, Secured),
    Bytes(ConnectionId, Vec<u8>),
    /// With an error, if it ended before it was secured.
    Ended(ConnectionId, Option<String>),
    Stored(StoreAnswer),
}

/// A connection, as the owner holds it. Dropping it lets go of the connection.
struct Wire {
    work: mpsc::Sender<Work>,
    /// Written in this turn, and not handed over yet.
    octets: Vec<u8>,
}

/// What the owner does next.
enum Turn<'a, E: Env> {
    /// The program takes an event.
    Tell(Result<mpsc::Permit<'a, Event>, mpsc::error::SendError<()>>),
    /// Storage takes a request.
    Store(Result<mpsc::Permit<'a, StoreRequest>, mpsc::error::SendError<()>>),
    /// A command; `None`: no more will come.
    Command(Option<Command>),
    Input(Option<Input<E>>),
    Timeout,
}

/// The brain and all its ends.
pub(super) struct Owner<E: Env> {
    env: E,
    client: Client,
    tls: Arc<Tls>,
    commands: mpsc::Receiver<Command>,
    inputs: mpsc::Receiver<Input<E>>,
    to_owner: mpsc::Sender<Input<E>>,
    wires: BTreeMap<ConnectionId, Wire>,
    /// Connections that wait to be told to read on.
    unread: BTreeSet<ConnectionId>,
    /// Connections whose handshake is under way.
    securing: BTreeSet<ConnectionId>,
    untold: VecDeque<Event>,
    unstored: VecDeque<StoreRequest>,
    /// Requests that storage has and has not answered.
    storing: usize,
    given: Option<Given>,
    /// No more commands: the program is gone, or the process is being stopped.
    quitting: bool,
    ended: bool,
    /// Tells the task at the port for peers to end.
    deaf: Stop,
}

impl<E: Env> Owner<E> {
    pub(super) fn new(env: E, client: Client, tls: Arc<Tls>, commands: mpsc::Receiver<Command>) -> Self {
        let (to_owner, inputs) = mpsc::channel(INPUTS_WAITING_MAX);
        Self {
            env,
            client,
            tls,
            commands,
            inputs,
            to_owner,
            wires: BTreeMap::new(),
            unread: BTreeSet::new(),
            securing: BTreeSet::new(),
            untold: VecDeque::new(),
            unstored: VecDeque::new(),
            storing: 0,
            given: None,
            quitting: false,
            ended: false,
            deaf: Stop::new(),
        }
    }

    /// Starts the tasks.
    pub(super) fn start<S: Storage>(
        self,
        listener: Option<E::Listener>,
        storage: S,
        events: mpsc::Sender<Event>,
    ) {
        let env = self.env.clone();
        if let Some(listener) = listener {
            let hearing = hear(env.clone(), listener, self.to_owner.clone(), self.deaf.clone());
            env.spawn("client listener", hearing);
        }
        let (stores, requests) = mpsc::channel(STORES_WAITING_MAX);
        env.spawn("client storage", carry(env.clone(), storage, requests, self.to_owner.clone()));
        env.spawn("client", self.run(events, stores));
    }

    async fn run(mut self, events: mpsc::Sender<Event>, stores: mpsc::Sender<StoreRequest>) {
        let env = self.env.clone();
        self.perform();
        // The program may exit when the events end: what was to be stored is durable by then.
        while !(self.ended && self.untold.is_empty() && self.unstored.is_empty() && self.storing == 0) {
            let due = self.client.poll_timeout();
            let turn = tokio::select! {
                biased;
                () = env.stop().triggered(), if !self.quitting => Turn::Command(None),
                permit = events.reserve(), if !self.untold.is_empty() => Turn::Tell(permit),
                permit = stores.reserve(), if !self.unstored.is_empty() => Turn::Store(permit),
                command = self.commands.recv(), if !self.quitting => Turn::Command(command),
                input = self.inputs.recv(), if self.untold.len() < EVENTS_WAITING_MAX => Turn::Input(input),
                () = env.sleep_until(due.unwrap_or(Duration::MAX)), if due.is_some() => Turn::Timeout,
            };
            match turn {
                Turn::Tell(Ok(permit)) => {
                    if let Some(event) = self.untold.pop_front() {
                        permit.send(event);
                    }
                }
                // The program is gone; nobody wants to know.
                Turn::Tell(Err(_)) => self.untold.clear(),
                Turn::Store(permit) => {
                    if let (Ok(permit), Some(request)) = (permit, self.unstored.pop_front()) {
                        self.storing += 1;
                        permit.send(request);
                    }
                }
                Turn::Command(Some(command)) => self.handle_command(command),
                Turn::Command(None) => self.quit(),
                Turn::Input(input) => {
                    env.chaos("client input").await;
                    self.handle_input(input.expect("the owner holds a sender of its own"));
                }
                Turn::Timeout => {
                    env.chaos("client timeout").await;
                    self.client.handle_timeout(env.moment());
                }
            }
            self.perform();
        }
        self.deaf.trigger();
    }

    fn quit(&mut self) {
        self.quitting = true;
        self.client.handle_command(self.env.moment(), Command::Quit);
    }

    fn handle_command(&mut self, command: Command) {
        if let Command::Send { to, body, .. } = &command {
            self.given = Some(Given { to: to.to_bare(), text: body.clone() });
        }
        self.client.handle_command(self.env.moment(), command);
    }

    fn handle_input(&mut self, input: Input<E>) {
        let at = self.env.moment();
        match input {
            Input::Connected(id, local, remote) => {
                self.unread.insert(id);
                self.client.handle_connected(at, id, local, remote);
            }
            Input::ConnectFailed(id, error) => self.client.handle_connect_failed(at, id, &error),
            Input::Accepted(connection, remote) => {
                if let Some(id) = self.client.handle_accepted(at, remote) {
                    self.open(id, Origin::Accepted(connection));
                }
            }
            Input::Secured(id, secured) => {
                self.securing.remove(&id);
                self.unread.insert(id);
                self.client.handle_tls(at, id, secured);
            }
            Input::Bytes(id, octets) => {
                self.unread.insert(id);
                self.client.handle_bytes(at, id, &octets);
            }
            Input::Ended(id, error) => {
                if let Some(error) = error {
                    tracing::debug!(connection = id.0, %error, "a handshake failed");
                }
                self.client.handle_closed(at, id);
            }
            Input::Stored(answer) => {
                self.storing = self.storing.saturating_sub(1);
                self.client.handle_stored(at, answer);
            }
        }
    }

    /// Carries out what the brain wants done. What is written to one connection in one turn goes out as one piece.
    fn perform(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Connect { id, target } => self.open(id, Origin::Server(target)),
                Output::Dial { id, endpoint } => self.open(id, Origin::Peer(endpoint.into())),
                Output::Write { id, bytes } => {
                    if let Some(wire) = self.wires.get_mut(&id) {
                        wire.octets.extend(bytes);
                    }
                }
                Output::StartTls { id, handshake } => {
                    self.hand_over(id);
                    self.securing.insert(id);
                    self.give(id, Work::StartTls(handshake));
                }
                Output::Close { id } => {
                    self.hand_over(id);
                    self.let_go(id);
                }
                Output::Store(request) => self.unstored.push_back(request),
                Output::Event(event) => self.tell(event),
            }
        }
        for id in self.wires.keys().copied().collect::<Vec<_>>() {
            self.hand_over(id);
        }
        self.read_on();
    }

    /// Lets connections read whose last piece is dealt with and whose next one is wanted.
    fn read_on(&mut self) {
        let (client, securing) = (&self.client, &self.securing);
        let wanted = |id: &ConnectionId| !securing.contains(id) && client.is_reading(*id);
        for id in self.unread.iter().copied().filter(wanted).collect::<Vec<_>>() {
            self.unread.remove(&id);
            self.give(id, Work::Read);
        }
    }

    fn tell(&mut self, event: Event) {
        note(&self.env, &event, &mut self.given);
        self.ended |= event == Event::Ended;
        self.untold.push_back(event);
    }

    fn open(&mut self, id: ConnectionId, origin: Origin<E::Connection>) {
        let (sender, work) = mpsc::channel(WORK_WAITING_MAX);
        self.wires.insert(id, Wire { work: sender, octets: Vec::new() });
        let (env, tls, inputs) = (self.env.clone(), Arc::clone(&self.tls), self.to_owner.clone());
        let task = ConnectionTask { env, id, tls, work, inputs };
        self.env.spawn("client connection", task.run(origin));
    }

    /// Hands over what was written in this turn.
    fn hand_over(&mut self, id: ConnectionId) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let octets = std::mem::take(&mut wire.octets);
        if !octets.is_empty() {
            self.give(id, Work::Write(octets));
        }
    }

    /// Gives a connection work. One that takes none any more is over.
    fn give(&mut self, id: ConnectionId, work: Work) {
        if self.wires.get(&id).is_some_and(|wire| wire.work.try_send(work).is_err()) {
            self.let_go(id);
            self.client.handle_closed(self.env.moment(), id);
        }
    }

    fn let_go(&mut self, id: ConnectionId) {
        self.wires.remove(&id);
        self.unread.remove(&id);
        self.securing.remove(&id);
    }
}

/// Hears the port for peers until the client is over.
async fn hear<E: Env>(env: E, mut listener: E::Listener, inputs: mpsc::Sender<Input<E>>, deaf: Stop) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = deaf.triggered() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((connection, remote)) => {
                if inputs.send(Input::Accepted(connection, remote)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a peer's connection could not be accepted");
                env.sleep_until(env.now() + ACCEPT_PAUSE).await;
            }
        }
    }
}
