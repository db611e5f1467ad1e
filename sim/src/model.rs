//! The independent model that checkers judge by: what must be true of sessions, directory and network, from what
//! both ends said and did. It shares no code with what it judges.

mod registry;
mod scanner;
mod traffic;

use std::time::Duration;

use jid::FullJid;

use crate::{
    events::{Entry, Event},
    schedule::{SERVER, Schedule},
};
pub(crate) use registry::Registry;
pub(crate) use scanner::{Piece, Scanner};
pub(crate) use traffic::{Heard, Traffic};

/// See the file's documentation.
pub(crate) struct Model {
    pub(crate) registry: Registry,
    pub(crate) traffic: Traffic,
    /// From when on nothing is done to the world any more.
    pub(crate) calm: Duration,
    server_frozen_since: Option<Duration>,
    server_frozen: Duration,
    /// How often it was.
    server_freezes: u32,
}

impl Model {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        Self {
            registry: Registry::new(schedule),
            traffic: Traffic::default(),
            calm: Duration::from_millis(schedule.calm_ms()),
            server_frozen_since: None,
            server_frozen: Duration::ZERO,
            server_freezes: 0,
        }
    }

    /// For how long the server has been frozen, over all, by `at`.
    pub(crate) fn server_frozen(&self, at: Duration) -> Duration {
        self.server_frozen + self.server_frozen_since.map_or(Duration::ZERO, |since| at - since)
    }

    /// How often the server was frozen by now.
    pub(crate) fn server_freezes(&self) -> u32 {
        self.server_freezes
    }

    /// Whether the server is frozen now.
    pub(crate) fn server_is_frozen(&self) -> bool {
        self.server_frozen_since.is_some()
    }

    /// When the server last read something that the bound session of a JID had written.
    pub(crate) fn heard(&self, jid: &FullJid) -> Option<Heard> {
        self.traffic.heard_on(self.registry.bound.get(jid)?.connection?)
    }

    pub(crate) fn see(&mut self, entry: &Entry) {
        match entry.event {
            Event::Paused if *entry.process == *SERVER => {
                self.server_frozen_since = Some(entry.at);
                self.server_freezes += 1;
            }
            Event::Resumed if *entry.process == *SERVER => {
                self.server_frozen = self.server_frozen(entry.at);
                self.server_frozen_since = None;
            }
            // Another life is not frozen.
            Event::Started | Event::Killed if *entry.process == *SERVER => {
                self.server_frozen = self.server_frozen(entry.at);
                self.server_frozen_since = None;
            }
            _ => {}
        }
        let frozen = self.server_frozen(entry.at);
        self.traffic.see(entry, frozen, self.server_freezes);
        self.registry.see(entry, &self.traffic);
    }
}
