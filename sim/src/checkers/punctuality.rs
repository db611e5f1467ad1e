//! Punctuality: a client that is signed in checks in within its interval, never later, as long as nothing holds it up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chatdev_net::Note;
use memchr::memmem;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Act, Kind, Schedule},
};

/// See the file's documentation.
pub(super) struct Punctuality {
    people: BTreeSet<String>,
    /// Nothing in the schedule makes anything late but single connections that end.
    is_judged: bool,
    longest: Duration,
    last: BTreeMap<Arc<str>, Duration>,
}

impl Punctuality {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        let network = &schedule.network;
        let steps = Duration::from_millis(12 * network.chaos_ms_max + 100);
        let interval = Duration::from_secs(schedule.server.interval_s);
        Self {
            people: people.map(|actor| actor.name.clone()).collect(),
            is_judged: schedule.ops.iter().all(|op| is_no_delay(&op.act)),
            // Clocks may run slow, by less than a thousandth.
            longest: interval + interval / 1000 + 3 * network.way_max() + steps,
            last: BTreeMap::new(),
        }
    }
}

fn is_no_delay(act: &Act) -> bool {
    matches!(
        act,
        Act::End { .. }
            | Act::Cut { .. }
            | Act::CutAfter { .. }
            | Act::Send { .. }
            | Act::SetStatus { .. }
            | Act::Write { .. }
            | Act::SetWall { .. }
            | Act::Impersonate { .. }
            | Act::Lie { .. }
            | Act::Hide { .. }
    )
}

impl Checker for Punctuality {
    fn name(&self) -> &'static str {
        "punctuality"
    }

    fn invariant(&self) -> &'static str {
        "a client that nothing holds up checks in within its interval"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        match &entry.event {
            // A session that is lost, or a server that does not answer, makes another beginning.
            Event::Started | Event::Killed | Event::Note(Note::SignedIn { .. } | Note::SignedOut { .. }) => {
                self.last.remove(&entry.process);
            }
            Event::Closed { .. } => drop(self.last.remove(&entry.process)),
            Event::Said { connection, text, .. } if self.is_judged => {
                let to_server = !model.traffic.is_between_clients(*connection);
                let is_check_in = to_server && memmem::find(text, b"<check-in").is_some();
                if !is_check_in || !self.people.contains(&*entry.process) {
                    return;
                }
                if let Some(last) = self.last.insert(Arc::clone(&entry.process), entry.at) {
                    let gap = entry.at - last;
                    found.check(gap <= self.longest, || {
                        format!("{} checks in {gap:?} after its last check-in", entry.process)
                    });
                }
            }
            _ => {}
        }
    }
}
