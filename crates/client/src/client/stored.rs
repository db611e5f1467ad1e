//! Answers of storage: what waits for durability goes on.

use chatdev_directory::{Fingerprint, Moment};

use super::Client;
use crate::event::Event;
use crate::lane::Device;
use crate::storage::StoreAnswer;

/// What waits for an answer of storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Awaited {
    /// Nothing but the report of a failure; what was to be stored.
    Nothing(&'static str),
    /// Messages to this device, for sequence numbers.
    Numbers { device: Device, below: u64 },
    /// The acknowledgement of a received message.
    Mark { device: Fingerprint, n: u64 },
}

impl Client {
    /// The answer to [`Output::Store`](crate::Output::Store).
    pub fn handle_stored(&mut self, at: Moment, answer: StoreAnswer) {
        let Some(awaited) = self.stores.remove(&answer.id) else { return };
        let stored = answer.result.is_ok();
        if let Err(error) = answer.result {
            let what = match &awaited {
                Awaited::Nothing(what) => what,
                Awaited::Numbers { .. } => "sequence numbers",
                Awaited::Mark { .. } => "a received message",
            };
            self.tell(Event::StorageFailed { error: format!("{what}: {error}") });
        }
        match awaited {
            Awaited::Nothing(_) => {}
            Awaited::Numbers { device, below } => self.handle_numbers_stored(at, &device, below, stored),
            Awaited::Mark { device, n } if stored => {
                self.incoming.handle_stored(device, n);
                self.acknowledge(at, device);
            }
            Awaited::Mark { device, .. } => self.close_owing(at, device),
        }
        self.handle_ending(at);
    }
}
