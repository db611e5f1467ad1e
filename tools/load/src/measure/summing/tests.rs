//! A run of a collector, from its first phase to its report.

use super::*;
use crate::report::{Scenario, Target};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn facts(operation: Operation) -> Facts {
    Facts {
        label: "server".to_owned(),
        started: jiff::Timestamp::UNIX_EPOCH,
        scenario: Scenario::new("test", operation, &serde_json::json!({"pairs": 1})).expect("plain data"),
        target: Target::default(),
        sessions_wanted: 2,
        sessions_to_stay: 2,
        audit: None,
        objections: Vec::new(),
    }
}

fn tally(operation: Operation, times: u64, latency: Duration) -> Tally {
    let mut tally = Tally::default();
    let count = tally.count(operation);
    for _ in 0..times {
        count.start(None);
        count.complete(latency);
    }
    if operation == Operation::SignIn {
        tally.sessions += i64::try_from(times).expect("few");
    } else {
        count.octets_out += times * 138;
    }
    tally
}

/// Two sessions sign in; then slow messages, then quick ones that count, then slow ones again.
fn run(phases: &[Phase]) -> Collector {
    let mut collector = Collector::new(Vec::new()).expect("Linux");
    for (second, phase) in (0..).zip(phases) {
        let (from, to) = (s(second), s(second + 1));
        collector.phase(*phase, from);
        let mut tally = match phase {
            Phase::Prepare => continue,
            Phase::SignIn => tally(Operation::SignIn, 2, s(1)),
            Phase::Measure => tally(Operation::Message, 1000, Duration::from_millis(2)),
            Phase::WarmUp | Phase::Drain => tally(Operation::Message, 70, s(5)),
        };
        tally.flaw("reset", from, || format!("in {phase}"));
        collector.add(0, *phase, from, to, &tally, Duration::from_millis(250));
        collector.tick(to);
    }
    collector
}

const ALL: [Phase; 5] = [Phase::Prepare, Phase::SignIn, Phase::WarmUp, Phase::Measure, Phase::Drain];

#[test]
fn what_completes_is_counted_in_the_measured_phase_alone() {
    let report = run(&ALL).finish(s(5), facts(Operation::Message));
    let messages = report.main().expect("there were messages");
    assert_eq!((messages.started, messages.completed), (1000, 1000));
    assert!((messages.per_s - 1000.0).abs() < 1e-6);
    assert_eq!((messages.octets_out_each, messages.octets_in_each), (Some(138.0), Some(0.0)));
    let latency = messages.latency_us.as_ref().expect("some completed");
    assert_eq!(latency.count, 1070, "those that the drain waited for, none of the warm-up");
    assert!(latency.p50 < 2100.0 && latency.max > 4.9e6, "{messages:?}");
    assert_eq!(messages.late_us, None, "they had no time of their own");
    assert!(!report.operations.contains_key("sign-in"));
    assert!((report.generator.workers[0].cpu_percent - 25.0).abs() < 1e-6);
}

#[test]
fn the_busiest_time_of_a_worker_is_found_however_long_it_rests_later() {
    let ms = Duration::from_millis;
    let mut collector = Collector::new(Vec::new()).expect("Linux");
    collector.phase(Phase::Measure, s(0));
    let mut spend =
        |worker, from, to, cpu| collector.add(worker, Phase::Measure, from, to, &Tally::default(), cpu);
    spend(0, s(0), s(1), ms(950));
    spend(0, s(1), s(10), ms(50));
    spend(0, s(10), ms(10_400), ms(400));
    spend(1, s(0), ms(400), ms(200));
    let workers = collector.finish(s(11), facts(Operation::Ping)).generator.workers;
    let found: Vec<_> =
        workers.iter().map(|worker| [worker.cpu_percent, worker.cpu_percent_max].map(f64::round)).collect();
    assert_eq!(found, [[13.0, 95.0], [50.0, 50.0]], "less than half a second counts in the mean alone");
}

#[test]
fn what_never_ends_well_in_the_drain_fails_the_run() {
    let mut collector = run(&ALL);
    let mut drained = Tally::default();
    drained.count(Operation::Message).timed_out = 20;
    drained.count(Operation::Ping).failed = 1;
    collector.add(1, Phase::Drain, s(4), s(5), &drained, s(0));
    let report = collector.finish(s(5), facts(Operation::Message));
    let messages = report.main().expect("there were messages");
    assert_eq!((messages.started, messages.completed, messages.timed_out), (1000, 1000, 20));
    assert_eq!(report.operations["ping"].failed, 1, "begun in the warm-up");
    assert_eq!(report.verdict.reasons, ["of 1,000 × message 20 timed out", "of 0 × ping 1 failed"]);
}

#[test]
fn without_a_measured_phase_the_drain_counts_nowhere() {
    let report = run(&[Phase::SignIn, Phase::Drain]).finish(s(2), facts(Operation::SignIn));
    assert_eq!(report.operations.keys().collect::<Vec<_>>(), ["sign-in"]);
}

