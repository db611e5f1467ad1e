//! Pings to the server (XEP-0199): closed loop with a window, or open loop at a rate.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use super::attend::{Actor, attend};
use super::entry::{Partner, Session};
use super::flights::Flights;
use super::pacer::{self, Paced};
use super::work::Work;
use super::worker::Worker;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::{Link, Stanza};

/// See the file's documentation.
pub(super) struct Ping {
    worker: Rc<Worker>,
    load: scenario::Ping,
    pingers: RefCell<Vec<Rc<Pinger>>>,
}

/// One session, and what it asked.
struct Pinger {
    worker: Rc<Worker>,
    number: usize,
    link: Rc<Link>,
    /// What stands behind the number of a ping.
    tail: String,
    flights: RefCell<Flights>,
    freed: Cell<usize>,
    gap: Option<Duration>,
}

impl Ping {
    /// Signs all in.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::Ping) -> Rc<Self> {
        let ping = Rc::new(Self { worker: Rc::clone(worker), load, pingers: RefCell::default() });
        let settled = Rc::clone(&ping);
        worker.sign_in_all(Partner::Oneself, move |session| settled.settle(session)).await;
        ping
    }

    fn settle(&self, session: Session) {
        let Session { number, link, rest, .. } = session;
        let sessions = self.worker.scenario.sessions as f64;
        let pinger = Rc::new(Pinger {
            worker: Rc::clone(&self.worker),
            number,
            link: Rc::clone(&link),
            tail: format!("' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>", self.worker.target.domain),
            flights: RefCell::default(),
            freed: Cell::new(0),
            gap: self.load.per_second.map(|rate| Duration::from_secs_f64(sessions / rate)),
        });
        self.pingers.borrow_mut().push(Rc::clone(&pinger));
        let worker = Rc::clone(&self.worker);
        tokio::task::spawn_local(async move {
            let end = attend(&worker, &link, rest, &pinger).await;
            worker.ended(number, &end);
        });
    }
}

impl Work for Ping {
    fn begin(self: Rc<Self>, phase: Phase) {
        match (phase, self.load.per_second) {
            (Phase::WarmUp, Some(per_second)) => {
                let pingers = self.pingers.borrow();
                let members = pingers.iter().map(|pinger| (pinger.number, pinger));
                pacer::in_turns(&self.worker, per_second, members);
            }
            (Phase::WarmUp, None) => {
                let now = self.worker.clock.now();
                self.pingers.borrow().iter().for_each(|pinger| pinger.send(self.load.window, now, None));
            }
            _ => {}
        }
    }

    fn expire(&self, before: Duration) {
        for pinger in &*self.pingers.borrow() {
            let expired = pinger.flights.borrow_mut().expire(before);
            if expired > 0 {
                self.worker.count(Operation::Ping, |count| count.timed_out += expired as u64);
                if pinger.gap.is_none() {
                    pinger.send(expired, self.worker.clock.now(), None);
                }
            }
        }
    }

    fn under_way(&self) -> u64 {
        self.pingers.borrow().iter().map(|pinger| pinger.flights.borrow().open() as u64).sum()
    }

    fn finish(&self) {
        self.worker.close(self.pingers.borrow().iter().map(|pinger| &pinger.link));
    }
}

impl Pinger {
    fn send(&self, count: usize, intended: Duration, late: Option<Duration>) {
        if count == 0 || !self.worker.is_on() {
            return;
        }
        if !self.link.is_open() {
            return self.worker.count(Operation::Ping, |operation| operation.fail(count, late));
        }
        let mut batch = self.worker.scratch.borrow_mut();
        batch.clear();
        let mut flights = self.flights.borrow_mut();
        for _ in 0..count {
            // Writing to a vector does not fail.
            let _ = write!(batch, "<iq type='get' id='p{}{}", flights.next(), self.tail);
            flights.begin(intended);
        }
        drop(flights);
        self.worker.count(Operation::Ping, |operation| {
            (0..count).for_each(|_| operation.start(late));
            operation.octets_out += batch.len() as u64;
        });
        self.link.send(&batch);
    }
}

impl Actor for Pinger {
    fn stanza(&self, stanza: Stanza<'_>, now: Duration) {
        let id = stanza.attribute(b"id").and_then(|id| str::from_utf8(id.value).ok());
        let Some(number) = id.and_then(|id| id.strip_prefix('p')?.parse().ok()) else { return };
        let Some(intended) = self.flights.borrow_mut().end(number) else { return };
        self.freed.set(self.freed.get() + 1);
        let is_error = stanza.has(b"type", b"error");
        self.worker.count(Operation::Ping, |count| {
            count.octets_in += stanza.bytes().len() as u64;
            if is_error { count.failed += 1 } else { count.complete(now.saturating_sub(intended)) }
        });
        if is_error {
            self.worker.flaw("ping refused", || String::from_utf8_lossy(stanza.bytes()).into_owned());
        }
    }

    fn settled(self: &Rc<Self>, now: Duration) {
        let freed = self.freed.take();
        if self.gap.is_none() {
            self.send(freed, now, None);
        }
    }
}

impl Paced for Pinger {
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration> {
        self.send(1, intended, Some(now - intended));
        self.gap.map(|gap| intended + gap)
    }
}
