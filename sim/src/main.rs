//! `chatdev-sim`: runs scenarios of the simulation. Without arguments: a batch of every scenario.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use chatdev_sim::{
    failure,
    hunt::{self, Extent},
    report,
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
/// of all bytes on the network. What fails in a batch is made smaller, and its files are written.
#[derive(Parser)]
#[command(name = "chatdev-sim", version)]
struct Arguments {
    /// The scenario; none: all
    scenario: Option<String>,
    /// Run this one seed and print what happens
    #[arg(long, requires = "scenario")]
    seed: Option<u64>,
    /// With lines for what went over the network
    #[arg(long)]
    wire: bool,
    /// Print the seed's schedule as JSON instead of running it
    #[arg(long, requires = "seed")]
    schedule: bool,
    /// Run a schedule from a file, as --schedule prints it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "seed"])]
    replay: Option<PathBuf>,
    /// Make the failing run of --seed or --replay smaller, and write its files
    #[arg(long)]
    shrink: bool,
    /// Write the files of the run of --seed or --replay into this folder
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// How many seeds of an ordinary scenario a batch has
    #[arg(long, default_value_t = 90)]
    seeds: u64,
    /// The first seed of a batch; with --minutes, one that follows from the time of day unless it is given
    #[arg(long)]
    first: Option<u64>,
    /// Hunt for so many minutes, through seeds that nobody saw before
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["seed", "replay"])]
    minutes: Option<f64>,
    /// Where the files of failures go
    #[arg(long, value_name = "FOLDER", default_value = "target/sim")]
    output: PathBuf,
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// Plant each known bug into the product and count the seeds until it is found
    #[cfg(feature = "canaries")]
    #[arg(long)]
    canaries: bool,
    /// How often each planted bug is hunted, each time through other seeds; the hunt in the middle counts
    #[cfg(feature = "canaries")]
    #[arg(long, default_value_t = 3)]
    hunts: u64,
    /// Only the planted bug of this name; with --seed or --replay: in that run
    #[cfg(feature = "canaries")]
    #[arg(long, value_name = "NAME")]
    canary: Option<String>,
}

fn main() -> ExitCode {
    match carry_out(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Stopped::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stopped::Output(error)) => {
            eprintln!("chatdev-sim: cannot write: {error}");
            ExitCode::from(2)
        }
        Err(Stopped::Asked(why)) => {
            eprintln!("chatdev-sim: {why}");
            ExitCode::from(2)
        }
    }
}

/// Why nothing was judged.
enum Stopped {
    /// What was found could not be written.
    Output(io::Error),
    /// What was asked for cannot be done.
    Asked(String),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Whether everything was good.
fn carry_out(arguments: &Arguments) -> Result<bool, Stopped> {
    let mut out = io::stdout().lock();
    #[cfg(feature = "canaries")]
    if let Some(good) = with_canaries(&mut out, arguments)? {
        return Ok(good);
    }
    if arguments.list {
        for scenario in SCENARIOS {
            writeln!(out, "{:<22} {}", scenario.name, scenario.about)?;
        }
        return Ok(true);
    }
    if let Some(file) = &arguments.replay {
        return show(&mut out, &read_schedule(file)?, arguments);
    }
    let chosen = match &arguments.scenario {
        Some(name) => vec![find(name)?],
        None => SCENARIOS.to_vec(),
    };
    let Some(seed) = arguments.seed else {
        let (first, extent) = match arguments.minutes {
            Some(minutes) => (arguments.first.unwrap_or_else(seed_of_the_day), Extent::Minutes(minutes)),
            None => (arguments.first.unwrap_or_default(), Extent::Seeds(arguments.seeds)),
        };
        if arguments.minutes.is_some() {
            writeln!(out, "the first seed is {first}")?;
        }
        return Ok(hunt::hunt(&mut out, &chosen, first, extent, &arguments.output)?);
    };
    let schedule = (chosen[0].schedule)(seed);
    if arguments.schedule {
        write!(out, "{}", schedule.to_json())?;
        return Ok(true);
    }
    show(&mut out, &schedule, arguments)
}

/// Hunts for planted bugs, if that was asked for; or plants one for what follows.
#[cfg(feature = "canaries")]
fn with_canaries(out: &mut impl io::Write, arguments: &Arguments) -> Result<Option<bool>, Stopped> {
    use chatdev_sim::canaries;
    let chosen = match &arguments.canary {
        Some(name) => vec![canaries::find(name).ok_or_else(|| {
            Stopped::Asked(format!(
                "no planted bug is called `{name}`; there are: {}",
                canaries::names().join(", ")
            ))
        })?],
        None => canaries::all(),
    };
    let one_run = arguments.seed.is_some() || arguments.replay.is_some();
    if arguments.canaries && !one_run {
        return Ok(Some(canaries::hunt(
            out,
            &chosen,
            arguments.first.unwrap_or_default(),
            arguments.hunts,
            &arguments.output,
        )?));
    }
    if arguments.canary.is_some() {
        canaries::plant(chosen[0]);
    }
    Ok(None)
}

/// Another one each second, so that no two hunts go through the same.
#[expect(clippy::disallowed_methods, reason = "which seeds a hunt goes through is no part of a run")]
fn seed_of_the_day() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() * 1_000_000
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
    Schedule::from_json(&text)
        .map_err(|error| Stopped::Asked(format!("{} is no schedule: {error}", file.display())))
}

fn show(out: &mut impl io::Write, schedule: &Schedule, arguments: &Arguments) -> Result<bool, Stopped> {
    if arguments.shrink {
        let Some(failure) = failure::examine(schedule, &arguments.output)? else {
            writeln!(out, "it does not fail")?;
            return Ok(true);
        };
        write!(out, "{}", hunt::told_of(&failure))?;
        return Ok(false);
    }
    let outcome = run(schedule);
    write!(out, "{}", report::columns(schedule, &outcome, arguments.wire))?;
    write!(out, "{}", report::verdict(schedule, &outcome))?;
    if let Some(folder) = &arguments.report {
        failure::write_files(schedule, &outcome, folder)?;
    }
    Ok(outcome.verdict.violations.is_empty())
}
