//! What lasts: lives of processes, times when they were frozen, sessions as the server noted them, and times when a
//! client believed that it was signed in.

use std::{collections::BTreeMap, sync::Arc};

use chatdev_net::Note;
use serde::Serialize;

use super::{Places, micros};
use crate::{
    actors::DOMAIN,
    events::{Entry, Event},
    schedule::{SERVER, Schedule},
};

/// Everything that lasts.
#[derive(Default, Serialize)]
pub(super) struct Bars {
    lives: Vec<Bar>,
    frozen: Vec<Bar>,
    sessions: Vec<Bar>,
    signed_in: Vec<Bar>,
}

/// Something that lasts, on a lane.
#[derive(Serialize)]
pub(super) struct Bar {
    lane: usize,
    from: u64,
    /// `None`: it was still so at the end of the run.
    to: Option<u64>,
    /// How a life ended; which session it is.
    text: String,
}

/// What is known while the log is gone through. The keys are lanes, or sessions.
struct Gathered<'a> {
    bars: Bars,
    places: &'a Places<'a>,
    /// The full JID that each client asks for.
    jids: BTreeMap<&'a str, String>,
    diallers: BTreeMap<u64, Arc<str>>,
    /// Who was the last whom the server heard, for each full JID: whoever asked to be bound.
    heard: BTreeMap<String, usize>,
    lives: BTreeMap<usize, usize>,
    frozen: BTreeMap<usize, usize>,
    sessions: BTreeMap<u64, usize>,
    signed_in: BTreeMap<usize, usize>,
}

impl Bars {
    pub(super) fn of(schedule: &Schedule, entries: &[Entry], places: &Places<'_>) -> Self {
        let jid = |actor: &crate::schedule::Actor| format!("{}@{DOMAIN}/{}", actor.account, actor.resource);
        let mut gathered = Gathered {
            bars: Self::default(),
            places,
            jids: schedule.actors.iter().map(|actor| (actor.name.as_str(), jid(actor))).collect(),
            diallers: BTreeMap::new(),
            heard: BTreeMap::new(),
            lives: BTreeMap::new(),
            frozen: BTreeMap::new(),
            sessions: BTreeMap::new(),
            signed_in: BTreeMap::new(),
        };
        for entry in entries {
            gathered.see(entry);
        }
        gathered.bars
    }
}

impl Gathered<'_> {
    fn see(&mut self, entry: &Entry) {
        let Some(lane) = self.places.of_process(&entry.process) else { return };
        let at = micros(entry.at);
        match &entry.event {
            Event::Started => begin(&mut self.bars.lives, &mut self.lives, lane, (lane, at, String::new())),
            Event::Finished => self.dies(lane, at, "finished"),
            Event::Killed => self.dies(lane, at, "killed"),
            Event::Paused => begin(&mut self.bars.frozen, &mut self.frozen, lane, (lane, at, String::new())),
            Event::Resumed => drop(end(&mut self.bars.frozen, &mut self.frozen, &lane, at)),
            Event::Opened { connection, dialled: true } => {
                self.diallers.insert(*connection, Arc::clone(&entry.process));
            }
            Event::Heard { connection, .. } if *entry.process == *SERVER => self.server_heard(*connection),
            Event::Note(note) => self.noted(lane, at, note),
            _ => {}
        }
    }

    fn server_heard(&mut self, connection: u64) {
        let Some(dialler) = self.diallers.get(&connection) else { return };
        let (jid, lane) = (self.jids.get(&**dialler), self.places.of_process(dialler));
        if let (Some(jid), Some(lane)) = (jid, lane) {
            if let Some(heard) = self.heard.get_mut(jid) {
                *heard = lane;
            } else {
                self.heard.insert(jid.clone(), lane);
            }
        }
    }

    fn noted(&mut self, lane: usize, at: u64, note: &Note) {
        let Bars { sessions, signed_in, .. } = &mut self.bars;
        match note {
            Note::Bound { session, jid } => {
                if let Some(owner) = self.heard.get(jid.as_str()) {
                    let bar = (*owner, at, format!("session {}", session.0));
                    begin(sessions, &mut self.sessions, session.0, bar);
                }
            }
            Note::Ended { session, .. } => drop(end(sessions, &mut self.sessions, &session.0, at)),
            Note::SignedIn { jid } => {
                end(signed_in, &mut self.signed_in, &lane, at);
                begin(signed_in, &mut self.signed_in, lane, (lane, at, jid.to_string()));
            }
            Note::SignedOut { .. } => drop(end(signed_in, &mut self.signed_in, &lane, at)),
            _ => {}
        }
    }

    fn dies(&mut self, lane: usize, at: u64, how: &str) {
        if let Some(life) = end(&mut self.bars.lives, &mut self.lives, &lane, at) {
            how.clone_into(&mut life.text);
        }
        end(&mut self.bars.frozen, &mut self.frozen, &lane, at);
        end(&mut self.bars.signed_in, &mut self.signed_in, &lane, at);
        if lane == 0 {
            for place in std::mem::take(&mut self.sessions).into_values() {
                self.bars.sessions[place].to = Some(at);
            }
        }
    }
}

fn begin<K: Ord>(bars: &mut Vec<Bar>, open: &mut BTreeMap<K, usize>, key: K, bar: (usize, u64, String)) {
    let (lane, from, text) = bar;
    open.insert(key, bars.len());
    bars.push(Bar { lane, from, to: None, text });
}

fn end<'a, K: Ord>(
    bars: &'a mut [Bar],
    open: &mut BTreeMap<K, usize>,
    key: &K,
    at: u64,
) -> Option<&'a mut Bar> {
    let bar = bars.get_mut(open.remove(key)?)?;
    bar.to = Some(at);
    Some(bar)
}
