//! `ChatDev` sessions that check in with the directory (PROTOCOL section 2) at their interval, in an open loop.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use super::attend::{Actor, attend};
use super::entry::{Partner, Session};
use super::flights::Flights;
use super::pacer::{self, Paced};
use super::work::Work;
use super::worker::Worker;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::{Link, Stanza};

/// The longest version that is kept, in octets (PROTOCOL section 2).
const VERSION_BYTES_MAX: usize = 128;

/// See the file's documentation.
pub(super) struct CheckIns {
    worker: Rc<Worker>,
    load: scenario::CheckIn,
    members: RefCell<Vec<Rc<Member>>>,
}

/// A session, and what it knows of the directory: where its list ends.
struct Member {
    worker: Rc<Worker>,
    number: usize,
    link: Rc<Link>,
    version: RefCell<Box<[u8]>>,
    flights: RefCell<Flights>,
    interval: Duration,
    changed_percent: f64,
    rng: RefCell<ChaCha20Rng>,
    /// The answer said that there is more: it is asked for at once.
    more: Cell<bool>,
}

impl CheckIns {
    /// Signs all in.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::CheckIn) -> Rc<Self> {
        let check_ins = Rc::new(Self { worker: Rc::clone(worker), load, members: RefCell::default() });
        let settled = Rc::clone(&check_ins);
        worker.sign_in_all(Partner::Oneself, move |session| settled.settle(session)).await;
        check_ins
    }

    fn settle(&self, session: Session) {
        let Session { number, link, rest, .. } = session;
        let member = Rc::new(Member {
            worker: Rc::clone(&self.worker),
            number,
            link: Rc::clone(&link),
            version: RefCell::default(),
            flights: RefCell::default(),
            interval: Duration::from_secs_f64(self.load.interval_seconds),
            changed_percent: self.load.changed_percent,
            rng: RefCell::new(self.worker.rng()),
            more: Cell::new(false),
        });
        self.members.borrow_mut().push(Rc::clone(&member));
        let worker = Rc::clone(&self.worker);
        tokio::task::spawn_local(async move {
            let end = attend(&worker, &link, rest, &member).await;
            worker.ended(number, &end);
        });
    }
}

impl Work for CheckIns {
    /// All come into the directory in the first interval, spread over it.
    fn begin(self: Rc<Self>, phase: Phase) {
        if phase != Phase::WarmUp {
            return;
        }
        let (now, sessions) = (self.worker.clock.now(), self.worker.scenario.sessions as f64);
        let members = self.members.borrow();
        let first = |member: &Rc<Member>| now + member.interval.mul_f64(member.number as f64 / sessions);
        pacer::begin(&self.worker, members.iter().map(|member| (first(member), Rc::clone(member))));
    }

    fn expire(&self, before: Duration) {
        for member in &*self.members.borrow() {
            let expired = member.flights.borrow_mut().expire(before);
            if expired > 0 {
                self.worker.count(Operation::CheckIn, |count| count.timed_out += expired as u64);
            }
        }
    }

    fn under_way(&self) -> u64 {
        self.members.borrow().iter().map(|member| member.flights.borrow().open() as u64).sum()
    }

    fn finish(&self) {
        self.worker.close(self.members.borrow().iter().map(|member| &member.link));
    }
}

impl Member {
    fn send(&self, intended: Duration, late: Option<Duration>) {
        if !self.link.is_open() {
            return self.worker.count(Operation::CheckIn, |operation| operation.fail(1, late));
        }
        let mut batch = self.worker.scratch.borrow_mut();
        batch.clear();
        let mut flights = self.flights.borrow_mut();
        let (number, domain, version) = (flights.next(), &self.worker.target.domain, self.version.borrow());
        // Writing to a vector does not fail.
        let _ = write!(
            batch,
            "<iq type='set' id='c{number}' to='{domain}'><check-in xmlns='urn:chatdev:directory:1'"
        );
        if !version.is_empty() {
            let _ = write!(batch, " since='{}'", String::from_utf8_lossy(&version));
        }
        if self.tells_something(number) {
            let nick = self.number;
            let _ = write!(
                batch,
                "><profile nick='Load {nick}' show='chat'><status>Check-in {number}</status></profile></check-in></iq>"
            );
        } else {
            let _ = write!(batch, "/></iq>");
        }
        flights.begin(intended);
        self.worker.count(Operation::CheckIn, |count| {
            count.start(late);
            count.octets_out += batch.len() as u64;
        });
        self.link.send(&batch);
    }

    /// The first time, and as often as the load says.
    fn tells_something(&self, number: u64) -> bool {
        let drawn = f64::from(self.rng.borrow_mut().next_u32()) / f64::from(u32::MAX) * 100.0;
        number == 0 || drawn < self.changed_percent
    }

    fn answered(&self, stanza: Stanza<'_>, intended: Duration, now: Duration) {
        let is_error = stanza.has(b"type", b"error");
        self.worker.count(Operation::CheckIn, |count| {
            count.octets_in += stanza.bytes().len() as u64;
            if is_error { count.failed += 1 } else { count.complete(now.saturating_sub(intended)) }
        });
        if is_error {
            let name = "check-in refused; does the server have a directory?";
            return self.worker.flaw(name, || String::from_utf8_lossy(stanza.bytes()).into_owned());
        }
        if let Some(version) = stanza.inner_attribute(b"online", b"version")
            && version.value.len() <= VERSION_BYTES_MAX
        {
            *self.version.borrow_mut() = version.value.into();
        }
        self.more.set(stanza.inner_attribute(b"online", b"more").is_some_and(|more| more.value == b"true"));
    }
}

impl Actor for Member {
    fn stanza(&self, stanza: Stanza<'_>, now: Duration) {
        let id = stanza.attribute(b"id").and_then(|id| str::from_utf8(id.value).ok());
        let Some(number) = id.and_then(|id| id.strip_prefix('c')?.parse().ok()) else { return };
        let ended = self.flights.borrow_mut().end(number);
        if let Some(intended) = ended {
            self.answered(stanza, intended, now);
        }
    }

    fn settled(self: &Rc<Self>, now: Duration) {
        if self.more.take() && self.worker.is_on() {
            self.send(now, None);
        }
    }
}

impl Paced for Member {
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration> {
        self.send(intended, Some(now - intended));
        Some(intended + self.interval)
    }
}
