//! A simulated world, and what a schedule does to it and to those who act in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chatdev_net::tls::Identity;

use super::{
    cast::{Cast, Premises},
    timeline::Deed,
};
use crate::{
    actors::{DOMAIN, Wish},
    checkers::Figures,
    schedule::{Act, Actor, Ending, Manner, SERVER, Schedule},
    world::{Cut, Dial, Falsification, SimEnv, Skew, World, identity},
};

impl Premises for World {
    type Env = SimEnv;

    fn start<F>(
        &mut self,
        machine: &str,
        name: &str,
        skew: Skew,
        main: impl FnOnce(SimEnv) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start(self, machine, name, skew, main);
    }
}

/// See the file's documentation.
pub(super) struct Stage {
    pub(super) world: World,
    cast: Cast<SimEnv>,
    /// How many operations hold something in a state: it is left when the last of them is over.
    held: BTreeMap<String, u32>,
}

impl Stage {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let machines: BTreeSet<&str> = schedule.actors.iter().map(|actor| actor.machine.as_str()).collect();
        let machines: Vec<&str> = [SERVER].into_iter().chain(machines).collect();
        let world = World::new(schedule.network.settings(schedule.seed), &machines);
        world.name(SERVER, DOMAIN);
        Self { world, cast: Cast::new(schedule), held: BTreeMap::new() }
    }

    pub(super) fn figures(&self) -> Figures {
        self.cast.figures()
    }

    pub(super) fn take(&mut self, schedule: &Schedule, deed: &Deed) -> Result<(), String> {
        match deed {
            Deed::StartServer => self.start_server(),
            Deed::Start(index) => self.start(schedule, &schedule.actors[*index]),
            Deed::Begin(index) => {
                let act = &schedule.ops[*index].act;
                self.world.note_fault(*index, false);
                self.begin(schedule, act);
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
            Act::Cut { who, how } => self.world.cut_connections(who, cut(*how)),
            Act::SetWall { who, ahead_ms } => self.world.set_wall(who, *ahead_ms),
            Act::Send { from, to, text } => {
                self.cast.wish(from, Wish::Send { to: to.clone(), text: text.clone() });
            }
            Act::SetStatus { who, status } => self.cast.wish(who, Wish::SetStatus(status.clone())),
            Act::Write { who, xml } => self.cast.write(who, xml),
            Act::Impersonate { who, victim, claims, copied, holds } => {
                self.impersonate(schedule, [who, victim, claims], holds.as_deref(), *copied);
            }
            lasting if self.hold(lasting) => self.change(schedule, lasting, true),
            _ => {}
        }
    }

    fn over(&mut self, schedule: &Schedule, act: &Act) -> Result<(), String> {
        match act {
            Act::End { who, .. } if who == SERVER => self.start_again(SERVER, Self::start_server),
            Act::End { who, .. } => {
                let actor = find(schedule, who)?;
                self.start_again(who, |stage| stage.start(schedule, actor));
            }
            lasting if self.release(lasting) => self.change(schedule, lasting, false),
            _ => {}
        }
        Ok(())
    }

    /// Whether this is the first operation that holds it.
    fn hold(&mut self, act: &Act) -> bool {
        let count = self.held.entry(target(act)).or_default();
        *count += 1;
        *count == 1
    }

    /// Whether no other operation holds it.
    fn release(&mut self, act: &Act) -> bool {
        let count = self.held.entry(target(act)).or_default();
        *count = count.saturating_sub(1);
        *count == 0
    }

    /// Brings about, or ends, what lasts.
    fn change(&mut self, schedule: &Schedule, act: &Act, on: bool) {
        match act {
            Act::Freeze { who, .. } if on => self.world.pause(who),
            Act::Freeze { who, .. } => self.world.resume(who),
            Act::Stall { who, .. } => self.world.stall_writes(who, on),
            Act::Deafen { who, .. } => self.world.deafen(who, on),
            Act::CutAfter { who, octets, how, .. } => {
                self.world.cut_after(who, on.then_some((*octets, cut(*how))));
            }
            Act::Shut { from, to, .. } => self.world.shut(from, to, on),
            Act::Slow { from, to, by_ms, .. } => {
                self.world.slow(from, to, Duration::from_millis(if on { *by_ms } else { 0 }));
            }
            Act::Dials { to, hang, .. } => {
                let how = if *hang { Dial::Hangs } else { Dial::Refused };
                self.world.dials(to, if on { how } else { Dial::Answered });
            }
            Act::Disk { who, how, .. } => self.cast.faults(who).set(on.then_some(*how)),
            Act::Lie { to, about, shown, .. } if on => {
                let lie = self.lie(schedule, about, shown);
                self.world.lie(&target(act), SERVER, to, lie);
            }
            Act::Hide { from, of, .. } if on => {
                let lie = vec![(element_of(&identity(schedule.seed, of)), String::new())];
                self.world.lie(&target(act), SERVER, from, lie);
            }
            Act::Lie { .. } | Act::Hide { .. } => self.world.end_lie(&target(act)),
            _ => {}
        }
    }

    fn end(&mut self, who: &str, how: Ending) {
        if !self.world.is_running(who) {
            return;
        }
        match how {
            Ending::Asked => self.world.ask_to_stop(who),
            Ending::Killed => {
                self.cast.let_go_of(who);
                self.world.kill(who);
            }
            Ending::PowerCut => {
                self.cast.let_go_of(who);
                self.world.power_cut(who);
            }
        }
    }

    /// Another life, after the present one is killed where it did not end by itself.
    fn start_again(&mut self, who: &str, start: impl FnOnce(&mut Self)) {
        self.end(who, Ending::Killed);
        start(self);
    }

    /// What a server says that shows `shown` where it should show `about`: key and endpoint.
    fn lie(&self, schedule: &Schedule, about: &str, shown: &str) -> Vec<Falsification> {
        let keys = [about, shown].map(|who| identity(schedule.seed, who).fingerprint().to_string());
        let ports = [about, shown].map(|who| self.world.listener_of(who));
        let [true_key, false_key] = keys;
        let mut lie = vec![(true_key, false_key)];
        if let [Some(there), Some(here)] = ports {
            let endpoint = |at: std::net::SocketAddr| format!("host='{}' port='{}'", at.ip(), at.port());
            lie.push((endpoint(there), endpoint(here)));
        }
        lie
    }

    fn impersonate(&self, schedule: &Schedule, names: [&str; 3], holds: Option<&str>, copied: bool) {
        let [who, victim, claims] = names;
        let Some(at) = self.world.listener_of(victim) else { return };
        self.world.pretend(who, copied.then(|| identity(schedule.seed, claims).certificate().to_vec()));
        self.cast.attempt(schedule, names, at, holds);
    }

    fn start_server(&mut self) {
        self.cast.start_server(&mut self.world);
    }

    fn start(&mut self, schedule: &Schedule, actor: &Actor) {
        self.cast.start(&mut self.world, schedule, actor);
    }
}

