//! A process: a program that runs on a machine of the world, with clocks, randomness, tasks and a stop signal
//! of its own.
//!
//! Several processes may share a machine (and its address). One can be asked to stop, killed, frozen and
//! thawed; it can be started anew under the same name, which is another life with other random numbers.

use std::{
    future::Future,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use chatdev_net::{Stop, derive};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use tokio::task::AbortHandle;

use super::{
    clock::{Clock, Skew},
    gate::{Gate, behind},
    link::Cut,
    universe::Universe,
};
use crate::events::Event;

/// What the world and the process's own `Env` share.
pub(crate) struct Process {
    pub(crate) universe: Universe,
    pub(crate) name: Arc<str>,
    pub(crate) address: IpAddr,
    pub(crate) stop: Stop,
    pub(crate) clock: Mutex<Clock>,
    seed: [u8; 32],
    gate: Gate,
    killed: AtomicBool,
    tasks: Mutex<Vec<AbortHandle>>,
    /// Draws that need a key of their own each time: handshakes, chaos points.
    drawn: AtomicU64,
    /// After so many octets more, the connection on which the last of them goes out is cut.
    cut_after: Mutex<Option<(usize, Cut)>>,
}

/// Handles of finished tasks are swept when there are this many.
const TASKS_SWEPT_AT: usize = 64;

impl Process {
    /// The `life`th life of the process `name` on the machine at `address`.
    pub(crate) fn new(universe: &Universe, name: &str, life: u64, address: IpAddr, skew: Skew) -> Arc<Self> {
        let mut seed = Sha256::new();
        seed.update(universe.settings().seed.to_be_bytes());
        seed.update(name);
        seed.update(life.to_be_bytes());
        Arc::new(Self {
            universe: universe.clone(),
            name: name.into(),
            address,
            stop: Stop::new(),
            clock: Mutex::new(Clock::new(universe.now(), skew)),
            seed: seed.finalize().into(),
            gate: Gate::default(),
            killed: AtomicBool::new(false),
            tasks: Mutex::default(),
            drawn: AtomicU64::new(0),
            cut_after: Mutex::default(),
        })
    }

    pub(crate) fn record(&self, event: Event) {
        self.universe.record(&self.name, event);
    }

    pub(crate) fn rng(&self, purpose: &'static str, key: u64) -> ChaCha20Rng {
        derive::generator(&self.seed, purpose, key)
    }

    /// A generator that nobody else in this life gets.
    pub(crate) fn fresh_rng(&self, purpose: &'static str) -> ChaCha20Rng {
        self.rng(purpose, self.drawn.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn clock(&self) -> Clock {
        *self.clock.lock().expect("nothing panics while it holds the clock")
    }

    /// Runs `task` behind the gate, on the machine whose runtime is current.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        if self.killed.load(Ordering::Relaxed) {
            return;
        }
        let process = Arc::clone(self);
        let handle = tokio::spawn(async move {
            if let Err(panic) = behind(&process.gate, task).await {
                process.universe.fail(format!("{}: the task `{name}` panicked: {panic}", process.name));
            }
        });
        let mut tasks = self.tasks.lock().expect("nothing panics while it holds the tasks");
        if tasks.len() >= TASKS_SWEPT_AT && tasks.len().is_power_of_two() {
            tasks.retain(|task| !task.is_finished());
        }
        tasks.push(handle.abort_handle());
    }

    pub(crate) fn set_countdown(&self, after: Option<(usize, Cut)>) {
        let after = after.map(|(octets, how)| (octets.max(1), how));
        *self.cut_after.lock().expect("nothing panics while it counts") = after;
    }

    /// How many octets still go out before a connection is cut, where one will be.
    pub(crate) fn countdown(&self) -> Option<usize> {
        self.cut_after.lock().expect("nothing panics while it counts").map(|(left, _)| left)
    }

    /// So many went out. Whether, and how, the connection is to be cut now.
    pub(crate) fn count_down(&self, octets: usize) -> Option<Cut> {
        let mut cut_after = self.cut_after.lock().expect("nothing panics while it counts");
        let (left, how) = cut_after.as_mut()?;
        *left = left.saturating_sub(octets);
        if *left > 0 {
            return None;
        }
        let how = *how;
        *cut_after = None;
        Some(how)
    }

    pub(crate) fn pause(&self) {
        self.record(Event::Paused);
        self.gate.shut();
    }

    pub(crate) fn resume(&self) {
        self.record(Event::Resumed);
        self.gate.open();
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }

    /// `kill -9`: no task runs any further; the kernel closes the connections.
    pub(crate) fn kill(&self) {
        self.record(Event::Killed);
        self.killed.store(true, Ordering::Relaxed);
        let tasks = std::mem::take(&mut *self.tasks.lock().expect("nothing panics while it holds the tasks"));
        for task in tasks {
            task.abort();
        }
    }
}
