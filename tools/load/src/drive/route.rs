//! Messages from the first to the second of each pair: closed loop with a window, or open loop at a rate.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use super::attend::{Actor, attend};
use super::entry::{Partner, Session};
use super::flights::Flights;
use super::pacer::{self, Paced};
use super::work::Work;
use super::worker::Worker;
use crate::audit::Channel;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::{Link, Stanza};

/// See the file's documentation.
pub(super) struct Route {
    worker: Rc<Worker>,
    load: scenario::Route,
    pairs: RefCell<Vec<Rc<Pair>>>,
}

/// Who writes, who reads, and what is under way between them.
struct Pair {
    worker: Rc<Worker>,
    number: usize,
    sender: Rc<Link>,
    reader: Rc<Link>,
    /// What stands before the number of a message, and what stands behind it.
    head: String,
    tail: String,
    body: String,
    flights: RefCell<Flights>,
    channel: RefCell<Channel>,
    /// Places in the window that became free while a batch was read.
    freed: Cell<usize>,
    /// The time between two messages in an open loop; none in a closed one.
    gap: Option<Duration>,
}

/// One of the two.
struct Half {
    pair: Rc<Pair>,
    /// Whether messages come here; at the other one, only those come that are given back.
    reads: bool,
}

impl Route {
    /// Signs all in, in pairs.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::Route) -> Rc<Self> {
        let single: Rc<RefCell<BTreeMap<usize, Session>>> = Rc::default();
        let waiting = Rc::clone(&single);
        worker
            .sign_in_all(Partner::Neighbour, move |session| {
                waiting.borrow_mut().insert(session.number, session);
            })
            .await;
        let route = Rc::new(Self { worker: Rc::clone(worker), load, pairs: RefCell::default() });
        let mut sessions = single.take();
        while let Some((number, sender)) = sessions.pop_first() {
            if number.is_multiple_of(2)
                && let Some(reader) = sessions.remove(&(number + 1))
            {
                route.settle(sender, reader);
            } else {
                worker.flaw("session without its other half", || format!("session {number}"));
            }
        }
        route
    }

    fn settle(&self, sender: Session, reader: Session) {
        let number = sender.number / 2;
        let pairs = (self.worker.scenario.sessions / 2) as f64;
        let body = "x".repeat(self.load.body_bytes);
        let pair = Rc::new(Pair {
            worker: Rc::clone(&self.worker),
            number,
            sender: Rc::clone(&sender.link),
            reader: Rc::clone(&reader.link),
            head: format!("<message to='{}' id='{number}-", reader.jid),
            tail: format!("'><body>{body}</body></message>"),
            body,
            flights: RefCell::default(),
            channel: RefCell::default(),
            freed: Cell::new(0),
            gap: self.load.per_second.map(|rate| Duration::from_secs_f64(pairs / rate)),
        });
        for (session, reads) in [(sender, false), (reader, true)] {
            let (worker, half) = (Rc::clone(&self.worker), Rc::new(Half { pair: Rc::clone(&pair), reads }));
            tokio::task::spawn_local(async move {
                let end = attend(&worker, &session.link, session.rest, &half).await;
                worker.ended(session.number, &end);
            });
        }
        self.pairs.borrow_mut().push(pair);
    }
}

impl Work for Route {
    fn begin(self: Rc<Self>, phase: Phase) {
        match (phase, self.load.per_second) {
            (Phase::WarmUp, Some(per_second)) => {
                let pairs = self.pairs.borrow();
                let members = pairs.iter().map(|pair| (pair.number, pair));
                pacer::in_turns(&self.worker, per_second, members);
            }
            (Phase::WarmUp, None) => {
                let now = self.worker.clock.now();
                self.pairs.borrow().iter().for_each(|pair| pair.send(self.load.window, now, None));
            }
            _ => {}
        }
    }

    fn expire(&self, before: Duration) {
        self.pairs.borrow().iter().for_each(|pair| pair.expire(before));
    }

    fn under_way(&self) -> u64 {
        self.pairs.borrow().iter().map(|pair| pair.channel.borrow().awaited()).sum()
    }

