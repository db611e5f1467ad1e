//! Reports that look like real ones, for tests and for whoever works on the page. Nothing was measured.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::json;

use super::{
    Audit, Distribution, FORMAT, Figures, Flaw, Generator, Machine, Memory, Moment, Report, Scenario, Second,
    Server, ServerProcess, Sessions, Span, Target, Verdict, Worker,
};
use crate::measure::Phase;

/// A server in a few numbers.
pub(super) struct Character {
    pub(super) label: &'static str,
    pub(super) process: &'static str,
    pub(super) per_s: f64,
    pub(super) cpu_us: f64,
    /// Median latency.
    pub(super) us: f64,
    /// How much longer the slowest take, as a power.
    pub(super) tail: f64,
    pub(super) session_kb: f64,
}

pub(super) const CHATDEVD: Character = Character {
    label: "chatdevd",
    process: "chatdevd",
    per_s: 72_400.0,
    cpu_us: 10.3,
    us: 610.0,
    tail: 0.30,
    session_kb: 3.4,
};
pub(super) const PROSODY: Character = Character {
    label: "Prosody 0.12",
    process: "lua5.4",
    per_s: 13_496.0,
    cpu_us: 74.0,
    us: 3500.0,
    tail: 0.55,
    session_kb: 45.0,
};
pub(super) const EJABBERD: Character = Character {
    label: "ejabberd 23.01",
    process: "beam.smp",
    per_s: 25_080.0,
    cpu_us: 57.0,
    us: 1750.0,
    tail: 0.45,
    session_kb: 49.0,
};

const PHASES: [(Phase, f64, f64); 5] = [
    (Phase::Prepare, 0.0, 0.4),
    (Phase::SignIn, 0.4, 3.4),
    (Phase::WarmUp, 3.4, 8.4),
    (Phase::Measure, 8.4, 38.4),
    (Phase::Drain, 38.4, 39.1),
];

/// A run that went well.
pub(super) fn good(server: &Character) -> Report {
    let mut random = ChaCha8Rng::seed_from_u64(server.per_s.to_bits());
    let mut report = Report {
        format: FORMAT.to_owned(),
        tool: "chatdev-load 0.1.0".to_owned(),
        started: "2026-05-04T10:00:00Z".to_owned(),
        label: server.label.to_owned(),
        verdict: Verdict::default(),
        scenario: Scenario {
            name: "route".to_owned(),
            operation: "message".to_owned(),
            parameters: json!({"pairs": 50, "window": 1, "body_bytes": 64, "workers": 1}),
        },
        target: Target {
            address: "127.0.0.1:5222".to_owned(),
            domain: "example.net".to_owned(),
            encryption: "TLS 1.3, from the start".to_owned(),
            mechanism: "SCRAM-SHA-256".to_owned(),
        },
        machine: Machine {
            cores: 2,
            cpu: "Example CPU".to_owned(),
            kernel: "6.18".to_owned(),
            memory_bytes: 8 << 30,
        },
        phases: PHASES.map(|(phase, from_s, to_s)| Span { phase, from_s, to_s }).to_vec(),
        measured_s: 30.0,
        generator: Generator {
            workers: vec![Worker { cpu_percent: 61.0, cpu_percent_max: 66.0 }],
            cpu_percent: 61.9,
            machine_percent: Some(72.0),
            memory: memory(9e6, 1.9e3 * 100.0, 100.0),
            ..Generator::default()
        },
        sessions: Sessions { wanted: 100, signed_in: 100, most: 100, at_end: 100, to_stay: 100, lost: 0 },
        operations: BTreeMap::from([("message".to_owned(), figures(server, &mut random))]),
        flaws: Vec::new(),
        audit: Some(audit(server)),
        server: Some(process(server)),
        timeline: timeline(server, &mut random),
    };
    report.judge(Vec::new());
    report
}

/// One that went wrong in every way.
pub(super) fn bad(server: &Character) -> Report {
    let mut report = good(server);
    let figures = report.operations.get_mut("message").expect("there are messages");
    (figures.failed, figures.timed_out) = (3, 1200);
    figures.late_us =
        figures.latency_us.clone().map(|latency| Distribution { histogram: Vec::new(), ..latency });
    report.generator.workers = [(74.2, 97.1), (44.0, 51.0)]
        .map(|(cpu_percent, cpu_percent_max)| Worker { cpu_percent, cpu_percent_max })
        .to_vec();
    for second in report.timeline.iter_mut().skip(14).step_by(3) {
        second.operations.values_mut().for_each(|moment| moment.failed = 130);
    }
    report.sessions.lost = 1;
    let flaw = |name: &str, times, example: &str| Flaw {
        name: name.to_owned(),
        times,
        times_measured: times / 2,
        first_at_s: 12.5,
        example: example.to_owned(),
    };
    report.flaws = vec![
        flaw("no answer in 10 s", 1200, "message 17 of pair 3, sent at 12.500 s"),
        flaw("stream error", 3, "<policy-violation/> \u{1b}[31mslow down</script><script>alert(1)</script>"),
    ];
    let audit = report.audit.as_mut().expect("there is one");
    (audit.lost, audit.doubled, audit.returned) = (1200, 1, 7);
    audit.delivered -= audit.lost + audit.returned;
    audit.findings =
        ["pair 3: message 17 never came", "pair 9: message 4 came twice"].map(str::to_owned).to_vec();
    report.judge(vec!["the server said <host-gone/>".to_owned()]);
    report
}

