//! The streams of a log as connections: which of them a piece belongs to, when one begins, and when another has taken its place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::SESSIONS_MAX;
use crate::model::{At, ConnectionId, End, Ending, Happening, Layer, Listener, Side};

/// What a stream is called that the log has no name for.
const NAMELESS: &str = "";

/// The streams that are open.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
    last: Option<String>,
    /// Streams whose elements the log has whole.
    whole: BTreeSet<String>,
    last_id: u32,
    at: At,
}

#[derive(Debug)]
struct Session {
    id: ConnectionId,
    layer: Layer,
    /// The next header of the client is a restart (RFC 6120 §4.3.3), or the first.
    may_restart: bool,
    finished: [bool; 2],
}

impl Sessions {
    /// Something was said on a stream, in whole items or as much of one as there is.
    pub(super) fn say(
        &mut self,
        listener: &mut impl Listener,
        name: Option<&str>,
        (side, layer): (Side, Option<Layer>),
        at: At,
        xml: &str,
    ) {
        if xml.is_empty() {
            return;
        }
        self.at = at;
        let name = self.name(name);
        let header = is_header(xml);
        if header && side == Side::Dialler && self.open.get(&name).is_some_and(|session| !session.may_restart)
        {
            self.end(listener, &name);
        }
        if !self.open.contains_key(&name) {
            self.begin(listener, &name, header);
        }
        let session = self.open.get_mut(&name).expect("it was opened above");
        if let Some(layer) = layer {
            session.layer = layer;
        }
        let id = session.id;
        listener.take(Happening::Octets { at, id, side, layer: session.layer, octets: xml.as_bytes() });
        session.follow(side, header, xml);
        if is_end(xml) && !session.finished[side.index()] {
            session.finished[side.index()] = true;
            let finished = session.finished;
            listener.take(Happening::Ended { at, id, how: Ending::Finished(side) });
            if finished == [true; 2] {
                self.open.remove(&name);
            }
        }
        self.last = Some(name);
    }

    /// The log has this stream's elements whole.
    pub(super) fn is_whole(&mut self, name: &Option<Cow<'_, str>>) {
        if let Some(name) = name
            && self.whole.len() < SESSIONS_MAX
            && !self.whole.contains(&**name)
        {
            self.whole.insert(name.clone().into_owned());
        }
    }

    /// Whether it has them whole, as far as is known by now.
    pub(super) fn has_whole(&self, name: &Option<Cow<'_, str>>) -> bool {
        name.as_ref().is_some_and(|name| self.whole.contains(&**name))
    }

    /// Something of what `side` said is not there.
    pub(super) fn miss(
        &mut self,
        listener: &mut impl Listener,
        name: Option<&str>,
        side: Side,
        at: At,
        octets: Option<u64>,
    ) {
        let name = self.name(name);
        if let Some(session) = self.open.get(&name) {
            listener.take(Happening::Missing { at, id: session.id, side, octets });
        }
    }

    /// The dump is over.
    pub(super) fn finish(&mut self, listener: &mut impl Listener) {
        while let Some((name, _)) = self.open.first_key_value() {
            let name = name.clone();
            self.end(listener, &name);
        }
    }

    /// Which stream is meant.
    fn name(&mut self, name: Option<&str>) -> String {
        let Some(name) = name else { return self.last.clone().unwrap_or_default() };
        // A log that names a stream only in some of its lines.
        if !self.open.contains_key(name)
            && let Some(session) = self.open.remove(NAMELESS)
        {
            self.open.insert(name.to_owned(), session);
        }
        name.to_owned()
    }

    fn begin(&mut self, listener: &mut impl Listener, name: &str, from_start: bool) {
        if self.open.len() >= SESSIONS_MAX
            && let Some((first, _)) = self.open.first_key_value()
        {
            let first = first.clone();
            self.end(listener, &first);
        }
        self.last_id = self.last_id.saturating_add(1);
        let id = ConnectionId(self.last_id);
        let dialler = End { address: None, name: (name != NAMELESS).then(|| name.into()) };
        let ends = [dialler, End::default()];
        listener.take(Happening::Opened { at: self.at, id, ends: &ends, from_start });
        let session = Session { id, layer: Layer::Clear, may_restart: true, finished: [false; 2] };
        self.open.insert(name.to_owned(), session);
    }

    fn end(&mut self, listener: &mut impl Listener, name: &str) {
        if let Some(session) = self.open.remove(name) {
            listener.take(Happening::Ended { at: self.at, id: session.id, how: Ending::Abandoned });
        }
    }
}

impl Session {
    fn follow(&mut self, side: Side, header: bool, xml: &str) {
        match side {
            Side::Dialler if header => self.may_restart = false,
            Side::Dialler => {}
            Side::Answerer => {
                let proceed = contains(xml, "<proceed") && contains(xml, "urn:ietf:params:xml:ns:xmpp-tls");
                if proceed {
                    self.layer = Layer::Tls;
                }
                if proceed || contains(xml, "<success") || contains(xml, "<compressed") {
                    self.may_restart = true;
                }
            }
        }
    }
}

fn is_header(xml: &str) -> bool {
    let xml = xml.trim_start();
    (xml.starts_with("<?xml") || xml.starts_with("<stream")) && contains(xml, "<stream:stream")
}

fn is_end(xml: &str) -> bool {
    xml.trim_end().ends_with("</stream:stream>")
}

fn contains(xml: &str, part: &str) -> bool {
    memchr::memmem::find(xml.as_bytes(), part.as_bytes()).is_some()
}
