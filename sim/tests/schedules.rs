//! A schedule is plain data: what is stored and read again runs as it did.

use chatdev_sim::{
    run::{run, verdict},
    scenarios::{self, SCENARIOS},
    schedule::{Act, Expected, Schedule},
};

#[test]
fn every_schedule_survives_being_stored() {
    for scenario in SCENARIOS {
        for seed in 0..10 {
            let schedule = (scenario.schedule)(seed);
            assert_eq!(Schedule::from_json(&schedule.to_json()), Ok(schedule));
        }
    }
}

#[test]
fn a_stored_schedule_runs_as_it_did() {
    let schedule = (scenarios::find("silence").unwrap().schedule)(2);
    let again = Schedule::from_json(&schedule.to_json()).expect("what was written can be read");
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
fn a_schedule_that_names_nobody_known_or_is_of_another_time_is_refused_in_words() {
    let schedule = (scenarios::find("silence").unwrap().schedule)(0);
    let Act::Freeze { who, .. } = &schedule.ops[0].act else { panic!("somebody freezes") };
    let stored = schedule.to_json().replace(&format!("\"who\": \"{who}\""), "\"who\": \"alicia\"");
    assert_eq!(Schedule::from_json(&stored).unwrap_err(), "no actor is called alicia");
    let stored = schedule.to_json().replace("\"schema\": 2", "\"schema\": 1");
    let error = Schedule::from_json(&stored).unwrap_err();
    assert_eq!(error, "it has schema 1, and this program runs schema 2");
    let error = Schedule::from_json("{\"schema\": 2,\n \"sced\": 1}").unwrap_err();
    assert!(error.contains("unknown field `sced`") && error.contains("line 2"), "{error}");
}

#[test]
fn whatever_is_left_out_of_a_schedule_the_rest_is_a_story() {
    for scenario in SCENARIOS.into_iter().filter(|scenario| scenario.share > 0.1) {
        let schedule = (scenario.schedule)(3);
        let every_other = schedule.ops.iter().step_by(2).cloned().collect();
        let half = Schedule { ops: every_other, ..schedule };
        let found = verdict(&half).violations;
        assert!(found.is_empty(), "{}: {found:?}", scenario.name);
    }
}
