//! Gone means gone: when a client's connection ends and the network is well, the server notices at once, and the client
//! is out of its directory: not only when its limit is over.

use std::{collections::BTreeMap, time::Duration};

use chatdev_net::Note;
use jid::FullJid;

use super::{Checker, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Act, Ending, Manner, SERVER, Schedule},
};

/// See the file's documentation.
pub(super) struct Goodbye {
    /// The network is well for the whole run, and nobody stands still.
    is_judged: bool,
    bound: Duration,
    /// Sessions whose connection has ended: when.
    overdue: BTreeMap<u64, (FullJid, Duration)>,
}

impl Goodbye {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let network = &schedule.network;
        let steps = Duration::from_millis(8 * network.chaos_ms_max + 50);
        Self {
            is_judged: schedule.ops.iter().all(|op| is_told(&op.act)),
            bound: network.way_max() + steps,
            overdue: BTreeMap::new(),
        }
    }
}

/// Whether everybody whom an act concerns hears of it at once.
fn is_told(act: &Act) -> bool {
    match act {
        Act::End { who, how, .. } => *how != Ending::PowerCut && who != SERVER,
        Act::Cut { how, .. } | Act::CutAfter { how, .. } => *how != Manner::Silent,
        Act::Send { .. } | Act::SetStatus { .. } | Act::Write { .. } | Act::SetWall { .. } => true,
        _ => false,
    }
}

impl Checker for Goodbye {
    fn name(&self) -> &'static str {
        "goodbye"
    }

    fn invariant(&self) -> &'static str {
        "a session whose connection has ended is gone at once"
    }

    fn see(&mut self, entry: &Entry, model: &Model, found: &mut Findings) {
        if !self.is_judged {
            return;
        }
        let late = self.overdue.values().find(|(_, since)| entry.at > *since + self.bound);
        if let Some((jid, since)) = late {
            found
                .check(false, || format!("{jid} is still bound, although its connection ended at {since:?}"));
            self.overdue.clear();
        }
        match &entry.event {
            Event::Closed { connection } if *entry.process != *SERVER => {
                let mut bound = model.registry.bound.iter();
                let session = bound.find(|(_, bound)| bound.connection == Some(*connection));
                // Of two clients that come in one tick it is not known which connection is whose session's.
                let alone = |jid: &FullJid| model.registry.clients_of(jid.as_str()).count() == 1;
                if let Some((jid, bound)) = session.filter(|(jid, _)| alone(jid)) {
                    self.overdue.insert(bound.session.0, (jid.clone(), entry.at));
                }
            }
            Event::Note(Note::Ended { session, .. }) if self.overdue.remove(&session.0).is_some() => {
                found.evaluated += 1;
            }
            _ => {}
        }
    }
}
