//! [`Worker`]: one thread of the load, with a runtime of its own, its share of the sessions, and what it counts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use chatdev_net::tls::Connector;
use chatdev_stream::sasl::ClientKeys;
use jid::FullJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::sync::mpsc::UnboundedReceiver;

use super::attend::End;
use super::check_in::CheckIns;
use super::conduct::Run;
use super::idle::Idle;
use super::login::Logins;
use super::mixed::Mixed;
use super::peer::Peers;
use super::ping::Ping;
use super::reconnect::Reconnect;
use super::route::Route;
use super::work::Work;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::measure::{Count, Operation, Phase, Tally};
use crate::scenario::{Load, Scenario};
use crate::target::Target;
use crate::wire::Link;

/// Read at once, in octets; the buffer is shared by all sessions of a thread.
const READ_BYTES: usize = 64 * 1024;
/// How often a thread says what it counted.
const TELLING: Duration = Duration::from_secs(1);
/// How often it looks for operations that last too long, and whether the load is at its end.
const LOOKING: Duration = Duration::from_millis(20);

/// What the main thread orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The next phase begins.
    Begin(Phase),
    /// All is over.
    End,
}

/// What a thread tells.
#[derive(Debug)]
pub(super) enum Told {
    /// What it counted in a part of a phase.
    Counted {
        worker: usize,
        phase: Phase,
        from: Duration,
        to: Duration,
        tally: Box<Tally>,
        /// The CPU time that the thread spent meanwhile.
        cpu: Duration,
    },
    /// What a phase is there for is done.
    Done { worker: usize, phase: Phase },
    /// The thread is at its end.
    Over(Box<Audit>),
    /// It cannot go on.
    Failed(anyhow::Error),
}

/// See the file's documentation.
pub(super) struct Worker {
    number: usize,
    count: usize,
    pub(super) clock: Clock,
    pub(super) scenario: Arc<Scenario>,
    pub(super) target: Arc<Target>,
    pub(super) connector: Connector,
    pub(super) run: Arc<Run>,
    told: Sender<Told>,
    pub(super) tally: RefCell<Tally>,
    pub(super) audit: RefCell<Audit>,
    phase: Cell<Phase>,
    /// Whether operations may begin.
    on: Cell<bool>,
    /// All sessions end now, as they should.
    over: Cell<bool>,
    /// Since when nothing was told.
    untold: Cell<(Duration, Duration)>,
    pub(super) read_buffer: RefCell<Box<[u8]>>,
    /// Where stanzas are written before they are sent.
    pub(super) scratch: RefCell<Vec<u8>>,
    /// The keys of whoever signed in before, so that nobody's password is stretched twice (RFC 5802 §5.1).
    pub(super) keys: RefCell<BTreeMap<usize, Arc<ClientKeys>>>,
    attempts: Cell<u64>,
}

