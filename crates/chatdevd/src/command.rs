//! What the program does when it is not serving, and how it ends.

mod account;
mod config;
mod password;
mod serve;

use std::io::Write as _;
use std::process::ExitCode;

use crate::cli::{Cli, Command, SettingsError};
use crate::config::Problems;
use crate::log::visible;

/// Does what the command line says, and tells on standard error what went wrong.
///
/// The status: 0 done, 1 could not be done, 2 a flag or a setting is wrong.
pub fn run(cli: Cli) -> ExitCode {
    let settings = &cli.settings;
    let result = match cli.command {
        None => serve::run(settings),
        Some(Command::Config(command)) => config::run(command),
        Some(Command::Account(command)) => account::run(command, settings),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    // `chatdevd account list | head -1` is no failure.
    if error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }) {
        return ExitCode::SUCCESS;
    }
    let wrong = error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(SettingsError::Wrong(_)))
            || cause.downcast_ref::<Problems>().is_some()
    });
    // Line feeds are our own: whatever comes from outside was made visible where it was put in. Places in files stand
    // first in their lines, where editors look for them.
    for line in format!("{error:#}").lines() {
        let prefix = if wrong || line.starts_with("  ") { "" } else { "chatdevd: " };
        say(&format!("{prefix}{}", visible(line)));
    }
    ExitCode::from(if wrong { 2 } else { 1 })
}

/// Writes a line for the person, on standard error. That nobody listens there is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
