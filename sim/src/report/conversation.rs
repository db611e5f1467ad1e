//! What was said in a run: on which connection, by whom, in which layer, when it was written, and when the other
//! end had read it. Made from what both ends noted, octet by octet; `scan` finds the pieces of the text.
//!
//! It does not judge anything. What was read beyond what was written is left out: a server that waits for TLS at
//! once takes its first octet as if it were in the clear.

mod scan;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    events::{Entry, Event},
    log::Log,
};
pub use scan::What;

/// Where text is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Before TLS.
    Clear,
    /// Within it.
    Sealed,
}

impl Layer {
    /// In the order in which a connection goes through them.
    pub const BOTH: [Self; 2] = [Self::Clear, Self::Sealed];

    pub(super) fn of(sealed: bool) -> Self {
        if sealed { Self::Sealed } else { Self::Clear }
    }
}

/// All that was said in a run.
#[derive(Debug, Default)]
pub struct Conversation {
    connections: BTreeMap<u64, Connection>,
}

/// One connection.
#[derive(Debug, Default)]
pub struct Connection {
    /// The process that dialled.
    pub dialler: Option<Arc<str>>,
    /// The process that answered; `None`: it never took the connection.
    pub answerer: Option<Arc<str>>,
    ways: [Way; 4],
}

/// One direction of a connection in one layer.
#[derive(Debug, Default)]
pub struct Way {
    /// All octets that were written, in order.
    pub text: Vec<u8>,
    written: Vec<Mark>,
    read: Vec<Mark>,
}

/// So many octets were through at that time.
#[derive(Clone, Copy, Debug)]
struct Mark {
    octets: usize,
    at: Duration,
}

/// A piece of what was said: a stream's beginning or end, a child of it, or white space between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The connection.
    pub connection: u64,
    /// In which layer.
    pub layer: Layer,
    /// The process that wrote it.
    pub from: &'a str,
    /// The process to which it was written, where anybody had taken the connection.
    pub to: Option<&'a str>,
    /// What it is.
    pub what: What,
    /// As it was written.
    pub text: &'a [u8],
    /// When its last octet was written.
    pub written: Duration,
    /// When its last octet was read by the other end; `None`: never.
    pub read: Option<Duration>,
}

impl Conversation {
    /// What was said in a run with that log.
    #[must_use]
    pub fn of(log: &Log) -> Self {
        let mut conversation = Self::default();
        for entry in log.entries() {
            conversation.see(entry);
        }
        conversation
    }

    /// All connections, by number.
    #[must_use]
    pub fn connections(&self) -> &BTreeMap<u64, Connection> {
        &self.connections
    }

    /// All pieces, in the order in which they were written.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        for (number, connection) in &self.connections {
            for layer in Layer::BOTH {
                for by_dialler in [true, false] {
                    pieces.extend(connection.pieces(*number, layer, by_dialler));
                }
            }
        }
        pieces.sort_by_key(|piece| piece.written);
        pieces
    }

    fn see(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Opened { connection, dialled } => {
                let connection = self.connections.entry(*connection).or_default();
                let end = if *dialled { &mut connection.dialler } else { &mut connection.answerer };
                *end = Some(Arc::clone(&entry.process));
            }
            Event::Said { connection, by_dialler, sealed, text } => {
                self.way(*connection, *by_dialler, *sealed).write(text, entry.at);
            }
            Event::Heard { connection, by_dialler, sealed, octets } => {
                self.way(*connection, *by_dialler, *sealed).read(*octets, entry.at);
            }
            _ => {}
        }
    }

    fn way(&mut self, connection: u64, by_dialler: bool, sealed: bool) -> &mut Way {
        let ways = &mut self.connections.entry(connection).or_default().ways;
        &mut ways[place(Layer::of(sealed), by_dialler)]
    }
}

fn place(layer: Layer, by_dialler: bool) -> usize {
    usize::from(layer == Layer::Sealed) * 2 + usize::from(by_dialler)
}

impl Connection {
    /// What one of the ends said in one layer.
    #[must_use]
    pub fn way(&self, layer: Layer, by_dialler: bool) -> &Way {
        &self.ways[place(layer, by_dialler)]
    }

    /// Whether anything was said in that layer.
    #[must_use]
    pub fn uses(&self, layer: Layer) -> bool {
        [true, false].iter().any(|by_dialler| !self.way(layer, *by_dialler).text.is_empty())
    }

