//! The program itself, as a person starts it, against a real server: each kind of load, and what comes of it when things go
//! wrong. Nothing is said of how fast anything was.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod server;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use chatdev_load::report::Report;
use server::Server;
use tempfile::TempDir;

/// A server, a folder for reports, and accounts.
struct Bench {
    server: Server,
    folder: TempDir,
}

/// What a run came to.
struct Run {
    output: Output,
    report: Option<Report>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&folder.path().join("server"), None);
        Self { server, folder }
    }

    fn run(&self, scenario: &str, options: &[&str]) -> Run {
        run(self.folder.path(), self.server.address, scenario, options)
    }
}

/// Short times; what an option says again counts.
const SHORT: [&str; 6] = [
    "--set",
    "time.warm_up_seconds=0.2",
    "--set",
    "time.measure_seconds=0.8",
    "--set",
    "time.drain_seconds=2",
];

fn command(folder: &Path, address: SocketAddr, scenario: &str, options: &[&str]) -> (Command, PathBuf) {
    let json = folder.join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatdev-load"));
    command.args(["run", scenario, "--to", &address.to_string(), "--json"]).arg(&json);
    command.args(SHORT).args(options);
    (command, json)
}

fn run(folder: &Path, address: SocketAddr, scenario: &str, options: &[&str]) -> Run {
    let (mut command, json) = command(folder, address, scenario, options);
    let _ = std::fs::remove_file(&json);
    finish(command.output().unwrap(), &json)
}

fn finish(output: Output, json: &Path) -> Run {
    let text = std::fs::read_to_string(json).ok();
    Run { report: text.map(|text| Report::from_json(&text).unwrap()), output }
}

impl Run {
    fn said(&self) -> String {
        [&self.output.stdout[..], &self.output.stderr].map(String::from_utf8_lossy).concat()
    }

    fn report(&self) -> &Report {
        self.report.as_ref().unwrap_or_else(|| panic!("{}", self.said()))
    }

    /// It went well: so many of the operation that it is about, and nothing went wrong.
    fn completed(&self) -> u64 {
        assert!(self.output.status.success(), "{}", self.said());
        let report = self.report();
        assert_eq!(report.flaws, [], "{}", self.said());
        report.main().unwrap().completed
    }

    /// As [`Self::completed`], for a load that comes at times of its own: a slow machine may be behind at the end.
    fn completed_if_behind(&self) -> u64 {
        assert_ne!(self.output.status.code(), Some(2), "{}", self.said());
        assert_eq!(self.report().flaws, [], "{}", self.said());
        self.report().main().unwrap().completed
    }

    fn flaw(&self, name: &str) -> u64 {
        let found = self.report().flaws.iter().find(|flaw| flaw.name == name);
        found.unwrap_or_else(|| panic!("no flaw ‘{name}’ in {:?}", self.report().flaws)).times
    }
}

const TEN: [&str; 3] = ["--register", "--set", "sessions=10"];

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&TEN, options].concat()
}

#[test]
fn messages_are_routed_and_each_is_accounted_for_over_every_encryption() {
    let bench = Bench::new();
    for (tls, encryption) in
        [("none", "none"), ("starttls", "TLS 1.3, STARTTLS"), ("direct", "TLS 1.3, from the start")]
    {
        let run = bench.run("route", &with(&["--tls", tls, "--set", "load.window=4"]));
        assert!(run.completed() > 0);
        let report = run.report();
        assert_eq!(report.target.encryption, encryption);
        let audit = report.audit.as_ref().unwrap();
        assert!(audit.is_clean() && audit.sent == audit.delivered && audit.pairs == 5, "{audit:?}");
        assert_eq!((report.sessions.signed_in, report.sessions.lost), (10, 0));
    }
}

#[test]
fn each_mechanism_signs_in() {
    let bench = Bench::new();
    let plus = ("SCRAM-SHA-256-PLUS", "direct");
    for (mechanism, tls) in [plus, ("scram-sha-256", "none"), ("SCRAM-SHA-1", "none"), ("PLAIN", "starttls")]
    {
        let run = bench.run("ping", &with(&["--tls", tls, "--mechanism", mechanism]));
        assert!(run.completed() > 0);
        assert_eq!(run.report().target.mechanism, mechanism.to_uppercase());
    }
}

#[test]
fn sessions_are_spread_over_several_addresses_and_come_from_a_list() {
    let bench = Bench::new();
    bench.run("idle", &with(&["--tls", "none"])).completed();
    let list = bench.folder.path().join("accounts");
    let lines: Vec<String> = (0..10).map(|n| format!("load{n}@localhost load-{n}")).collect();
    std::fs::write(&list, lines.join("\n")).unwrap();
    let options =
        ["--tls", "none", "--from", "127.0.0.2,127.0.0.3", "--set", "sessions=10", "--accounts-file"];
    let run = bench.run("ping", &[&options[..], &[list.to_str().unwrap()]].concat());
    assert!(run.completed() > 0);
    let more = bench.run("ping", &["--set", "sessions=11", "--accounts-file", list.to_str().unwrap()]);
    assert!(more.said().contains("11 accounts are needed, and 10 are listed"), "{}", more.said());
}

