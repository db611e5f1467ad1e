//! The server program. Everything is in the library.

use std::process::ExitCode;

use chatdevd::cli::Cli;
use clap::Parser as _;

fn main() -> ExitCode {
    chatdevd::command::run(Cli::parse())
}
