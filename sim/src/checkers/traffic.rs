//! When the server's machine last gave it something that a client had written: what the network itself saw,
//! whatever the server says it heard.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    events::{Entry, Event},
    run::SERVER,
};

/// The times of the server's reads, by client.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    diallers: BTreeMap<u64, String>,
    heard: BTreeMap<String, Duration>,
}

impl Traffic {
    pub(super) fn see(&mut self, entry: &Entry) {
        match entry.event {
            Event::Opened { connection, dialled: true } => {
                self.diallers.insert(connection, entry.process.to_string());
            }
            // The server dials nobody, so who is on the other side has dialled.
            Event::Read { connection, .. } if *entry.process == *SERVER => {
                if let Some(client) = self.diallers.get(&connection) {
                    self.heard.insert(client.clone(), entry.at);
                }
            }
            _ => {}
        }
    }

    /// When the server last read something that `client` had written.
    pub(super) fn last_heard(&self, client: &str) -> Option<Duration> {
        self.heard.get(client).copied()
    }

    /// Whom an entry lets the server hear.
    pub(super) fn heard_by(&self, entry: &Entry) -> Option<&str> {
        match entry.event {
            Event::Read { connection, .. } if *entry.process == *SERVER => {
                self.diallers.get(&connection).map(String::as_str)
            }
            _ => None,
        }
    }
}
