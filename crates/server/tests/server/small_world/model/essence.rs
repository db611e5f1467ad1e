//! Which states of the model are the same as far as what comes next goes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Model;
use crate::small_world::actions::{Change, Heard};

impl Model {
    /// What of it decides what comes next: times and changes counted from now on, sessions by their age, and messages
    /// that wait in a row as one.
    pub(crate) fn essence(&self) -> Self {
        let known = self.lines.values().map(|line| line.session).chain(self.sessions.keys().copied());
        let known: BTreeSet<u64> = known.chain(self.entry()).collect();
        let age = |session: u64| known.range(..session).count() as u64;
        let mut essence = self.clone();
        essence.sessions =
            self.sessions.iter().map(|(number, session)| (age(*number), session.clone())).collect();
        for session in essence.sessions.values_mut() {
            session.seen = self.now - session.seen;
        }
        for line in essence.lines.values_mut() {
            line.session = age(line.session);
            for heard in &mut line.unread {
                if let Heard::Message(number) = heard {
                    *number = 0;
                }
            }
            line.unread.dedup();
        }
        let told = |place: u64| u64::from(place > self.watcher_since);
        essence.record = self.record.map(|(place, change)| match change {
            Change::Online(name, session) => (told(place), Change::Online(name, age(session))),
            gone @ Change::Gone(..) => (told(place), gone),
        });
        if let Some(inherited) = &mut essence.inherited {
            inherited.until = inherited.until.saturating_sub(self.now);
        }
        (essence.now, essence.next_session, essence.messages) = (Duration::ZERO, 0, 0);
        (essence.changes, essence.watcher_since) = (told(self.changes), 0);
        essence
    }
}