#[test]
fn an_open_loop_keeps_its_rate_and_tells_how_late_it_was() {
    let bench = Bench::new();
    let run = bench.run("route", &with(&["--tls", "none", "--set", "load.per_second=100"]));
    assert!(run.completed_if_behind() > 0);
    let figures = run.report().main().unwrap();
    assert!(figures.late_us.is_some());
    assert!((20..=160).contains(&figures.started), "{} of 80", figures.started);
}

#[test]
fn sign_ins_come_at_a_rate_or_all_at_once() {
    let bench = Bench::new();
    let rate = bench.run("login", &with(&["--tls", "none", "--set", "load.per_second=40"]));
    assert!(rate.completed_if_behind() > 0);
    let storm = bench.run("login-storm", &["--set", "sessions=10", "--set", "time.measure_seconds=60"]);
    assert_eq!(storm.completed(), 10);
    let idle = bench.run("idle", &with(&["--tls", "none"]));
    assert_eq!(idle.completed(), 10);
}

#[test]
fn whoever_checks_in_is_told_what_changed() {
    let bench = Bench::new();
    let settings =
        ["--tls", "none", "--set", "load.interval_seconds=0.1", "--set", "load.changed_percent=20"];
    let run = bench.run("check-in", &with(&settings));
    assert!(run.completed_if_behind() > 0);
    assert!(run.report().main().unwrap().octets_in_each.unwrap() > 0.0);
}

#[test]
fn a_working_day_goes_by() {
    let bench = Bench::new();
    let faster = ["--tls", "none", "--set", "load.faster=3000", "--set", "time.measure_seconds=2"];
    let run = bench.run("mixed", &with(&faster));
    assert!(run.completed_if_behind() > 0);
    let report = run.report();
    assert!(report.audit.as_ref().unwrap().is_clean());
    assert!(report.sessions.signed_in > 10, "somebody left and came back");
}

#[test]
fn clients_talk_directly_and_open_one_stream_after_the_other() {
    let bench = Bench::new();
    let run = bench.run("peer", &["--set", "sessions=4", "--set", "load.messages_per_stream=20"]);
    assert!(run.completed() > 20);
    assert!(run.report().audit.as_ref().unwrap().is_clean());
    let opened = bench.run("peer", &["--set", "sessions=4", "--set", "load.window=0"]);
    assert!(opened.completed() > 2);
}

#[test]
fn everybody_comes_back_after_a_restart() {
    let Bench { server, folder } = Bench::new();
    let address = server.address;
    let made = run(folder.path(), address, "idle", &with(&["--tls", "none"]));
    assert_eq!(made.completed(), 10);
    let marked = folder.path().join("restart");
    let options = [
        "--tls",
        "none",
        "--restart",
        &format!("touch {}", marked.display()),
        "--set",
        "sessions=10",
        "--set",
        "time.measure_seconds=60",
        "--set",
        "load.wait_seconds_min=0.1",
        "--set",
        "load.wait_seconds_max=1",
    ];
    let (mut command, json) = command(folder.path(), address, "login-reconnect", &options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&marked, &mut child);
    drop(server);
    let _server = Server::start(&folder.path().join("server"), Some(address));
    let run = finish(child.wait_with_output().unwrap(), &json);
    assert!(run.output.status.success(), "{}", run.said());
    assert_eq!(run.report().main().unwrap().completed, 10);
    assert_eq!(run.flaw("session: stream error system-shutdown"), 10);
}

#[test]
fn an_interrupted_run_reports_what_it_has() {
    let bench = Bench::new();
    let marked = bench.folder.path().join("begun");
    let options = ["--tls", "none", "--register", "--set", "sessions=4", "--set", "time.measure_seconds=600"];
    // Nobody is sent away, so it would wait for that for ten minutes.
    let restart = format!("touch {}", marked.display());
    let options = [&options[..], &["--restart", &restart]].concat();
    let (mut command, json) = command(bench.folder.path(), bench.server.address, "login-reconnect", &options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&marked, &mut child);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let run = finish(child.wait_with_output().unwrap(), &json);
    assert_eq!(run.output.status.code(), Some(1), "{}", run.said());
    assert!(run.said().contains("it was interrupted"), "{}", run.said());
    assert_eq!(run.report().sessions.signed_in, 4);
}

#[test]
fn a_server_that_insists_on_tls_is_not_measured_as_if_it_did_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_insisting_on_tls(&folder.path().join("server"));
    let run = run(folder.path(), server.address, "ping", &with(&["--tls", "none"]));
    assert_eq!(run.output.status.code(), Some(1), "{}", run.said());
    assert_eq!(run.flaw("sign-in: the server insists on TLS"), 10);
}

