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
mod lies;
mod link;
mod process;
mod routes;
mod settings;
mod tls;
mod universe;

use std::{
    collections::BTreeMap,
    future::{Future, pending},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::Env;
use tokio::sync::mpsc;

pub use clock::Skew;
pub use connection::{SimConnection, SimListener, SimReadHalf, SimWriteHalf};
pub use env::SimEnv;
pub use identity::identity;
pub use link::{Cut, End};
pub use settings::{Pieces, Settings};
pub use tls::{Sealed, SimTls};

use crate::events::{Entry, Event};
pub(crate) use gate::{Gate, behind};
pub(crate) use lies::Falsification;
use link::Link;
use process::Process;
pub(crate) use routes::Dial;
use universe::Universe;

/// Connections that may wait to be accepted, and writes that may be under way in one direction. turmoil
/// panics beyond the first, and loses the end of a stream beyond the second.
const TCP_CAPACITY: usize = 16 * 1024;

/// How long a process that is started again takes to begin.
const BETWEEN_LIVES: Duration = Duration::from_millis(2);

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
        self.universe.routes(|routes| routes.power_on(name));
        let machine = self.machines.get(machine).expect("a machine that the scenario made");
        let process = Process::new(&self.universe, name, lives, machine.address, skew);
        self.processes.insert(name.to_owned(), Running { process: Arc::clone(&process), lives: lives + 1 });
        let launch = Box::new(move || {
            process.record(Event::Started);
            let env = SimEnv::new(Arc::clone(&process));
            let own = Arc::clone(&process);
            process.spawn("main", async move {
                // By then the kernel has closed what an earlier life had open.
                Env::sleep_until(&env, if lives == 0 { Duration::ZERO } else { BETWEEN_LIVES }).await;
                main(env).await;
                own.record(Event::Finished);
            });
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

    /// Pulls the plug: the process is gone, nobody on the other side of its connections hears of it, and
    /// dialling it hangs until it is started again.
    pub fn power_cut(&self, process: &str) {
        let ended = self.process(process);
        self.universe.routes(|routes| routes.power_cut(&ended.name));
        for (link, end) in self.links_of(process) {
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
        self.process(process).stop.trigger();
    }

    /// Sets a process's wall clock to be `wall_ms` ahead of the world's.
    pub fn set_wall(&self, process: &str, wall_ms: i64) {
        let mut clock = self.process(process).clock.lock().expect("nothing panics while it holds the clock");
        clock.set_wall(wall_ms);
    }

    /// Cuts every connection that the process has now, in the way that both ends see.
    pub fn cut_connections(&self, process: &str, how: Cut) {
        for (link, end) in self.links_of(process) {
            link.cut(end, how);
            link.cut(end.other(), how);
        }
    }

    /// Cuts the connection on which the process writes the last of so many octets more; or no longer.
    pub fn cut_after(&self, process: &str, after: Option<(u64, Cut)>) {
        let after = after.map(|(octets, how)| (usize::try_from(octets).unwrap_or(usize::MAX), how));
        self.process(process).set_countdown(after);
    }

    /// Nothing that the process writes to its present connections moves any further; or moves again.
    pub fn stall_writes(&self, process: &str, stalled: bool) {
        let since = stalled.then(|| self.now());
        for (link, end) in self.links_of(process) {
            link.stall(end, since);
        }
    }

    /// The process does not read from its present connections any more; or does again.
    pub fn deafen(&self, process: &str, deaf: bool) {
        for (link, end) in self.links_of(process) {
            link.deafen(end, deaf);
        }
    }

    /// Nothing gets from one machine to another; or does again.
    pub fn shut(&self, from: &str, to: &str, shut: bool) {
        self.universe.set_shut((self.address(from), self.address(to)), shut);
    }

    /// Everything that is written from now on takes so much longer from one machine to another.
    pub fn slow(&self, from: &str, to: &str, by: Duration) {
        self.universe.routes(|routes| routes.set_slow((self.address(from), self.address(to)), by));
    }

    /// What becomes of dials to a machine.
    pub(crate) fn dials(&self, to: &str, how: Dial) {
        self.universe.routes(|routes| routes.set_dials(self.address(to), how));
    }

    /// `teller` falsifies what it says to `hearer`, until that lie is ended.
    pub(crate) fn lie(&self, name: &str, teller: &str, hearer: &str, falsifications: Vec<Falsification>) {
        self.universe.lies(|lies| lies.tell(name, teller, hearer, falsifications));
    }

    /// A lie is told no longer.
    pub(crate) fn end_lie(&self, name: &str) {
        self.universe.lies(|lies| lies.end(name));
    }

    /// A process shows this certificate in its handshakes, to which it has no key; or its own again.
    pub(crate) fn pretend(&self, process: &str, certificate: Option<Vec<u8>>) {
        self.universe.lies(|lies| lies.pretend(process, certificate));
    }

    /// Where a process listens.
    #[must_use]
    pub fn listener_of(&self, process: &str) -> Option<SocketAddr> {
        self.universe.routes(|routes| routes.listener_of(process))
    }

    /// Whether the process was started and has not been killed.
    #[must_use]
    pub fn is_running(&self, process: &str) -> bool {
        self.processes.get(process).is_some_and(|running| !running.process.is_killed())
    }

    fn links_of(&self, process: &str) -> Vec<(Arc<Link>, End)> {
        let links = self.universe.links().into_iter();
        links.flat_map(|link| link.ends_of(process).map(move |end| (Arc::clone(&link), end))).collect()
    }

    /// Writes down that an operation of the schedule begins or is over.
    pub fn note_fault(&self, op: usize, over: bool) {
        self.universe.record(&self.world, Event::Fault { op, over });
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

    /// Another name for a machine.
    pub fn name(&self, machine: &str, name: &str) {
        self.universe.name_host(name, self.address(machine));
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

    /// From now on every byte on the network goes into [`World::wire_digest`].
    pub fn hash_wire(&self) {
        self.universe.hash_wire();
    }

    /// SHA-256 of the bytes on the network; zeros where they are not hashed.
    #[must_use]
    pub fn wire_digest(&self) -> [u8; 32] {
        self.universe.wire_digest()
    }

    /// What has happened since this was last asked, in order.
    #[must_use]
    pub fn take_entries(&self) -> Vec<Entry> {
        self.universe.take_entries()
    }
}
