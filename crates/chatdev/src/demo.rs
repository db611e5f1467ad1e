//! `chatdev demo`: a real server and two real clients as processes of their own, watched from outside.
//!
//! Nothing here is told that was not observed: each line of the story follows from what the processes said in their JSON
//! lines, and a step that does not happen in time ends the demo with a non-zero code. Everything runs on loopback, in a
//! temporary folder; processes and folder are gone at the end, however it comes.

mod actor;
mod server;
mod story;

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::Options;
use server::DemoServer;

pub(crate) use server::serve;

/// Runs the demo; with a terminal, a prompt as a third person follows. Of the options, the key log counts: server and clients
/// append to it alike.
///
/// # Errors
/// What did not happen, or did not happen in time.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("chatdev-demo-")
        .tempdir()
        .context("cannot make a temporary folder")?;
    tokio::select! {
        biased;
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.context("cannot wait for Ctrl-C")?;
            bail!("interrupted");
        }
        told = play(folder.path(), options.key_log.as_deref()) => told,
    }
}

async fn play(folder: &Path, key_log: Option<&Path>) -> Result<()> {
    let mut server =
        DemoServer::start(&folder.join("server"), key_log).await.context("the server did not start")?;
    // Alice and Bob stay online while the third person looks around.
    let _cast = story::tell(folder, &mut server).await?;
    if std::io::stdin().is_terminal() {
        println!("\nNow you: you are Carol, on the same server. Alice and Bob are still there; ask `who`.\n");
        let options = Options { nick: Some("Carol".into()), ..server.options(&folder.join("carol")) };
        crate::interactive::register_and_chat(&options, &"carol@localhost".parse()?, story::PASSWORD).await?;
    }
    Ok(())
}
