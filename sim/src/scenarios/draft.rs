//! A schedule in the making: what most scenarios have in common.

use chatdev_net::derive;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::schedule::{
    Act, Actor, Ending, Expected, Kind, Manner, Network, Op, SCHEMA, SERVER, Schedule, ServerPlan,
};

/// What the server tells its clients, in milliseconds.
pub(super) const INTERVAL_MS: u64 = ServerPlan::BRISK.interval_s * 1000;
pub(super) const LIMIT_MS: u64 = ServerPlan::BRISK.limit_s * 1000;

/// Everybody is signed in and has seen everybody by then, if started in the first hundred milliseconds.
pub(super) const SETTLED_MS: u64 = 1_500;

/// So long after the last fault a world has settled, if no connection fell silent: back-off, sign-in, a check-in,
/// and whoever has to be reaped.
pub(super) const CALM_MS: u64 = 7_000;

/// The same where connections may have fallen silent: a client finds out by a check-in that is not answered for
/// seven seconds, by a sign-in that is not done within eight, by a message that is not acknowledged within ten,
/// and then still has to come back.
pub(super) const CALM_AFTER_SILENCE_MS: u64 = 22_000;

/// The machines that clients run on.
pub(super) const MACHINES: [&str; 2] = ["left", "right"];

/// See the file's documentation.
pub(super) struct Draft {
    rng: ChaCha20Rng,
    schedule: Schedule,
}

impl Draft {
    /// A server, on a network drawn from `seed`.
    pub(super) fn new(scenario: &str, seed: u64) -> Self {
        let mut world = [0; 32];
        world[..8].copy_from_slice(&seed.to_be_bytes());
        let network = draw_network(&mut derive::generator(&world, "schedule: network", 0), seed);
        let schedule = Schedule {
            schema: SCHEMA,
            scenario: scenario.to_owned(),
            about: None,
            seed,
            network,
            server: ServerPlan::BRISK,
            actors: Vec::new(),
            ops: Vec::new(),
            settle_ms: 0,
            expected: Vec::new(),
        };
        Self { rng: derive::generator(&world, "schedule: workload", 0), schedule }
    }

    /// Takes the drawn network back: what follows is exact to the millisecond.
    pub(super) fn exact(mut self) -> Self {
        self.schedule.network = Network::QUIET;
        self
    }

    /// Time in larger grains, for worlds in which no millisecond matters.
    pub(super) fn coarse(mut self, tick_ms: u64) -> Self {
        let network = &mut self.schedule.network;
        network.tick_ms = tick_ms;
        network.latency_ms = network.latency_ms.max(tick_ms);
        self
    }

    /// The server's settings.
    pub(super) fn server(&mut self) -> &mut ServerPlan {
        &mut self.schedule.server
    }

    /// The way of a write without delays, in milliseconds.
    pub(super) fn latency_ms(&self) -> u64 {
        self.schedule.network.latency_ms
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.rng.next_u64() % (high - low + 1)
    }

