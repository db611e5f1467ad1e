//! [`Reading`]: what a source tells → entries: finds out which connections are XMPP, opens TLS where there are keys, puts frames together.
//!
//! A connection is XMPP if it begins as a stream does, or as TLS that offers XMPP or goes to one of its ports, or if the source has none
//! but XMPP. All others are passed over, and counted. TLS begins wherever its first octet stands where only XML may: after
//! `<proceed/>` (RFC 6120 §5.4.2.3) as well as at once (XEP-0368).

mod connection;
mod ear;
mod guess;
#[cfg(test)]
mod tests;
mod tls_words;

use hashbrown::HashMap;

use crate::framing::Fed;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener, Side};
use crate::tls::{KeyRing, Why};
use crate::understanding::Hearer;
use connection::{Connection, Way};
use ear::Ear;
use guess::Guess;

/// How the simulation's captures end the remark before a connection that was within its TLS, of which they show the inside.
const SEALED_IN_SIMULATION: &str = ": sealed in TLS in the simulation";

/// Connections that were not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Those that say something else than XMPP.
    pub other: u64,
    /// TLS that neither offers XMPP nor goes to one of its ports.
    pub other_tls: u64,
    /// Those that said nothing.
    pub silent: u64,
}

/// Connections that were shown, but not what they said inside TLS, or not all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// For want of keys.
    pub without_keys: u64,
    /// For anything else: a suite that is not known here, octets that are missing.
    pub otherwise: u64,
}

/// See the file's documentation.
#[derive(Debug)]
pub struct Reading<H> {
    connections: HashMap<ConnectionId, Box<Connection>>,
    /// Connections that need not be told of any more.
    ignored: Vec<ConnectionId>,
    /// The latest time that was told.
    last: At,
    /// The connection that is told next is shown as it was within TLS.
    next_was_sealed: bool,
    interpreter: Interpreter<H>,
}

/// What all connections share.
#[derive(Debug)]
struct Interpreter<H> {
    /// Whether the source tells of nothing but XMPP (a dump, a transcript, the proxy).
    is_xmpp_only: bool,
    keys: KeyRing,
    hearer: H,
    shown: u64,
    passed_over: PassedOver,
    unread: Unread,
}

impl<H: Hearer> Reading<H> {
    /// Nothing is read yet. `is_xmpp_only`: whether the source tells of nothing but XMPP (a dump, a transcript, the proxy).
    pub fn new(is_xmpp_only: bool, keys: KeyRing, hearer: H) -> Self {
        let (passed_over, unread) = (PassedOver::default(), Unread::default());
        Self {
            connections: HashMap::new(),
            ignored: Vec::new(),
            last: At(0),
            next_was_sealed: false,
            interpreter: Interpreter { is_xmpp_only, keys, hearer, shown: 0, passed_over, unread },
        }
    }

    /// A connection that is no XMPP: its source need not put it together any more. Each is given once.
    pub fn ignored(&mut self) -> Option<ConnectionId> {
        self.ignored.pop()
    }

    /// Who hears what is said.
    pub fn hearer(&mut self) -> &mut H {
        &mut self.interpreter.hearer
    }

    /// Who heard what was said.
    pub fn into_hearer(self) -> H {
        self.interpreter.hearer
    }

    /// Where keys come from.
    pub fn keys(&self) -> &KeyRing {
        &self.interpreter.keys
    }

    /// Connections that were shown so far.
    pub fn connections(&self) -> u64 {
        self.interpreter.shown
    }

    /// Connections that were not.
    pub fn passed_over(&self) -> PassedOver {
        self.interpreter.passed_over
    }

    /// Connections that were shown, but not read in full.
    pub fn unread(&self) -> Unread {
        self.interpreter.unread
    }

    /// Nothing more comes. What is open is given up, in the order in which it began.
    pub fn finish(&mut self) {
        let at = self.last;
        let mut open: Vec<ConnectionId> = self.connections.keys().copied().collect();
        open.sort_unstable();
        for id in open {
            if let Some(mut connection) = self.connections.remove(&id) {
                self.interpreter.give_up(&mut connection, at);
                self.interpreter.forget(&connection);
            }
        }
    }

