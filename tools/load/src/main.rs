//! The program; everything is in the library.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    chatdev_load::command::run(chatdev_load::cli::Cli::parse())
}
