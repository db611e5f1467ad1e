//! Of two streams between the same two clients the one that the smaller full JID dialled stays (PROTOCOL section 3): it is not
//! closed in good order while the other one is open. Otherwise each side could close what the other keeps.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use memchr::memmem;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Act, Schedule},
};

/// See the file's documentation.
pub(super) struct TieBreak {
    acts: Vec<Act>,
    /// Connections between clients.
    streams: BTreeMap<u64, Stream>,
    /// Who has been asked to stop, in this life: they close all that they have.
    stopping: BTreeSet<Arc<str>>,
}

#[derive(Default)]
struct Stream {
    dialler: Option<Arc<str>>,
    answerer: Option<Arc<str>>,
    /// Messages may flow on it, and nobody has closed it.
    open: bool,
}

impl TieBreak {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            acts: schedule.ops.iter().map(|op| op.act.clone()).collect(),
            streams: BTreeMap::new(),
            stopping: BTreeSet::new(),
        }
    }

    fn see_said(&mut self, entry: &Entry, connection: u64, text: &[u8], model: &Model, found: &mut Findings) {
        let Some(stream) = self.streams.get_mut(&connection) else { return };
        if memmem::find(text, b"<enabled ").is_some() {
            stream.open = true;
        }
        if memmem::find(text, b"</stream:stream>").is_none() || !std::mem::take(&mut stream.open) {
            return;
        }
        let in_good_order = memmem::find(text, b"<stream:error>").is_none();
        let (Some(dialler), Some(answerer)) = (stream.dialler.clone(), stream.answerer.clone()) else {
            return;
        };
        if !in_good_order || self.stopping.contains(&dialler) || self.stopping.contains(&answerer) {
            return;
        }
        let jid = |client: &str| model.registry.jid_of(client).map(ToOwned::to_owned);
        let mut others = self.streams.values().filter(|other| other.open);
        let is_stayed = |other: &Stream| {
            other.dialler == Some(dialler.clone()) && other.answerer == Some(answerer.clone())
        };
        let newer = self.streams.values().any(|other| other.open && is_stayed(other));
        let rival = others
            .any(|other| other.dialler == Some(answerer.clone()) && other.answerer == Some(dialler.clone()));
        let wins = jid(&dialler) < jid(&answerer);
        found.check(!(rival && wins) || newer, || {
            format!(
                "at {:?} {} closes #{connection}, which {dialler} dialled, and keeps the other",
                entry.at, entry.process
            )
        });
    }
}

impl Checker for TieBreak {
    fn name(&self) -> &'static str {
        "tie_break"
    }

    fn invariant(&self) -> &'static str {
        "of two streams between two clients the one that the smaller JID dialled stays"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            Event::Started => drop(self.stopping.remove(&entry.process)),
            Event::Fault { op, over: false } => {
                if let Act::End { who, .. } = &self.acts[*op] {
                    self.stopping.insert(who.as_str().into());
                }
            }
            Event::Opened { connection, dialled } => {
                let stream = self.streams.entry(*connection).or_default();
                let end = if *dialled { &mut stream.dialler } else { &mut stream.answerer };
                *end = Some(Arc::clone(&entry.process));
            }
            Event::Closed { connection } => drop(self.streams.remove(connection)),
            Event::Said { connection, text, .. } => self.see_said(entry, *connection, text, model, found),
            _ => {}
        }
    }
}
