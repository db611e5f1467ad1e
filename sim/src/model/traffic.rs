//! When the server's machine last gave it something that a client had written: what the network itself saw,
//! whatever the server says it heard.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    events::{Entry, Event},
    schedule::SERVER,
};

/// The times of the server's reads, by client.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    diallers: BTreeMap<u64, Arc<str>>,
    /// Connections that a client answered.
    between_clients: BTreeSet<u64>,
    heard: BTreeMap<Arc<str>, Heard>,
    heard_on: BTreeMap<u64, Heard>,
}

/// When the server last read something of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Duration,
    pub(crate) connection: u64,
    /// For how long the server had been frozen by then.
    pub(crate) frozen: Duration,
    /// How often.
    pub(crate) freezes: u32,
}

impl Traffic {
    pub(super) fn see(&mut self, entry: &Entry, frozen: Duration, freezes: u32) {
        match entry.event {
            Event::Opened { connection, dialled: true } => {
                self.diallers.insert(connection, Arc::clone(&entry.process));
            }
            Event::Opened { connection, dialled: false } if *entry.process != *SERVER => {
                self.between_clients.insert(connection);
            }
            // The server dials nobody, so who is on the other side has dialled.
            Event::Read { connection, .. } if *entry.process == *SERVER => {
                if let Some(client) = self.diallers.get(&connection) {
                    let heard = Heard { at: entry.at, connection, frozen, freezes };
                    self.heard.insert(Arc::clone(client), heard);
                    self.heard_on.insert(connection, heard);
                }
            }
            // What it wrote last may still be read; the name stays known for that, until there are too many.
            Event::Closed { connection }
                if self.diallers.len() > DIALLERS_SWEPT_AT
                    && self.diallers.get(&connection) == Some(&entry.process) =>
            {
                self.diallers.remove(&connection);
                self.between_clients.remove(&connection);
                self.heard_on.remove(&connection);
            }
            _ => {}
        }
    }

    /// When the server last read something that `client` had written.
    pub(crate) fn last_heard(&self, client: &str) -> Option<Heard> {
        self.heard.get(client).copied()
    }

    /// When the server last read something on a connection.
    pub(crate) fn heard_on(&self, connection: u64) -> Option<Heard> {
        self.heard_on.get(&connection).copied()
    }

    /// Who dialled a connection.
    pub(crate) fn dialler(&self, connection: u64) -> Option<&Arc<str>> {
        self.diallers.get(&connection)
    }

    /// Whether a client dialled it, and a client answered.
    pub(crate) fn is_between_clients(&self, connection: u64) -> bool {
        self.between_clients.contains(&connection)
    }

    /// Whom an entry lets the server hear.
    pub(crate) fn heard_by(&self, entry: &Entry) -> Option<&str> {
        match entry.event {
            Event::Read { connection, .. } if *entry.process == *SERVER => {
                self.diallers.get(&connection).map(|client| &**client)
            }
            _ => None,
        }
    }
}

/// Closed connections are forgotten when there are this many: a soak makes millions.
const DIALLERS_SWEPT_AT: usize = 20_000;
