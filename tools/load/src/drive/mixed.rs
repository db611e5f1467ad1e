//! A working day, compressed: people who write to each other, change their presence, ping, leave and come back, each at
//! random times of their own. Those of one thread write to each other.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
use crate::audit::Channel;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::{Link, Stanza};

/// See the file's documentation.
pub(super) struct Mixed {
    worker: Rc<Worker>,
    load: scenario::Mixed,
    body: String,
    people: RefCell<Vec<Rc<Person>>>,
    /// From whom to whom, by their numbers.
    ways: RefCell<BTreeMap<(usize, usize), Way>>,
}

/// The messages from one person to another.
#[derive(Default)]
struct Way {
    flights: Flights,
    channel: Channel,
}

struct Person {
    mixed: Rc<Mixed>,
    number: usize,
    jid: RefCell<String>,
    link: RefCell<Option<Rc<Link>>>,
    /// When it last came back.
    came: Cell<Duration>,
    leaves: Cell<bool>,
    pings: RefCell<Flights>,
}

/// What a person does again and again.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Write,
    ChangePresence,
    Ping,
    Leave,
}

struct Habit {
    person: Rc<Person>,
    deed: Deed,
    /// The mean time between two.
    gap: Duration,
    rng: RefCell<ChaCha20Rng>,
}

impl Mixed {
    /// Signs all in.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::Mixed) -> Rc<Self> {
        let body = "x".repeat(load.body_bytes);
        let (people, ways) = Default::default();
        let mixed = Rc::new(Self { worker: Rc::clone(worker), load, body, people, ways });
        let settled = Rc::clone(&mixed);
        let settle = move |session: Session| {
            let person = Rc::new(Person {
                mixed: Rc::clone(&settled),
                number: session.number,
                jid: RefCell::default(),
                link: RefCell::default(),
                came: Cell::default(),
                leaves: Cell::new(false),
                pings: RefCell::default(),
            });
            settled.people.borrow_mut().push(Rc::clone(&person));
            tokio::task::spawn_local(person.live(session));
        };
        worker.sign_in_all(Partner::Oneself, settle).await;
        mixed
    }

    /// Somebody else than that person, with that chance.
    fn somebody_else(&self, than: usize, chance: u32) -> Option<Rc<Person>> {
        let people = self.people.borrow();
        let others = people.len().checked_sub(1).filter(|&others| others > 0)?;
        let index = chance as usize % others;
        let found = &people[index];
        Some(Rc::clone(if found.number == than { people.last()? } else { found }))
    }

    /// Whether somebody was away at some time since a message to them was to be sent: then its sender should hear of it.
    fn was_away(&self, number: usize, since: Option<Duration>) -> bool {
        let people = self.people.borrow();
        let reader = people.iter().find(|person| person.number == number);
        reader.is_none_or(|reader| {
            reader.link.borrow().is_none() || since.is_none_or(|since| reader.came.get() >= since)
        })
    }

    fn habits(&self) -> Vec<(Duration, Rc<Habit>)> {
        let (load, now) = (&self.load, self.worker.clock.now());
        let deeds = [
            (Deed::Write, load.messages_per_hour),
            (Deed::ChangePresence, load.presences_per_hour),
            (Deed::Ping, load.pings_per_hour),
            (Deed::Leave, load.sign_ins_per_hour),
        ];
        let mut habits = Vec::new();
        for person in &*self.people.borrow() {
            for (deed, per_hour) in deeds.iter().filter(|(_, per_hour)| *per_hour > 0.0) {
                let gap = Duration::from_secs_f64(3600.0 / (per_hour * load.faster));
                let rng = RefCell::new(self.worker.rng());
                let habit = Rc::new(Habit { person: Rc::clone(person), deed: *deed, gap, rng });
                habits.push((now + habit.wait(), habit));
            }
        }
        habits
    }
}

impl Work for Mixed {
    fn begin(self: Rc<Self>, phase: Phase) {
        if phase == Phase::WarmUp {
            pacer::begin(&self.worker, self.habits());
        }
    }

    fn expire(&self, before: Duration) {
        let late = |flights: &mut Flights, operation| {
            let expired = flights.expire(before);
            if expired > 0 {
                self.worker.count(operation, |count| count.timed_out += expired as u64);
            }
        };
        self.ways.borrow_mut().values_mut().for_each(|way| late(&mut way.flights, Operation::Message));
        self.people.borrow().iter().for_each(|person| late(&mut person.pings.borrow_mut(), Operation::Ping));
    }

    fn under_way(&self) -> u64 {
        let messages: u64 = self.ways.borrow().values().map(|way| way.channel.awaited()).sum();
        let pings: usize = self.people.borrow().iter().map(|person| person.pings.borrow().open()).sum();
        messages + pings as u64
    }

    fn finish(&self) {
        for ((from, to), way) in &*self.ways.borrow() {
            self.worker.audit.borrow_mut().close(&way.channel, || format!("from {from} to {to}"));
        }
        let people = self.people.borrow();
        let links: Vec<Rc<Link>> = people.iter().filter_map(|person| person.link.borrow().clone()).collect();
        self.worker.close(links.iter());
    }
}

