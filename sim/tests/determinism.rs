//! The same seed does the same, to the byte: in another process, on another thread, in another order of
//! seeds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::Command, thread};

use chatdev_sim::{
    log::first_difference,
    report,
    run::run,
    scenarios::{self, SCENARIOS},
};

/// The log of a run, write by write, with its hashes, from a process of its own.
fn in_a_process(scenario: &str, seed: u64) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_chatdev-sim"))
        .args([scenario, "--wire", "--seed", &seed.to_string()])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The same from this process.
fn in_this_thread(scenario: &str, seed: u64) -> String {
    let schedule = (scenarios::find(scenario).unwrap().schedule)(seed);
    let outcome = run(&schedule);
    report::columns(&schedule, &outcome, true) + &report::verdict(&schedule, &outcome)
}

fn assert_same(one: &str, other: &str) {
    if let Some(difference) = first_difference(one, other) {
        panic!("{difference}");
    }
}

#[test]
fn a_seed_does_the_same_in_two_processes() {
    // A torn, late, chaotic network with drawn turns among them.
    for (scenario, seed) in [("check-in", 3), ("peer-message", 5), ("server-restart", 7)] {
        let one = in_a_process(scenario, seed);
        assert!(one.lines().count() > 100, "a run leaves a log:\n{one}");
        assert_same(&one, &in_a_process(scenario, seed));
    }
}

#[test]
fn a_seed_does_the_same_on_another_thread_and_in_another_order() {
    let short = SCENARIOS.iter().filter(|scenario| scenario.share > 0.1);
    let runs: Vec<(&str, u64)> = short.map(|scenario| scenario.name).zip(1..).collect();
    let one: Vec<String> = runs.iter().map(|(scenario, seed)| in_this_thread(scenario, *seed)).collect();
    let backwards = runs.clone();
    let other: Vec<String> = thread::spawn(move || {
        backwards.iter().rev().map(|(scenario, seed)| in_this_thread(scenario, *seed)).collect()
    })
    .join()
    .unwrap();
    for (one, other) in one.iter().zip(other.iter().rev()) {
        assert_same(one, other);
    }
    let (scenario, seed) = runs[0];
    assert_same(&one[0], &in_a_process(scenario, seed));
}

#[test]
fn another_seed_does_something_else() {
    let verdicts = [1, 2].map(|seed| in_this_thread("sign-in", seed).lines().last().unwrap().to_owned());
    assert_ne!(verdicts[0], verdicts[1]);
}
