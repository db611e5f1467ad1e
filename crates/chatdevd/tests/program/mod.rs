//! The program as a person runs it, in a world of its own: no variables but those that a test sets, a temporary home.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod caller;
pub(crate) mod serving;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program, with nothing of the caller's environment and `home` as its home folder.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatdevd"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

/// What one run said, for a snapshot: `home` written as `HOME`.
pub(crate) fn run(home: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = program(home);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A run that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    said(home, &child.wait_with_output().unwrap())
}

fn said(home: &Path, output: &Output) -> String {
    let text =
        |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace(&*home.to_string_lossy(), "HOME");
    let mut said = format!("status {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        for line in text(bytes).lines() {
            said += &format!("{name}: {line}\n");
        }
    }
    said
}
