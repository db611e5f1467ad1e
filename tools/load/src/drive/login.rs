//! Sign-ins as the load itself: at a rate, each leaving again; or all at once, to stay.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::attend::attend;
use super::entry::{Partner, for_each};
use super::idle::Nobody;
use super::pacer::{self, Paced};
use super::work::Work;
use super::worker::Worker;
use crate::measure::{Operation, Phase};
use crate::scenario;
use crate::target::Speech;
use crate::wire::Link;

/// Sign-ins under way at most on one thread. Those that are to begin beyond are counted as flaws: the server is far behind.
const UNDER_WAY_MAX: usize = 5_000;

/// See the file's documentation.
pub(super) struct Logins {
    worker: Rc<Worker>,
    kind: Kind,
    under_way: Cell<usize>,
    /// Accounts that nobody signs in as at this moment.
    free: RefCell<VecDeque<usize>>,
    /// Those who stay.
    links: RefCell<Vec<Rc<Link>>>,
    done: Cell<bool>,
}

enum Kind {
    Rate(scenario::Login),
    Storm(scenario::Storm),
}

impl Logins {
    /// Sign-ins at a rate. Everybody has signed in once before, and left: their keys are known then.
    pub(super) async fn at_a_rate(worker: &Rc<Worker>, load: scenario::Login) -> Rc<Self> {
        let logins = Rc::new(Self::new(worker, Kind::Rate(load)));
        if worker.target.speech == Speech::Raw {
            logins.free.borrow_mut().extend(worker.numbers());
            return logins;
        }
        let at_once = worker.share_of(worker.scenario.sign_in.at_once);
        for_each(worker.numbers(), at_once, |number| {
            let logins = Rc::clone(&logins);
            async move {
                match logins.worker.sign_in_now(number, false).await {
                    Ok(signed_in) => {
                        logins.worker.leave(signed_in.socket).await;
                        logins.free.borrow_mut().push_back(number);
                    }
                    Err(error) => logins.worker.flaw(&error.name(), || format!("session {number}: {error}")),
                }
            }
        })
        .await;
        logins
    }

    /// All at once, when the measurement begins.
    pub(super) fn at_once(worker: &Rc<Worker>, load: scenario::Storm) -> Rc<Self> {
        Rc::new(Self::new(worker, Kind::Storm(load)))
    }

    fn new(worker: &Rc<Worker>, kind: Kind) -> Self {
        Self {
            worker: Rc::clone(worker),
            kind,
            under_way: Cell::new(0),
            free: RefCell::default(),
            links: RefCell::default(),
            done: Cell::new(false),
        }
    }

    /// One sign-in, and out again.
    async fn visit(self: Rc<Self>, intended: Duration, late: Duration) {
        let has_room = self.under_way.get() < UNDER_WAY_MAX;
        let Some(number) = has_room.then(|| self.free.borrow_mut().pop_front()).flatten() else {
            // It was to begin, and it is the server that holds the accounts: it counts as one that failed.
            self.worker.count(Operation::SignIn, |count| count.fail(1, Some(late)));
            return self.worker.flaw("sign-in not begun: no account is free", || {
                format!("{} are under way", self.under_way.get())
            });
        };
        self.under_way.set(self.under_way.get() + 1);
        let session = self.worker.sign_in(number, intended, Some(late), Partner::Oneself).await;
        self.under_way.set(self.under_way.get() - 1);
        if let Some(session) = session {
            session.link.end_stream();
            // Until the server has let go: the account is to be used again.
            attend(&self.worker, &session.link, session.rest, &Rc::new(Nobody)).await;
            self.worker.tally.borrow_mut().sessions -= 1;
        }
        self.free.borrow_mut().push_back(number);
    }

    async fn storm(self: Rc<Self>, at_once: usize) {
        let now = self.worker.clock.now();
        for_each(self.worker.numbers(), self.worker.share_of(at_once), |number| {
            let logins = Rc::clone(&self);
            async move {
                if !logins.worker.is_on() {
                    // The time for all of them is over, and this one has waited for its place all along.
                    return logins.worker.count(Operation::SignIn, |count| count.fail(1, None));
                }
                logins.under_way.set(logins.under_way.get() + 1);
                let session = logins.worker.sign_in(number, now, None, Partner::Oneself).await;
                logins.under_way.set(logins.under_way.get() - 1);
                if let Some(session) = session {
                    logins.links.borrow_mut().push(Rc::clone(&session.link));
                    let worker = Rc::clone(&logins.worker);
                    tokio::task::spawn_local(async move {
                        let end = attend(&worker, &session.link, session.rest, &Rc::new(Nobody)).await;
                        worker.ended(session.number, &end);
                    });
                }
            }
        })
        .await;
        self.done.set(true);
    }
}

impl Work for Logins {
    fn begin(self: Rc<Self>, phase: Phase) {
        match (&self.kind, phase) {
            (Kind::Rate(load), Phase::WarmUp) => {
                let gap = self.worker.gap(load.per_second);
                let first = self.worker.clock.now();
                let clockwork = Rc::new(Clockwork { logins: Rc::clone(&self), gap });
                pacer::begin(&self.worker, [(first, clockwork)]);
            }
            (Kind::Storm(load), Phase::Measure) => {
                tokio::task::spawn_local(Rc::clone(&self).storm(load.at_once));
            }
            _ => {}
        }
    }

    fn expire(&self, _: Duration) {}

    fn under_way(&self) -> u64 {
        self.under_way.get() as u64
    }

    fn is_done(&self) -> bool {
        self.done.get()
    }

    fn finish(&self) {
        self.worker.close(self.links.borrow().iter());
    }
}

/// Begins one sign-in after the other.
struct Clockwork {
    logins: Rc<Logins>,
    gap: Duration,
}

impl Paced for Clockwork {
    fn act(self: Rc<Self>, intended: Duration, now: Duration) -> Option<Duration> {
        tokio::task::spawn_local(Rc::clone(&self.logins).visit(intended, now - intended));
        Some(intended + self.gap)
    }
}
