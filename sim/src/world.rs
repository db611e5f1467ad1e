//! A world: machines on a network, processes on machines, and one clock that only this module moves.
//!
//! Built on turmoil, which carries bytes and time between a few machines. Processes, faults of single
//! connections, clocks, freezing and TLS are ours (see the files below). A world with the same [`Settings`],
//! to which the same is done at the same times, does the same, to the byte.
//!
//! Not here: what runs in the processes, and what is done to them (`scenarios`), nor whether that was right
//! (`checkers`).

mod clock;
mod connection;
mod env;
mod gate;
mod identity;
mod link;
mod process;
mod settings;
mod tls;
mod universe;

use std::{
    collections::BTreeMap,
    future::{Future, pending},
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::Stop;
use tokio::sync::mpsc;

pub use clock::Skew;
pub use connection::{SimConnection, SimListener, SimReadHalf, SimWriteHalf};
pub use env::SimEnv;
pub use identity::identity;
pub use link::{Cut, End};
pub use settings::{Pieces, Settings};
pub use tls::{Sealed, SimTls};

use crate::events::{Event, Log};
use link::Link;
use process::Process;
use universe::Universe;

/// Connections that may wait to be accepted, and writes that may be under way in one direction. turmoil
/// panics beyond the first, and loses the end of a stream beyond the second.
const TCP_CAPACITY: usize = 16 * 1024;

type Launch = Box<dyn FnOnce() + Send>;

/// A simulated world.
pub struct World {
    sim: turmoil::Sim<'static>,
    universe: Universe,
    world: Arc<str>,
    machines: BTreeMap<String, Machine>,
    processes: BTreeMap<String, Running>,
}

struct Machine {
    address: IpAddr,
    launches: mpsc::UnboundedSender<Launch>,
}

struct Running {
    process: Arc<Process>,
    lives: u64,
}

impl World {
    /// A world with `machines`, all of them switched on and idle.
    #[must_use]
    pub fn new(settings: Settings, machines: &[&str]) -> Self {
        let sim = settings.builder().build();
        let universe = Universe::new(settings);
        let mut world = Self {
            sim,
            universe,
            world: "world".into(),
            machines: BTreeMap::new(),
            processes: BTreeMap::new(),
        };
        for name in machines {
            world.add_machine(name);
        }
        world
    }

    fn add_machine(&mut self, name: &str) {
        let (launches, queue) = mpsc::unbounded_channel::<Launch>();
        let queue = Arc::new(Mutex::new(Some(queue)));
        self.sim.host(name, move || {
            let queue = queue.lock().expect("taken once").take();
            async move {
                let mut queue = queue.expect("machines are never restarted, only the processes on them");
                while let Some(launch) = queue.recv().await {
                    launch();
                }
                pending().await
            }
        });
        let address = self.sim.lookup(name);
        self.universe.name_host(name, address);
        self.machines.insert(name.to_owned(), Machine { address, launches });
    }

    /// Starts `main` as the process `name` on `machine`, in the next tick. A process of that name that was
    /// killed or has ended begins another life.
    ///
    /// # Panics
    /// Where the scenario names a machine that is not there.
    pub fn start<F>(
        &mut self,
        machine: &str,
        name: &str,
        skew: Skew,
        main: impl FnOnce(SimEnv) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let lives = self.processes.get(name).map_or(0, |running| running.lives);
        let machine = self.machines.get(machine).expect("a machine that the scenario made");
        let process = Process::new(&self.universe, name, lives, machine.address, skew);
        self.processes.insert(name.to_owned(), Running { process: Arc::clone(&process), lives: lives + 1 });
        let launch = Box::new(move || {
            process.record(Event::Started);
            let env = SimEnv::new(Arc::clone(&process));
            process.spawn("main", async move { main(env).await });
        });
        machine.launches.send(launch).expect("the machine runs as long as the world");
    }

    fn process(&self, name: &str) -> &Arc<Process> {
        &self.processes.get(name).expect("a process that the scenario started").process
    }

    /// `kill -9`: the kernel closes the process's connections.
    pub fn kill(&self, process: &str) {
        self.process(process).kill();
    }

    /// Pulls the plug: the process is gone, and nobody on the other side of its connections hears of it.
    pub fn power_cut(&self, process: &str) {
        let ended = self.process(process);
        let touched = self.universe.links();
        for (link, end) in touched.iter().filter_map(|link| Some((link, link.end_of(&ended.name)?))) {
            link.cut(end.other(), Cut::Silent);
        }
        ended.kill();
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
        self.fault(format!("{process} is asked to stop"));
        self.stop_signal(process).trigger();
    }

    fn stop_signal(&self, process: &str) -> &Stop {
        &self.process(process).stop
    }

    /// Sets a process's wall clock to be `wall_ms` ahead of the world's.
    pub fn set_wall(&self, process: &str, wall_ms: i64) {
        self.fault(format!("the wall clock of {process} is set {wall_ms} ms ahead"));
        self.process(process)
            .clock
            .lock()
            .expect("nothing panics while it holds the clock")
            .set_wall(wall_ms);
    }

    /// Cuts every connection that the process has now, in the way that both ends see.
    pub fn cut_connections(&self, process: &str, how: Cut) {
        self.fault(format!("the connections of {process} are cut: {how:?}"));
        for (link, end) in self.links_of(process) {
            link.cut(end, how);
            link.cut(end.other(), how);
        }
    }

    /// Nothing that the process writes to its present connections moves any further; or moves again.
    pub fn stall_writes(&self, process: &str, stalled: bool) {
        self.fault(format!("what {process} writes is {}", if stalled { "stalled" } else { "let go" }));
        for (link, end) in self.links_of(process) {
            link.stall(end, stalled);
        }
    }

    fn links_of(&self, process: &str) -> Vec<(Arc<Link>, End)> {
        let links = self.universe.links();
        links.into_iter().filter_map(|link| link.end_of(process).map(|end| (link, end))).collect()
    }

    fn fault(&self, what: String) {
        self.universe.record(&self.world, Event::Fault(what));
    }

    /// Simulated time since the start of the world.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.sim.elapsed()
    }

    /// The address of a machine.
    #[must_use]
    pub fn address(&self, machine: &str) -> IpAddr {
        self.machines.get(machine).expect("a machine that the scenario made").address
    }

    /// Moves time on by one tick.
    ///
    /// # Errors
    /// In words, where a task panicked or turmoil gave up.
    pub fn step(&mut self) -> Result<(), String> {
        self.sim.step().map_err(|error| error.to_string())?;
        self.universe.set_now(self.sim.elapsed());
        self.universe.failure().map_or(Ok(()), Err)
    }

    /// Moves time on until `at`.
    ///
    /// # Errors
    /// As for [`World::step`].
    pub fn run_until(&mut self, at: Duration) -> Result<(), String> {
        while self.now() < at {
            self.step()?;
        }
        Ok(())
    }

    /// Everything that has happened so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.universe.log()
    }
}
