//! The program as people run it, on the captures of `testdata/captures` (made by `captures/record`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod captures;
mod forms;
mod interrupted;
mod live;
mod notes;
mod outputs;
mod proxies;
mod sharing;
mod sources;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where the captures are.
fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/captures")
}

/// The program, in the folder of the captures, so that messages have no path in them.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatdev-inspect"));
    command.args(arguments).current_dir(captures()).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

/// What it writes, if all is well.
fn shown(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// What it says when all is not well.
fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}
