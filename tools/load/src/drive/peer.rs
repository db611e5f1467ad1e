//! Direct streams between generated clients (PROTOCOL section 3): TLS 1.3 with both certificates, an XML stream, messages
//! and their acknowledgements. Both ends are here; the server has no part in it.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use chatdev_net::tls::{Acceptor, Connector, Identity};
use chatdev_stream::peer::{self, Event};
use chatdev_stream::{Closed, Peer};
use chatdev_xml::Element;
use jid::FullJid;
use tokio::net::{TcpListener, TcpStream};

use super::entry::for_each;
use super::flights::Flights;
use super::work::Work;
use super::worker::Worker;
use crate::audit::Channel;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::Socket;

/// See the file's documentation.
pub(super) struct Peers {
    worker: Rc<Worker>,
    load: scenario::Peer,
    pairs: RefCell<Vec<Rc<Pair>>>,
    connector: Connector,
    acceptor: Acceptor,
}

/// Who dials and who answers.
struct Pair {
    number: usize,
    dialler: FullJid,
    answerer: FullJid,
    listener: TcpListener,
    address: SocketAddr,
    body: String,
    flights: RefCell<Flights>,
    channel: RefCell<Channel>,
}

impl Peers {
    /// Makes the clients. Their certificates are shared: making one is not what is measured.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::Peer) -> Rc<dyn Work> {
        match Self::make(worker, load).await {
            Ok(peers) => peers,
            Err(error) => {
                worker.fail(error);
                Rc::new(Nothing)
            }
        }
    }

    async fn make(worker: &Rc<Worker>, load: scenario::Peer) -> anyhow::Result<Rc<Self>> {
        let (connector, acceptor) = (Connector::to_peer(&identity()?), Acceptor::for_peers(&identity()?));
        let mut pairs = Vec::new();
        for number in worker.numbers().into_iter().filter(|number| number.is_multiple_of(2)) {
            let ip = worker.target.sources.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
            let listener = TcpListener::bind((ip, 0)).await.context("cannot listen for direct streams")?;
            pairs.push(Rc::new(Pair {
                number: number / 2,
                dialler: worker.made_up_jid(number),
                answerer: worker.made_up_jid(number + 1),
                address: listener.local_addr()?,
                listener,
                body: "x".repeat(load.body_bytes),
                flights: RefCell::default(),
                channel: RefCell::default(),
            }));
        }
        let pairs = RefCell::new(pairs);
        Ok(Rc::new(Self { worker: Rc::clone(worker), load, pairs, connector, acceptor }))
    }

    /// One pair's streams, one after the other.
    async fn talk(self: Rc<Self>, pair: Rc<Pair>) {
        while self.worker.is_on() {
            let began = self.worker.clock.now();
            self.worker.count(Operation::PeerConnect, |count| count.start(None));
            let dialled = async {
                let tcp = TcpStream::connect(pair.address).await?;
                tcp.set_nodelay(true)?;
                let (socket, _) = Socket::clear(tcp).seal(&self.connector).await?;
                Ok(socket)
            };
            let answered = async {
                let (tcp, _) = pair.listener.accept().await?;
                tcp.set_nodelay(true)?;
                Socket::clear(tcp).answer(&self.acceptor).await
            };
            let both: std::io::Result<_> = tokio::try_join!(dialled, answered);
            let (dialled, answered) = match both {
                Ok(both) => both,
                Err(error) => {
                    self.worker.count(Operation::PeerConnect, |count| count.failed += 1);
                    return self.worker.flaw("direct stream: no connection", || error.to_string());
                }
            };
            let (ours, theirs) = (Side::dialling(&self, &pair, began), Side::answering(&self, &pair));
            tokio::join!(ours.run(dialled), theirs.run(answered));
        }
    }
}

/// A key and a certificate, as a device makes them for itself.
fn identity() -> anyhow::Result<Identity> {
    let key = rcgen::KeyPair::generate()?;
    let certificate = rcgen::CertificateParams::new(Vec::new())?.self_signed(&key)?;
    Ok(Identity::from_der(certificate.der(), &key.serialize_der())?)
}

impl Work for Peers {
    fn begin(self: Rc<Self>, phase: Phase) {
        if phase == Phase::WarmUp {
            let pairs = self.pairs.borrow().clone();
            let all = pairs.len();
            tokio::task::spawn_local(async move {
                for_each((0..all).collect(), all, |index| Rc::clone(&self).talk(Rc::clone(&pairs[index])))
                    .await;
            });
        }
    }

    fn expire(&self, before: Duration) {
        for pair in &*self.pairs.borrow() {
            let expired = pair.flights.borrow_mut().expire(before);
            if expired > 0 {
                self.worker.count(Operation::PeerMessage, |count| count.timed_out += expired as u64);
            }
        }
    }

    fn under_way(&self) -> u64 {
        self.pairs.borrow().iter().map(|pair| pair.flights.borrow().open() as u64).sum()
    }

    fn finish(&self) {
        if self.load.window == 0 {
            return;
        }
        for pair in &*self.pairs.borrow() {
            let channel = pair.channel.borrow();
            self.worker.audit.borrow_mut().close(&channel, || format!("of pair {}", pair.number));
        }
    }
}

/// No load: it could not be made.
struct Nothing;

impl Work for Nothing {
    fn begin(self: Rc<Self>, _: Phase) {}

    fn expire(&self, _: Duration) {}

    fn under_way(&self) -> u64 {
        0
    }

