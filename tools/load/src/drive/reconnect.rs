//! The server restarts, and everybody comes back as clients do: after a random while, which grows with each failure.
//!
//! Each wait is drawn between the shortest and three times the one before (decorrelated jitter), up to the longest. The
//! latency is that of coming back: from the loss of the connection to the new session, waits included.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use super::attend::attend;
use super::entry::{Partner, Session};
use super::idle::Nobody;
use super::work::Work;
use super::worker::Worker;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::wire::{Link, SignedIn};

/// See the file's documentation.
pub(super) struct Reconnect {
    worker: Rc<Worker>,
    load: scenario::Reconnect,
    members: RefCell<Vec<Rc<Member>>>,
}

struct Member {
    number: usize,
    link: RefCell<Option<Rc<Link>>>,
    came_back: Cell<bool>,
}

impl Reconnect {
    /// Signs all in.
    pub(super) async fn begin(worker: &Rc<Worker>, load: scenario::Reconnect) -> Rc<Self> {
        let reconnect = Rc::new(Self { worker: Rc::clone(worker), load, members: RefCell::default() });
        let settled = Rc::clone(&reconnect);
        worker
            .sign_in_all(Partner::Oneself, move |session| {
                let number = session.number;
                let member =
                    Rc::new(Member { number, link: RefCell::default(), came_back: Cell::new(false) });
                settled.members.borrow_mut().push(Rc::clone(&member));
                tokio::task::spawn_local(Rc::clone(&settled).stay(member, session));
            })
            .await;
        reconnect
    }

    /// A member's life: in a session, out of it, in again.
    async fn stay(self: Rc<Self>, member: Rc<Member>, mut session: Session) {
        let mut rng = self.worker.rng();
        loop {
            let Session { link, rest, .. } = session;
            *member.link.borrow_mut() = Some(Rc::clone(&link));
            let end = attend(&self.worker, &link, rest, &Rc::new(Nobody)).await;
            // The old connection goes before the new one comes.
            drop((member.link.take(), link));
            if !self.worker.is_on() {
                return self.worker.ended(member.number, &end);
            }
            self.worker.tally.borrow_mut().sessions -= 1;
            self.worker.flaw(&end.name(), || format!("session {}", member.number));
            let lost = self.worker.clock.now();
            self.worker.count(Operation::SignIn, |count| count.start(None));
            let Some(back) = self.come_back(&member, &mut rng).await else { return };
            let now = self.worker.clock.now();
            self.worker.count(Operation::SignIn, |count| count.complete(now - lost));
            self.worker.tally.borrow_mut().sessions += 1;
            member.came_back.set(true);
            let SignedIn { jid, socket, rest, .. } = back;
            session = Session { number: member.number, jid: jid.to_string(), link: Link::new(socket), rest };
        }
    }

    async fn come_back(&self, member: &Member, rng: &mut ChaCha20Rng) -> Option<SignedIn> {
        let (min, max) = (self.load.wait_seconds_min, self.load.wait_seconds_max);
        let mut wait = min;
        loop {
            wait = drawn(rng, min, (3.0 * wait).min(max).max(min));
            #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
            tokio::time::sleep(Duration::from_secs_f64(wait)).await;
            if !self.worker.is_on() {
                self.worker.count(Operation::SignIn, |count| count.failed += 1);
                self.worker.flaw("not back at the end", || format!("session {}", member.number));
                return None;
            }
            match self.worker.sign_in_now(member.number, false).await {
                Ok(signed_in) => return Some(signed_in),
                Err(error) => {
                    self.worker.flaw(&format!("attempt, {}", error.name()), || error.to_string());
                }
            }
        }
    }
}

fn drawn(rng: &mut ChaCha20Rng, from: f64, to: f64) -> f64 {
    from + (to - from) * (f64::from(rng.next_u32()) / f64::from(u32::MAX))
}

impl Work for Reconnect {
    fn begin(self: Rc<Self>, _: Phase) {}

    fn expire(&self, _: Duration) {}

    fn under_way(&self) -> u64 {
        self.members.borrow().iter().filter(|member| member.link.borrow().is_none()).count() as u64
    }

    fn is_done(&self) -> bool {
        self.members.borrow().iter().all(|member| member.came_back.get() && member.link.borrow().is_some())
    }

    fn finish(&self) {
        let members = self.members.borrow();
        let links: Vec<Rc<Link>> = members.iter().filter_map(|member| member.link.borrow().clone()).collect();
        self.worker.close(links.iter());
    }
}
