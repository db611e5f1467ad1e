//! Every schedule that ever failed runs again and does not fail; and three runs are kept line by line, so that whoever
//! changes what happens in them sees how.

use std::{fs, path::Path};

use chatdev_sim::{report, run::run, scenarios, schedule::Schedule};

#[test]
fn what_ever_failed_does_not_fail_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/replays");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "some are kept: {files:?}");
    for file in files {
        let schedule = Schedule::from_json(&fs::read_to_string(&file).unwrap()).unwrap();
        assert!(schedule.about.is_some(), "{} says why it is kept", file.display());
        let outcome = run(&schedule);
        let verdict = report::verdict(&schedule, &outcome);
        assert!(outcome.verdict.violations.is_empty(), "{}: {verdict}", file.display());
    }
}

#[test]
fn three_runs_are_as_they_were_line_by_line() {
    for (scenario, seed) in [("heartbeat-at-limit", 2), ("peer-streams", 4), ("partition", 4)] {
        let schedule = (scenarios::find(scenario).unwrap().schedule)(seed);
        let outcome = run(&schedule);
        insta::assert_snapshot!(format!("{scenario}-{seed}"), report::columns(&schedule, &outcome, false));
    }
}
