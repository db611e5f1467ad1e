//! The demo's server: the real one, as a process of its own. `serve` is that process, [`DemoServer`] the demo's end of it.
//!
//! It prints one JSON line when it is ready, and one with its count of routed messages for each line on its standard input; it
//! stops when that ends, however the demo ended.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result};
use chatdev_directory::Fingerprint;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::actor::PATIENCE;
use crate::cli::{HostPort, Options};
use crate::oneshot::say;

/// Seconds between check-ins: short, so that the demo is.
pub(super) const INTERVAL_SECONDS: u32 = 1;

/// Seconds of silence until somebody is reaped.
pub(super) const LIMIT_SECONDS: u32 = 3;

/// What the server says when it is ready.
#[derive(Debug, Serialize, Deserialize)]
struct Ready {
    address: SocketAddr,
    fingerprint: String,
}

/// What it says when it is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Count {
    messages_routed: u64,
}

/// The server process, as the demo sees it. Dropping it kills the process.
pub(super) struct DemoServer {
    pub(super) address: SocketAddr,
    pub(super) fingerprint: Fingerprint,
    key_log: Option<PathBuf>,
    asking: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl DemoServer {
    /// Starts the process, with its data in `folder`, on a free port of loopback.
    pub(super) async fn start(folder: &Path, key_log: Option<&Path>) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(program);
        command.arg("--data").arg(folder).arg("demo-server");
        if let Some(key_log) = key_log {
            command.arg("--key-log").arg(key_log);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("cannot start a process")?;
        let asking = child.stdin.take().context("it has no standard input")?;
        let mut answers = BufReader::new(child.stdout.take().context("it has no standard output")?).lines();
        let ready: Ready = next(&mut answers).await?;
        let fingerprint = ready.fingerprint.parse().context("it shows no fingerprint")?;
        let key_log = key_log.map(Path::to_owned);
        Ok(Self { address: ready.address, fingerprint, key_log, asking, answers, _child: child })
    }

    /// How many `<message/>`s the server has routed so far.
    pub(super) async fn messages_routed(&mut self) -> Result<u64> {
        self.asking.write_all(b"\n").await.context("the server takes no questions")?;
        let count: Count = next(&mut self.answers).await?;
        Ok(count.messages_routed)
    }

    /// The options of a client of this server that keeps its things in `folder`.
    pub(super) fn options(&self, folder: &Path) -> Options {
        Options {
            data: Some(folder.to_owned()),
            server: Some(HostPort { host: self.address.ip().to_string(), port: self.address.port() }),
            trust: Some(self.fingerprint),
            device: "main".to_owned(),
            key_log: self.key_log.clone(),
            ..Options::default()
        }
    }

    /// The same as arguments of a process.
    pub(super) fn arguments(&self, folder: &Path) -> Vec<OsString> {
        let Options { data, server, trust, key_log, .. } = self.options(folder);
        let given = [
            ("--data", data.map(OsString::from)),
            ("--server", server.map(|server| server.to_string().into())),
            ("--trust", trust.map(|trust| trust.to_string().into())),
            ("--key-log", key_log.map(OsString::from)),
        ];
        given.into_iter().filter_map(|(flag, value)| Some([flag.into(), value?])).flatten().collect()
    }
}

async fn next<T: for<'de> Deserialize<'de>>(answers: &mut Lines<BufReader<ChildStdout>>) -> Result<T> {
    let line =
        tokio::time::timeout(PATIENCE, answers.next_line()).await.context("the server took too long")??;
    serde_json::from_str(&line.context("the server ended")?)
        .context("the server said something else than expected")
}

/// The server process itself: until its standard input ends.
///
/// # Errors
/// The server cannot be started.
pub(crate) async fn serve(options: &Options) -> Result<()> {
    let mut config = chatdevd::Config {
        data: options.data.clone(),
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        ..chatdevd::Config::default()
    };
    config.tls.key_log.clone_from(&options.key_log);
    config.directory.interval_seconds = INTERVAL_SECONDS;
    config.directory.limit_seconds = LIMIT_SECONDS;
    let server = chatdevd::Server::start(config).await?;
    let address = *server.addresses().first().context("the server listens nowhere")?;
    let ready = Ready { address, fingerprint: server.fingerprint().to_string() };
    say(&serde_json::to_string(&ready)?)?;
    let mut questions = BufReader::new(tokio::io::stdin()).lines();
    while questions.next_line().await?.is_some() {
        let count = Count { messages_routed: server.counters().messages_routed };
        say(&serde_json::to_string(&count)?)?;
    }
    server.stop().await;
    Ok(())
}
