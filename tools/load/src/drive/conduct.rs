//! Conducting a run: threads, phases, and what comes of them. The main thread's part; it drives no session itself.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use super::worker::{Order, Told, Worker};
use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::interrupt::Interrupt;
use crate::measure::{Collector, Phase, Process};
use crate::report::live::Live;
use crate::report::{self, Facts, Report};
use crate::scenario::{Load, Scenario};
use crate::target::{Speech, Target};

/// How often the processes are looked at.
const TICK: Duration = Duration::from_secs(1);

/// All that a run is told once.
#[derive(Debug)]
pub struct Run {
    /// The run's clock.
    pub clock: Clock,
    /// What is done.
    pub scenario: Arc<Scenario>,
    /// To whom.
    pub target: Arc<Target>,
    /// By whom.
    pub accounts: Accounts,
    /// Threads that drive sessions.
    pub threads: usize,
    /// What all chance follows from.
    pub seed: [u8; 32],
    /// Whether the accounts are made first, in band.
    pub register: bool,
    /// A command that restarts the server, when the load of that kind begins.
    pub restart: Option<String>,
    /// What the report is called by.
    pub label: String,
    /// The processes of the server.
    pub watched: Vec<Process>,
    /// Whether somebody wants it to end early, with what there is.
    pub interrupt: Interrupt,
    /// How the first session was encrypted and signed in; not known before.
    pub manner: OnceLock<(String, String)>,
}

/// Carries out a run.
///
/// # Errors
/// It could not be carried out at all. A server that fails under load is no error but the result.
pub fn conduct(run: Run) -> anyhow::Result<Report> {
    let (collector, started) = (Collector::new(run.watched.clone())?, now());
    let run = Arc::new(run);
    let mut conductor = Conductor::begin(Arc::clone(&run), collector)?;
    for phase in phases(&run) {
        if !run.interrupt.is_set() || phase == Phase::Drain {
            conductor.conduct(phase)?;
        }
    }
    let audit = conductor.end()?;
    let facts = facts(&run, started, audit)?;
    Ok(conductor.collector.finish(run.clock.now(), facts))
}

#[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The phases of each kind of load. Where the sign-in itself is what counts, there is no other to measure.
fn phases(run: &Run) -> Vec<Phase> {
    let mut phases = match run.scenario.load {
        Load::Idle(_) => vec![Phase::SignIn, Phase::Drain],
        Load::Storm(_) => vec![Phase::SignIn, Phase::Measure, Phase::Drain],
        _ => vec![Phase::SignIn, Phase::WarmUp, Phase::Measure, Phase::Drain],
    };
    if run.register {
        phases.insert(0, Phase::Prepare);
    }
    phases
}

struct Conductor {
    run: Arc<Run>,
    collector: Collector,
    live: Option<Live>,
    told: Receiver<Told>,
    orders: Vec<UnboundedSender<Order>>,
    threads: Vec<JoinHandle<()>>,
    next_tick: Duration,
    audit: Audit,
    /// Threads that are at their end.
    over: usize,
}

impl Conductor {
    fn begin(run: Arc<Run>, collector: Collector) -> anyhow::Result<Self> {
        let (teller, told) = channel();
        let (mut orders, mut threads) = (Vec::new(), Vec::new());
        for number in 0..run.threads {
            let (order, ordered) = unbounded_channel();
            orders.push(order);
            let (run, teller) = (Arc::clone(&run), teller.clone());
            let thread = std::thread::Builder::new().name(format!("load-{number}"));
            threads.push(thread.spawn(move || {
                if let Err(error) = drive(number, run, ordered, teller.clone()) {
                    // Nobody listens any more only if another thread failed before.
                    let _ = teller.send(Told::Failed(error));
                }
            })?);
        }
        let time = &run.scenario.time;
        let warm_up = if phases(&run).contains(&Phase::WarmUp) { time.warm_up() } else { Duration::ZERO };
        let live = Some(Live::new(Some(warm_up + time.measure())));
        let audit = Audit::default();
        Ok(Self { run, collector, live, told, orders, threads, next_tick: TICK, audit, over: 0 })
    }

    /// One phase, until it is over.
    fn conduct(&mut self, phase: Phase) -> anyhow::Result<()> {
        let (began, time) = (self.run.clock.now(), self.run.scenario.time);
        if phase == Phase::Drain {
            // Before anything is looked at, which takes its time: what is counted until then is measured.
            self.order(Order::Begin(phase));
            self.collector.phase(phase, began);
        } else {
            self.collector.phase(phase, began);
            self.order(Order::Begin(phase));
        }
        if phase == Phase::Measure
            && let Some(command) = self.run.restart.clone()
        {
            self.restart(&command);
        }
        let deadline = match phase {
            Phase::WarmUp => Some(began + time.warm_up()),
            Phase::Measure => Some(began + time.measure()),
            Phase::Drain => Some(began + time.drain()),
            Phase::Prepare | Phase::SignIn => None,
        };
        let mut done = BTreeSet::new();
        while done.len() < self.run.threads {
            let now = self.run.clock.now();
            let is_cut_short = self.run.interrupt.is_set() && phase != Phase::Drain;
            if is_cut_short || deadline.is_some_and(|deadline| now >= deadline) {
                break;
            }
            let wait =
                deadline.map_or(TICK, |deadline| deadline - now).min(self.next_tick.saturating_sub(now));
            if let Some(Told::Done { worker, phase: of }) = self.listen(wait)?
                && of == phase
            {
                done.insert(worker);
            }
        }
        Ok(())
    }

