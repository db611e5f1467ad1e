//! The program while it serves: started on a free port, told from its log where it is, ended by signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, ExitStatus, Stdio};

use super::program;

/// A running server, killed if a test forgets it.
pub(crate) struct Serving {
    child: Child,
    log: BufReader<ChildStderr>,
    /// Where clients connect.
    pub(crate) address: SocketAddr,
    /// What it said until it was ready, line by line.
    pub(crate) said: Vec<String>,
}

impl Serving {
    /// Starts it with `home` and these flags, on a free loopback port, and waits until it is ready.
    pub(crate) fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut command = program(home);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut serving = Self { child, log, address: nowhere, said: Vec::new() };
        serving.wait_for("to sign in with any XMPP client");
        let listening = serving.said.iter().find_map(|line| line.split_once("listening address="));
        serving.address = listening.unwrap().1.parse().unwrap();
        serving
    }

    /// Reads the log until a line holds `text`, and gives that line.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut line = String::new();
        while self.log.read_line(&mut line).unwrap() > 0 {
            self.said.push(line.trim_end().to_owned());
            if line.contains(text) {
                return line;
            }
            line.clear();
        }
        panic!("the server ended without saying {text:?}; it said {:#?}", self.said);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by its name: `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = rustix::process::Pid::from_child(&self.child);
        let signal = match name {
            "TERM" => rustix::process::Signal::TERM,
            "INT" => rustix::process::Signal::INT,
            "HUP" => rustix::process::Signal::HUP,
            "KILL" => rustix::process::Signal::KILL,
            other => panic!("no test sends {other}"),
        };
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits for its end, and reads what it still says.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.said.extend(self.log.by_ref().lines().map(Result::unwrap));
        self.child.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Already ended in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