impl Worker {
    pub(super) fn new(number: usize, run: Arc<Run>, told: Sender<Told>) -> anyhow::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            number,
            count: run.threads,
            clock: run.clock,
            scenario: Arc::clone(&run.scenario),
            connector: run.target.connector()?,
            target: Arc::clone(&run.target),
            run,
            told,
            tally: RefCell::default(),
            audit: RefCell::default(),
            phase: Cell::new(Phase::Prepare),
            on: Cell::new(false),
            over: Cell::new(false),
            untold: Cell::default(),
            read_buffer: RefCell::new(vec![0; READ_BYTES].into()),
            scratch: RefCell::default(),
            keys: RefCell::default(),
            attempts: Cell::new(0),
        }))
    }

    /// Carries out the orders, until the end.
    pub(super) async fn obey(self: Rc<Self>, mut orders: UnboundedReceiver<Order>) {
        let work: Rc<RefCell<Option<Rc<dyn Work>>>> = Rc::default();
        loop {
            #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
            let look = tokio::time::sleep(LOOKING);
            let order = tokio::select! {
                biased;
                order = orders.recv() => order.unwrap_or(Order::End),
                () = look => {
                    self.look(work.borrow().as_deref());
                    continue;
                }
            };
            self.tell();
            let Order::Begin(phase) = order else { break };
            self.phase.set(phase);
            self.on.set(matches!(phase, Phase::WarmUp | Phase::Measure));
            match phase {
                Phase::Prepare => {
                    let worker = Rc::clone(&self);
                    tokio::task::spawn_local(async move {
                        worker.register().await;
                        worker.done(Phase::Prepare);
                    });
                }
                Phase::SignIn => {
                    let (worker, work) = (Rc::clone(&self), Rc::clone(&work));
                    tokio::task::spawn_local(async move {
                        let began = worker.begin_work().await;
                        *work.borrow_mut() = Some(began);
                        worker.done(Phase::SignIn);
                    });
                }
                _ => {
                    if let Some(work) = work.borrow().clone() {
                        work.begin(phase);
                    }
                }
            }
        }
        self.over.set(true);
        if let Some(work) = work.borrow().as_deref() {
            let unended = work.under_way();
            if unended > 0 {
                self.count(self.scenario.load.operation(), |count| count.timed_out += unended);
                self.flaw("not ended when the run was over", || format!("{unended} of this thread's"));
            }
            work.finish();
        }
        self.tell();
        let _ = self.told.send(Told::Over(Box::new(self.audit.take())));
    }

    async fn begin_work(self: &Rc<Self>) -> Rc<dyn Work> {
        match self.scenario.load.clone() {
            Load::Login(login) => Logins::at_a_rate(self, login).await,
            Load::Storm(storm) => Logins::at_once(self, storm),
            Load::Reconnect(reconnect) => Reconnect::begin(self, reconnect).await,
            Load::Idle(_) => Idle::begin(self).await,
            Load::Ping(ping) => Ping::begin(self, ping).await,
            Load::Route(route) => Route::begin(self, route).await,
            Load::CheckIn(check_in) => CheckIns::begin(self, check_in).await,
            Load::Peer(peer) => Peers::begin(self, peer).await,
            Load::Mixed(mixed) => Mixed::begin(self, mixed).await,
        }
    }

    /// What is to be done now and then.
    fn look(&self, work: Option<&dyn Work>) {
        let now = self.clock.now();
        if let Some(work) = work {
            work.expire(now.saturating_sub(self.scenario.time.operation_max()));
            let phase = self.phase.get();
            if phase == Phase::Measure && work.is_done() || phase == Phase::Drain && work.under_way() == 0 {
                self.done(phase);
            }
        }
        if now.saturating_sub(self.untold.get().0) >= TELLING {
            self.tell();
        }
    }

    fn done(&self, phase: Phase) {
        let _ = self.told.send(Told::Done { worker: self.number, phase });
    }

    /// Tells what was counted since the last time.
    fn tell(&self) {
        let (now, cpu) = (self.clock.now(), thread_cpu());
        let (from, cpu_before) = self.untold.replace((now, cpu));
        let told = Told::Counted {
            worker: self.number,
            phase: self.phase.get(),
            from,
            to: now,
            tally: Box::new(self.tally.take()),
            cpu: cpu.saturating_sub(cpu_before),
        };
        // Nobody listens any more only at the very end.
        let _ = self.told.send(told);
    }

    /// Ends the whole run with an error of ours.
    pub(super) fn fail(&self, error: anyhow::Error) {
        let _ = self.told.send(Told::Failed(error));
    }

    /// Whether operations may begin.
    pub(super) fn is_on(&self) -> bool {
        self.on.get()
    }

    /// This thread's share of something that is meant for all, at least one.
    pub(super) fn share_of(&self, all: usize) -> usize {
        (all / self.count).max(1)
    }

    /// The time between two operations of this thread, if so many begin in a second in all.
    pub(super) fn gap(&self, per_second: f64) -> Duration {
        Duration::from_secs_f64(self.count as f64 / per_second)
    }

    /// The sessions of this thread; pairs stay together.
    pub(super) fn numbers(&self) -> Vec<usize> {
        let ours = |number: &usize| (number / 2) % self.count == self.number;
        (0..self.scenario.sessions).filter(ours).collect()
    }

    /// A generator of its own for everybody who asks.
    pub(super) fn rng(&self) -> ChaCha20Rng {
        let attempt = self.attempts.replace(self.attempts.get() + 1);
        let mut rng = ChaCha20Rng::from_seed(self.run.seed);
        rng.set_stream(attempt * self.count as u64 + self.number as u64);
        rng
    }

    /// Waits until that time of the run; for ever, if there is none.
    pub(super) async fn sleep_until(&self, at: Option<Duration>) {
        match at {
            #[expect(clippy::disallowed_methods, reason = "a load generator lives in real time alone")]
            Some(at) => tokio::time::sleep_until(self.clock.instant(at)).await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn count(&self, operation: Operation, change: impl FnOnce(&mut Count)) {
        change(self.tally.borrow_mut().count(operation));
    }

    pub(super) fn flaw(&self, name: &str, example: impl FnOnce() -> String) {
        self.tally.borrow_mut().flaw(name.to_owned(), self.clock.now(), example);
    }

    /// A session ended. While the load is on, that is a flaw.
    pub(super) fn ended(&self, number: usize, end: &End) {
        self.tally.borrow_mut().sessions -= 1;
        if !self.over.get() {
            self.tally.borrow_mut().lost += 1;
            self.flaw(&end.name(), || format!("session {number}"));
        }
    }

    /// What stands for an address where nobody has one.
    pub(super) fn made_up_jid(&self, number: usize) -> FullJid {
        let text = format!("load{number}@{}/load", self.target.domain);
        FullJid::new(&text).expect("the domain was checked, and the rest is letters and digits")
    }

    /// Leaves in good order: the end of each stream is written, and nobody waits for the answer.
    pub(super) fn close<'a>(&self, links: impl Iterator<Item = &'a Rc<Link>>) {
        links.for_each(Link::end_stream);
    }
}

/// What this thread has computed so far.
fn thread_cpu() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs().try_into().unwrap_or(0))
}