    fn finish(&self) {}
}

/// One end of a stream.
struct Side<'a> {
    peers: &'a Peers,
    pair: &'a Pair,
    stream: Peer,
    /// When the dialling end began; the other only answers.
    began: Option<Duration>,
    /// Messages on this stream.
    sent: u64,
    /// The number of the oldest of them that is not acknowledged.
    unacknowledged: u64,
}

impl<'a> Side<'a> {
    fn dialling(peers: &'a Peers, pair: &'a Pair, began: Duration) -> Self {
        let config = peer::Config::new(pair.dialler.clone());
        let stream = Peer::dial(config, pair.answerer.clone(), peers.worker.rng(), began);
        let unacknowledged = pair.flights.borrow().next();
        Self { peers, pair, stream, began: Some(began), sent: 0, unacknowledged }
    }

    fn answering(peers: &'a Peers, pair: &'a Pair) -> Self {
        let config = peer::Config::new(pair.answerer.clone());
        let stream = Peer::answer(config, peers.worker.rng(), peers.worker.clock.now());
        Self { peers, pair, stream, began: None, sent: 0, unacknowledged: 0 }
    }

    /// Until the stream is over. The connection goes with it.
    async fn run(mut self, socket: Socket) {
        let worker = &self.peers.worker;
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let output = std::mem::take(self.stream.output());
            if !output.is_empty() && socket.write_all(&output).await.is_err() || self.stream.is_over() {
                return;
            }
            let length = tokio::select! {
                biased;
                read = socket.read(&mut buffer) => read.unwrap_or(0),
                () = worker.sleep_until(self.stream.poll_timeout()) => {
                    self.stream.handle_timeout(worker.clock.now());
                    self.handle_events();
                    continue;
                }
            };
            if length == 0 {
                self.stream.handle_eof();
            }
            let mut rest = &buffer[..length];
            loop {
                self.handle_events();
                if rest.is_empty() {
                    break;
                }
                self.stream.handle_bytes(worker.clock.now(), &mut rest);
            }
            if self.began.is_some() && self.is_enough() {
                self.stream.close(worker.clock.now(), None);
            }
        }
    }

    /// Whether the stream has done what it was opened for.
    fn is_enough(&self) -> bool {
        let load = &self.peers.load;
        let full = load.messages_per_stream > 0 && self.sent >= load.messages_per_stream;
        let done = full || load.window == 0 || !self.peers.worker.is_on();
        self.stream.is_ready() && done && self.stream.unacknowledged() == 0
    }

    fn handle_events(&mut self) {
        while let Some(event) = self.stream.poll_event() {
            let (worker, now) = (&self.peers.worker, self.peers.worker.clock.now());
            match event {
                // Whose certificate that is, the directory would say; here both are ours.
                Event::Opened { .. } => self.stream.accept(now),
                Event::Ready => {
                    if let Some(began) = self.began {
                        worker
                            .count(Operation::PeerConnect, |count| count.complete(now.saturating_sub(began)));
                        self.send(self.peers.load.window, now);
                    }
                }
                Event::Element(message) => {
                    self.arrived(&message);
                    self.stream.acknowledge(now, 1);
                }
                Event::Acked { count } => self.acked(count, now),
                Event::Closed(closed) => self.closed(&closed),
            }
        }
    }

    fn send(&mut self, count: usize, now: Duration) {
        let load = &self.peers.load;
        for _ in 0..count {
            if !self.peers.worker.is_on()
                || load.messages_per_stream > 0 && self.sent == load.messages_per_stream
            {
                return;
            }
            let number = self.pair.flights.borrow().next();
            let text = format!(
                "<message xmlns='jabber:client' id='{number}'><body>{}</body></message>",
                self.pair.body
            );
            let message = Element::parse(&text).expect("digits and letters in two elements");
            if self.stream.send_message(now, &message).is_err() {
                return;
            }
            self.pair.flights.borrow_mut().begin(now);
            self.pair.channel.borrow_mut().send();
            self.sent += 1;
            self.peers.worker.count(Operation::PeerMessage, |count| {
                count.start(None);
                count.octets_out += text.len() as u64;
            });
        }
    }

    fn arrived(&self, message: &Element) {
        let number = message.attribute("id").and_then(|id| id.parse().ok());
        let Some(number) = number else { return };
        let arrival = self.pair.channel.borrow_mut().arrive(number);
        let body = message.root().child(chatdev_xml::NS_CLIENT, "body");
        let is_unaltered = body.is_some_and(|body| body.text() == self.pair.body.as_str());
        let which = || format!("message {number} of pair {}", self.pair.number);
        self.peers.worker.audit.borrow_mut().arrived(arrival, is_unaltered, which);
    }

    fn acked(&mut self, count: u32, now: Duration) {
        for _ in 0..count {
            let ended = self.pair.flights.borrow_mut().end(self.unacknowledged);
            self.unacknowledged += 1;
            if let Some(intended) = ended {
                self.peers.worker.count(Operation::PeerMessage, |count| {
                    count.complete(now.saturating_sub(intended));
                });
            }
        }
        self.send(count as usize, now);
    }

    fn closed(&self, closed: &Closed) {
        if !matches!(closed, Closed::Orderly { .. }) {
            // Both sides hear of it; it counts once.
            if self.began.is_some() {
                self.peers.worker.count(Operation::PeerConnect, |count| count.failed += 1);
            }
            self.peers.worker.flaw("direct stream: broken", || format!("{closed:?}"));
        }
    }
}
