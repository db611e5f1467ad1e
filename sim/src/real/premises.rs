//! A world of real sockets: processes that are started, frozen, killed and cut off as in a simulated one.

use std::{collections::BTreeMap, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use chatdev_net::Env;

use super::{env::RealEnv, process::Process, universe::Universe};
use crate::{
    events::{Entry, Event},
    world::Cut,
};

/// How often it is looked whether an earlier life of a process is all gone.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// A world of real sockets. Lives within one runtime of tokio.
pub struct RealWorld {
    universe: Arc<Universe>,
    world: Arc<str>,
    processes: BTreeMap<String, Arc<Process>>,
}

impl RealWorld {
    /// A world without processes, which begins now.
    ///
    /// # Errors
    /// Where the machine has no port or no randomness to give.
    pub fn new() -> io::Result<Self> {
        Ok(Self { universe: Arc::new(Universe::new()?), world: "world".into(), processes: BTreeMap::new() })
    }

    /// Starts `main` as the process `name`. A process of that name that was killed or has ended begins another life
    /// when nothing of the last one is left.
    ///
    /// # Errors
    /// Where the machine has no randomness to give.
    pub fn start<F>(&mut self, name: &str, main: impl FnOnce(RealEnv) -> F + Send + 'static) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let process = Process::new(&self.universe, name)?;
        let earlier = self.processes.insert(name.to_owned(), Arc::clone(&process));
        process.record(Event::Started);
        let (env, own) = (RealEnv::new(Arc::clone(&process)), Arc::clone(&process));
        process.spawn("main", async move {
            while earlier.as_ref().is_some_and(|earlier| !earlier.is_gone()) {
                env.sleep_until(env.now() + LOOK_AGAIN).await;
            }
            main(env).await;
            own.record(Event::Finished);
        });
        Ok(())
    }

    fn process(&self, name: &str) -> &Arc<Process> {
        self.processes.get(name).expect("a process that the scenario started")
    }

    /// `kill -9`: the connections of the process are closed.
    pub fn kill(&self, process: &str) {
        self.process(process).kill();
    }

    /// Freezes a process, every task of it.
    pub fn pause(&self, process: &str) {
        self.process(process).pause();
    }

    /// Lets a frozen process go on.
    pub fn resume(&self, process: &str) {
        self.process(process).resume();
    }

    /// Asks a process to end, as SIGTERM would.
    pub fn ask_to_stop(&self, process: &str) {
        self.process(process).tokio.stop().trigger();
    }

    /// Cuts every connection that the process has now, by what a socket can do: see [`Cut`]. The other ends see what
    /// the kernel tells them.
    ///
    /// # Panics
    /// For [`Cut::Silent`], which no socket can do.
    pub fn cut_connections(&self, process: &str, how: Cut) {
        self.universe
            .holders()
            .iter()
            .filter(|holder| holder.is_of(process))
            .for_each(|holder| holder.cut(how));
    }

    /// A process shows this certificate in its handshakes with peers, to which it has no key; or its own again.
    pub(crate) fn pretend(&self, process: &str, certificate: Option<Vec<u8>>) {
        self.universe.pretend(process, certificate);
    }

    /// Where a process listens.
    #[must_use]
    pub fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        self.universe.listener_of(process)
    }

    /// Whether the process was started and has not been killed.
    #[must_use]
    pub fn is_running(&self, process: &str) -> bool {
        self.processes.get(process).is_some_and(|process| !process.is_killed())
    }

    /// Writes down that an operation of the schedule begins or is over.
    pub(crate) fn note_fault(&self, op: usize, over: bool) {
        self.universe.record(&self.world, Event::Fault { op, over });
    }

    /// Real time since the start of the world.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.universe.now()
    }

    /// Lets the world go on until `at`.
    pub async fn run_until(&self, at: Duration) {
        self.universe.sleep_until(at).await;
    }

    /// In words, why the run has failed, where a task panicked.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.universe.failure()
    }

    /// What has happened since this was last asked, in order.
    #[must_use]
    pub fn take_entries(&self) -> Vec<Entry> {
        self.universe.take_entries()
    }

    pub(crate) fn fail(&self, why: String) {
        self.universe.fail(why);
    }
}
