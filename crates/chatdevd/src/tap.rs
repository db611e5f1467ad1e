//! The tap's file: what clients and server say to each other, as a transcript that an inspector reads.
//!
//! JSON lines; what each says is in `line.rs`. What is told, what is left out of it for being a secret, and what happens
//! when it cannot be written fast enough, is decided in [`chatdev_net::serve::tap`]; here is the thread that writes. It
//! waits for the disk, and nobody waits for it but whoever stops the server. A file that is there already is gone on
//! with: from another first line on, connections are counted anew.
//!
//! It does *not* rotate files, and does not wait until they are on the disk (`fsync`).

mod line;

use std::io;
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

use anyhow::Context as _;
use chatdev_net::serve::tap::{Batch, Drain, Tap};
use jiff::Timestamp;

use crate::private_file::Lines;

/// Bytes of lines that are written in one go, but for the last line among them.
const WRITE_BYTES: usize = 64 * 1024;

/// The thread that writes. When it is dropped, all that was told is in the file; that blocks.
#[derive(Debug)]
pub struct TapThread {
    tap: Tap,
    thread: Option<JoinHandle<()>>,
}

impl TapThread {
    /// Opens `path` to go on at its end (0600), writes the first line, and starts the thread.
    ///
    /// # Errors
    /// The file cannot be written to, or others can read it; the system gives no thread.
    pub fn start(path: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let mut lines = Lines::open(path)?;
        lines
            .append(line::first(now).as_bytes())
            .with_context(|| format!("cannot write to {}", path.display()))?;
        let (tap, drain) = Tap::new();
        let transcript = Transcript::new(path, lines, now)?;
        let work = move || transcript.run(drain);
        let thread =
            Builder::new().name("tap".to_owned()).spawn(work).context("the system gives no thread")?;
        Ok(Self { tap, thread: Some(thread) })
    }

    /// What the server is given.
    pub fn tap(&self) -> Tap {
        self.tap.clone()
    }
}

impl Drop for TapThread {
    fn drop(&mut self) {
        self.tap.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the tap's thread ended early");
        }
    }
}

/// The file, while it is written.
struct Transcript {
    path: PathBuf,
    lines: Lines,
    /// How long the file is as far as it was written well.
    good_bytes: u64,
    /// Lines that were lost since it could be written last.
    lost: u64,
    /// When what was told last happened.
    last: Timestamp,
    said_so: bool,
}

impl Transcript {
    fn new(path: &Path, lines: Lines, now: Timestamp) -> io::Result<Self> {
        let good_bytes = lines.bytes()?;
        Ok(Self { path: path.to_owned(), lines, good_bytes, lost: 0, last: now, said_so: false })
    }

    fn run(mut self, mut drain: Drain) {
        while let Some(batch) = drain.next_batch() {
            self.write_batch(&batch);
        }
    }

    fn write_batch(&mut self, batch: &Batch) {
        self.lost += batch.lost;
        let mut text = String::new();
        let mut count = 0;
        for entry in &batch.entries {
            self.last = entry.at;
            text.push_str(&line::of(entry));
            count += 1;
            if text.len() >= WRITE_BYTES {
                self.write(&text, count);
                text.clear();
                count = 0;
            }
        }
        self.write(&text, count);
    }

    /// Writes so many whole lines, and before them, how many before them are missing.
    fn write(&mut self, text: &str, count: u64) {
        let note = if self.lost > 0 { line::lost(self.last, self.lost) } else { String::new() };
        let written = note + text;
        match self.lines.append(written.as_bytes()) {
            Ok(()) => {
                self.good_bytes += written.len() as u64;
                self.lost = 0;
            }
            Err(error) => {
                self.lost += count;
                // Half a line would be no JSON. If that fails too, it stands on a line of its own.
                let _ = self.lines.cut(self.good_bytes);
                self.good_bytes = self.lines.bytes().unwrap_or(self.good_bytes);
                if !std::mem::replace(&mut self.said_so, true) {
                    let path = self.path.display();
                    tracing::error!(
                        "cannot write to the tap {path}: {error}; it will say how much is missing"
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdev_net::serve::tap::{Ending, Entry, Record};

    use super::*;

    fn batch(ended: &[u64], lost: u64) -> Batch {
        let entry = |&connection: &u64| Entry {
            at: Timestamp::UNIX_EPOCH,
            connection,
            record: Record::Ended(Ending::Reset),
        };
        Batch { entries: ended.iter().map(entry).collect(), lost }
    }

    #[test]
    fn what_the_disk_did_not_take_is_said_to_be_missing_once_it_takes_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tap");
        let lines = Lines::broken(&folder.path().join("full"));
        let mut transcript = Transcript::new(&path, lines, Timestamp::UNIX_EPOCH).unwrap();
        transcript.write_batch(&batch(&[1, 2], 0));
        transcript.write_batch(&batch(&[3], 4));
        transcript.lines = Lines::open(&path).unwrap();
        transcript.write_batch(&batch(&[5], 0));
        transcript.write_batch(&batch(&[6], 0));
        transcript.write_batch(&batch(&[], 2));
        insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r#"
        {"at":"1970-01-01T00:00:00Z","note":"lines are missing here, which could not be written: 7"}
        {"at":"1970-01-01T00:00:00Z","connection":5,"ended":"reset"}
        {"at":"1970-01-01T00:00:00Z","connection":6,"ended":"reset"}
        {"at":"1970-01-01T00:00:00Z","note":"lines are missing here, which could not be written: 2"}
        "#);
    }

    #[test]
    fn a_file_that_is_there_is_gone_on_with_under_another_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tap");
        for _ in 0..2 {
            drop(TapThread::start(&path, Timestamp::UNIX_EPOCH).unwrap());
        }
        let first = line::first(Timestamp::UNIX_EPOCH);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first.clone() + &first);
    }
}
