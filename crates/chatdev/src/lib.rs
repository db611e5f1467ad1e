//! ChatDev: the client program. The protocol lives in `chatdev-client`, sockets and clocks in `chatdev-net`; here is what a person or
//! a script touches.
//!
//! Reading order: [`Cli`] (what can be asked for), `session` (a running client), `interactive` with `words`, `narrate`, `table`,
//! `terminal` (the prompt), `oneshot` and `pipe` with `json` (scripts and bots), `account`, `folder`, `identity`, `store`, `trust`
//! (what is kept), `demo`.

mod account;
mod cli;
mod demo;
mod folder;
mod identity;
mod interactive;
mod json;
mod log;
mod narrate;
mod oneshot;
mod people;
mod pipe;
mod session;
mod store;
mod table;
mod terminal;
mod trust;
mod words;

use anyhow::{Context as _, Result};

pub use cli::{Cli, Command, HostPort, Options, TrustCommand};

/// Does what the command line asks for.
///
/// # Errors
/// What was expected, what was found, and what to do: for a person to read.
pub fn run(cli: Cli) -> Result<()> {
    log::start();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the program's threads")?;
    let done = runtime.block_on(dispatch(&cli.options, cli.command));
    // A thread that waits at the keyboard would keep the program from ending.
    runtime.shutdown_background();
    done
}

async fn dispatch(options: &Options, command: Command) -> Result<()> {
    match command {
        Command::Register { jid, remember } => oneshot::register(options, &jid, remember).await,
        Command::Login { jid, remember } => interactive::chat(options, jid.as_ref(), remember).await,
        Command::Who { json } => oneshot::who(options, json).await,
        Command::Send { to, text, clear_text } => oneshot::send(options, &to, &text, clear_text).await,
        Command::Listen { json } => oneshot::listen(options, json).await,
        Command::Pipe => pipe::run(options).await,
        Command::Trust { command } => trust::run(options, &command.unwrap_or(TrustCommand::List)),
        Command::Demo => demo::run(options).await,
        Command::DemoServer => demo::serve(options).await,
    }
}
