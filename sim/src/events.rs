//! The event log of a run: what happened, when, in which process, in the order in which it happened.
//!
//! Checkers judge it, people read it (one line per event), and two runs of one seed are compared by its hash
//! and by the hash of every byte that was written to the simulated network.

use std::{fmt, sync::Arc, time::Duration};

use chatdev_directory::Fingerprint;
use chatdev_net::Note;
use sha2::{Digest, Sha256};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Simulated time since the start of the world.
    pub at: Duration,
    /// The process in which it happened; `world` for what the schedule did.
    pub process: Arc<str>,
    /// What happened.
    pub event: Event,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What a driver told of itself.
    Note(Note),
    /// A process began.
    Started,
    /// A process was killed; its kernel closed its connections.
    Killed,
    /// A process was frozen, every task of it.
    Paused,
    /// A frozen process went on.
    Resumed,
    /// This end of a connection was opened.
    Opened {
        /// The connection.
        connection: u64,
        /// Whether this end dialled.
        dialled: bool,
    },
    /// This end of a connection was given up by its owner.
    Closed {
        /// The connection.
        connection: u64,
    },
    /// Bytes were written to the network.
    Wrote {
        /// The connection.
        connection: u64,
        /// How many.
        octets: usize,
    },
    /// Bytes were taken from the network.
    Read {
        /// The connection.
        connection: u64,
        /// How many.
        octets: usize,
    },
    /// A handshake of the stand-in TLS was completed.
    Handshaken {
        /// What the other side showed.
        peer: Option<Fingerprint>,
    },
    /// The schedule did something to the world.
    Fault(String),
}

impl Event {
    /// A short word for the log's second column.
    fn word(&self) -> &'static str {
        match self {
            Self::Note(note) => note_word(note),
            Self::Started => "started",
            Self::Killed => "killed",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Opened { dialled: true, .. } => "dialled",
            Self::Opened { dialled: false, .. } => "accepted",
            Self::Closed { .. } => "closed",
            Self::Wrote { .. } => "wrote",
            Self::Read { .. } => "read",
            Self::Handshaken { .. } => "handshaken",
            Self::Fault(_) => "fault",
        }
    }
}

fn note_word(note: &Note) -> &'static str {
    match note {
        Note::Bound { .. } => "bound",
        Note::Ended { .. } => "ended",
        Note::Entered { .. } => "entered",
        Note::Departed { .. } => "departed",
        Note::Reaped { .. } => "reaped",
        Note::SignedIn { .. } => "signed-in",
        Note::SignedOut { .. } => "signed-out",
        Note::SawOnline { .. } => "saw-online",
        Note::SawGone { .. } => "saw-gone",
        Note::Sent { .. } => "sent",
        Note::Shown { .. } => "shown",
        Note::MessageState { .. } => "message",
        Note::Remark { kind, .. } => kind,
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(note) => write_note(note, f),
            Self::Started | Self::Killed | Self::Paused | Self::Resumed => Ok(()),
            Self::Opened { connection, .. } | Self::Closed { connection } => write!(f, "#{connection}"),
            Self::Wrote { connection, octets } | Self::Read { connection, octets } => {
                write!(f, "#{connection} {octets} octets")
            }
            Self::Handshaken { peer: Some(fingerprint) } => write!(f, "with {}", short(fingerprint)),
            Self::Handshaken { peer: None } => write!(f, "with somebody who shows no certificate"),
            Self::Fault(what) => f.write_str(what),
        }
    }
}

fn write_note(note: &Note, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match note {
        Note::Bound { session, jid } | Note::Ended { session, jid } | Note::Entered { session, jid } => {
            write!(f, "{jid} session {}", session.0)
        }
        Note::Departed { session, jid, reason } => {
            write!(f, "{jid} session {} {}", session.0, reason.as_str())
        }
        Note::Reaped { session, jid, silence, limit } => {
            write!(f, "{jid} session {} silent {silence:?} limit {limit:?}", session.0)
        }
        Note::SignedIn { jid } => write!(f, "as {jid}"),
        Note::SignedOut { reason } => f.write_str(reason),
        Note::SawOnline { jid, session } => write!(f, "{jid} session {session}"),
        Note::SawGone { jid, reason } => {
            write!(f, "{jid} {}", reason.map_or("unsaid", |reason| reason.as_str()))
        }
        Note::Sent { to, id, text } => write!(f, "to {to} id {id} {text:?}"),
        Note::Shown { from, id, text } => {
            write!(f, "from {from} id {} {text:?}", id.as_deref().unwrap_or("-"))
        }
        Note::MessageState { id, state } => write!(f, "id {id} {state}"),
        Note::Remark { text, .. } => f.write_str(text),
    }
}

