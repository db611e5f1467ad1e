//! What routing costs against moving bytes: one table, from one run.
//!
//! `cargo run --release -p chatdev-net --example route` starts, one after the other and in rounds, a relay that
//! does not look at the bytes and two servers that read every stanza, each with the same load from a process
//! of its own, and prints medians as a Markdown table. What it decided stands in crates/README.md.
//!
//! The program runs itself again for each part: `route relay|direct|hop` serves on a free loopback port and
//! prints it; `route generate PORT W STAMPED` makes the load.
//!
//! It does not measure TLS, sign-in, or anything that a real server does beside routing.

mod generator;
mod lines;
mod measure;
mod outbound;
mod relay;
mod switch;

use std::process::ExitCode;

/// Pairs of connections; in each, messages go one way.
const PAIRS: usize = 50;
/// Octets of text in a message.
const BODY_BYTES: usize = 64;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        [] => measure::run(),
        ["relay"] => relay::serve(),
        ["direct"] => switch::serve(outbound::Writing::Direct),
        ["hop"] => switch::serve(outbound::Writing::ByItsOwner),
        ["generate", port, in_flight, stamped] => generator::run(port, in_flight, stamped),
        _ => Err("expected no arguments: the others are for the program's own use".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("route: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whatever went wrong, to be printed.
type Error = Box<dyn std::error::Error + Send + Sync>;

/// The address of the connection with this number. All have the same length.
fn address(number: usize) -> String {
    format!("u{number:04}@bench.local/r")
}
