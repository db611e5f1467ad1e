//! [`Understander`]: frames become [`Entry`]s: named, paired with what they answer, and with what they changed.
//!
//! One file each: the conversation of a connection (`talk`), requests and answers (`requests`), counters of stream management (`acks`), the
//! path of a message (`sightings`), the directory as a client was told of it (`directory`), what things are called (`names`,
//! `title`), what they say in a line (`detail`, `sasl`). `stanza`, `nonza` and `other` put them together for each kind of frame.
//!
//! Everything is bounded, and nothing here judges: what breaks a rule is found in [`crate::lint`].

mod acks;
mod classify;
mod detail;
mod directory;
mod names;
mod nonza;
mod other;
mod requests;
mod root;
mod sasl;
mod sightings;
mod stanza;
mod talk;
mod title;

pub(crate) use names::has_title;
pub(crate) use talk::NOT_SIGNED_IN;
pub use talk::Nature;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::entry::{Answer, Entry, Kind, Payload, Phase, Sighting};
use crate::exact::{Exact, ExactReader};
use crate::framing::{Frame, Outline, Tag};
use crate::model::{At, ConnectionId, End, Ending, Layer, Side};
use names::Names;
use root::Root;
use sightings::Sightings;
use stanza::Stanza;
use talk::Talk;

/// Sessions of which it is remembered whose they are, in case they are resumed (XEP-0198 §5).
const RESUMABLE_MAX: usize = 16_384;

