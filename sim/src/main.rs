//! `chatdev-sim`: runs scenarios of the simulation. Without arguments: a batch of every scenario.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use chatdev_sim::{
    batch::run_batch,
    checkers, report,
    run::run,
    scenarios::{self, SCENARIOS, Scenario},
    schedule::Schedule,
};
use clap::{Parser, Subcommand};

/// The simulation of ChatDev: the same server and clients, on a network, clocks and random numbers that follow from a seed.
#[derive(Parser)]
#[command(name = "chatdev-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Order>,
}

#[derive(Subcommand)]
enum Order {
    /// Runs many seeds of each scenario, or of the ones named.
    Batch {
        /// Scenarios; none: all.
        scenarios: Vec<String>,
        /// How many seeds of each.
        #[arg(long, default_value_t = SEEDS)]
        seeds: u64,
        /// The first seed.
        #[arg(long, default_value_t = 0)]
        first: u64,
    },
    /// Runs one seed of a scenario and prints what happened, a line per event, and the hashes of events and wire bytes.
    Run {
        /// The scenario.
        scenario: String,
        /// The seed.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// A line for each write to the network and each read as well.
        #[arg(long)]
        wire: bool,
        /// Prints the schedule as JSON instead of running it.
        #[arg(long)]
        schedule: bool,
    },
    /// Runs a schedule from a JSON file, as `run --schedule` prints it.
    Replay {
        /// The file.
        file: PathBuf,
        /// A line for each write to the network and each read as well.
        #[arg(long)]
        wire: bool,
    },
    /// Lists the scenarios.
    List,
}

/// Seeds of each scenario in a batch.
const SEEDS: u64 = 200;

fn main() -> ExitCode {
    let order =
        Arguments::parse().command.unwrap_or(Order::Batch { scenarios: vec![], seeds: SEEDS, first: 0 });
    match carry_out(order) {
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
fn carry_out(order: Order) -> Result<bool, Stopped> {
    let mut out = io::stdout().lock();
    match order {
        Order::List => {
            for scenario in SCENARIOS {
                writeln!(out, "{:<22} {}", scenario.name, scenario.about)?;
            }
            Ok(true)
        }
        Order::Run { scenario, seed, wire, schedule } => {
            let plan = (find(&scenario)?.schedule)(seed);
            if schedule {
                let json = serde_json::to_string_pretty(&plan).expect("a schedule is plain data");
                writeln!(out, "{json}")?;
                return Ok(true);
            }
            show(&mut out, &plan, wire)
        }
        Order::Replay { file, wire } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| Stopped::Asked(format!("cannot read {}: {error}", file.display())))?;
            let plan: Schedule = serde_json::from_str(&text)
                .map_err(|error| Stopped::Asked(format!("{} is no schedule: {error}", file.display())))?;
            show(&mut out, &plan, wire)
        }
        Order::Batch { scenarios, seeds, first } => {
            let chosen = if scenarios.is_empty() {
                SCENARIOS.to_vec()
            } else {
                scenarios.iter().map(|name| find(name)).collect::<Result<_, _>>()?
            };
            batches(&mut out, &chosen, first, seeds)
        }
    }
}

fn find(name: &str) -> Result<Scenario, Stopped> {
    scenarios::find(name).ok_or_else(|| {
        let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        Stopped::Asked(format!("no scenario is called `{name}`; there are: {}", known.join(", ")))
    })
}

fn show(out: &mut impl io::Write, plan: &Schedule, wire: bool) -> Result<bool, Stopped> {
    let outcome = run(plan);
    write!(out, "{}{}", report::columns(&outcome, wire), report::verdict(plan, &outcome))?;
    Ok(outcome.verdict.violations.is_empty())
}

fn batches(out: &mut impl io::Write, chosen: &[Scenario], first: u64, seeds: u64) -> Result<bool, Stopped> {
    let mut good = true;
    let mut evaluated: BTreeMap<&str, u64> = BTreeMap::new();
    for scenario in chosen {
        let batch = run_batch(scenario, first, seeds, || {});
        write!(out, "{}", report::batch(scenario, &batch))?;
        let missed = batch.missed(scenario);
        for name in &missed {
            writeln!(out, "  never met: {name}")?;
        }
        good &= batch.failures.is_empty() && missed.is_empty();
        for (name, times) in batch.evaluated {
            *evaluated.entry(name).or_default() += times;
        }
    }
    let whole = chosen.len() == SCENARIOS.len();
    for (name, times) in &evaluated {
        writeln!(out, "checker {name:<16} evaluated {times:>9} times")?;
        good &= !whole || *times > 0;
    }
    let all = checkers::names(&(SCENARIOS[0].schedule)(0)).len();
    Ok(good && (!whole || evaluated.len() == all))
}