fn short(fingerprint: &Fingerprint) -> String {
    let [a, b, c, d, ..] = fingerprint.0;
    format!("{a:02X}:{b:02X}:{c:02X}:{d:02X}…")
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.at.as_millis();
        let (seconds, rest) = (ms / 1000, ms % 1000);
        let line =
            format!("{seconds:>5}.{rest:03} {:<14} {:<11} {}", self.process, self.event.word(), self.event);
        f.write_str(line.trim_end())
    }
}

/// Everything that happened in a run, and what its bytes were.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    wire: Sha256,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Adds bytes that end `from_dialler` or the other of `connection` wrote.
    pub(crate) fn wrote(&mut self, at: Duration, connection: u64, from_dialler: bool, bytes: &[u8]) {
        self.wire.update(at.as_nanos().to_be_bytes());
        self.wire.update(connection.to_be_bytes());
        self.wire.update([u8::from(from_dialler)]);
        self.wire.update((bytes.len() as u64).to_be_bytes());
        self.wire.update(bytes);
    }

    /// What happened, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The whole log in two numbers: equal for two runs that did the same.
    #[must_use]
    pub fn digest(&self) -> RunDigest {
        let mut events = Sha256::new();
        for entry in &self.entries {
            events.update(entry.at.as_nanos().to_be_bytes());
            events.update(entry.to_string());
            events.update(b"\n");
        }
        RunDigest {
            entries: self.entries.len(),
            events: events.finalize().into(),
            wire: self.wire.clone().finalize().into(),
        }
    }
}

/// SHA-256 of a run's events and of its wire bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunDigest {
    entries: usize,
    events: [u8; 32],
    wire: [u8; 32],
}

impl fmt::Display for RunDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events ", self.entries)?;
        for octet in &self.events[..12] {
            write!(f, "{octet:02x}")?;
        }
        f.write_str(" wire ")?;
        for octet in &self.wire[..12] {
            write!(f, "{octet:02x}")?;
        }
        Ok(())
    }
}

/// Where two logs begin to differ, with some lines before it; `None` where they do not.
#[must_use]
pub fn first_difference(one: &str, other: &str) -> Option<String> {
    const LINES_BEFORE: usize = 5;
    let (one, other): (Vec<_>, Vec<_>) = (one.lines().collect(), other.lines().collect());
    let at = (0..one.len().max(other.len())).find(|&line| one.get(line) != other.get(line))?;
    let mut report = format!("the logs differ first in line {}:\n", at + 1);
    for line in &one[at.saturating_sub(LINES_BEFORE)..at] {
        report += &format!("    {line}\n");
    }
    report += &format!("  1 {}\n", one.get(at).unwrap_or(&"(ends)"));
    report += &format!("  2 {}\n", other.get(at).unwrap_or(&"(ends)"));
    Some(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at_ms: u64, what: &str) -> Entry {
        Entry { at: Duration::from_millis(at_ms), process: "world".into(), event: Event::Fault(what.into()) }
    }

    #[test]
    fn a_line_is_aligned_by_columns() {
        assert_eq!(entry(1_234, "blip").to_string(), "    1.234 world          fault       blip");
    }

    #[test]
    fn the_digest_follows_every_event_and_every_byte() {
        let mut log = Log::default();
        log.push(entry(1, "a"));
        let before = log.digest();
        assert_eq!(before, log.clone().digest());
        let mut other = log.clone();
        other.wrote(Duration::ZERO, 1, true, b"x");
        assert_ne!(before, other.digest());
        let mut swapped = Log::default();
        swapped.push(entry(2, "a"));
        assert_ne!(before, swapped.digest());
    }

    #[test]
    fn the_first_difference_is_shown_with_what_came_before() {
        assert_eq!(first_difference("a\nb", "a\nb"), None);
        let report = first_difference("a\nb", "a\nc").unwrap();
        assert_eq!(report, "the logs differ first in line 2:\n    a\n  1 b\n  2 c\n");
        assert!(first_difference("a", "a\nb").unwrap().contains("(ends)"));
    }
}