    /// One of them.
    pub(super) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let chosen = self.rng.next_u64() % choices.len() as u64;
        choices[usize::try_from(chosen).expect("less than the length of a slice")].clone()
    }

    /// One of them that is not `other`.
    pub(super) fn pick_other(&mut self, choices: &[String], other: &str) -> String {
        let rest: Vec<String> = choices.iter().filter(|choice| *choice != other).cloned().collect();
        self.pick(&rest)
    }

    /// Heads or tails.
    pub(super) fn toss(&mut self) -> bool {
        self.rng.next_u64().is_multiple_of(2)
    }

    /// Adds a client that starts at that time. Clients take turns on the machines.
    pub(super) fn actor(&mut self, name: &str, account: &str, kind: Kind, start_ms: u64) -> String {
        let machine = MACHINES[self.schedule.actors.len() % MACHINES.len()];
        let actor = Actor {
            name: name.to_owned(),
            machine: machine.to_owned(),
            account: account.to_owned(),
            resource: "desk".to_owned(),
            kind,
            start_ms,
            tls_at_once: self.toss(),
            clock_rate_ppm: 0,
        };
        self.schedule.actors.push(actor);
        name.to_owned()
    }

    /// Adds so many people, each with an account of the same name, who start within the first hundred
    /// milliseconds, and gives their names. Their clocks run a little wrong.
    pub(super) fn people(&mut self, count: u64) -> Vec<String> {
        let known = ["alice", "bob", "carol", "dave", "erin", "frank"].map(ToOwned::to_owned);
        let others = (known.len() as u64..).map(|number| format!("person-{number}"));
        let names: Vec<String> =
            known.into_iter().chain(others).take(usize::try_from(count).expect("a crowd fits")).collect();
        for name in &names {
            let start_ms = self.between(5, 100);
            self.actor(name, name, Kind::Person, start_ms);
            let rate = self.pick(&[-500, -20, 0, 20, 500]);
            if let Some(actor) = self.schedule.actors.last_mut() {
                actor.clock_rate_ppm = rate;
            }
        }
        names
    }

    /// The client that was added last.
    pub(super) fn last(&mut self) -> &mut Actor {
        self.schedule.actors.last_mut().expect("one was added")
    }

    /// Every client, to be changed.
    pub(super) fn actors(&mut self) -> &mut [Actor] {
        &mut self.schedule.actors
    }

    /// The machine that a client runs on.
    pub(super) fn machine_of(&self, name: &str) -> String {
        self.schedule.actor(name).map(|actor| actor.machine.clone()).unwrap_or_default()
    }

    /// Something is done.
    pub(super) fn at(&mut self, at_ms: u64, act: Act) {
        self.then(at_ms, act, vec![]);
    }

    /// Something is done, and something must be so in the end because of it.
    pub(super) fn then(&mut self, at_ms: u64, act: Act, then: Vec<Expected>) {
        self.schedule.ops.push(Op { at_ms, act, then });
    }

    /// Nothing gets through between two machines, in either direction.
    pub(super) fn part(&mut self, at_ms: u64, one: &str, other: &str, for_ms: u64) {
        for (from, to) in [(one, other), (other, one)] {
            self.at(at_ms, Act::Shut { from: from.to_owned(), to: to.to_owned(), for_ms });
        }
    }

    /// `from` sends a message of its own text; `delivered`: it must arrive.
    pub(super) fn send(&mut self, at_ms: u64, from: &str, to: &str, delivered: bool) {
        let number = self.schedule.ops.len();
        let text = format!("{number}: from {from} to {to}");
        let then = if delivered { vec![Expected::Delivered(text.clone())] } else { vec![] };
        self.then(at_ms, Act::Send { from: from.to_owned(), to: to.to_owned(), text }, then);
    }

    /// Some messages among `people`, between two times.
    pub(super) fn chatter(
        &mut self,
        people: &[String],
        count: u64,
        (from_ms, to_ms): (u64, u64),
        delivered: bool,
    ) {
        for _ in 0..count {
            let at_ms = self.between(from_ms, to_ms);
            let from = self.pick(people);
            let to = self.pick_other(people, &from);
            self.send(at_ms, &from, &to, delivered);
        }
    }

    /// The server ends in some manner, and begins again.
    pub(super) fn restart_server(&mut self, at_ms: u64, down_ms: u64) {
        let how = self.pick(&[Ending::Asked, Ending::Killed, Ending::PowerCut]);
        self.at(at_ms, Act::End { who: SERVER.to_owned(), how, back_after_ms: Some(down_ms) });
    }

    /// One of the ways to cut a connection.
    pub(super) fn manner(&mut self) -> Manner {
        self.pick(&[Manner::Fin, Manner::Rst, Manner::Silent])
    }

    /// What must be so in the end, whichever operations are left out.
    pub(super) fn expect(&mut self, expected: Expected) {
        self.schedule.expected.push(expected);
    }

    /// The schedule: after its last operation the world has so long to settle.
    pub(super) fn settle(mut self, settle_ms: u64) -> Schedule {
        // Stable: what was written first happens first within a millisecond.
        self.schedule.ops.sort_by_key(|op| op.at_ms);
        self.schedule.settle_ms = settle_ms;
        self.schedule
    }

    /// The same, for as long as its faults need.
    pub(super) fn settle_after_faults(self) -> Schedule {
        let fell_silent = self.schedule.ops.iter().any(|op| leaves_silence(&op.act));
        self.settle(if fell_silent { CALM_AFTER_SILENCE_MS } else { CALM_MS })
    }
}

/// Whether an act leaves connections behind of which an end does not know that they are dead.
fn leaves_silence(act: &Act) -> bool {
    matches!(
        act,
        Act::Cut { how: Manner::Silent, .. }
            | Act::CutAfter { how: Manner::Silent, .. }
            | Act::End { how: Ending::PowerCut, .. }
            | Act::Shut { .. }
            | Act::Stall { .. }
            | Act::Deafen { .. }
            | Act::Dials { .. }
            | Act::Freeze { .. }
            | Act::Disk { .. }
    )
}

fn draw_network(rng: &mut ChaCha20Rng, seed: u64) -> Network {
    let mut on = || rng.next_u64().is_multiple_of(2);
    if seed.is_multiple_of(4) {
        return Network::QUIET;
    }
    let (jitter, pieces, chaos, turns) = (on(), on(), on(), on());
    let mut up_to = |most: u64| 1 + rng.next_u64() % most;
    Network {
        latency_ms: up_to(5),
        jitter_ms_max: if jitter { up_to(30) } else { 0 },
        pieces_octets_max: pieces.then(|| usize::try_from(up_to(200)).expect("at most 200")),
        chaos_ms_max: if chaos { up_to(10) } else { 0 },
        random_turns: turns,
        ..Network::QUIET
    }
}
