//! A real server in this process and the real `chatdev` program beside it, on loopback, in a folder that goes away.

// Each test program uses what it needs of the town, which is test code without being a test.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything may take on a busy machine; nothing waits for it to pass.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct Town {
    pub(crate) folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    server: Option<chatdevd::Running>,
}

impl Town {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut town = Self { folder: tempfile::tempdir().unwrap(), runtime, server: None };
        town.serve("server", 0);
        town
    }

    /// Replaces the server by one that keeps its things in `folder`.
    pub(crate) fn serve(&mut self, folder: &str, port: u16) {
        self.serve_as(folder, port, |_| {});
    }

    /// The same on a free port, with other settings.
    pub(crate) fn serve_with(&mut self, folder: &str, change: impl FnOnce(&mut chatdevd::Config)) {
        self.serve_as(folder, 0, change);
    }

    fn serve_as(&mut self, folder: &str, port: u16, change: impl FnOnce(&mut chatdevd::Config)) {
        self.stop_server();
        let mut config = chatdevd::Config {
            data: Some(self.folder.path().join(folder)),
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))],
            ..chatdevd::Config::default()
        };
        config.directory.interval_seconds = 1;
        config.directory.limit_seconds = 30;
        change(&mut config);
        self.server = Some(self.runtime.block_on(chatdevd::Server::start(config)).unwrap());
    }

    pub(crate) fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running().addresses()[0]
    }

    pub(crate) fn messages_routed(&self) -> u64 {
        self.running().counters().messages_routed
    }

    fn running(&self) -> &chatdevd::Running {
        self.server.as_ref().expect("a server runs")
    }

    /// `chatdev` as `name`, with a data folder of its own and the server's certificate accepted.
    pub(crate) fn chatdev(&self, name: &str) -> Command {
        let mut command = self.chatdev_in(name, name);
        command.args(["--trust", &self.running().fingerprint().to_string()]);
        command
    }

    /// `chatdev` as `name`, with another data folder, and without `--trust`.
    pub(crate) fn chatdev_in(&self, folder: &str, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatdev"));
        command.arg("--data").arg(self.folder.path().join(folder));
        command.args(["--account", &format!("{name}@localhost"), "--server", &self.address().to_string()]);
        command.env("CHATDEV_PASSWORD", PASSWORD).env_remove("CHATDEV_LOG");
        command
    }

    /// Makes an account.
    pub(crate) fn register(&self, name: &str) {
        done(self.chatdev(name).args(["register", &format!("{name}@localhost")]));
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

/// Runs a command to its end, which must be a good one; gives its standard output.
pub(crate) fn done(command: &mut Command) -> String {
    let output = ended(command);
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command to its end, which must be a bad one; gives its standard error.
pub(crate) fn refused(command: &mut Command) -> String {
    let output = ended(command);
    assert!(!output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn ended(command: &mut Command) -> Output {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).map(|_| text)
    });
    let mut text = Vec::new();
    stdout.read_to_end(&mut text).unwrap();
    let status = child.wait().unwrap();
    assert!(begun.elapsed() < PATIENCE, "{command:?} took too long");
    Output { status, stdout: text, stderr: errors.join().unwrap().unwrap() }
}

/// A program that goes on, and the lines it prints. Dropping it kills it.
pub(crate) struct Running {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { input: child.stdin.take(), child, lines, seen: Vec::new() }
    }

    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("the input is open"), "{line}").unwrap();
    }

    /// Waits for a line that is `wanted`; gives it. Lines before it are passed over.
    pub(crate) fn line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let rest = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(line) = self.lines.recv_timeout(rest) else { panic!("in vain; seen: {:#?}", self.seen) };
            self.seen.push(line.clone());
            if wanted(&line) {
                return line;
            }
        }
    }

    /// Waits for a JSON line that is `wanted`.
    pub(crate) fn event(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let parsed =
            |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("not JSON: {line:?}"));
        parsed(&self.line(|line| wanted(&parsed(line))))
    }

    /// Ends the input; gives everything printed from the start, once the program has ended.
    pub(crate) fn finish(mut self) -> (bool, Vec<String>) {
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        self.seen.extend(self.lines.iter());
        (status.success(), std::mem::take(&mut self.seen))
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
