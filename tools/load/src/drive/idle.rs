//! Sessions that do nothing but answer what the server asks.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::attend::{Actor, attend};
use super::entry::{Partner, Session};
use super::work::Work;
use super::worker::Worker;
use crate::measure::Phase;
use crate::wire::{Link, Stanza};

/// See the file's documentation.
pub(super) struct Idle {
    worker: Rc<Worker>,
    links: RefCell<Vec<Rc<Link>>>,
}

/// Nobody who acts.
pub(super) struct Nobody;

impl Actor for Nobody {
    fn stanza(&self, _: Stanza<'_>, _: Duration) {}
}

impl Idle {
    /// Signs all in.
    pub(super) async fn begin(worker: &Rc<Worker>) -> Rc<Self> {
        let idle = Rc::new(Self { worker: Rc::clone(worker), links: RefCell::default() });
        let settled = Rc::clone(&idle);
        worker.sign_in_all(Partner::Oneself, move |session| settled.settle(session)).await;
        // They rest for a while before their memory is looked at: what signing in needed is given back.
        #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
        tokio::time::sleep(worker.scenario.time.measure()).await;
        idle
    }

    fn settle(&self, session: Session) {
        let Session { link, rest, number, .. } = session;
        self.links.borrow_mut().push(Rc::clone(&link));
        tokio::task::spawn_local(rest_in(Rc::clone(&self.worker), link, rest, number));
    }
}

/// Keeps a session.
async fn rest_in(worker: Rc<Worker>, link: Rc<Link>, rest: Vec<u8>, number: usize) {
    let end = attend(&worker, &link, rest, &Rc::new(Nobody)).await;
    worker.ended(number, &end);
}

impl Work for Idle {
    fn begin(self: Rc<Self>, _: Phase) {}

    fn expire(&self, _: Duration) {}

    fn under_way(&self) -> u64 {
        0
    }

    fn finish(&self) {
        self.worker.close(self.links.borrow().iter());
    }
}
