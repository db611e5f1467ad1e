//! One connection, as those who read, write, seal and end it tell the tap of it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chatdev_xml::Limits;

use super::direction::{Direction, Piece};
use super::queue::{Room, Tap};
use super::record::{Ending, Record, Speaker};
use crate::env::Env;
use crate::tls::Protection;

/// What a tap reads with: enough for whatever the server itself takes, and for what it says. `element_bytes_max` is the
/// server's limit for what it takes; what it passes on is longer by a stamped `from`.
pub(in crate::serve) fn limits(element_bytes_max: usize) -> Limits {
    let element_bytes_max = Limits::FROM_SERVER.element_bytes_max.max(2 * element_bytes_max);
    Limits { element_bytes_max, ..Limits::FROM_SERVER }
}

/// See the file's documentation.
pub(in crate::serve) struct Tee<E: Env> {
    env: E,
    tap: Tap,
    connection: u64,
    opened: Record,
    state: Mutex<State>,
}

struct State {
    /// The beginning of the connection was told.
    opened_told: bool,
    sealed: bool,
    dialler: Half,
    answerer: Half,
    /// Who ended the connection, once somebody has.
    ending: Option<Ending>,
    end_told: bool,
}

/// One direction, and how many bytes of it were said and not told since something of it was told last.
struct Half {
    direction: Direction,
    untold: u64,
}

impl<E: Env> Tee<E> {
    /// A connection that begins.
    pub(in crate::serve) fn open(
        env: E,
        tap: Tap,
        connection: u64,
        ends: (SocketAddr, Option<SocketAddr>),
        limits: Limits,
    ) -> Arc<Self> {
        let half = || Half { direction: Direction::new(limits), untold: 0 };
        let state = State {
            opened_told: false,
            sealed: false,
            dialler: half(),
            answerer: half(),
            ending: None,
            end_told: false,
        };
        let opened = Record::Opened { dialler: ends.0, answerer: ends.1 };
        let tee = Self { env, tap, connection, opened, state: Mutex::new(state) };
        tee.tell_opened(&mut tee.lock());
        Arc::new(tee)
    }