#[test]
fn a_server_that_stands_still_in_the_middle_is_found_out() {
    // It stands still by standing behind a relay of ours, which is stopped.
    let bench = Bench::new();
    let address = bench.server.address.to_string();
    let meddler =
        Serving::start(&["meddle", "--listen", "127.0.0.1:0", "--to", &address, "--drop", "1000000000"]);
    let options = ["--tls", "none", "--register", "--set", "sessions=10", "--set", "time.measure_seconds=3"];
    let (mut command, json) = command(bench.folder.path(), meddler.1, "ping", &options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It says on standard error how it goes, and that the measurement has begun.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("measure")), "it never began to measure");
    let pid = meddler.0.id().to_string();
    assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    let reading = std::thread::Builder::new().spawn(move || lines.for_each(drop)).unwrap();
    let run = finish(child.wait_with_output().unwrap(), &json);
    reading.join().unwrap();
    assert_eq!(run.output.status.code(), Some(1), "{}", run.said());
    assert!(run.flaw("not ended when the run was over") > 0);
}

#[test]
fn a_wrong_password_is_named_and_the_run_fails() {
    let bench = Bench::new();
    bench.run("ping", &with(&["--tls", "none"])).completed();
    let run = bench.run("ping", &["--tls", "none", "--set", "sessions=10", "--password", "wrong"]);
    assert_eq!(run.output.status.code(), Some(1));
    assert_eq!(run.flaw("sign-in: wrong user name or password"), 10);
    assert!(run.said().starts_with("FAILED"), "{}", run.said());
}

#[test]
fn nobody_there_is_named_and_the_run_fails() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = run(folder.path(), nobody, "ping", &["--set", "sessions=4"]);
    assert_eq!(run.output.status.code(), Some(1));
    assert_eq!(run.flaw("connection: connection refused"), 4);
}

#[test]
fn what_makes_no_sense_is_explained_before_anything_begins() {
    let bench = Bench::new();
    let refused = |options: &[&str]| {
        let run = bench.run("ping", options);
        assert_eq!(run.output.status.code(), Some(2), "{}", run.said());
        run.said()
    };
    assert!(
        refused(&["--mechanism", "GSSAPI"])
            .contains("‘GSSAPI’ is not spoken here; there are SCRAM-SHA-256-PLUS, ")
    );
    assert!(refused(&["--raw"]).contains("give --tls none or --tls direct"));
    assert!(refused(&["--set", "sessions=30000000"]).contains("the run needs 30000"));
    assert!(refused(&["--from", "::1"]).contains("of the same family"));
    assert!(refused(&["--restart", "true"]).contains("--restart is for loads of the kind reconnect"));
    assert!(refused(&["--raw", "--tls", "none", "--register"]).contains("there is none in this run"));
}

/// Waits for the program to have its restart command run.
fn wait_for(marked: &Path, child: &mut Child) {
    while !marked.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it came to that");
        std::thread::yield_now();
    }
}

/// A part of the program that serves until it is dropped, and where.
struct Serving(Child, SocketAddr);

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatdev-load"));
        let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first}"));
        let address = address.parse().unwrap();
        // What else it says is read, so that it never waits for us.
        std::thread::Builder::new().spawn(move || lines.for_each(drop)).unwrap();
        Self(child, address)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_bare_relay_is_measured_with_the_same_stanzas() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, tls) in [(&["--tls"][..], "direct"), (&[], "none")] {
        let relay = Serving::start(&[&["relay", "--listen", "127.0.0.1:0"], arguments].concat());
        for scenario in ["route", "ping"] {
            // One at a time: of a pair, each waits for the other all the same.
            let options = ["--raw", "--tls", tls, "--set", "sessions=4", "--set", "sign_in.at_once=1"];
            let run = run(folder.path(), relay.1, scenario, &options);
            assert!(run.completed() > 0);
        }
    }
}

#[test]
fn one_message_that_is_lost_doubled_moved_or_altered_fails_the_run_and_is_named() {
    let bench = Bench::new();
    bench.run("idle", &with(&["--tls", "none"])).completed();
    let server = bench.server.address.to_string();
    type Count = fn(&Report) -> u64;
    let cases: [(&str, Count, &str); 4] = [
        ("--drop", |report| report.audit.as_ref().unwrap().lost, "1 lost"),
        ("--double", |report| report.audit.as_ref().unwrap().doubled, "1 came twice"),
        ("--reorder", |report| report.audit.as_ref().unwrap().reordered, "1 out of order"),
        ("--alter", |report| report.audit.as_ref().unwrap().altered, "1 altered"),
    ];
    for (fault, count, words) in cases {
        let meddler = Serving::start(&["meddle", "--listen", "127.0.0.1:0", "--to", &server, fault, "100"]);
        let options = ["--tls", "none", "--set", "sessions=10", "--set", "load.window=8"];
        let run = run(bench.folder.path(), meddler.1, "route", &options);
        assert_eq!(run.output.status.code(), Some(1), "{fault}: {}", run.said());
        assert_eq!(count(run.report()), 1, "{fault}: {}", run.said());
        let audit = run.report().audit.as_ref().unwrap();
        assert_eq!(audit.findings.len(), 1, "{fault}: {:?}", audit.findings);
        assert!(run.said().starts_with("FAILED") && run.said().contains(words), "{fault}: {}", run.said());
    }
}
