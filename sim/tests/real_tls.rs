//! The stories with real rustls in the place of the stand-in. Its bytes do not follow from the seed, so
//! outcomes are judged and nothing else.

use chatdev_sim::{report, run::run, scenarios};

#[test]
fn people_sign_in_write_to_each_other_and_come_back_over_real_tls() {
    for (scenario, seed) in [("sign-in", 1), ("peer-message", 0), ("silence", 2), ("two-at-once", 3)] {
        let mut schedule = (scenarios::find(scenario).unwrap().schedule)(seed);
        schedule.network.real_tls = true;
        let outcome = run(&schedule);
        let verdict = report::verdict(&schedule, &outcome);
        assert!(
            outcome.verdict.violations.is_empty(),
            "{verdict}{}",
            report::columns(&schedule, &outcome, false)
        );
    }
}
