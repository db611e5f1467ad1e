//! What an idle session costs the server in memory.
//!
//! ```text
//! cargo run --release -p chatdevd --example idle_sessions -- 2000
//! ```
//!
//! Starts the server program as a process of its own (this program again, with `serve` as its first argument), opens
//! that many sessions to it, each of an account of its own, lets each check in once, and reads the server's
//! proportional set size (`Pss` in `/proc/PID/smaps_rollup`) before and after; once over TLS and once in clear. Linux
//! only. It does *not* measure traffic.

#[path = "../tests/program/caller.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "it is the tests' client: they use the rest, and a panic is a failure there"
)]
mod caller;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context as _, anyhow};
use caller::Caller;
use chatdev_server::StorageRequest;
use chatdev_stream::initiating::{Event, TlsPolicy};
use chatdev_stream::sasl::{Credentials, Password};
use chatdevd::cli::Cli;
use chatdevd::data_folder::DataFolder;
use chatdevd::store::{Opener, StorageThread, Store};
use clap::Parser as _;
use jid::BareJid;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;

/// Handshakes at one time: enough to keep two cores busy.
const HANDSHAKES_MAX: usize = 32;

const PASSWORD: &str = "pencil";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == "serve") {
        return chatdevd::command::run(Cli::parse_from(&arguments[1..]));
    }
    let sessions = arguments.get(1).map_or(Ok(2000), |number| number.parse());
    let measured = sessions.context("expected a number of sessions").and_then(|sessions| {
        measure(Line::Sealed, sessions)?;
        measure(Line::Clear, sessions)
    });
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("idle_sessions: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What sessions run over.
#[derive(Clone, Copy, Debug)]
enum Line {
    Sealed,
    Clear,
}

#[tokio::main]
async fn measure(line: Line, sessions: usize) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let folder = tempfile::tempdir()?;
    add_accounts(&DataFolder::open(folder.path())?, sessions).await?;
    let server = Server::start(folder.path(), sessions)?;
    // The first one pays for what all share.
    let _first = sign_in(server.address, line, 0).await?;
    let empty = server.pss_kib()?;
    let mut callers = sign_in_all(server.address, line, sessions).await?;
    let signed_in = server.pss_kib()?;
    for caller in &mut callers {
        check_in(caller).await?;
    }
    let online = server.pss_kib()?;
    let each = |kib: u64| format!("{:.1}", (kib - empty) as f64 / sessions as f64);
    println!("server, one session             {empty:>8} KiB");
    let kind = match line {
        Line::Sealed => "TLS sessions, signed in",
        Line::Clear => "sessions in clear,   \"  ",
    };
    println!("{sessions} {kind}    {signed_in:>8} KiB  {:>6} KiB each", each(signed_in));
    println!("the same, in the directory      {online:>8} KiB  {:>6} KiB each", each(online));
    Ok(())
}

async fn add_accounts(folder: &DataFolder, sessions: usize) -> anyhow::Result<()> {
    let storage = StorageThread::start(Store::open(&folder.database(), Opener::Alone)?, |_| {})?;
    let credentials =
        Credentials::derive(&Password::new(PASSWORD)?, 4096, &mut ChaCha20Rng::from_seed([0; 32]));
    for number in 0..=sessions {
        let create = StorageRequest::Create { account: account(number)?, credentials: credentials.clone() };
        let answer = storage.request(create);
        // Not awaited one by one: they share their commits. The last one comes last.
        if number == sessions {
            answer.await;
        }
    }
    Ok(())
}

fn account(number: usize) -> anyhow::Result<BareJid> {
    Ok(BareJid::new(&format!("user{number}@localhost"))?)
}

async fn sign_in(address: SocketAddr, line: Line, number: usize) -> anyhow::Result<Caller> {
    let mut settings = caller::settings(account(number)?.as_str(), PASSWORD);
    Ok(match line {
        Line::Sealed => caller::sign_in(address, settings).await?,
        Line::Clear => {
            settings.tls = TlsPolicy::OptionalOnLoopback;
            caller::sign_in_in_clear(address, settings).await?
        }
    })
}

async fn sign_in_all(address: SocketAddr, line: Line, sessions: usize) -> anyhow::Result<Vec<Caller>> {
    let mut callers = Vec::with_capacity(sessions);
    let mut handshakes = JoinSet::new();
    for number in 1..=sessions {
        if handshakes.len() == HANDSHAKES_MAX {
            callers.push(handshakes.join_next().await.context("no handshake was open")???);
        }
        handshakes.spawn(sign_in(address, line, number));
    }
    while let Some(caller) = handshakes.join_next().await {
        callers.push(caller??);
    }
    Ok(callers)
}

async fn check_in(caller: &mut Caller) -> anyhow::Result<()> {
    caller.send(
        "<iq type='set' id='c1'><check-in xmlns='urn:chatdev:directory:1' max='1'><profile nick='Somebody' show='chat'>\
         <status>Waiting</status></profile><endpoint host='127.0.0.1' port='5298'/></check-in></iq>",
    );
    loop {
        match caller.next().await {
            Event::Element(element) if element.attribute("id").as_deref() == Some("c1") => return Ok(()),
            Event::Closed(closed) => return Err(anyhow!("a session was closed: {closed:?}")),
            _ => {}
        }
    }
}

/// The server's process; killed in the end.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &std::path::Path, sessions: usize) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .args(["--set", "directory.interval_seconds=28800", "--set", "directory.limit_seconds=86400"])
            .args(["--set", &format!("limits.connections_max={}", sessions + 1)])
            .args(["--set", &format!("limits.unsigned_per_address_max={}", sessions + 1)])
            .args(["--set", "tls.required=false", "--log-level", "warn"])
            // Where it listens, and not who came and went.
            .env("CHATDEVD_LOG_FILTER", "chatdevd=info")
            .stderr(Stdio::piped())
            .spawn()?;
        let log = BufReader::new(child.stderr.take().context("the log is piped")?);
        let mut server = Self { child, address: SocketAddr::from(([0, 0, 0, 0], 0)) };
        let mut lines = log.lines();
        let listening = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening address=").map(|(_, address)| address.to_owned()));
        server.address = listening.context("the server did not say where it listens")?.parse()?;
        // The rest of its log goes to ours, so that its pipe never fills.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Ok(server)
    }

    fn pss_kib(&self) -> anyhow::Result<u64> {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let rollup = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let pss =
            rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("there is no Pss in it")?;
        pss.trim().trim_end_matches(" kB").trim().parse().context("Pss is no number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
