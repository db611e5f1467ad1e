//! The actors of a run, and the strings that they hang on: what they are started with, and what they are told
//! while they run. It does not know in which kind of world they act.

use std::{collections::BTreeMap, future::Future, net::SocketAddr};

use chatdev_net::{Env, chat::MemoryStorage};
use jid::FullJid;
use tokio::sync::mpsc;

use crate::{
    actors::{
        Attempt, DOMAIN, Faults, PersonSettings, ServerDisk, ServerSettings, Watch, Wish, impostor, person,
        puppet, server,
    },
    checkers::Figures,
    schedule::{Actor, Kind, SERVER, Schedule},
    world::{Skew, identity},
};

/// A world in which processes can be started.
pub(crate) trait Premises {
    /// What a process in it sees of it.
    type Env: Env;

    /// Starts `main` as the process `name` on `machine`.
    fn start<F>(
        &mut self,
        machine: &str,
        name: &str,
        skew: Skew,
        main: impl FnOnce(Self::Env) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static;
}

/// See the file's documentation.
pub(crate) struct Cast<E: Env> {
    settings: ServerSettings,
    disk: ServerDisk,
    watch: Watch<E>,
    disks: BTreeMap<String, (MemoryStorage, Faults)>,
    wishes: BTreeMap<String, mpsc::UnboundedSender<Wish>>,
    lines: BTreeMap<String, mpsc::UnboundedSender<String>>,
    attempts: BTreeMap<String, mpsc::UnboundedSender<Attempt>>,
}

impl<E: Env> Cast<E> {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        Self {
            settings: ServerSettings { plan: schedule.server, identity: identity(schedule.seed, DOMAIN) },
            disk: ServerDisk::with_accounts(schedule.actors.iter().map(|actor| actor.account.as_str())),
            watch: Watch::default(),
            disks: BTreeMap::new(),
            wishes: BTreeMap::new(),
            lines: BTreeMap::new(),
            attempts: BTreeMap::new(),
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        let counters = self.watch.counters();
        Figures {
            online: self.watch.online(),
            messages_routed: counters.messages_routed,
            bounced: counters.bounced,
            slow_readers: counters.slow_readers,
        }
    }

    /// A process is killed: what is held of it from outside must not keep its connections open.
    pub(crate) fn let_go_of(&self, process: &str) {
        if process == SERVER {
            self.watch.let_go();
        }
    }

    /// A person wishes something.
    pub(crate) fn wish(&self, of: &str, wish: Wish) {
        // A person whose client has ended has gone.
        let _gone = self.wishes.get(of).map(|wishes| wishes.send(wish));
    }

    /// A puppet is to write something.
    pub(crate) fn write(&self, who: &str, xml: &str) {
        // A puppet whose stream is over has gone.
        let _gone = self.lines.get(who).map(|lines| lines.send(xml.to_owned()));
    }

    /// An impostor is to dial a victim, who listens at `at`, as somebody: the names of the three, in this order. `holds`:
    /// whose certificate and key it has in the place of its own.
    pub(crate) fn attempt(&self, schedule: &Schedule, names: [&str; 3], at: SocketAddr, holds: Option<&str>) {
        let [who, victim, claims] = names;
        let shown = identity(schedule.seed, holds.unwrap_or(who));
        let jid = |name: &str| schedule.actor(name).and_then(full_jid);
        if let (Some(victim), Some(claims)) = (jid(victim), jid(claims)) {
            let attempt = Attempt { at, victim, claims, shown };
            let _gone = self.attempts.get(who).map(|attempts| attempts.send(attempt));
        }
    }

    /// What can be wrong with a process's disk.
    pub(crate) fn faults(&mut self, who: &str) -> Faults {
        if who == SERVER {
            return self.disk.faults.clone();
        }
        self.disks.entry(who.to_owned()).or_default().1.clone()
    }

    pub(crate) fn start_server(&mut self, premises: &mut impl Premises<Env = E>) {
        let (settings, disk, watch) = (self.settings.clone(), self.disk.clone(), self.watch.clone());
        let skew = Skew { rate_ppm: settings.plan.clock_rate_ppm, wall_ms: 0 };
        premises.start(SERVER, SERVER, skew, |env| server(env, settings, disk, watch));
    }

    pub(crate) fn start(
        &mut self,
        premises: &mut impl Premises<Env = E>,
        schedule: &Schedule,
        actor: &Actor,
    ) {
        let skew = Skew { rate_ppm: actor.clock_rate_ppm, wall_ms: 0 };
        let (machine, name) = (&actor.machine, &actor.name);
        match actor.kind {
            Kind::Puppet => {
                let (lines, heard) = mpsc::unbounded_channel();
                self.lines.insert(name.clone(), lines);
                let own = actor.clone();
                premises.start(machine, name, skew, |env| puppet(env, own, heard));
            }
            Kind::Impostor => {
                let (attempts, heard) = mpsc::unbounded_channel();
                self.attempts.insert(name.clone(), attempts);
                let own = identity(schedule.seed, name);
                premises.start(machine, name, skew, |env| impostor(env, own, heard));
            }
            Kind::Person => {
                let (wishes, heard) = mpsc::unbounded_channel();
                self.wishes.insert(name.clone(), wishes);
                let (kept, faults) = self.disks.entry(name.clone()).or_default().clone();
                let settings = PersonSettings {
                    identity: identity(schedule.seed, name),
                    server: self.settings.identity.clone(),
                    kept,
                    faults,
                    page_entries: schedule.server.page_entries,
                    actor: actor.clone(),
                };
                premises.start(machine, name, skew, |env| person(env, settings, heard));
            }
        }
    }
}

fn full_jid(actor: &Actor) -> Option<FullJid> {
    FullJid::new(&format!("{}@{DOMAIN}/{}", actor.account, actor.resource)).ok()
}