    fn finish(&self) {
        let pairs = self.pairs.borrow();
        for pair in &*pairs {
            let channel = pair.channel.borrow();
            self.worker.audit.borrow_mut().close(&channel, || format!("of pair {}", pair.number));
        }
        self.worker.close(pairs.iter().flat_map(|pair| [&pair.sender, &pair.reader]));
    }
}

impl Pair {
    /// Writes messages, all with one write. In an open loop they were intended for a time of their own.
    fn send(&self, count: usize, intended: Duration, late: Option<Duration>) {
        if count == 0 || !self.worker.is_on() {
            return;
        }
        if !self.sender.is_open() {
            return self.worker.count(Operation::Message, |operation| operation.fail(count, late));
        }
        let mut batch = self.worker.scratch.borrow_mut();
        batch.clear();
        let (mut flights, mut channel) = (self.flights.borrow_mut(), self.channel.borrow_mut());
        for _ in 0..count {
            let number = flights.next();
            // Writing to a vector does not fail.
            let _ = write!(batch, "{}{number}{}", self.head, self.tail);
            flights.begin(intended);
            channel.send();
        }
        drop((flights, channel));
        self.worker.count(Operation::Message, |operation| {
            (0..count).for_each(|_| operation.start(late));
            operation.octets_out += batch.len() as u64;
        });
        self.sender.send(&batch);
    }

    /// The number of one of our messages.
    fn number(&self, stanza: Stanza<'_>) -> Option<u64> {
        let id = str::from_utf8(stanza.attribute(b"id")?.value).ok()?;
        let (pair, number) = id.split_once('-')?;
        (pair.parse() == Ok(self.number)).then_some(())?;
        number.parse().ok()
    }

    fn arrived(&self, stanza: Stanza<'_>, number: u64, now: Duration) {
        let arrival = self.channel.borrow_mut().arrive(number);
        let is_unaltered = stanza.body() == Some(self.body.as_bytes());
        let which = || format!("message {number} of pair {}", self.number);
        self.worker.audit.borrow_mut().arrived(arrival, is_unaltered, which);
        let intended = self.flights.borrow_mut().end(number);
        self.worker.count(Operation::Message, |count| {
            count.octets_in += stanza.bytes().len() as u64;
            if let Some(intended) = intended {
                count.complete(now.saturating_sub(intended));
            }
        });
        self.freed.set(self.freed.get() + usize::from(intended.is_some()));
    }

    /// The server gave a message back.
    fn returned(&self, stanza: Stanza<'_>, number: u64) {
        let was_awaited = self.channel.borrow_mut().give_back(number);
        self.worker.audit.borrow_mut().returned += u64::from(was_awaited);
        if self.flights.borrow_mut().end(number).is_some() {
            self.worker.count(Operation::Message, |count| count.failed += 1);
            self.freed.set(self.freed.get() + 1);
        }
        self.worker.flaw("message given back to its sender", || {
            String::from_utf8_lossy(stanza.bytes()).into_owned()
        });
    }

    fn expire(&self, before: Duration) {
        let expired = self.flights.borrow_mut().expire(before);
        if expired > 0 {
            self.worker.count(Operation::Message, |count| count.timed_out += expired as u64);
            if self.gap.is_none() {
                self.send(expired, self.worker.clock.now(), None);
            }
        }
    }
}

impl Actor for Half {
    fn stanza(&self, stanza: Stanza<'_>, now: Duration) {
        let Some(number) = self.pair.number(stanza) else { return };
        match (stanza.has(b"type", b"error"), self.reads) {
            (true, _) => self.pair.returned(stanza, number),
            (false, true) => self.pair.arrived(stanza, number, now),
            (false, false) => self.pair.worker.flaw("message that came to its own sender", || {
                String::from_utf8_lossy(stanza.bytes()).into_owned()
            }),
        }
    }

    fn settled(self: &Rc<Self>, now: Duration) {
        let freed = self.pair.freed.take();
        if self.pair.gap.is_none() {
            self.pair.send(freed, now, None);
        }
    }
}

impl Paced for Pair {
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration> {
        self.send(1, intended, Some(now - intended));
        self.gap.map(|gap| intended + gap)
    }
}