    /// These bytes came from the client; none at all at its end.
    pub(in crate::serve) fn heard(&self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.ending(Ending::Dialler);
        } else {
            self.take(Speaker::Dialler, bytes);
        }
    }

    /// These bytes were written to the client.
    pub(in crate::serve) fn said(&self, bytes: &[u8]) {
        self.take(Speaker::Answerer, bytes);
    }

    /// From here on TLS is on, and streams begin anew.
    pub(in crate::serve) fn sealed(&self, protection: Option<&Protection>) {
        let mut state = self.lock();
        self.tell_rest(&mut state, Room::Usual);
        state.sealed = true;
        if let Some(protection) = protection {
            self.tell_note(&mut state, protection.to_string());
        }
    }

    /// A remark, for people.
    pub(in crate::serve) fn note(&self, text: String) {
        self.tell_note(&mut self.lock(), text);
    }

    /// The connection ends in this way, if it did not end before.
    pub(in crate::serve) fn ending(&self, ending: Ending) {
        self.lock().ending.get_or_insert(ending);
    }

    /// Reading or writing failed.
    pub(in crate::serve) fn failed(&self, kind: io::ErrorKind) {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
        self.ending(match kind {
            // A TLS client that hangs up without saying so.
            UnexpectedEof => Ending::Dialler,
            BrokenPipe | ConnectionAborted | ConnectionReset => Ending::Reset,
            TimedOut => Ending::Unknown,
            // What it said was no TLS: we hang up.
            _ => Ending::Answerer,
        });
    }

    /// Nothing more comes of the connection.
    pub(in crate::serve) fn end(&self) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.end_told, true) {
            return;
        }
        self.tell_rest(&mut state, Room::Reserve);
        let ending = state.ending.unwrap_or(Ending::Unknown);
        let told = self.tell_opened(&mut state) && self.tell(Record::Ended(ending), Room::Reserve);
        if !told || state.dialler.untold > 0 || state.answerer.untold > 0 {
            self.tap.lose();
        }
    }

    fn take(&self, speaker: Speaker, bytes: &[u8]) {
        let mut state = self.lock();
        let mut pieces = Vec::new();
        state.half(speaker).direction.take(bytes, &mut |piece| pieces.push(piece));
        for piece in pieces {
            match piece {
                Piece::Text { text, octets } => {
                    let said = Record::Said { by: speaker, sealed: state.sealed, text };
                    if !(self.tell_untold(&mut state, speaker, Room::Usual) && self.tell(said, Room::Usual)) {
                        state.half(speaker).untold += octets;
                    }
                }
                Piece::Unreadable(error) => {
                    let who = match speaker {
                        Speaker::Dialler => "dialler",
                        Speaker::Answerer => "answerer",
                    };
                    self.tell_note(
                        &mut state,
                        format!("what the {who} says from here on is not read: {error}"),
                    );
                }
            }
        }
    }

    /// What is left of both directions will never be read.
    fn tell_rest(&self, state: &mut State, room: Room) {
        for speaker in [Speaker::Dialler, Speaker::Answerer] {
            let half = state.half(speaker);
            half.untold += half.direction.restart();
            self.tell_untold(state, speaker, room);
        }
    }

    /// Tells of what could not be told. Returns whether nothing of that kind is left.
    fn tell_untold(&self, state: &mut State, speaker: Speaker, room: Room) -> bool {
        if !self.tell_opened(state) {
            return false;
        }
        let half = state.half(speaker);
        if half.untold > 0 && self.tell(Record::Missing { by: speaker, octets: half.untold }, room) {
            half.untold = 0;
        }
        half.untold == 0
    }

    fn tell_note(&self, state: &mut State, text: String) {
        if !(self.tell_opened(state) && self.tell(Record::Note(text), Room::Reserve)) {
            self.tap.lose();
        }
    }

    fn tell_opened(&self, state: &mut State) -> bool {
        state.opened_told = state.opened_told || self.tell(self.opened.clone(), Room::Reserve);
        state.opened_told
    }

    fn tell(&self, record: Record, room: Room) -> bool {
        self.tap.tell(self.connection, || self.env.wall(), record, room)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic inside is a bug that its task dies of; what is told after it may lack a piece.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Env> Drop for Tee<E> {
    fn drop(&mut self) {
        // A connection that ended before its stream began, or a task that was dropped.
        self.end();
    }
}

impl State {
    fn half(&mut self, speaker: Speaker) -> &mut Half {
        match speaker {
            Speaker::Dialler => &mut self.dialler,
            Speaker::Answerer => &mut self.answerer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Drain, Entry};
    use super::*;
    use crate::TokioEnv;

    const HEADER: &[u8] =
        b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    fn open(tap: Tap) -> Arc<Tee<TokioEnv>> {
        let ends = (SocketAddr::from(([127, 0, 0, 1], 50_000)), None);
        Tee::open(TokioEnv::new().unwrap(), tap, 7, ends, limits(65_536))
    }

    fn told(drain: &mut Drain) -> Vec<Record> {
        let batch = drain.next_batch().unwrap();
        assert!(batch.entries.iter().all(|entry| entry.connection == 7));
        assert!(batch.entries.iter().zip(batch.entries.iter().skip(1)).all(|(one, next)| one.at <= next.at));
        batch.entries.into_iter().map(|entry| entry.record).collect()
    }

    fn said(by: Speaker, sealed: bool, text: &str) -> Record {
        Record::Said { by, sealed, text: text.to_owned() }
    }

    #[test]
    fn a_connection_is_told_from_its_beginning_to_its_end() {
        let (tap, mut drain) = Tap::new();
        let tee = open(tap);
        tee.heard(HEADER);
        tee.heard(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><half");
        tee.said(b"<proceed");
        tee.sealed(Some(&Protection {
            version: rustls::ProtocolVersion::TLSv1_3,
            suite: rustls::CipherSuite::TLS13_AES_128_GCM_SHA256,
        }));
        tee.heard(HEADER);
        tee.heard(b"</stream:stream>");
        tee.heard(b"");
        tee.failed(io::ErrorKind::ConnectionReset);
        tee.end();
        drop(tee);
        let header = str::from_utf8(HEADER).unwrap();
        let dialler = SocketAddr::from(([127, 0, 0, 1], 50_000));
        assert_eq!(
            told(&mut drain),
            [
                Record::Opened { dialler, answerer: None },
                said(Speaker::Dialler, false, header),
                said(Speaker::Dialler, false, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                Record::Missing { by: Speaker::Dialler, octets: 5 },
                Record::Missing { by: Speaker::Answerer, octets: 8 },
                Record::Note("TLS 1.3, TLS13_AES_128_GCM_SHA256".to_owned()),
                said(Speaker::Dialler, true, header),
                said(Speaker::Dialler, true, "</stream:stream>"),
                Record::Ended(Ending::Dialler),
            ]
        );
    }

    #[test]
    fn what_there_was_no_room_for_is_told_as_missing_before_what_comes_next() {
        let (tap, mut drain) = Tap::holding(3 * size_of::<Entry>() + 300);
        let tee = open(tap);
        tee.said(HEADER);
        let long = format!("<a>{}</a>", "x".repeat(1000));
        tee.said(long.as_bytes());
        tee.said(long.as_bytes());
        let missing = |octets| Record::Missing { by: Speaker::Answerer, octets };
        let each = long.len() as u64;
        let header = said(Speaker::Answerer, false, str::from_utf8(HEADER).unwrap());
        // That the first one is missing still fits before the second.
        assert_eq!(told(&mut drain)[1..], [header, missing(each)]);
        // Until the thread comes back for more, nothing counts as written; then there is room again.
        tee.note(String::new());
        assert_eq!(told(&mut drain), [Record::Note(String::new())]);
        tee.said(b"<b/>");
        tee.said(long.as_bytes());
        tee.end();
        assert_eq!(
            told(&mut drain),
            [
                missing(each),
                said(Speaker::Answerer, false, "<b/>"),
                missing(each),
                Record::Ended(Ending::Unknown),
            ]
        );
    }

    #[test]
    fn a_connection_whose_beginning_found_no_room_is_told_later_or_counted() {
        let (tap, mut drain) = Tap::holding(0);
        let fills =
            || tap.tell(7, || jiff::Timestamp::UNIX_EPOCH, Record::Note(String::new()), Room::Reserve);
        assert!(fills());
        drain.next_batch().unwrap();
        while fills() {}
        let (early, late) = (open(tap.clone()), open(tap.clone()));
        early.end();
        assert_eq!(drain.next_batch().unwrap().lost, 1, "nothing of the early one was told");
        // There is room for one entry now.
        late.end();
        tap.close();
        let batch = drain.next_batch().unwrap();
        assert_eq!(batch.lost, 1, "the end of the late one");
        let told: Vec<_> = batch.entries.into_iter().map(|entry| entry.record).collect();
        assert!(matches!(told[..], [Record::Opened { .. }]), "{told:?}");
    }
}
