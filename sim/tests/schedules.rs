//! A schedule is plain data: what is stored and read again runs as it did.

use chatdev_sim::{
    run::run,
    scenarios::{self, SCENARIOS},
    schedule::{Expected, Schedule},
};

#[test]
fn every_schedule_survives_being_stored() {
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name != "sign-in-while-reaped") {
        for seed in 0..10 {
            let schedule = (scenario.schedule)(seed);
            let stored = serde_json::to_string(&schedule).unwrap();
            assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
        }
    }
}

#[test]
fn a_stored_schedule_runs_as_it_did() {
    let schedule = (scenarios::find("silence").unwrap().schedule)(2);
    let stored = serde_json::to_string(&schedule).unwrap();
    let again = serde_json::from_str(&stored).unwrap();
    assert_eq!(run(&schedule).log.digest(), run(&again).log.digest());
}

#[test]
fn what_was_expected_and_did_not_come_true_is_a_violation() {
    let mut schedule = (scenarios::find("sign-in").unwrap().schedule)(0);
    schedule.expected.push(Expected::Away("alice".to_owned()));
    let found = run(&schedule).verdict.violations;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].checker, "expectations");
    assert!(found[0].found.starts_with("expected: Away(\"alice\")"), "{}", found[0].found);
}

#[test]
fn a_schedule_that_names_nobody_known_fails_and_says_so() {
    let mut schedule = (scenarios::find("sign-in").unwrap().schedule)(0);
    for timed in &mut schedule.steps {
        if let chatdev_sim::schedule::Step::Start(name) = &mut timed.step {
            *name = name.replace("alice", "alicia");
        }
    }
    let found = run(&schedule).verdict.violations;
    assert_eq!(found[0].found, "no actor is called alicia");
}
