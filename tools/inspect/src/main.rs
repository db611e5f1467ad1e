//! The program; everything is in the library.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    chatdev_inspect::command::run(chatdev_inspect::cli::Cli::parse())
}
