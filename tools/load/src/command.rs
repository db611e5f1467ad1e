//! The commands of the program: what the command line says is made of parts, run, and shown.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, anyhow, bail};
use chatdev_stream::sasl::Mechanism;
use tokio::net::TcpListener;

use crate::accounts::Accounts;
use crate::cli::{self, Cli, Command};
use crate::clock::Clock;
use crate::drive::{Run, conduct};
use crate::interrupt::Interrupt;
use crate::measure::Process;
use crate::meddler::{self, Fault};
use crate::relay;
use crate::report::{self, Report, html, table};
use crate::scenario::{Load, Scenario};
use crate::target::{Encryption, Speech, Target};
use crate::{account_command, limits};

/// What is returned for a run that was carried out and did not go well.
const NOT_GOOD: u8 = 1;
/// What is returned where this program broke: the same as for a panic.
const BROKEN: i32 = 101;
/// What is returned where nothing could be carried out.
const NOT_DONE: u8 = 2;

/// Carries out a command line. Errors go to stderr.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Run(run) => load(&run),
        Command::Scenario { name } => scenario(name.as_deref()),
        Command::Compare { reports, html } => compare(&reports, &html),
        Command::Table { reports, baseline } => markdown(&reports, baseline.as_deref()),
        Command::Grid { reports } => grid(&reports),
        Command::Relay { listen, tls } => yardstick(listen, tls),
        Command::Meddle { listen, to, drop, double, reorder, alter } => {
            let faults = [
                (Fault::Drop, drop),
                (Fault::Double, double),
                (Fault::Reorder, reorder),
                (Fault::Alter, alter),
            ];
            let chosen = faults.into_iter().find_map(|(fault, number)| number.map(|number| (fault, number)));
            chosen
                .context("expected a fault, found none")
                .and_then(|(fault, at)| meddle(listen, to, fault, at))
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("chatdev-load: {error:#}");
            ExitCode::from(NOT_DONE)
        }
    }
}

fn load(options: &cli::Run) -> anyhow::Result<ExitCode> {
    let scenario = Scenario::find(&options.scenario, &options.settings)?;
    let target = target(options)?;
    check_options(options, &scenario.load)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.unwrap_or(cores / 2).clamp(1, scenario.sessions.div_ceil(2));
    limits::check(&scenario, &target, threads)?;
    let accounts = accounts(&options.accounts)?;
    accounts.check(scenario.sessions, &options.domain)?;
    if let Some(command) = &options.accounts.account_command {
        account_command::make(command, &accounts, scenario.sessions, &options.domain)?;
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow!("the system gives no chance: {error}"))?;
    let watched = options.pids.iter().map(|&pid| Process::of(pid)).collect::<Result<_, _>>()?;
    end_with_a_panic();
    let report = conduct(Run {
        clock: Clock::start(),
        scenario: Arc::new(scenario),
        target: Arc::new(target),
        accounts,
        threads,
        seed,
        register: options.accounts.register,
        restart: options.restart.clone(),
        label: options.label.clone().unwrap_or_else(|| options.to.to_string()),
        watched,
        interrupt: Interrupt::listen()?,
        manner: OnceLock::new(),
    })?;
    show(&report, options)
}

/// A task that breaks must not be missed by its thread, nor by the figures: the whole program ends.
fn end_with_a_panic() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::exit(BROKEN);
    }));
}

/// What was asked for and would silently not be done.
fn check_options(options: &cli::Run, load: &Load) -> anyhow::Result<()> {
    if options.raw && !matches!(load, Load::Login(_) | Load::Ping(_) | Load::Route(_)) {
        bail!(
            "--raw is for loads of the kinds login (a connection, and TLS), ping and route: the bare relay knows no more"
        );
    }
    let makes_accounts = options.accounts.register || options.accounts.account_command.is_some();
    if makes_accounts && (options.raw || matches!(load, Load::Peer(_))) {
        bail!("--register and --account-command are for a server: there is none in this run");
    }
    if options.restart.is_some() && !matches!(load, Load::Reconnect(_)) {
        bail!("--restart is for loads of the kind reconnect");
    }
    if options.restart.is_some() && !options.pids.is_empty() {
        bail!("--pid and --restart do not go together: the process that is watched would end");
    }
    Ok(())
}

