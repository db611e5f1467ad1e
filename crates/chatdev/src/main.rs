//! The client program. What it does is in the library beside it; this decides how it ends.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let error = match chatdev::run(chatdev::Cli::parse()) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    let reader_left = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(reader_left) {
        return ExitCode::SUCCESS;
    }
    // Parts of it may have come over the network.
    eprintln!("chatdev: {}", chatdev_client::display::body(&format!("{error:#}")));
    ExitCode::FAILURE
}
