//! What a peer stream tells its owner.

use chatdev_xml::Element;
use jid::FullJid;

use crate::Closed;

/// Something for the owner to act on.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Answering side: somebody claims to be `from` and wants `to`, which is us. The owner compares the certificate with
    /// the directory and calls [`accept`](super::Peer::accept) or [`refuse`](super::Peer::refuse). Nothing is read
    /// until then.
    Opened {
        /// Who the other side claims to be.
        from: FullJid,
        /// Us.
        to: FullJid,
    },
    /// Messages may flow, and are acknowledged.
    Ready,
    /// A message, from the other side and to us. Once it is stored (or shown, where nothing is stored), the owner calls
    /// [`acknowledge`](super::Peer::acknowledge).
    Element(Element),
    /// The oldest `count` of the messages that were sent and not acknowledged before have arrived for good.
    Acked {
        /// How many.
        count: u32,
    },
    /// The stream is over. The last event. Messages that are not acknowledged may have arrived.
    Closed(Closed),
}