    fn opened(&mut self, at: At, id: ConnectionId, ends: &[End; 2], from_start: bool) {
        let connection = Box::new(Connection::new(id, at, ends, from_start));
        let connection = self.connections.entry(id).insert(connection).into_mut();
        if std::mem::take(&mut self.next_was_sealed) {
            connection.ways = [Way::Opened; 2];
        }
        if self.interpreter.is_xmpp_only || connection.has_xmpp_port {
            self.interpreter.show(connection);
        }
    }

    fn octets(&mut self, at: At, id: ConnectionId, side: Side, layer: Layer, octets: &[u8]) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        self.interpreter.octets(connection, at, side, layer, octets);
        if connection.is_given_up {
            self.connections.remove(&id);
            self.ignored.push(id);
        }
    }

    fn missing(&mut self, at: At, id: ConnectionId, side: Side, octets: Option<u64>) {
        if let Some(connection) = self.connections.get_mut(&id) {
            self.interpreter.missing(connection, at, side, octets);
        }
    }

    fn ended(&mut self, at: At, id: ConnectionId, how: Ending) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        self.interpreter.ended(connection, at, how);
        let is_over = !matches!(how, Ending::Finished(_)) || connection.finished == [true; 2];
        if is_over && let Some(connection) = self.connections.remove(&id) {
            self.interpreter.forget(&connection);
        }
    }

    fn remark(&mut self, at: At, id: Option<ConnectionId>, text: &str) {
        self.next_was_sealed |= text.ends_with(SEALED_IN_SIMULATION);
        let is_shown =
            |id: &ConnectionId| self.connections.get(id).is_some_and(|connection| connection.is_shown);
        let id = id.filter(is_shown);
        self.interpreter.hearer.remark(id, at, text);
    }
}

impl<H: Hearer> Interpreter<H> {
    fn octets(&mut self, connection: &mut Connection, at: At, side: Side, layer: Layer, octets: &[u8]) {
        let is_first = !std::mem::replace(&mut connection.has_spoken, true);
        if is_first
            && connection.is_shown
            && connection.from_start
            && !self.is_xmpp_only
            && guess::is_http(octets)
        {
            self.pass_over(connection, at);
            return;
        }
        if !connection.is_shown && !connection.is_tls() {
            match guess::by_content(octets, connection.from_start, connection.has_xmpp_port) {
                Guess::Xmpp => self.show(connection),
                Guess::Tls => {}
                Guess::Other => {
                    self.passed_over.other += 1;
                    connection.is_given_up = true;
                    return;
                }
            }
        }
        if layer == Layer::Tls && connection.ways[side.index()] == Way::Clear {
            // The source has opened it already: a new stream begins within TLS.
            self.end_frames(connection, at, side);
            connection.ways[side.index()] = Way::Opened;
        }
        match connection.ways[side.index()] {
            Way::Sealed => self.sealed(connection, at, side, octets),
            _ => self.clear(connection, at, side, octets),
        }
        self.passed_over.other_tls += u64::from(connection.is_given_up);
    }

    /// It is XMPP: what is known of it is told.
    fn show(&mut self, connection: &mut Connection) {
        if !connection.is_shown {
            connection.is_shown = true;
            self.shown += 1;
            let (at, from_start) = (connection.opened_at, connection.from_start);
            self.hearer.opened(connection.id, at, &connection.ends, from_start);
        }
    }

    /// It goes to a port of XMPP, and is none.
    fn pass_over(&mut self, connection: &mut Connection, at: At) {
        let id = connection.id;
        self.hearer.remark(
            Some(id),
            at,
            "HTTP, which is no XMPP: the connection is passed over from here on",
        );
        self.hearer.ended(id, at, Ending::Abandoned);
        self.hearer.forget(id);
        self.passed_over.other += 1;
        self.shown -= 1;
        connection.is_given_up = true;
    }

    fn clear(&mut self, connection: &mut Connection, at: At, side: Side, octets: &[u8]) {
        let (id, hearer) = (connection.id, &mut self.hearer);
        let place = connection.place(at, side);
        let fed = connection.framers[side.index()].feed(octets, |frame| hearer.frame(id, place, frame));
        if let Fed::UntilTls(taken) = fed {
            connection.ways[side.index()] = Way::Sealed;
            self.sealed(connection, at, side, &octets[taken..]);
        }
    }

