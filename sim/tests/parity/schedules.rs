//! Schedules of scenarios, carried out on real sockets, all at once: they mostly wait.

use std::{collections::BTreeSet, thread};

use chatdev_sim::{
    checkers::{Verdict, situations},
    real,
    run::verdict,
    scenarios::{self, Scenario},
    schedule::{Act, Ending, Expected, Manner, SERVER, Schedule},
};

/// Scenarios, and how many of their seeds are run. Not those about single milliseconds.
const RUN: [(&str, usize); 12] = [
    ("sign-in", 1),
    ("check-in", 3),
    ("silence", 3),
    ("two-at-once", 2),
    ("conflict-storm", 2),
    ("server-restart", 2),
    ("server-frozen", 1),
    ("peer-message", 3),
    ("peer-streams", 2),
    ("impersonation", 2),
    ("rude-clients", 2),
    ("disks", 2),
];

/// In the simulation worlds with bad disks settle for longer, as connections fall silent in most of them; these do not.
const DISKS_SETTLE_MS: u64 = 8_000;

/// Longer ones are left to the simulation, in milliseconds.
const LENGTH_MS_MAX: u64 = 13_000;

/// Among so many seeds there are enough that can run.
const SEEDS: u64 = 200;

/// A client that is frozen for a time this close to its limit may be reaped or not, in milliseconds.
const CLOSE_MS: u64 = 1_500;

/// What these runs have to meet, or they have shown little.
const MET: [&str; 6] = [
    situations::SHOWN,
    situations::REAPED,
    situations::CONFLICT,
    situations::BACK_AFTER_RESTART,
    situations::IMPOSTOR_REFUSED,
    situations::STREAM_ERROR,
];

/// What is done in them.
const DONE: [&str; 11] = [
    "asked to end",
    "killed",
    "frozen",
    "cut by its end",
    "cut by a reset",
    "bad disk",
    "message",
    "status",
    "puppet's line",
    "impostor with a copy",
    "impostor with its own",
];

fn word(act: &Act) -> &'static str {
    match act {
        Act::End { how: Ending::Asked, .. } => "asked to end",
        Act::End { .. } => "killed",
        Act::Freeze { .. } => "frozen",
        Act::Cut { how: Manner::Rst, .. } => "cut by a reset",
        Act::Cut { .. } => "cut by its end",
        Act::Disk { .. } => "bad disk",
        Act::Send { .. } => "message",
        Act::SetStatus { .. } => "status",
        Act::Write { .. } => "puppet's line",
        Act::Impersonate { copied: true, .. } => "impostor with a copy",
        Act::Impersonate { .. } => "impostor with its own",
        _ => "impossible",
    }
}

/// Whether resets may be lost.
fn is_lossy() -> bool {
    std::env::var_os("CHATDEV_PARITY_LOSSY").is_some()
}

/// Whether its outcome is the same however busy the machine is.
fn is_clear(schedule: &Schedule) -> bool {
    let limit_ms = schedule.server.limit_s * 1_000;
    schedule.ops.iter().all(|op| match &op.act {
        Act::Freeze { who, for_ms } if who != SERVER => for_ms.abs_diff(limit_ms) >= CLOSE_MS,
        Act::Cut { how: Manner::Rst, .. } => !is_lossy(),
        _ => true,
    })
}

fn of_seed(scenario: &Scenario, seed: u64) -> Schedule {
    let mut schedule = (scenario.schedule)(seed);
    if scenario.name == "disks" {
        schedule.settle_ms = schedule.settle_ms.min(DISKS_SETTLE_MS);
    }
    schedule
}

fn schedules() -> Vec<Schedule> {
    let mut schedules = Vec::new();
    for (name, count) in RUN {
        let scenario = scenarios::find(name).unwrap();
        let seeds = (0..SEEDS).map(|seed| of_seed(&scenario, seed));
        let possible = seeds.filter(|schedule| {
            real::obstacle(schedule).is_none() && schedule.end_ms() <= LENGTH_MS_MAX && is_clear(schedule)
        });
        let before = schedules.len();
        schedules.extend(possible.take(count));
        assert_eq!(schedules.len() - before, count, "{name} has too few seeds that can run");
    }
    let done: BTreeSet<&str> =
        schedules.iter().flat_map(|schedule| &schedule.ops).map(|op| word(&op.act)).collect();
    let may_miss = |what: &str| is_lossy() && what == "cut by a reset";
    let missing: Vec<_> = DONE.iter().filter(|what| !done.contains(**what) && !may_miss(what)).collect();
    assert!(missing.is_empty(), "none of the schedules has {missing:?}");
    schedules
}

/// Runs them all at once, and says what became of them.
fn run_all(schedules: &[Schedule]) -> Vec<Verdict> {
    thread::scope(|scope| {
        let runs: Vec<_> = schedules
            .iter()
            .map(|schedule| scope.spawn(|| real::run(&real::loosened(schedule)).unwrap().verdict))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// The checkers that judged anything, or the situations that were met.
fn names<'a>(counts: impl Iterator<Item = (&'a &'static str, &'a u64)>) -> BTreeSet<&'static str> {
    counts.filter(|(_, count)| **count > 0).map(|(name, _)| *name).collect()
}

#[test]
fn schedules_have_the_same_verdict_on_real_sockets() {
    let schedules = schedules();
    let on_sockets = run_all(&schedules);
    let mut failures = String::new();
    let (mut judged, mut judged_in_simulation, mut met) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (schedule, on_sockets) in schedules.iter().zip(&on_sockets) {
        let simulated = verdict(schedule);
        let (scenario, seed) = (&schedule.scenario, schedule.seed);
        for (world, verdict) in [("in the simulation", &simulated), ("on real sockets", on_sockets)] {
            for violation in &verdict.violations {
                failures += &format!(
                    "{scenario}, seed {seed}, {world}, at {:?}: {}: {}\n",
                    violation.at, violation.checker, violation.found
                );
            }
        }
        judged.extend(names(on_sockets.evaluated.iter()));
        judged_in_simulation.extend(names(simulated.evaluated.iter()));
        met.extend(names(on_sockets.sometimes.iter()));
    }
    assert!(failures.is_empty(), "\n{failures}");
    let blind: Vec<_> = judged_in_simulation.difference(&judged).collect();
    assert!(blind.is_empty(), "on real sockets nothing was judged by {blind:?}");
    let missed: Vec<_> = MET.iter().filter(|name| !met.contains(*name)).collect();
    assert!(missed.is_empty(), "on real sockets it never came to be that {missed:?}");
}

#[test]
fn what_does_not_come_to_pass_on_real_sockets_is_found_out() {
    let mut schedule = (scenarios::find("sign-in").unwrap().schedule)(0);
    let nobody_sends_it = Expected::Delivered("a text that nobody sends".to_owned());
    schedule.expected.push(nobody_sends_it);
    let verdict = real::run(&schedule).unwrap().verdict;
    assert!(verdict.violations.iter().any(|violation| violation.checker == "expectations"), "{verdict:?}");
}

#[test]
fn a_schedule_that_needs_a_network_of_its_own_says_so() {
    let scenario = scenarios::find("partition").unwrap();
    let why = real::run(&(scenario.schedule)(0)).unwrap_err();
    assert!(why.starts_with("this schedule cannot run on real sockets: it has, at "), "{why}");
}