fn show(report: &Report, options: &cli::Run) -> anyhow::Result<ExitCode> {
    if let Some(path) = &options.json {
        write(path, &report.to_json())?;
    }
    if let Some(path) = &options.html {
        write(path, &html::page(std::slice::from_ref(report)))?;
    }
    print(&table::summary(report));
    Ok(if report.verdict.passed { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) })
}

fn target(options: &cli::Run) -> anyhow::Result<Target> {
    let mechanisms = options.mechanisms.iter().map(|name| {
        Mechanism::from_name(&name.to_uppercase()).with_context(|| {
            let known: Vec<&str> = Mechanism::ALL.iter().map(|mechanism| mechanism.name()).collect();
            format!("‘{name}’ is not spoken here; there are {}", known.join(", "))
        })
    });
    let mut mechanisms = mechanisms.collect::<anyhow::Result<Vec<_>>>()?;
    if mechanisms.is_empty() {
        mechanisms = Mechanism::ALL.to_vec();
    }
    if options.raw && options.tls == Encryption::Starttls {
        bail!("the bare relay knows no STARTTLS: give --tls none or --tls direct");
    }
    if options.sources.iter().any(|source| source.is_ipv4() != options.to.is_ipv4()) {
        bail!("the addresses of --from should be of the same family as that of --to, {}", options.to);
    }
    let target = Target {
        address: options.to,
        domain: options.domain.clone(),
        encryption: options.tls,
        mechanisms,
        speech: if options.raw { Speech::Raw } else { Speech::Xmpp },
        sources: options.sources.clone(),
    };
    target.connector()?;
    Ok(target)
}

fn accounts(options: &cli::Accounts) -> anyhow::Result<Accounts> {
    match &options.accounts_file {
        Some(path) => Accounts::read(path),
        None => Accounts::pattern(&options.names, &options.password),
    }
}

fn scenario(name: Option<&str>) -> anyhow::Result<ExitCode> {
    match name {
        Some(name) => print(Scenario::built_in(name)?),
        None => {
            for name in Scenario::names() {
                print(&format!("{name:16} {}\n", Scenario::find(name, &[])?.about));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(paths: &[PathBuf], page: &Path) -> anyhow::Result<ExitCode> {
    write(page, &html::page(&read(paths)?))?;
    Ok(ExitCode::SUCCESS)
}

fn markdown(paths: &[PathBuf], baseline: Option<&str>) -> anyhow::Result<ExitCode> {
    print(&table::comparison(&read(paths)?, baseline)?);
    Ok(ExitCode::SUCCESS)
}

fn grid(paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let row = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    let named: Vec<(String, Report)> = paths.iter().map(row).zip(read(paths)?).collect();
    print(&report::grid::grid(&named));
    Ok(ExitCode::SUCCESS)
}

fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Report>> {
    let report = |path: &PathBuf| {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Report::from_json(&text).with_context(|| format!("{} is no report that can be read", path.display()))
    };
    paths.iter().map(report).collect()
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A reader who has seen enough is no error.
fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn yardstick(listen: SocketAddr, tls: bool) -> anyhow::Result<ExitCode> {
    let tls = if tls { Some(relay::throw_away_tls("relay.invalid")?) } else { None };
    listen_and(listen, async |listener| relay::run(listener, tls).await)
}

fn meddle(listen: SocketAddr, to: SocketAddr, fault: Fault, at: u64) -> anyhow::Result<ExitCode> {
    listen_and(listen, async |listener| {
        meddler::run(listener, to, fault, at, |meddled| eprintln!("{meddled}")).await
    })
}

/// Serves on an address until it is ended from outside.
fn listen_and(
    address: SocketAddr,
    serve: impl AsyncFnOnce(TcpListener) -> std::io::Result<Infallible>,
) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        // At once: whoever waits for the line must not see half of an address.
        let line = format!("listening on {}\n", listener.local_addr()?);
        std::io::stderr().write_all(line.as_bytes())?;
        match serve(listener).await? {}
    })
}