    fn pieces(&self, connection: u64, layer: Layer, by_dialler: bool) -> impl Iterator<Item = Piece<'_>> {
        let way = self.way(layer, by_dialler);
        let (from, to) =
            if by_dialler { (&self.dialler, &self.answerer) } else { (&self.answerer, &self.dialler) };
        let found = scan::pieces(&way.text).into_iter();
        found.filter_map(move |(what, place)| {
            Some(Piece {
                connection,
                layer,
                from: from.as_deref()?,
                to: to.as_deref(),
                what,
                written: through(&way.written, place.end)?,
                read: through(&way.read, place.end),
                text: &way.text[place],
            })
        })
    }
}

impl Way {
    /// How many octets the other end read.
    #[must_use]
    pub fn octets_read(&self) -> usize {
        self.read.last().map_or(0, |mark| mark.octets)
    }

    /// Where each piece of the text ends.
    #[must_use]
    pub fn ends(&self) -> Vec<usize> {
        scan::pieces(&self.text).into_iter().map(|(_, place)| place.end).collect()
    }

    fn write(&mut self, text: &[u8], at: Duration) {
        self.text.extend_from_slice(text);
        self.written.push(Mark { octets: self.text.len(), at });
    }

    fn read(&mut self, octets: usize, at: Duration) {
        let octets = (self.octets_read() + octets).min(self.text.len());
        self.read.push(Mark { octets, at });
    }
}

/// When so many octets were through.
fn through(marks: &[Mark], octets: usize) -> Option<Duration> {
    let first = marks.partition_point(|mark| mark.octets < octets);
    marks.get(first).map(|mark| mark.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[(u64, &str, Event)]) -> Log {
        let entry = |(ms, process, event): &(u64, &str, Event)| Entry {
            at: Duration::from_millis(*ms),
            process: (*process).into(),
            event: event.clone(),
        };
        Log::new(entries.iter().map(entry).collect(), [0; 32])
    }

    fn said(by_dialler: bool, sealed: bool, text: &str) -> Event {
        Event::Said { connection: 1, by_dialler, sealed, text: text.into() }
    }

    fn heard(by_dialler: bool, sealed: bool, octets: usize) -> Event {
        Event::Heard { connection: 1, by_dialler, sealed, octets }
    }

    fn opened() -> [(u64, &'static str, Event); 2] {
        [
            (1, "server", Event::Opened { connection: 1, dialled: false }),
            (2, "alice", Event::Opened { connection: 1, dialled: true }),
        ]
    }

    #[test]
    fn a_piece_is_written_and_read_with_its_last_octet() {
        let [accepted, dialled] = opened();
        let log = log(&[
            accepted,
            dialled,
            (3, "alice", said(true, true, "<iq><pi")),
            (4, "server", heard(true, true, 5)),
            (5, "alice", said(true, true, "ng/></iq><r/>")),
            (7, "server", heard(true, true, 11)),
        ]);
        let conversation = Conversation::of(&log);
        let pieces = conversation.pieces();
        assert_eq!(pieces.len(), 2);
        let (iq, ack) = (&pieces[0], &pieces[1]);
        assert_eq!((iq.from, iq.to, iq.text), ("alice", Some("server"), &b"<iq><ping/></iq>"[..]));
        assert_eq!(iq.written, Duration::from_millis(5));
        assert_eq!(iq.read, Some(Duration::from_millis(7)));
        assert_eq!((ack.text, ack.read), (&b"<r/>"[..], None));
    }

    #[test]
    fn what_is_read_beyond_what_was_written_is_left_out() {
        let [accepted, dialled] = opened();
        let log = log(&[accepted, dialled, (3, "server", heard(true, false, 1))]);
        let conversation = Conversation::of(&log);
        assert_eq!(conversation.connections()[&1].way(Layer::Clear, true).octets_read(), 0);
        assert!(!conversation.connections()[&1].uses(Layer::Clear));
    }

    #[test]
    fn layers_and_directions_are_kept_apart() {
        let [accepted, dialled] = opened();
        let log = log(&[
            accepted,
            dialled,
            (3, "alice", said(true, false, "<starttls/>")),
            (4, "server", said(false, false, "<proceed/>")),
            (5, "alice", said(true, true, "<auth/>")),
        ]);
        let conversation = Conversation::of(&log);
        let pieces = conversation.pieces();
        let seen: Vec<_> = pieces.iter().map(|piece| (piece.layer, piece.from)).collect();
        let expected = [(Layer::Clear, "alice"), (Layer::Clear, "server"), (Layer::Sealed, "alice")];
        assert_eq!(seen, expected);
    }
}
