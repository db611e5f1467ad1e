//! What a person gets when a run fails: the schedule made small, the files of its run, and the command that runs it
//! again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use chatdev_canary::{Canary, planted};

use crate::{
    checkers::Violation,
    report,
    run::{Outcome, run, verdict},
    schedule::{Schedule, shrink},
};

/// A failure, made small, and where its files are.
#[derive(Debug)]
pub struct Failure {
    /// What is left of the schedule.
    pub schedule: Schedule,
    /// How many operations it had before.
    pub ops_before: usize,
    /// The first thing that is violated.
    pub violation: Violation,
    /// Where the files are.
    pub folder: PathBuf,
}

/// Makes a failing schedule small and writes its files into a folder of its own below `into`. `None` if it does not fail.
///
/// # Errors
/// The file system's.
pub fn examine(schedule: &Schedule, into: &Path) -> io::Result<Option<Failure>> {
    let Some(first) = verdict(schedule).violations.into_iter().next() else { return Ok(None) };
    let kind = first.kind();
    let fails = |candidate: &Schedule| {
        verdict(candidate).violations.first().is_some_and(|violation| violation.kind() == kind)
    };
    let in_the_end = first.at >= Duration::from_millis(schedule.end_ms());
    let mut small = shrink::shrink(schedule, shrink::RUNS_MAX, in_the_end, fails);
    let outcome = run(&small);
    let violation = outcome.verdict.violations.first().cloned().unwrap_or(first);
    small.about = Some(violation.invariant.to_owned());
    let folder = into.join(format!("{}-{}", schedule.scenario, schedule.seed));
    write_files(&small, &outcome, &folder)?;
    Ok(Some(Failure { schedule: small, ops_before: schedule.ops.len(), violation, folder }))
}

/// Writes the schedule and everything about its run: `schedule.json`; `log.txt`, a line for each event; `diagram.html`, the
/// run as a space-time diagram; `capture.pcapng`, what was said, for Wireshark.
///
/// # Errors
/// The file system's.
pub fn write_files(schedule: &Schedule, outcome: &Outcome, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("schedule.json"), schedule.to_json())?;
    let log = report::columns(schedule, outcome, true) + &report::verdict(schedule, outcome);
    fs::write(folder.join("log.txt"), log)?;
    fs::write(folder.join("diagram.html"), report::diagram(schedule, outcome, &replay_command(folder)))?;
    fs::write(folder.join("capture.pcapng"), report::pcapng(schedule, outcome))
}

/// The command that runs a stored schedule again, with the bug that is planted now, where one is.
#[must_use]
pub fn replay_command(folder: &Path) -> String {
    let file = folder.join("schedule.json");
    let file = file.display();
    match Canary::ALL.iter().find(|canary| planted(**canary)) {
        None => format!("just sim --replay {file}"),
        Some(canary) => format!("just sim-canaries --canary {} --replay {file}", canary.name()),
    }
}