    fn sealed(&mut self, connection: &mut Connection, at: At, side: Side, octets: &[u8]) {
        let mut session = connection.tls.take().unwrap_or_default();
        let Self { keys, hearer, shown, .. } = self;
        let has_keys = !keys.is_empty();
        let mut ear = Ear { connection: &mut *connection, at, hearer, shown, has_keys };
        session.read(keys, side, octets, &mut |side, told| ear.told(side, told));
        connection.tls = Some(session);
    }

    fn missing(&mut self, connection: &mut Connection, at: At, side: Side, octets: Option<u64>) {
        connection.has_spoken = true;
        match &mut connection.tls {
            Some(tls) if connection.ways[side.index()] == Way::Sealed => tls.missing(side, octets),
            _ => self.lose_frames(connection, at, side),
        }
        if connection.is_shown {
            self.hearer.missing(connection.id, at, side, octets);
        } else {
            connection.from_start = false;
        }
    }

    fn ended(&mut self, connection: &mut Connection, at: At, how: Ending) {
        match how {
            Ending::Finished(side) => {
                self.end_frames(connection, at, side);
                connection.finished[side.index()] = true;
                if connection.finished == [true; 2] {
                    self.give_up(connection, at);
                }
            }
            Ending::Reset(_) | Ending::Abandoned => self.give_up(connection, at),
        }
        if connection.is_shown {
            self.hearer.ended(connection.id, at, how);
        }
    }

    /// A connection is over. One that was never shown is counted.
    fn forget(&mut self, connection: &Connection) {
        if connection.is_shown {
            self.hearer.forget(connection.id);
        } else {
            let counter = if connection.is_tls() {
                &mut self.passed_over.other_tls
            } else {
                &mut self.passed_over.silent
            };
            *counter += 1;
        }
    }

    /// What has begun on both sides will not end.
    fn give_up(&mut self, connection: &mut Connection, at: At) {
        if let Some(mut session) = connection.tls.take() {
            let Self { keys, hearer, shown, .. } = self;
            let has_keys = !keys.is_empty();
            let mut ear = Ear { connection: &mut *connection, at, hearer, shown, has_keys };
            session.finish(keys, &mut |side, told| ear.told(side, told));
        }
        self.count_unread(connection);
        for side in Side::BOTH {
            self.end_frames(connection, at, side);
            let sealed = std::mem::take(&mut connection.sealed[side.index()]);
            if connection.is_shown && sealed > 0 {
                let detail = format!("{sealed} octets could not be read");
                self.hearer.tls(connection.id, at, Some(side), "sealed", &detail);
            }
        }
    }

    fn count_unread(&mut self, connection: &Connection) {
        match connection.unreadable {
            _ if !connection.is_shown => {}
            Some(Why::NoKey { .. }) => self.unread.without_keys += 1,
            Some(_) => self.unread.otherwise += 1,
            None => self.unread.otherwise += u64::from(connection.sealed != [0; 2]),
        }
    }

    fn end_frames(&mut self, connection: &mut Connection, at: At, side: Side) {
        let mut framer = std::mem::take(&mut connection.framers[side.index()]);
        let place = connection.place(at, side);
        if connection.is_shown {
            framer.finish(|frame| self.hearer.frame(connection.id, place, frame));
        }
    }

    fn lose_frames(&mut self, connection: &mut Connection, at: At, side: Side) {
        let place = connection.place(at, side);
        let Connection { id, framers, is_shown, .. } = connection;
        framers[side.index()].lost(|frame| {
            if *is_shown {
                self.hearer.frame(*id, place, frame);
            }
        });
    }
}

impl<H: Hearer> Listener for Reading<H> {
    fn take(&mut self, happening: Happening<'_>) {
        match happening {
            Happening::Octets { at, id, side, layer, octets } => {
                self.last = self.last.max(at);
                self.octets(at, id, side, layer, octets);
            }
            Happening::Opened { at, id, ends, from_start } => self.opened(at, id, ends, from_start),
            Happening::Missing { at, id, side, octets } => self.missing(at, id, side, octets),
            Happening::Ended { at, id, how } => {
                self.last = self.last.max(at);
                self.ended(at, id, how);
            }
            Happening::Remark { at, id, text } => self.remark(at, id, text),
        }
    }

    fn pause(&mut self) {
        self.interpreter.hearer.pause();
    }

    fn is_over(&self) -> bool {
        self.interpreter.hearer.is_over()
    }

    fn secrets(&mut self, log: &[u8]) {
        self.interpreter.keys.add(log);
    }
}
