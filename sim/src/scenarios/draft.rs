//! A schedule in the making: what most scenarios have in common.

use chatdev_net::derive;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::{
    run::SERVER,
    schedule::{Actor, Expected, Kind, Network, Schedule, Step, Timed},
};

/// Short times, so that a second holds much.
pub(super) const INTERVAL_S: u64 = 1;
pub(super) const LIMIT_S: u64 = 3;
/// The same in milliseconds.
pub(super) const LIMIT_MS: u64 = LIMIT_S * 1000;

/// Everybody is signed in and has seen everybody by then, if started in the first hundred milliseconds.
pub(super) const SETTLED_MS: u64 = 1_500;

/// See the file's documentation.
pub(super) struct Draft {
    pub(super) rng: ChaCha20Rng,
    schedule: Schedule,
}

impl Draft {
    /// A server that starts at once, on a network drawn from `seed`.
    pub(super) fn new(scenario: &str, seed: u64) -> Self {
        let mut world = [0; 32];
        world[..8].copy_from_slice(&seed.to_be_bytes());
        let network = draw_network(&mut derive::generator(&world, "schedule: network", 0), seed);
        let schedule = Schedule {
            scenario: scenario.to_owned(),
            seed,
            network,
            interval_s: INTERVAL_S,
            limit_s: LIMIT_S,
            actors: Vec::new(),
            steps: Vec::new(),
            calm_ms: 0,
            end_ms: 0,
            expected: Vec::new(),
        };
        let mut draft = Self { rng: derive::generator(&world, "schedule: workload", 0), schedule };
        draft.at(0, Step::Start(SERVER.to_owned()));
        draft
    }

    /// Takes the drawn network back: what follows is exact to the millisecond.
    pub(super) fn exact(mut self) -> Self {
        self.schedule.network = Network::QUIET;
        self
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

    /// Heads or tails.
    pub(super) fn toss(&mut self) -> bool {
        self.rng.next_u64().is_multiple_of(2)
    }

    /// Adds a client. Clients take turns on two machines.
    pub(super) fn actor(&mut self, name: &str, account: &str, kind: Kind) {
        let machine = if self.schedule.actors.len().is_multiple_of(2) { "left" } else { "right" };
        let actor = Actor {
            name: name.to_owned(),
            machine: machine.to_owned(),
            account: account.to_owned(),
            resource: "desk".to_owned(),
            kind,
            tls_at_once: self.toss(),
            clock_rate_ppm: 0,
        };
        self.schedule.actors.push(actor);
    }

    /// Adds so many people, each with an account of the same name, and gives their names. Their clocks run a
    /// little wrong.
    pub(super) fn people(&mut self, count: usize) -> Vec<String> {
        let names: Vec<String> = ["alice", "bob", "carol", "dave", "eve", "frank"]
            .into_iter()
            .take(count)
            .map(ToOwned::to_owned)
            .collect();
        for name in &names {
            self.actor(name, name, Kind::Person);
            let rate = self.pick(&[-500, -20, 0, 20, 500]);
            if let Some(actor) = self.schedule.actors.last_mut() {
                actor.clock_rate_ppm = rate;
            }
        }
        names
    }

    /// Starts them all within the first hundred milliseconds.
    pub(super) fn start_all(&mut self, names: &[String]) {
        for name in names {
            let at_ms = self.between(5, 100);
            self.at(at_ms, Step::Start(name.clone()));
        }
    }

    pub(super) fn at(&mut self, at_ms: u64, step: Step) {
        self.schedule.steps.push(Timed { at_ms, step });
    }

    /// Whether there is such a step by now.
    pub(super) fn has(&self, which: impl Fn(&Step) -> bool) -> bool {
        self.schedule.steps.iter().any(|timed| which(&timed.step))
    }

    pub(super) fn expect(&mut self, expected: Expected) {
        self.schedule.expected.push(expected);
    }

    pub(super) fn expect_signed_in(&mut self, names: &[String]) {
        for name in names {
            self.expect(Expected::SignedIn(name.clone()));
        }
    }

    /// The schedule: calm from its last step on, and over so much later.
    pub(super) fn over_after(mut self, calm_for_ms: u64) -> Schedule {
        // Stable: what was written first happens first within a millisecond.
        self.schedule.steps.sort_by_key(|timed| timed.at_ms);
        self.schedule.calm_ms = self.schedule.steps.last().map_or(0, |timed| timed.at_ms);
        self.schedule.end_ms = self.schedule.calm_ms + calm_for_ms;
        self.schedule
    }
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
