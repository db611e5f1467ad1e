//! What must outlive the program: requests out, answers in, and the twin that keeps it all in memory.
//!
//! The owner carries each request out in one transaction, in order, and answers when it is durable (SQLite with
//! `synchronous=FULL`). What this does *not* hold: passwords, keys and settings, which are the program's own.

use std::collections::BTreeMap;

use chatdev_directory::Fingerprint;
use jid::BareJid;

use crate::event::Received;
use crate::peer_trust::Trust;

/// Names a request, so that its answer finds what waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Something to make durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRequest {
    /// Its name.
    pub id: RequestId,
    /// What to store.
    pub record: Record,
}

/// What is stored. Each record replaces the one with the same key, except [`Record::Received`], which only raises a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The accepted certificate of a server. Key: the domain.
    ServerPin {
        /// The server's domain.
        domain: String,
        /// Its certificate.
        fingerprint: Fingerprint,
    },
    /// What the person thinks of a device. Key: JID and fingerprint.
    Device {
        /// Whose.
        jid: BareJid,
        /// Which.
        fingerprint: Fingerprint,
        /// Accepted or not.
        trust: Trust,
    },
    /// Sequence numbers below `below` may be used for messages to this device. Key: the device.
    Reserved {
        /// The receiving device.
        device: Fingerprint,
        /// The first number that is not reserved.
        below: u64,
    },
    /// A message came. If `n` is above the mark of the sending device, the mark, and the message where a history is kept, are
    /// stored in **one** transaction; if not, nothing is. Then its sender is told that it arrived.
    Received {
        /// The sending device.
        device: Fingerprint,
        /// Its sequence number: the new high-water mark, if higher.
        n: u64,
        /// The message; `None` if it has nothing for a person.
        message: Option<Received>,
    },
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAnswer {
    /// Which request.
    pub id: RequestId,
    /// Durable, or why not, in words.
    pub result: Result<(), String>,
}

/// Everything that an earlier run stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered {
    /// Accepted certificate of each server, by domain.
    pub servers: BTreeMap<String, Fingerprint>,
    /// Devices of each person.
    pub devices: BTreeMap<BareJid, BTreeMap<Fingerprint, Trust>>,
    /// Per receiving device, the first sequence number that is not reserved.
    pub reserved: BTreeMap<Fingerprint, u64>,
    /// Per sending device, the high-water mark.
    pub marks: BTreeMap<Fingerprint, u64>,
}

impl Remembered {
    /// Applies one record, as storage must. The memory twin of the programs' database, and the reference for it.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::ServerPin { domain, fingerprint } => {
                self.servers.insert(domain.clone(), *fingerprint);
            }
            Record::Device { jid, fingerprint, trust } => {
                self.devices.entry(jid.clone()).or_default().insert(*fingerprint, *trust);
            }
            Record::Reserved { device, below } => {
                self.reserved.insert(*device, *below);
            }
            Record::Received { device, n, .. } => {
                let mark = self.marks.entry(*device).or_default();
                *mark = (*mark).max(*n);
            }
        }
    }

    /// Applies a request and answers it.
    pub fn handle(&mut self, request: &StoreRequest) -> StoreAnswer {
        self.apply(&request.record);
        StoreAnswer { id: request.id, result: Ok(()) }
    }
}