    /// Hears what the threads tell, for so long at most.
    fn listen(&mut self, wait: Duration) -> anyhow::Result<Option<Told>> {
        let told = match self.told.recv_timeout(wait) {
            Ok(Told::Counted { worker, phase, from, to, tally, cpu }) => {
                self.collector.add(worker, phase, from, to, &tally, cpu);
                None
            }
            Ok(Told::Over(audit)) => {
                self.audit.add(*audit);
                self.over += 1;
                None
            }
            Ok(Told::Failed(error)) => return Err(error),
            Ok(told) => Some(told),
            Err(RecvTimeoutError::Timeout) if self.ended_early() => return Err(ended_early()),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Err(ended_early()),
        };
        let now = self.run.clock.now();
        if now >= self.next_tick {
            self.next_tick = now + TICK;
            self.collector.tick(now);
            if let Some(live) = &mut self.live {
                live.show(&self.collector.glance(now));
            }
        }
        Ok(told)
    }

    /// Whether a thread has ended that was not at its end.
    fn ended_early(&self) -> bool {
        self.threads.iter().filter(|thread| thread.is_finished()).count() > self.over
    }

    fn order(&self, order: Order) {
        // A thread that does not listen any more has said why.
        for orders in &self.orders {
            let _ = orders.send(order);
        }
    }

    /// The operator's command, by the shell. Its output goes to ours; whether it worked is seen by who comes back.
    fn restart(&self, command: &str) {
        self.say(&format!("running: {command}"));
        match std::process::Command::new("sh").args(["-c", command]).spawn() {
            Ok(mut child) => {
                // A thread of its own, so that the load goes on meanwhile.
                drop(std::thread::Builder::new().spawn(move || child.wait()));
            }
            Err(error) => self.say(&format!("cannot run it: {error}")),
        }
    }

    fn say(&self, line: &str) {
        if let Some(live) = &self.live {
            live.say(line);
        }
    }

    fn end(&mut self) -> anyhow::Result<Audit> {
        self.order(Order::End);
        while self.over < self.run.threads {
            self.listen(TICK)?;
        }
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| anyhow!("a thread of the load ended in a panic"))?;
        }
        if let Some(live) = self.live.take() {
            live.finish();
        }
        Ok(std::mem::take(&mut self.audit))
    }
}

fn ended_early() -> anyhow::Error {
    anyhow!("a thread of the load ended early; what it said stands above")
}

/// The life of one thread.
fn drive(
    number: usize,
    run: Arc<Run>,
    ordered: UnboundedReceiver<Order>,
    teller: std::sync::mpsc::Sender<Told>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the system gives no event queue")?;
    let worker = Worker::new(number, run, teller)?;
    LocalSet::new().block_on(&runtime, worker.obey(ordered));
    Ok(())
}

fn facts(run: &Run, started: jiff::Timestamp, audit: Audit) -> anyhow::Result<Facts> {
    let scenario = &run.scenario;
    let (encryption, mechanism) = run.manner.get().cloned().unwrap_or_default();
    let mechanism = match run.target.speech {
        Speech::Raw => "none: a bare relay".to_owned(),
        Speech::Xmpp => mechanism,
    };
    let target = if matches!(scenario.load, Load::Peer(_)) {
        report::Target {
            address: "each other".to_owned(),
            domain: run.target.domain.clone(),
            encryption: "TLS 1.3, both certificates".to_owned(),
            mechanism: "none: direct streams".to_owned(),
        }
    } else {
        let (address, domain) = (run.target.address.to_string(), run.target.domain.clone());
        report::Target { address, domain, encryption, mechanism }
    };
    // Those who sign in only to leave again are never there all at one time.
    let stays = !matches!(scenario.load, Load::Login(_) | Load::Peer(_));
    let early = run.interrupt.is_set().then(|| "it was interrupted: not all of it was done".to_owned());
    let returned = (audit.returned > 0 && !matches!(scenario.load, Load::Mixed(_)))
        .then(|| format!("{} messages were given back to their senders", audit.returned));
    Ok(Facts {
        label: run.label.clone(),
        started,
        scenario: report::Scenario::new(&scenario.name, scenario.load.operation(), &scenario.settings()?)?,
        target,
        sessions_wanted: if stays { scenario.sessions as u64 } else { 0 },
        sessions_to_stay: if stays && !matches!(scenario.load, Load::Mixed(_)) {
            scenario.sessions as u64
        } else {
            0
        },
        audit: (audit.channels > 0).then_some(report::Audit {
            pairs: audit.channels,
            sent: audit.sent,
            delivered: audit.delivered,
            lost: audit.lost,
            returned: audit.returned,
            doubled: audit.doubled,
            reordered: audit.overtaken,
            altered: audit.altered,
            findings: audit.findings,
        }),
        objections: early.into_iter().chain(returned).collect(),
    })
}
