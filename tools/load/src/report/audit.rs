//! [`Audit`]: what became of every message. Who found that out is elsewhere; this is only its result.

use serde::{Deserialize, Serialize};

/// Whether every message came exactly once, unaltered, and in order for each pair of sender and reader, or else was given back. Over
/// the whole run, and after it was waited for stragglers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Pairs of a sender and a reader.
    pub pairs: u64,
    /// Messages that were sent.
    pub sent: u64,
    /// Messages that came, each counted once.
    pub delivered: u64,
    /// Messages that the server gave back to their sender: neither delivered nor lost.
    #[serde(default)]
    pub returned: u64,
    /// Sent, and neither came nor were given back.
    pub lost: u64,
    /// Came again, once for each time too many.
    pub doubled: u64,
    /// Came after one that its sender had sent later.
    pub reordered: u64,
    /// Came with another content, or came without having been sent.
    pub altered: u64,
    /// The first of these in words.
    pub findings: Vec<String>,
}

impl Audit {
    /// Every message came once, as it was sent, in order, or was given back to its sender.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.reordered == 0 && self.altered == 0
    }
}
