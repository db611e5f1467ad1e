//! A process of a run on real sockets: tasks of this program behind a gate of their own, that can be frozen and killed
//! together. What its kernel would do when it dies is done by dropping what it holds.

use std::{
    future::Future,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use chatdev_net::TokioEnv;
use tokio::task::AbortHandle;

use super::universe::Universe;
use crate::{
    events::Event,
    world::{Gate, behind},
};

/// See the file's documentation.
pub(super) struct Process {
    pub(super) universe: Arc<Universe>,
    pub(super) name: Arc<str>,
    /// What production would have: clock, randomness, stop signal.
    pub(super) tokio: TokioEnv,
    gate: Gate,
    killed: AtomicBool,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Process {
    pub(super) fn new(universe: &Arc<Universe>, name: &str) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            universe: Arc::clone(universe),
            name: name.into(),
            tokio: TokioEnv::new()?,
            gate: Gate::default(),
            killed: AtomicBool::new(false),
            tasks: Mutex::default(),
        }))
    }

    pub(super) fn record(&self, event: Event) {
        self.universe.record(&self.name, event);
    }

    /// Runs `task` behind the gate.
    pub(super) fn spawn(
        self: &Arc<Self>,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        if self.is_killed() {
            return;
        }
        let process = Arc::clone(self);
        let handle = tokio::spawn(async move {
            if let Err(panic) = behind(&process.gate, task).await {
                process.universe.fail(format!("{}: the task `{name}` panicked: {panic}", process.name));
            }
        });
        let mut tasks = self.tasks.lock().expect("nothing panics while it holds the tasks");
        tasks.retain(|task| !task.is_finished());
        tasks.push(handle.abort_handle());
    }

    pub(super) fn pause(&self) {
        self.record(Event::Paused);
        self.gate.shut();
    }

    pub(super) fn resume(&self) {
        self.record(Event::Resumed);
        self.gate.open();
    }

    pub(super) fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }

    /// `kill -9`: no task runs any further. Each is dropped when the runtime comes to it.
    pub(super) fn kill(&self) {
        self.record(Event::Killed);
        self.killed.store(true, Ordering::Relaxed);
        for task in &*self.tasks.lock().expect("nothing panics while it holds the tasks") {
            task.abort();
        }
    }

    /// Whether nothing of it is left.
    pub(super) fn is_gone(&self) -> bool {
        let tasks = self.tasks.lock().expect("nothing panics while it holds the tasks");
        tasks.iter().all(AbortHandle::is_finished)
    }
}
