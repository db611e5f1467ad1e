//! Grammar: everything that the product writes is a stream of XML, piece by piece (RFC 6120 §4): one header first, whole
//! elements within it, at most one stream error and nothing but the end after it, nothing after the end; before signing
//! in nothing but what signing in needs. Read by a scanner that shares no code with the product's parser.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::{Model, Piece, Scanner},
    schedule::{Kind, SERVER, Schedule},
};

/// See the file's documentation.
pub(super) struct Grammar {
    /// Puppets and impostors may write what they like.
    authors: BTreeSet<String>,
    /// By connection, direction and layer.
    streams: BTreeMap<(u64, bool, bool), Stream>,
}

#[derive(Default)]
struct Stream {
    scanner: Scanner,
    phase: Phase,
    /// Said to a client that has not signed in.
    strangers: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Before,
    Open,
    Error,
    Closed,
}

impl Grammar {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        let people = people.map(|actor| actor.name.clone());
        Self { authors: [SERVER.to_owned()].into_iter().chain(people).collect(), streams: BTreeMap::new() }
    }
}

impl Stream {
    /// What is wrong with the next piece.
    fn flaw(&mut self, piece: &Piece, by_server: bool) -> Option<String> {
        let before = self.phase;
        match piece {
            Piece::Header => self.phase = Phase::Open,
            Piece::End => self.phase = Phase::Closed,
            Piece::Space => {}
            Piece::Flaw(flaw) => return Some(flaw.clone()),
            Piece::Element(name) if name == "stream:error" => self.phase = Phase::Error,
            Piece::Element(name) if name == "success" => self.strangers = false,
            Piece::Element(name) => {
                let before_sign_in = [
                    "stream:features",
                    "starttls",
                    "proceed",
                    "failure",
                    "auth",
                    "challenge",
                    "response",
                    "abort",
                ];
                let early = by_server && self.strangers && !before_sign_in.contains(&name.as_str());
                if early && name != "iq" {
                    return Some(format!("<{name}> before signing in"));
                }
            }
        }
        let holds = match (before, piece) {
            (Phase::Before | Phase::Open, Piece::Header) => true,
            (Phase::Before, _) => matches!(piece, Piece::Space),
            (Phase::Open, _) => true,
            (Phase::Error, _) => *piece == Piece::End,
            (Phase::Closed, _) => false,
        };
        (!holds).then(|| format!("{piece:?} in a stream that is {before:?}"))
    }
}

impl Checker for Grammar {
    fn name(&self) -> &'static str {
        "grammar"
    }

    fn invariant(&self) -> &'static str {
        "what is written is a stream of XML: a header, whole elements, one error at most, an end"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            // What the other end says meanwhile belongs to the stream that there was.
            Event::Closed { connection } => {
                let by_dialler = model.traffic.dialler(*connection) == Some(&entry.process);
                self.streams.retain(|(of, dialler, _), _| of != connection || *dialler != by_dialler);
            }
            Event::Said { connection, by_dialler, sealed, text } => {
                let author = &entry.process;
                if !self.authors.contains(&**author) {
                    return;
                }
                let new = || Stream { strangers: true, ..Stream::default() };
                let stream = self.streams.entry((*connection, *by_dialler, *sealed)).or_insert_with(new);
                let by_server = **author == *SERVER;
                let to = model.traffic.dialler(*connection).map(Arc::clone);
                for piece in stream.scanner.scan(text) {
                    let flaw = stream.flaw(&piece, by_server);
                    found.check(flaw.is_none(), || {
                        format!("{} to {to:?}: {}", entry.process, flaw.clone().unwrap_or_default())
                    });
                    if flaw.is_some() {
                        return;
                    }
                }
            }
            _ => {}
        }
    }
}
