//! Runs a schedule: builds its world, does to it what the schedule says, and has the outcome judged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use chatdev_net::{chat::MemoryStorage, serve::Server};
use tokio::sync::mpsc;

use crate::{
    actors::{DOMAIN, PersonSettings, ServerSettings, Store, Wish, person, puppet, server},
    checkers::{Verdict, judge},
    events::Log,
    schedule::{Actor, Kind, Schedule, Step},
    world::{Cut, SimEnv, Skew, World, identity},
};

/// The name of the server's process.
pub const SERVER: &str = "server";

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Everything that happened.
    pub log: Log,
    /// What the checkers say of it.
    pub verdict: Verdict,
}

/// What can only be asked of the programs themselves, at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// The server runs, and has so many in its directory.
    pub(crate) online: Option<usize>,
    /// Messages that the server routed in its present life.
    pub(crate) messages_routed: u64,
}

/// Runs `schedule` from beginning to end.
#[must_use]
pub fn run(schedule: &Schedule) -> Outcome {
    let mut stage = Stage::new(schedule);
    let failure = stage.play(schedule).err();
    let figures = stage.figures();
    let log = stage.world.log();
    let verdict = judge(schedule, log.entries(), figures, failure);
    Outcome { log, verdict }
}

/// The world, and the strings that its actors hang on.
struct Stage {
    world: World,
    settings: ServerSettings,
    store: Store,
    running: Arc<Mutex<Option<Server<SimEnv, Store>>>>,
    disks: BTreeMap<String, MemoryStorage>,
    wishes: BTreeMap<String, mpsc::UnboundedSender<Wish>>,
    lines: BTreeMap<String, mpsc::UnboundedSender<String>>,
}

impl Stage {
    fn new(schedule: &Schedule) -> Self {
        let machines: BTreeSet<&str> = schedule.actors.iter().map(|actor| actor.machine.as_str()).collect();
        let machines: Vec<&str> = [DOMAIN].into_iter().chain(machines).collect();
        Self {
            world: World::new(schedule.network.settings(schedule.seed), &machines),
            settings: ServerSettings {
                interval: Duration::from_secs(schedule.interval_s),
                limit: Duration::from_secs(schedule.limit_s),
                identity: identity(schedule.seed, DOMAIN),
            },
            store: Store::with_accounts(schedule.actors.iter().map(|actor| actor.account.as_str())),
            running: Arc::default(),
            disks: BTreeMap::new(),
            wishes: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    fn play(&mut self, schedule: &Schedule) -> Result<(), String> {
        for timed in &schedule.steps {
            self.world.run_until(Duration::from_millis(timed.at_ms))?;
            self.take(schedule, &timed.step)?;
        }
        self.world.run_until(Duration::from_millis(schedule.end_ms))
    }

    fn take(&mut self, schedule: &Schedule, step: &Step) -> Result<(), String> {
        match step {
            Step::Start(name) if name == SERVER => self.start_server(),
            Step::Start(name) => self.start(schedule, find(schedule, name)?),
            Step::AskToStop(name) => self.world.ask_to_stop(name),
            Step::Kill(name) => {
                self.let_go_of(name);
                self.world.kill(name);
            }
            Step::PowerCut(name) => {
                self.let_go_of(name);
                self.world.power_cut(name);
            }
            Step::Pause(name) => self.world.pause(name),
            Step::Resume(name) => self.world.resume(name),
            Step::CutByFin(name) => self.world.cut_connections(name, Cut::Fin),
            Step::CutByRst(name) => self.world.cut_connections(name, Cut::Rst),
            Step::CutSilently(name) => self.world.cut_connections(name, Cut::Silent),
            Step::Stall(name) => self.world.stall_writes(name, true),
            Step::LetGo(name) => self.world.stall_writes(name, false),
            Step::SetWall(name, wall_ms) => self.world.set_wall(name, *wall_ms),
            Step::Send { from, to, text } => {
                self.wish(from, Wish::Send { to: to.clone(), text: text.clone() })?;
            }
            Step::SetStatus { of, status } => self.wish(of, Wish::SetStatus(status.clone()))?,
            Step::Write { puppet, xml } => {
                let lines = self.lines.get(puppet).ok_or_else(|| format!("no puppet is called {puppet}"))?;
                // A puppet whose stream is over has gone.
                let _gone = lines.send(xml.clone());
            }
        }
        Ok(())
    }

    /// What is held of a process must not keep its connections open when it is gone.
    fn let_go_of(&self, process: &str) {
        if process == SERVER {
            *self.running.lock().expect("nothing panics while it holds the server") = None;
        }
    }

    fn wish(&self, of: &str, wish: Wish) -> Result<(), String> {
        let wishes = self.wishes.get(of).ok_or_else(|| format!("nobody is called {of}"))?;
        // A person whose client has ended has gone.
        let _gone = wishes.send(wish);
        Ok(())
    }

    fn start_server(&mut self) {
        let (settings, store, running) =
            (self.settings.clone(), self.store.clone(), Arc::clone(&self.running));
        self.let_go_of(SERVER);
        self.world.start(DOMAIN, SERVER, Skew::default(), |env| server(env, settings, store, running));
    }

    fn start(&mut self, schedule: &Schedule, actor: &Actor) {
        let skew = Skew { rate_ppm: actor.clock_rate_ppm, wall_ms: 0 };
        match actor.kind {
            Kind::Puppet => {
                let (lines, heard) = mpsc::unbounded_channel();
                self.lines.insert(actor.name.clone(), lines);
                let own = actor.clone();
                self.world.start(&actor.machine, &actor.name, skew, |env| puppet(env, own, heard));
            }
            Kind::Person => {
                let (wishes, heard) = mpsc::unbounded_channel();
                self.wishes.insert(actor.name.clone(), wishes);
                let settings = PersonSettings {
                    identity: identity(schedule.seed, &actor.name),
                    server: self.settings.identity.clone(),
                    storage: self.disks.entry(actor.name.clone()).or_default().clone(),
                    actor: actor.clone(),
                };
                self.world.start(&actor.machine, &actor.name, skew, |env| person(env, settings, heard));
            }
        }
    }

    fn figures(&self) -> Figures {
        let running = self.running.lock().expect("nothing panics while it holds the server");
        running.as_ref().map_or_else(Figures::default, |server| Figures {
            online: Some(server.online()),
            messages_routed: server.counters().messages_routed,
        })
    }
}

fn find<'a>(schedule: &'a Schedule, name: &str) -> Result<&'a Actor, String> {
    let mut actors = schedule.actors.iter();
    actors.find(|actor| actor.name == name).ok_or_else(|| format!("no actor is called {name}"))
}