#[test]
fn without_a_measured_phase_signing_in_is_what_is_measured() {
    let report = run(&[Phase::Prepare, Phase::SignIn]).finish(s(2), facts(Operation::SignIn));
    let sign_ins = report.main().expect("there were sign-ins");
    assert_eq!(sign_ins.completed, 2);
    assert_eq!((sign_ins.octets_out_each, sign_ins.octets_in_each), (None, None), "nobody counts them");
    assert!((report.measured_s - 1.0).abs() < 1e-6);
}

#[test]
fn sessions_and_flaws_are_those_of_the_whole_run() {
    let report = run(&ALL).finish(s(5), facts(Operation::Message));
    let sessions = Sessions { wanted: 2, signed_in: 2, most: 2, at_end: 2, to_stay: 2, lost: 0 };
    assert_eq!(report.sessions, sessions);
    let flaw = Flaw {
        name: "reset".to_owned(),
        times: 4,
        times_measured: 1,
        first_at_s: 1.0,
        example: "in sign in".to_owned(),
    };
    assert_eq!(report.flaws, [flaw]);
}

#[test]
fn the_timeline_has_every_second_in_its_phase() {
    let report = run(&ALL).finish(s(5), facts(Operation::Message));
    let seconds: Vec<_> =
        report.timeline.iter().map(|second| (second.phase, second.from_s, second.sessions)).collect();
    let expected =
        [(Phase::SignIn, 1.0, 2), (Phase::WarmUp, 2.0, 2), (Phase::Measure, 3.0, 2), (Phase::Drain, 4.0, 2)];
    assert_eq!(seconds, expected);
    assert!((report.timeline[2].operations["message"].per_s - 1000.0).abs() < 1e-6);
    assert_eq!(report.phases.len(), 5);
    assert!((report.phases[4].to_s - 5.0).abs() < 1e-6);
}

#[test]
fn a_tally_that_comes_after_its_phase_still_counts_in_it() {
    let mut collector = run(&ALL);
    collector.add(1, Phase::Measure, s(3), s(4), &tally(Operation::Message, 500, s(0)), s(0));
    let report = collector.finish(s(5), facts(Operation::Message));
    assert_eq!(report.main().expect("there were messages").completed, 1500);
}

#[test]
fn a_watched_process_is_accounted_for_by_operation_and_session() {
    let mut collector = Collector::new(vec![crate::measure::Process::own().expect("Linux")]).expect("Linux");
    collector.phase(Phase::SignIn, s(0));
    collector.add(0, Phase::SignIn, s(0), s(1), &tally(Operation::SignIn, 2, s(1)), s(0));
    let report = collector.finish(s(1), facts(Operation::SignIn));
    let server = report.server.expect("it was watched");
    let process = &server.processes[0];
    assert!((process.user_s + process.system_s - server.cpu_s).abs() < 1e-5, "{server:?}");
    let each = server.cpu_us_per_operation.expect("there were sign-ins");
    assert!((each - server.cpu_s * 1e6 / 2.0).abs() < 1.0, "{server:?}");
    assert!(server.bytes_per_session.is_some() && process.memory.pss_bytes_after.is_some());
}

#[test]
fn memory_is_not_divided_among_sessions_that_leave_again() {
    let mut collector = Collector::new(vec![crate::measure::Process::own().expect("Linux")]).expect("Linux");
    collector.phase(Phase::SignIn, s(0));
    collector.phase(Phase::Measure, s(1));
    collector.add(0, Phase::Measure, s(1), s(2), &tally(Operation::SignIn, 2, s(1)), s(0));
    let report = collector.finish(s(2), Facts { sessions_to_stay: 0, ..facts(Operation::SignIn) });
    let server = report.server.expect("it was watched");
    let own = report.generator.memory.bytes_per_session;
    assert_eq!((server.bytes_per_session, own), (None, None));
    assert_eq!(server.processes[0].memory.bytes_per_session, None);
}

#[test]
fn a_glance_shows_the_phase_that_is_on_and_what_went_wrong() {
    let glance = run(&ALL[..4]).glance(s(4));
    assert_eq!((glance.phase, glance.sessions, glance.flaws), (Phase::Measure, 2, 3));
    assert_eq!(glance.loaded, Some(s(2)), "since the beginning of the warm-up");
    assert_eq!([2, 5].map(|phases| run(&ALL[..phases]).glance(s(5)).loaded), [None; 2]);
    assert_eq!(glance.worst_flaw.as_deref(), Some("reset"));
    assert!((glance.operations[&Operation::Message].per_s - 1000.0).abs() < 1e-6);
}

#[test]
fn a_run_of_nothing_is_a_report_that_says_so() {
    let report = Collector::new(Vec::new()).expect("Linux").finish(s(0), facts(Operation::Ping));
    assert!(!report.verdict.passed);
    assert_eq!((report.main(), report.measured_s), (None, 0.0));
}
