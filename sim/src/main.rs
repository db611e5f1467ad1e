//! `chatdev-sim`: runs scenarios of the simulation. Without arguments: a batch of every scenario.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use chatdev_sim::{
    batch::run_batch,
    checkers, report,
    run::run,
    scenarios::{self, SCENARIOS, Scenario},
    schedule::Schedule,
};
use clap::Parser;

/// The simulation of ChatDev: the same server and clients, on a network, clocks and random numbers that
/// follow from a seed.
///
/// Without arguments it runs many seeds of every scenario; with the name of one, many seeds of that; with a
/// seed as well, that one run, and prints what happened: a line per event, and the hashes of the events and
/// of all bytes on the network.
#[derive(Parser)]
#[command(name = "chatdev-sim", version)]
struct Arguments {
    /// The scenario; none: all
    scenario: Option<String>,
    /// Run this one seed and print what happens
    #[arg(long, requires = "scenario")]
    seed: Option<u64>,
    /// With a line for each write to the network and each read
    #[arg(long)]
    wire: bool,
    /// Print the seed's schedule as JSON instead of running it
    #[arg(long, requires = "seed")]
    schedule: bool,
    /// Run a schedule from a file, as --schedule prints it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "seed"])]
    replay: Option<PathBuf>,
    /// How many seeds of each scenario a batch has
    #[arg(long, default_value_t = 150)]
    seeds: u64,
    /// The first seed of a batch
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// List the scenarios
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    match carry_out(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Stopped::Output) => ExitCode::SUCCESS,
        Err(Stopped::Asked(why)) => {
            eprintln!("chatdev-sim: {why}");
            ExitCode::from(2)
        }
    }
}

/// Why nothing was judged.
enum Stopped {
    /// Nobody reads the output any more, which is not an error.
    Output,
    /// What was asked for cannot be done.
    Asked(String),
}

impl From<io::Error> for Stopped {
    fn from(_: io::Error) -> Self {
        Self::Output
    }
}

/// Whether everything was good.
fn carry_out(arguments: &Arguments) -> Result<bool, Stopped> {
    let mut out = io::stdout().lock();
    if arguments.list {
        for scenario in SCENARIOS {
            writeln!(out, "{:<22} {}", scenario.name, scenario.about)?;
        }
        return Ok(true);
    }
    if let Some(file) = &arguments.replay {
        return show(&mut out, &read_schedule(file)?, arguments.wire);
    }
    let chosen = match &arguments.scenario {
        Some(name) => vec![find(name)?],
        None => SCENARIOS.to_vec(),
    };
    let Some(seed) = arguments.seed else {
        return batches(&mut out, &chosen, arguments.first, arguments.seeds);
    };
    let schedule = (chosen[0].schedule)(seed);
    if arguments.schedule {
        let json = serde_json::to_string_pretty(&schedule).expect("a schedule is plain data");
        writeln!(out, "{json}")?;
        return Ok(true);
    }
    show(&mut out, &schedule, arguments.wire)
}

fn find(name: &str) -> Result<Scenario, Stopped> {
    scenarios::find(name).ok_or_else(|| {
        let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        Stopped::Asked(format!("no scenario is called `{name}`; there are: {}", known.join(", ")))
    })
}

fn read_schedule(file: &Path) -> Result<Schedule, Stopped> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Stopped::Asked(format!("cannot read {}: {error}", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Stopped::Asked(format!("{} is no schedule: {error}", file.display())))
}

fn show(out: &mut impl io::Write, schedule: &Schedule, wire: bool) -> Result<bool, Stopped> {
    let outcome = run(schedule);
    write!(out, "{}{}", report::columns(&outcome, wire), report::verdict(schedule, &outcome))?;
    Ok(outcome.verdict.violations.is_empty())
}

fn batches(out: &mut impl io::Write, chosen: &[Scenario], first: u64, seeds: u64) -> Result<bool, Stopped> {
    let mut good = true;
    let mut evaluated: BTreeMap<&str, u64> = BTreeMap::new();
    for scenario in chosen {
        let batch = run_batch(*scenario, first, seeds);
        write!(out, "{}", report::batch(scenario, &batch))?;
        out.flush()?;
        good &= batch.failures.is_empty() && batch.missed(scenario).is_empty();
        for (name, times) in batch.evaluated {
            *evaluated.entry(name).or_default() += times;
        }
    }
    // A checker that was never evaluated has proven nothing. One scenario alone need not have something for
    // each.
    let whole = chosen.len() == SCENARIOS.len();
    for name in checkers::names() {
        let times = evaluated.get(name).copied().unwrap_or_default();
        let idle = whole && times == 0;
        writeln!(out, "checker {name:<16} evaluated {times:>9} times{}", if idle { "  FAILED" } else { "" })?;
        good &= !idle;
    }
    Ok(good)
}
