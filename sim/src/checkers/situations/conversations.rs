//! What becomes of conversations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chatdev_net::Note;
use memchr::memmem;

use super::{Counts, count};
use crate::{
    events::{Entry, Event},
    model::Model,
    schedule::SERVER,
};

/// A message was shown.
pub const SHOWN: &str = "a message is shown";
/// A message was shown while its receiver had no session with the server.
pub const SHOWN_WITHOUT_SERVER: &str = "a message arrives while the server is out of reach";
/// Two clients dialled each other within 200 ms.
pub const BOTH_DIALLED: &str = "two people dial each other at the same time";
/// A message was written to a second connection.
pub const SENT_AGAIN: &str = "a message is sent again on another stream";
/// A connection ended when a message on it was written in part.
pub const CUT_MID_MESSAGE: &str = "a connection is cut in the middle of a message";
/// Somebody who was not who they said was turned away.
pub const IMPOSTOR_REFUSED: &str = "an impostor is turned away";
/// A key that was not the remembered one was noticed.
pub const LIE_NOTICED: &str = "a key that is not the known one is noticed, or one is missed";

const AT_ONCE: Duration = Duration::from_millis(200);

/// See the file's documentation.
#[derive(Default)]
pub(super) struct Conversations {
    /// When each client last opened a connection to each other.
    opened: BTreeMap<(Arc<str>, Arc<str>), Duration>,
    /// Connections of which one end is known.
    half_open: BTreeMap<u64, Arc<str>>,
    /// On which connection each message id was written first.
    written: BTreeMap<Vec<u8>, u64>,
    again: BTreeSet<Vec<u8>>,
}

impl Conversations {
    pub(super) fn see(&mut self, entry: &Entry, model: &Model, counts: &mut Counts) {
        match &entry.event {
            // Which end comes first is turmoil's affair.
            Event::Opened { connection, dialled } if *entry.process != *SERVER => {
                let Some(other) = self.half_open.remove(connection) else {
                    self.half_open.insert(*connection, Arc::clone(&entry.process));
                    return;
                };
                let mut way = (other, Arc::clone(&entry.process));
                if *dialled {
                    way = (way.1, way.0);
                }
                let back = self.opened.get(&(way.1.clone(), way.0.clone()));
                count(counts, BOTH_DIALLED, back.is_some_and(|back| entry.at - *back <= AT_ONCE));
                self.opened.insert(way, entry.at);
            }
            Event::Said { connection, sealed: true, text, .. } if *entry.process != *SERVER => {
                let ids = memmem::find_iter(text, b"<origin-id xmlns='urn:xmpp:sid:0' id='");
                for at in ids {
                    let id = text[at..].split(|octet| *octet == b'\'').nth(3).unwrap_or_default().to_vec();
                    let first = *self.written.entry(id.clone()).or_insert(*connection);
                    count(counts, SENT_AGAIN, first != *connection && self.again.insert(id));
                }
            }
            Event::CutOff { connection } => {
                let peers = model.traffic.is_between_clients(*connection);
                count(counts, CUT_MID_MESSAGE, peers);
            }
            Event::Note(note) => Self::see_note(entry, note, model, counts),
            _ => {}
        }
    }

    fn see_note(entry: &Entry, note: &Note, model: &Model, counts: &mut Counts) {
        match note {
            Note::Shown { .. } => {
                count(counts, SHOWN, true);
                let alone = !model.registry.signed_in.contains(&*entry.process);
                count(counts, SHOWN_WITHOUT_SERVER, alone);
            }
            Note::Remark { kind: "turned-away", .. } => count(counts, IMPOSTOR_REFUSED, true),
            Note::Remark { kind: "strange device" | "hidden", .. } => count(counts, LIE_NOTICED, true),
            _ => {}
        }
    }
}
