//! What a person, or a program for a person, can ask of the client.

use chatdev_directory::{Fingerprint, Show};
use jid::{BareJid, Jid};

/// A message of this run, named by the program that sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// One wish. The answers are [`Event`](crate::Event)s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Sends `body` to every accepted device of a bare JID, or to the one session that a full JID names. What becomes of it is told in
    /// [`Event::MessageState`](crate::Event::MessageState) under `message`, which is unique in this run.
    Send {
        /// The program's name for the message.
        message: MessageId,
        /// Whom it is for.
        to: Jid,
        /// Its text.
        body: String,
    },
    /// Sets what others see of oneself.
    SetStatus {
        /// Availability.
        show: Show,
        /// A line of text; `None` removes it.
        status: Option<String>,
        /// A new nick; `None` leaves it.
        nick: Option<String>,
    },
    /// Asks for [`Event::Online`](crate::Event::Online), now.
    ListOnline,
    /// Accepts the certificate that the server showed last; the client connects again at once.
    AcceptServer {
        /// The certificate that the person saw. Another one than the server showed last is not accepted.
        fingerprint: Fingerprint,
    },
    /// Accepts a device of a person.
    AcceptDevice {
        /// Whose device.
        jid: BareJid,
        /// Which one.
        fingerprint: Fingerprint,
    },
    /// Takes the acceptance back: its streams are closed, and it gets nothing more.
    RejectDevice {
        /// Whose device.
        jid: BareJid,
        /// Which one.
        fingerprint: Fingerprint,
    },
    /// Allows (or forbids again) clear text through the server in the conversation with a JID whose conversations are
    /// sealed, where no accepted device of it is online. Holds for this run.
    AllowClearText {
        /// With whom.
        jid: BareJid,
        /// Whether.
        allowed: bool,
    },
    /// Leaves the server and stays away until [`Command::GoOnline`]. Peer streams go on.
    GoOffline,
    /// Connects to the server now, whatever kept the client from it.
    GoOnline,
    /// Ends: what is queued gets a last chance, streams are closed, then comes [`Event::Ended`](crate::Event::Ended).
    Quit,
}