fn cut(how: Manner) -> Cut {
    match how {
        Manner::Fin => Cut::Fin,
        Manner::Rst => Cut::Rst,
        Manner::Silent => Cut::Silent,
    }
}

/// What an operation that lasts holds: others of the same target overlap with it.
fn target(act: &Act) -> String {
    match act {
        Act::Freeze { who, .. } => format!("freeze {who}"),
        Act::Stall { who, .. } => format!("stall {who}"),
        Act::Deafen { who, .. } => format!("deafen {who}"),
        Act::CutAfter { who, .. } => format!("cut after {who}"),
        Act::Shut { from, to, .. } => format!("shut {from} {to}"),
        Act::Slow { from, to, .. } => format!("slow {from} {to}"),
        Act::Dials { to, .. } => format!("dials {to}"),
        Act::Disk { who, .. } => format!("disk {who}"),
        Act::Lie { to, about, .. } => format!("lie {to} {about}"),
        Act::Hide { from, of, .. } => format!("hide {from} {of}"),
        other => other.to_string(),
    }
}

/// `<fingerprint/>` as the product writes it.
fn element_of(identity: &Identity) -> String {
    let key = identity.fingerprint();
    format!("<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'>{key}</fingerprint>")
}

fn find<'a>(schedule: &'a Schedule, name: &str) -> Result<&'a Actor, String> {
    schedule.actor(name).ok_or_else(|| format!("no actor is called {name}"))
}