/// Who takes entries, each with its exact reading where there is one.
pub trait Taker {
    /// Takes the next entry.
    fn take(&mut self, entry: &Entry<'_>, exact: &Exact);

    /// Nothing more comes for now.
    fn pause(&mut self) {}

    /// Whether nothing more is wanted.
    fn is_over(&self) -> bool {
        false
    }
}

/// Who hears what is said on connections that are XMPP.
pub trait Hearer {
    /// A connection begins, or is seen for the first time.
    fn opened(&mut self, id: ConnectionId, at: At, ends: &[End; 2], from_start: bool);
    /// Something is said.
    fn frame(&mut self, id: ConnectionId, place: Place, frame: Frame<'_>);
    /// Something about TLS, in words: a title, and the rest.
    fn tls(&mut self, id: ConnectionId, at: At, side: Option<Side>, title: &'static str, detail: &str);
    /// Octets of one side are missing.
    fn missing(&mut self, id: ConnectionId, at: At, side: Side, octets: Option<u64>);
    /// A connection, or one side of it, ends.
    fn ended(&mut self, id: ConnectionId, at: At, how: Ending);
    /// Nothing more comes of a connection.
    fn forget(&mut self, id: ConnectionId);
    /// Words of the source, about a connection or everything.
    fn remark(&mut self, id: Option<ConnectionId>, at: At, text: &str);
    /// Nothing more comes for now.
    fn pause(&mut self);
    /// Whether nothing more is wanted.
    fn is_over(&self) -> bool;
}

/// Understands what it hears, and gives it to `taker`.
#[derive(Debug)]
pub struct Understander<T> {
    /// Who takes the entries.
    pub taker: T,
    understanding: Understanding,
    lines: HashMap<ConnectionId, Box<Line>>,
}

impl<T: Taker> Understander<T> {
    /// Nothing is known yet.
    pub fn new(depth: Depth, taker: T) -> Self {
        Self { taker, understanding: Understanding::new(depth), lines: HashMap::new() }
    }

    /// Entries so far.
    pub fn entries(&self) -> u64 {
        self.understanding.number
    }

    /// Does something with a connection that is known.
    fn with(&mut self, id: ConnectionId, act: impl FnOnce(&mut Understanding, &mut Line, &mut T)) {
        if let Some(line) = self.lines.get_mut(&id) {
            act(&mut self.understanding, line, &mut self.taker);
        }
    }
}

impl<T: Taker> Hearer for Understander<T> {
    fn opened(&mut self, id: ConnectionId, at: At, ends: &[End; 2], from_start: bool) {
        self.lines.insert(id, Box::new(Line::new(id, ends, from_start)));
        self.with(id, |understanding, line, taker| understanding.opened(line, at, from_start, taker));
    }

    fn frame(&mut self, id: ConnectionId, place: Place, frame: Frame<'_>) {
        self.with(id, |understanding, line, taker| understanding.frame(line, place, frame, taker));
    }

    fn tls(&mut self, id: ConnectionId, at: At, side: Option<Side>, title: &'static str, detail: &str) {
        self.with(id, |understanding, line, taker| understanding.tls(line, at, side, (title, detail), taker));
    }

    fn missing(&mut self, id: ConnectionId, at: At, side: Side, octets: Option<u64>) {
        self.with(id, |understanding, line, taker| understanding.missing(line, at, side, octets, taker));
    }

    fn ended(&mut self, id: ConnectionId, at: At, how: Ending) {
        self.with(id, |understanding, line, taker| understanding.ended(line, at, how, taker));
    }

    fn forget(&mut self, id: ConnectionId) {
        self.lines.remove(&id);
    }

    fn remark(&mut self, id: Option<ConnectionId>, at: At, text: &str) {
        match id.and_then(|id| self.lines.get(&id)) {
            Some(line) => self.understanding.remark_on(line, at, text, &mut self.taker),
            None => self.understanding.remark(at, text, &mut self.taker),
        }
    }

    fn pause(&mut self) {
        self.taker.pause();
    }

    fn is_over(&self) -> bool {
        self.taker.is_over()
    }
}

impl<F: FnMut(&Entry<'_>, &Exact)> Taker for F {
    fn take(&mut self, entry: &Entry<'_>, exact: &Exact) {
        self(entry, exact);
    }
}

/// How much is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    /// Whether every element is read exactly, as rules need it.
    pub exact: bool,
    /// Whether entries say what they say ([`Entry::detail`]).
    pub detail: bool,
}

/// What is known across connections. See the file's documentation.
#[derive(Debug)]
struct Understanding {
    depth: Depth,
    names: Names,
    /// Entries so far.
    number: u64,
    sightings: Sightings,
    /// Whose a session is, by its resumption id, the oldest first.
    resumable: HashMap<Box<str>, Arc<str>>,
    resumable_order: VecDeque<Box<str>>,
    title: String,
    detail: String,
}

/// One connection: its conversation, and exact readers of both sides.
#[derive(Debug)]
struct Line {
    talk: Talk,
    exact: [ExactReader; 2],
}

/// Where and when something was said.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// When.
    pub at: At,
    /// Who said it; `None` if it is about the connection.
    pub side: Option<Side>,
    /// How it was protected.
    pub layer: Layer,
}

/// What was found out about what was said.
#[derive(Debug, Default)]
struct Learnt {
    answers: Option<Answer>,
    seen: Option<Sighting>,
    exact: Option<Exact>,
}

impl Line {
    fn new(id: ConnectionId, ends: &[End; 2], from_start: bool) -> Self {
        Self { talk: Talk::new(id, ends, from_start), exact: Default::default() }
    }
}

impl Understanding {
    fn new(depth: Depth) -> Self {
        Self {
            depth,
            names: Names::default(),
            number: 0,
            sightings: Sightings::default(),
            resumable: HashMap::new(),
            resumable_order: VecDeque::new(),
            title: String::new(),
            detail: String::new(),
        }
    }

    /// Takes a frame of a connection.
    fn frame(&mut self, line: &mut Line, place: Place, frame: Frame<'_>, taker: &mut impl Taker) {
        match frame {
            Frame::Element(outline) => self.element(line, place, outline, taker),
            Frame::Header(text) => self.header(line, place, text, taker),
            Frame::Close(octets) => self.close(line, place, octets, taker),
            Frame::Space(octets) => {
                self.begin();
                self.title.push_str("white space");
                self.tell(line, place, line.talk.phase, Kind::KeepAlive, octets, Learnt::default(), taker);
            }
            Frame::Odd(octets, oddity) => self.odd(line, place, octets, oddity, taker),
        }
    }

