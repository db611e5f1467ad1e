//! Nothing is left over: a connection that one end has given up is given up by the other soon, even if nobody told it. Only
//! a stream between two clients may rest for as long as nobody has anything to say on it: a conversation costs nothing
//! while it is silent, and whoever says something learns whether somebody is there.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Checker, End, Findings};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::{Kind, SERVER, Schedule},
};

/// The longest that anything waits for an answer that does not come: a message's acknowledgement, a check-in, a
/// sign-in, the last words of a stream.
const BOUND: Duration = Duration::from_secs(20);

/// See the file's documentation.
pub(super) struct Leftovers {
    /// Puppets and impostors keep what they like.
    judged: Vec<String>,
    connections: BTreeMap<u64, Ends>,
}

impl Leftovers {
    pub(super) fn new(schedule: &Schedule) -> Self {
        let people = schedule.actors.iter().filter(|actor| actor.kind == Kind::Person);
        let people = people.map(|actor| actor.name.clone());
        Self { judged: [SERVER.to_owned()].into_iter().chain(people).collect(), connections: BTreeMap::new() }
    }
}

#[derive(Default)]
struct Ends {
    holders: Vec<Arc<str>>,
    /// When something was last written to it.
    written: Option<Duration>,
    /// When the first of two ends was given up.
    closed: Option<Duration>,
    given_up: usize,
}

impl Checker for Leftovers {
    fn name(&self) -> &'static str {
        "leftovers"
    }

    fn invariant(&self) -> &'static str {
        "a connection that one end has given up is given up by the other within twenty seconds"
    }

    fn see(&mut self, entry: &Entry, _: &Model, _: &mut Findings) {
        match entry.event {
            Event::Opened { connection, .. } => {
                self.connections.entry(connection).or_default().holders.push(Arc::clone(&entry.process));
            }
            Event::Wrote { connection, .. } => {
                if let Some(ends) = self.connections.get_mut(&connection) {
                    ends.written = Some(entry.at);
                }
            }
            Event::Closed { connection } => {
                let Some(ends) = self.connections.get_mut(&connection) else { return };
                ends.given_up += 1;
                ends.closed.get_or_insert(entry.at);
                if let Some(at) = ends.holders.iter().position(|holder| *holder == entry.process) {
                    ends.holders.remove(at);
                }
                if ends.given_up == 2 {
                    self.connections.remove(&connection);
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, end: &End<'_>, found: &mut Findings) {
        found.evaluated += 1;
        let registry = &end.model.registry;
        // Since then nothing keeps anybody from noticing.
        let calm = end.model.calm;
        for (connection, ends) in &self.connections {
            let Some(closed) = ends.closed else { continue };
            let judged = |holder: &str| self.judged.iter().any(|name| name == holder);
            let holder = ends.holders.first().filter(|holder| registry.running.contains(&***holder));
            let holder = holder.filter(|holder| judged(holder));
            let Some(holder) = holder else { continue };
            let rests = end.model.traffic.is_between_clients(*connection);
            let since = if rests { ends.written.filter(|written| *written > closed) } else { Some(closed) };
            let late = since.map_or(Duration::ZERO, |since| end.at.saturating_sub(since.max(calm)));
            found.check(late <= BOUND, || {
                format!(
                    "{holder} still holds connection #{connection}, which the other end gave up at {closed:?}"
                )
            });
        }
    }
}
