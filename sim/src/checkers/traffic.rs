//! When each client last wrote to the server: what the network itself saw, whatever the server says it heard.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    events::{Entry, Event},
    run::SERVER,
};

/// The times of writes to the server, by client.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Connections that the server accepted. Both ends are told of a connection before either writes.
    to_server: BTreeSet<u64>,
    /// Writes before it was known whose connection that is: a dialler may write before its peer has accepted.
    writes: BTreeMap<String, Vec<(u64, Duration)>>,
}

impl Traffic {
    pub(super) fn see(&mut self, entry: &Entry) {
        match entry.event {
            Event::Opened { connection, dialled: false } if *entry.process == *SERVER => {
                self.to_server.insert(connection);
            }
            Event::Wrote { connection, .. } if *entry.process != *SERVER => {
                self.writes.entry(entry.process.to_string()).or_default().push((connection, entry.at));
            }
            _ => {}
        }
    }

    /// When `client` last wrote something to the server that was written no later than `latest`.
    pub(super) fn last_write(&self, client: &str, latest: Duration) -> Option<Duration> {
        let writes = self.writes.get(client)?.iter().rev();
        let mut writes =
            writes.filter(|(connection, at)| self.to_server.contains(connection) && *at <= latest);
        writes.next().map(|(_, at)| *at)
    }
}