fn figures(server: &Character, random: &mut ChaCha8Rng) -> Figures {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    for _ in 0..200_000 {
        histogram.record(latency_ns(server, random)).expect("it grows");
    }
    let completed = whole(server.per_s * 30.0);
    Figures {
        started: completed,
        completed,
        failed: 0,
        timed_out: 0,
        per_s: server.per_s,
        octets_out_each: Some(138.0),
        octets_in_each: Some(171.0),
        latency_us: Distribution::of(&histogram),
        late_us: None,
    }
}

/// Log-normal, or nearly: the sum of twelve even numbers is as good as a bell; now and then everything stands still.
fn latency_ns(server: &Character, random: &mut ChaCha8Rng) -> u64 {
    let bell: f64 = (0..12).map(|_| share(random)).sum::<f64>() - 6.0;
    let pause = if share(random) < 0.004 { 3.0 + 9.0 * share(random) } else { 1.0 };
    whole(server.us * 1000.0 * (bell * server.tail).exp() * pause)
}

fn timeline(server: &Character, random: &mut ChaCha8Rng) -> Vec<Second> {
    let mut seconds = Vec::new();
    for (phase, begin, end) in PHASES {
        let mut from_s = begin;
        while from_s < end - 0.01 {
            let to_s = (from_s + 1.0).min(end);
            let noise = 0.94 + 0.12 * share(random);
            let load = match phase {
                Phase::Prepare | Phase::SignIn => 0.0,
                Phase::WarmUp => 1.0 - (-(to_s - begin)).exp(),
                Phase::Measure => 1.0,
                Phase::Drain => 0.1,
            };
            let ramp = ((to_s - 0.4) / 3.0).clamp(0.0, 1.0);
            let tail = (server.tail * 2.3).exp();
            let moment = Moment {
                per_s: hundredths(server.per_s * load * noise),
                failed: 0,
                p50_us: Some(hundredths(server.us / noise)),
                p99_us: Some(hundredths(server.us * tail * (0.9 + 0.3 * share(random)))),
                max_us: Some(hundredths(server.us * tail * (2.0 + 6.0 * share(random)))),
            };
            let signing_in = Moment {
                per_s: hundredths(33.0 * noise),
                p50_us: Some(hundredths(2000.0 * noise)),
                p99_us: Some(9000.0),
                max_us: Some(hundredths(12_000.0 * noise)),
                failed: 0,
            };
            let operations = match phase {
                Phase::Prepare => None,
                Phase::SignIn => Some(("sign-in".to_owned(), signing_in)),
                _ => Some(("message".to_owned(), moment)),
            };
            seconds.push(Second {
                from_s: hundredths(from_s),
                to_s: hundredths(to_s),
                phase,
                sessions: whole(100.0 * ramp),
                operations: operations.into_iter().collect(),
                server_cpu_percent: Some(
                    server.cpu_us * server.per_s * load * noise / 1e4
                        + 20.0 * f64::from(phase == Phase::SignIn),
                ),
                server_rss_bytes: Some(whole(
                    40e6 + 100.0 * ramp * server.session_kb * 1024.0 + 2e5 * from_s,
                )),
                generator_cpu_percent: Some(hundredths(61.0 * load * noise + 4.0)),
            });
            from_s += 1.0;
        }
    }
    seconds
}

fn process(server: &Character) -> Server {
    let memory = memory(40e6, server.session_kb * 1024.0 * 100.0, 100.0);
    let cpu_s = hundredths(server.cpu_us * server.per_s * 30.0 / 1e6);
    Server {
        cpu_s,
        cpu_percent: hundredths(cpu_s / 30.0 * 100.0),
        cpu_us_per_operation: Some(server.cpu_us),
        bytes_per_session: memory.bytes_per_session,
        processes: vec![ServerProcess {
            pid: 4711,
            name: server.process.to_owned(),
            user_s: hundredths(cpu_s * 0.4),
            system_s: hundredths(cpu_s * 0.6),
            memory,
            threads: 3,
            open_files: Some(118),
            ended_at_s: None,
        }],
    }
}

fn memory(before: f64, growth: f64, sessions: f64) -> Memory {
    Memory {
        rss_bytes_before: whole(before),
        rss_bytes_after: whole(before + growth * 1.1),
        pss_bytes_before: Some(whole(before * 0.9)),
        pss_bytes_after: Some(whole(before * 0.9 + growth)),
        bytes_per_session: Some(growth / sessions),
    }
}

fn audit(server: &Character) -> Audit {
    let sent = whole(server.per_s * 35.0);
    Audit { pairs: 50, sent, delivered: sent, ..Audit::default() }
}

/// From 0 up to 1.
fn share(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / 2_f64.powi(32)
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is not negative")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}