    fn element(&mut self, line: &mut Line, place: Place, outline: Outline<'_>, taker: &mut impl Taker) {
        self.begin();
        let Some(side) = place.side else { return };
        line.talk.layer = place.layer;
        let before = line.talk.phase;
        let root = Root::of(outline.root());
        let namespace = line.talk.namespace(side, &root);
        let kind = classify::kind(&namespace, root.local_name, line.talk.is_content(side, &namespace));
        if !kind.is_stanza() {
            let namespace = namespace.into_owned();
            let learnt = self.nonza(line, place.at, side, kind, &namespace, outline);
            return self.tell_element(line, place, before, kind, (&root, outline), learnt, Vec::new(), taker);
        }
        drop(namespace);
        let payloads = stanza::payloads(&line.talk, &self.names, side, &root, outline);
        let stanza = Stanza { at: place.at, side, root: &root, outline, payloads: &payloads };
        let learnt = self.stanza(line, kind, stanza);
        self.tell_element(line, place, before, kind, (&root, outline), learnt, payloads, taker);
    }

    /// Whether what an entry says is wanted; else nobody need find it out.
    fn wants_detail(&self) -> bool {
        self.depth.detail
    }

    fn begin(&mut self) {
        self.number += 1;
        self.title.clear();
        self.detail.clear();
    }

    #[expect(clippy::too_many_arguments, reason = "all of an entry that is not in the line")]
    fn tell_element(
        &self,
        line: &mut Line,
        place: Place,
        phase: Phase,
        kind: Kind,
        (root, outline): (&Root<'_>, Outline<'_>),
        learnt: Learnt,
        payloads: Vec<Payload<'_>>,
        taker: &mut impl Taker,
    ) {
        let side = place.side.unwrap_or(Side::Dialler);
        let exact = match learnt.exact {
            Some(exact) => exact,
            None if self.depth.exact => line.exact[side.index()].element(outline.text()),
            None => Exact::Unread,
        };
        // All of it at once: this is made for every stanza.
        let entry = Entry {
            number: self.number,
            at: place.at,
            connection: Some(line.talk.id),
            side: place.side,
            layer: place.layer,
            kind,
            phase,
            ends: [Cow::Borrowed(&*line.talk.labels[0]), Cow::Borrowed(&*line.talk.labels[1])],
            name: Cow::Borrowed(root.tag.name()),
            stanza_type: root.stanza_type.clone(),
            id: root.id.clone(),
            from: root.from.clone(),
            to: root.to.clone(),
            payloads,
            title: Cow::Borrowed(&self.title),
            detail: Cow::Borrowed(&self.detail),
            answers: learnt.answers,
            seen: learnt.seen,
            findings: Vec::new(),
            octets: outline.text().len() as u64,
            raw: Cow::Borrowed(outline.text().as_bytes()),
        };
        taker.take(&entry, &exact);
    }

    /// Anything that is no element.
    #[expect(clippy::too_many_arguments, reason = "all of an entry that is not in the line")]
    fn tell(
        &self,
        line: &Line,
        place: Place,
        phase: Phase,
        kind: Kind,
        octets: &[u8],
        learnt: Learnt,
        taker: &mut impl Taker,
    ) {
        let mut entry = self.entry(&line.talk, place, phase, kind, octets);
        entry.answers = learnt.answers;
        if let (Kind::Stream, Ok(text)) = (kind, std::str::from_utf8(octets)) {
            stanza::addresses(&mut entry, &Root::of(Tag::of_header(text)));
        }
        taker.take(&entry, &learnt.exact.unwrap_or(Exact::Unread));
    }

    fn entry<'a>(
        &'a self,
        talk: &'a Talk,
        place: Place,
        phase: Phase,
        kind: Kind,
        octets: &'a [u8],
    ) -> Entry<'a> {
        Entry {
            connection: Some(talk.id),
            side: place.side,
            layer: place.layer,
            phase,
            ends: [Cow::Borrowed(&*talk.labels[0]), Cow::Borrowed(&*talk.labels[1])],
            title: Cow::Borrowed(&self.title),
            detail: Cow::Borrowed(&self.detail),
            octets: octets.len() as u64,
            raw: Cow::Borrowed(octets),
            ..Entry::empty(self.number, place.at, kind)
        }
    }
}
