//! A world of real sockets, and what a schedule does to it and to those who act in it: those of its acts that a machine
//! can do.

use std::{collections::BTreeMap, future::Future, io};

use super::{env::RealEnv, premises::RealWorld};
use crate::{
    actors::Wish,
    checkers::Figures,
    run::{
        cast::{Cast, Premises},
        timeline::Deed,
    },
    schedule::{Act, DiskFault, Ending, Manner, SERVER, Schedule},
    world::{Cut, Skew, identity},
};

impl Premises for RealWorld {
    type Env = RealEnv;

    /// All processes are on this machine, and its clock is theirs.
    fn start<F>(&mut self, _: &str, name: &str, _: Skew, main: impl FnOnce(RealEnv) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Err(error) = Self::start(self, name, main) {
            self.fail(format!("{name} cannot be started: {error}"));
        }
    }
}

/// See the file's documentation.
pub(super) struct Stage {
    pub(super) world: RealWorld,
    cast: Cast<RealEnv>,
    /// How many operations hold a process frozen, or keep its disk from being well.
    frozen: BTreeMap<String, u32>,
    unwell: BTreeMap<String, u32>,
}

impl Stage {
    pub(super) fn new(schedule: &Schedule) -> io::Result<Self> {
        let (frozen, unwell) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { world: RealWorld::new()?, cast: Cast::new(schedule), frozen, unwell })
    }

    pub(super) fn figures(&self) -> Figures {
        self.cast.figures()
    }

    pub(super) fn take(&mut self, schedule: &Schedule, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::StartServer => self.cast.start_server(&mut self.world),
            Deed::Start(index) => self.cast.start(&mut self.world, schedule, &schedule.actors[*index]),
            Deed::Begin(index) => {
                self.world.note_fault(*index, false);
                self.begin(schedule, &schedule.ops[*index].act);
            }
            Deed::Over(index) => {
                self.world.note_fault(*index, true);
                self.over(schedule, &schedule.ops[*index].act)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, schedule: &Schedule, act: &Act) {
        match act {
            Act::End { who, how, .. } => self.end(who, *how),
            Act::Cut { who, how } => {
                self.world.cut_connections(who, if *how == Manner::Rst { Cut::Rst } else { Cut::Fin });
            }
            Act::Send { from, to, text } => {
                self.cast.wish(from, Wish::Send { to: to.clone(), text: text.clone() });
            }
            Act::SetStatus { who, status } => self.cast.wish(who, Wish::SetStatus(status.clone())),
            Act::Write { who, xml } => self.cast.write(who, xml),
            Act::Impersonate { who, victim, claims, copied, holds } => {
                let Some(at) = self.world.listener_of(victim) else { return };
                let certificate = copied.then(|| identity(schedule.seed, claims).certificate().to_vec());
                self.world.pretend(who, certificate);
                self.cast.attempt(schedule, [who, victim, claims], at, holds.as_deref());
            }
            Act::Freeze { who, .. } if count(&mut self.frozen, who, 1) == 1 => self.world.pause(who),
            Act::Disk { who, how, .. } if count(&mut self.unwell, who, 1) == 1 => {
                self.set_disk(who, Some(*how));
            }
            _ => {}
        }
    }

    fn over(&mut self, schedule: &Schedule, act: &Act) -> Result<(), String> {
        match act {
            // Another life, after the present one is killed where it did not end by itself.
            Act::End { who, .. } if who == SERVER => {
                self.end(who, Ending::Killed);
                self.cast.start_server(&mut self.world);
            }
            Act::End { who, .. } => {
                let actor = schedule.actor(who).ok_or_else(|| format!("no actor is called {who}"))?;
                self.end(who, Ending::Killed);
                self.cast.start(&mut self.world, schedule, actor);
            }
            Act::Freeze { who, .. } if count(&mut self.frozen, who, -1) == 0 => self.world.resume(who),
            Act::Disk { who, .. } if count(&mut self.unwell, who, -1) == 0 => self.set_disk(who, None),
            _ => {}
        }
        Ok(())
    }

    fn set_disk(&mut self, who: &str, fault: Option<DiskFault>) {
        self.cast.faults(who).set(fault);
    }

    fn end(&mut self, who: &str, how: Ending) {
        if !self.world.is_running(who) {
            return;
        }
        if how == Ending::Asked {
            self.world.ask_to_stop(who);
        } else {
            self.cast.let_go_of(who);
            self.world.kill(who);
        }
    }
}

/// How many hold it now.
fn count(held: &mut BTreeMap<String, u32>, who: &str, change: i32) -> u32 {
    let count = held.entry(who.to_owned()).or_default();
    *count = count.saturating_add_signed(change);
    *count
}