impl Person {
    /// In a session, out of it, in again.
    async fn live(self: Rc<Self>, mut session: Session) {
        let worker = Rc::clone(&self.mixed.worker);
        loop {
            // What was kept for us comes now, if the server keeps anything.
            session.link.send(b"<presence/>");
            let Session { link, rest, jid, .. } = session;
            *self.jid.borrow_mut() = jid;
            *self.link.borrow_mut() = Some(Rc::clone(&link));
            let end = attend(&worker, &link, rest, &self).await;
            // The old connection goes before the new one comes.
            drop((self.link.take(), link));
            if self.leaves.take() {
                worker.tally.borrow_mut().sessions -= 1;
            } else {
                worker.ended(self.number, &end);
            }
            // Nobody leaves who waits for an answer, so it is the server that took these away.
            let unanswered = self.pings.take().open() as u64;
            if worker.is_on() {
                worker.count(Operation::Ping, |count| count.failed += unanswered);
            }
            if !worker.is_on() {
                return;
            }
            let again = worker.sign_in(self.number, worker.clock.now(), None, Partner::Oneself).await;
            let Some(again) = again else { return };
            self.came.set(worker.clock.now());
            session = again;
        }
    }

    fn act(&self, link: &Rc<Link>, deed: Deed, intended: Duration, late: Duration, chance: u32) {
        let worker = &self.mixed.worker;
        match deed {
            Deed::Write => self.write(link, intended, late, chance),
            Deed::ChangePresence => {
                let show = ["away", "chat", "dnd", "xa"][chance as usize % 4];
                link.send(format!("<presence><show>{show}</show></presence>").as_bytes());
            }
            Deed::Ping => {
                let mut pings = self.pings.borrow_mut();
                let (number, domain) = (pings.next(), &worker.target.domain);
                pings.begin(intended);
                worker.count(Operation::Ping, |count| count.start(Some(late)));
                let ping =
                    format!("<iq type='get' id='p{number}' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>");
                link.send(ping.as_bytes());
            }
            // Whoever waits for an answer stays.
            Deed::Leave if self.pings.borrow().open() > 0 => {}
            Deed::Leave => {
                self.leaves.set(true);
                self.link.take();
                link.end_stream();
            }
        }
    }

    fn write(&self, link: &Rc<Link>, intended: Duration, late: Duration, chance: u32) {
        let (mixed, from) = (&self.mixed, self.number);
        let Some(reader) = mixed.somebody_else(from, chance) else { return };
        let mut ways = mixed.ways.borrow_mut();
        let way = ways.entry((from, reader.number)).or_default();
        let (to, number, body) = (reader.number, way.flights.next(), &mixed.body);
        way.flights.begin(intended);
        way.channel.send();
        let message = format!(
            "<message type='chat' to='{}' id='{from}-{to}-{number}'><body>{body}</body></message>",
            reader.jid.borrow()
        );
        mixed.worker.count(Operation::Message, |count| {
            count.start(Some(late));
            count.octets_out += message.len() as u64;
        });
        link.send(message.as_bytes());
    }

    fn heard_message(&self, stanza: Stanza<'_>, now: Duration) {
        let mixed = &self.mixed;
        let Some((from, to, number)) = read_id(stanza) else { return };
        let mut ways = mixed.ways.borrow_mut();
        let Some(way) = ways.get_mut(&(from, to)) else { return };
        let intended = way.flights.end(number);
        let mut audit = mixed.worker.audit.borrow_mut();
        let ended_well = if stanza.has(b"type", b"error") {
            audit.returned += u64::from(way.channel.give_back(number));
            mixed.was_away(to, intended)
        } else {
            let is_unaltered = stanza.body() == Some(mixed.body.as_bytes()) && to == self.number;
            let which = || format!("message {number} from {from} to {to}");
            audit.arrived(way.channel.arrive(number), is_unaltered, which);
            true
        };
        drop(audit);
        mixed.worker.count(Operation::Message, |count| {
            count.octets_in += stanza.bytes().len() as u64;
            match intended {
                Some(intended) if ended_well => count.complete(now.saturating_sub(intended)),
                Some(_) => count.failed += 1,
                None => {}
            }
        });
        if !ended_well {
            mixed.worker.flaw("message given back, and its reader was there", || {
                String::from_utf8_lossy(stanza.bytes()).into_owned()
            });
        }
    }

    fn heard_iq(&self, stanza: Stanza<'_>, now: Duration) {
        let id = stanza.attribute(b"id").and_then(|id| str::from_utf8(id.value).ok());
        let Some(number) = id.and_then(|id| id.strip_prefix('p')?.parse().ok()) else { return };
        if let Some(intended) = self.pings.borrow_mut().end(number) {
            self.mixed.worker.count(Operation::Ping, |count| count.complete(now.saturating_sub(intended)));
        }
    }
}

/// From whom, to whom, and the number between the two.
fn read_id(stanza: Stanza<'_>) -> Option<(usize, usize, u64)> {
    let mut parts = str::from_utf8(stanza.attribute(b"id")?.value).ok()?.split('-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

impl Actor for Person {
    fn stanza(&self, stanza: Stanza<'_>, now: Duration) {
        match stanza.name() {
            b"message" => self.heard_message(stanza, now),
            b"iq" => self.heard_iq(stanza, now),
            _ => {}
        }
    }
}

impl Habit {
    /// Until the next time: exponentially distributed, as of things that do not know of each other.
    fn wait(&self) -> Duration {
        let drawn = (f64::from(self.rng.borrow_mut().next_u32()) + 1.0) / (f64::from(u32::MAX) + 2.0);
        self.gap.mul_f64(-drawn.ln())
    }
}

impl Paced for Habit {
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration> {
        let chance = self.rng.borrow_mut().next_u32();
        let link = self.person.link.borrow().clone();
        // Somebody who is away does nothing.
        if let Some(link) = link {
            self.person.act(&link, self.deed, intended, now - intended, chance);
        }
        Some(intended + self.wait())
    }
}
