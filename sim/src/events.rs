//! What can happen in a run: what happened, when, in which process. One line per event for people, typed for
//! checkers.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use chatdev_directory::Fingerprint;
use chatdev_net::Note;

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
    /// A process came to its end by itself.
    Finished,
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
    /// Text was written to a stream: before TLS, or within it.
    Said {
        /// The connection.
        connection: u64,
        /// Whether the dialler wrote it.
        by_dialler: bool,
        /// Within TLS.
        sealed: bool,
        /// What was written.
        text: Vec<u8>,
    },
    /// Text was read from a stream, in order.
    Heard {
        /// The connection.
        connection: u64,
        /// Whether the dialler had written it.
        by_dialler: bool,
        /// Within TLS.
        sealed: bool,
        /// How much of it.
        octets: usize,
    },
    /// A dial began.
    Dialling {
        /// Whom, as address and port.
        to: SocketAddr,
    },
    /// A dial failed.
    NotReached {
        /// Whom.
        to: SocketAddr,
    },
    /// A handshake of the stand-in TLS was completed.
    Handshaken {
        /// What the other side showed.
        peer: Option<Fingerprint>,
    },
    /// An operation of the schedule began or was over; its place in the schedule.
    Fault {
        /// Which one.
        op: usize,
        /// It is over.
        over: bool,
    },
    /// A connection was cut by the schedule, after so many octets.
    CutOff {
        /// The connection.
        connection: u64,
    },
}

impl Event {
    /// Whether it is about bytes on the network, of which there are many.
    #[must_use]
    pub fn is_wire(&self) -> bool {
        matches!(self, Self::Wrote { .. } | Self::Read { .. } | Self::Said { .. } | Self::Heard { .. })
    }

    /// A short word for the log's second column.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Note(note) => note_word(note),
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Killed => "killed",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Opened { dialled: true, .. } => "dialled",
            Self::Opened { dialled: false, .. } => "accepted",
            Self::Closed { .. } => "closed",
            Self::Wrote { .. } => "wrote",
            Self::Read { .. } => "read",
            Self::Said { .. } => "said",
            Self::Heard { .. } => "heard",
            Self::Dialling { .. } => "dialling",
            Self::NotReached { .. } => "not-reached",
            Self::Handshaken { .. } => "handshaken",
            Self::Fault { over: false, .. } => "op",
            Self::Fault { over: true, .. } => "op over",
            Self::CutOff { .. } => "cut-off",
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
            Self::Started | Self::Finished | Self::Killed | Self::Paused | Self::Resumed => Ok(()),
            Self::Opened { connection, .. } | Self::Closed { connection } | Self::CutOff { connection } => {
                write!(f, "#{connection}")
            }
            Self::Wrote { connection, octets } | Self::Read { connection, octets } => {
                write!(f, "#{connection} {octets} octets")
            }
            Self::Said { connection, sealed, text, .. } => {
                let how = if *sealed { "sealed" } else { "clear" };
                write!(f, "#{connection} {how} {}", String::from_utf8_lossy(text).escape_debug())
            }
            Self::Heard { connection, sealed, octets, .. } => {
                let how = if *sealed { "sealed" } else { "clear" };
                write!(f, "#{connection} {how} {octets} octets")
            }
            Self::Dialling { to } | Self::NotReached { to } => write!(f, "{to}"),
            Self::Handshaken { peer: Some(fingerprint) } => write!(f, "with {}", short(fingerprint)),
            Self::Handshaken { peer: None } => write!(f, "with somebody who shows no certificate"),
            Self::Fault { op, .. } => write!(f, "{op}"),
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
        Note::SawOnline { jid, session, status } => {
            write!(f, "{jid} session {session}")?;
            status.as_ref().map_or(Ok(()), |status| write!(f, " {status:?}"))
        }
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
