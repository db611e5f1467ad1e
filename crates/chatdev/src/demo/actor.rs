//! One client of the demo: `chatdev pipe` as a process of its own, commanded and observed through its JSON lines.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::server::DemoServer;

/// How long anything that the story waits for may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A running client. Dropping it kills the process.
pub(super) struct Actor {
    name: &'static str,
    child: Child,
    commands: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
}

impl Actor {
    /// Makes the account `name@localhost` and signs in with it.
    pub(super) async fn sign_in(
        name: &'static str,
        nick: &str,
        folder: &Path,
        server: &DemoServer,
    ) -> Result<Self> {
        let jid = format!("{name}@localhost");
        let program = std::env::current_exe().context("cannot find this program")?;
        let command = |arguments: &[&str]| {
            let mut command = Command::new(&program);
            command
                .args(server.arguments(&folder.join(name)))
                .args(["--nick", nick, "--account", &jid])
                .args(arguments);
            command.env("CHATDEV_PASSWORD", super::story::PASSWORD).kill_on_drop(true).stdin(Stdio::piped());
            command
        };
        let registered = command(&["register", &jid]).stdout(Stdio::null()).stderr(Stdio::piped()).output();
        let registered =
            tokio::time::timeout(PATIENCE, registered).await.context("registration took too long")??;
        if !registered.status.success() {
            bail!("{jid} could not be registered: {}", String::from_utf8_lossy(&registered.stderr).trim());
        }
        let mut child = command(&["pipe"]).stdout(Stdio::piped()).spawn().context("cannot start a client")?;
        let commands = child.stdin.take().context("the client has no standard input")?;
        let output = child.stdout.take().context("the client has no standard output")?;
        let mut actor = Self { name, child, commands, events: BufReader::new(output).lines() };
        actor.sees("sign-in", |event| event["event"] == "signed-in").await?;
        Ok(actor)
    }

    /// Waits until the client tells of an event that is `wanted`; gives it. Others are passed over.
    pub(super) async fn sees(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let found = async {
            while let Some(line) = self.events.next_line().await? {
                let event: Value =
                    serde_json::from_str(&line).with_context(|| format!("{} said {line:?}", self.name))?;
                if wanted(&event) {
                    return Ok(event);
                }
            }
            bail!("{}'s client ended", self.name)
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found
            .unwrap_or_else(|_| bail!("not within {} s", PATIENCE.as_secs()))
            .with_context(|| format!("{}: {what}", self.name))
    }

    /// Gives the client one command.
    pub(super) async fn does(&mut self, command: Value) -> Result<()> {
        let line = format!("{command}\n");
        self.commands
            .write_all(line.as_bytes())
            .await
            .with_context(|| format!("{}'s client takes no commands", self.name))
    }

    /// Freezes the process, as a suspended laptop is frozen: it neither speaks nor hangs up.
    pub(super) fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets it go on.
    pub(super) fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().with_context(|| format!("{}'s client ended", self.name))?;
        let id = Pid::from_raw(id.try_into().context("a process id")?);
        kill(id, signal).with_context(|| format!("cannot send {signal} to {}'s client", self.name))
    }
}
