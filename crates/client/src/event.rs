//! What the client tells the program: everything that a person could want to see.
//!
//! Text that came over the network is passed on as it was; show it through [`display`](crate::display).

use std::time::Duration;

use chatdev_directory::{Fingerprint, Profile, Update};
use chatdev_stanza::directory::RefusedEndpoint;
use jid::{BareJid, FullJid, Jid};
use jiff::Timestamp;

use crate::command::MessageId;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The account was created.
    Registered,
    /// A session with the server began.
    SignedIn {
        /// Oneself, as bound.
        jid: FullJid,
    },
    /// The session with the server, or the attempt to have one, ended.
    SignedOut {
        /// Why.
        reason: SignedOutReason,
        /// When the next attempt begins, counted from now. `None`: only when the person asks for it.
        retry_in: Option<Duration>,
    },
    /// The server's certificate is unknown and nobody vouches for it. Nothing was sent; answer with
    /// [`Command::AcceptServer`](crate::Command::AcceptServer).
    ServerUnknown {
        /// The server's domain.
        domain: String,
        /// What it showed.
        shown: Fingerprint,
    },
    /// The server shows another certificate than the one that was accepted. Nothing was sent.
    ServerChanged {
        /// The server's domain.
        domain: String,
        /// What was accepted.
        known: Fingerprint,
        /// What it showed.
        shown: Fingerprint,
    },
    /// This server has no directory: who is online is not known, and messages go through it, not sealed.
    NoDirectory,
    /// Who is online changed, in this order. Among them oneself.
    DirectoryChanged(Vec<Update>),
    /// The list is complete for the first time since the sign-in.
    DirectoryComplete,
    /// The server does not show these endpoints of ours to others.
    EndpointsRefused(Vec<RefusedEndpoint>),
    /// The server did not take our check-in; its words.
    CheckInRefused {
        /// Condition and text of the stanza error.
        error: String,
    },
    /// The answer to [`Command::ListOnline`](crate::Command::ListOnline), in the order of JIDs.
    Online(Vec<Person>),
    /// The first device of this JID was trusted, on first use.
    DeviceTrusted {
        /// Whose.
        jid: BareJid,
        /// Which.
        fingerprint: Fingerprint,
    },
    /// A device that was never accepted speaks for a JID whose devices are known: it gets nothing until
    /// [`Command::AcceptDevice`](crate::Command::AcceptDevice).
    StrangeDevice {
        /// Where it appeared.
        jid: FullJid,
        /// What it showed.
        fingerprint: Fingerprint,
    },
    /// Somebody dialled, or answered, as this JID without being what the directory says. Refused; nothing was shown or sent.
    Impostor {
        /// Who it claimed to be.
        claimed: FullJid,
        /// The certificate that it holds.
        shown: Fingerprint,
        /// The certificate that the directory names; `None`: no entry.
        expected: Option<Fingerprint>,
    },
    /// A peer stream is open; what is sent to this session goes directly.
    PeerOpened {
        /// With whom.
        jid: FullJid,
        /// Its device.
        fingerprint: Fingerprint,
    },
    /// No peer stream with this session is left.
    PeerClosed {
        /// With whom it was.
        jid: FullJid,
        /// Why, in words.
        reason: String,
    },
    /// A message came.
    Message(Received),
    /// A message of ours came to a new state; states only move forward.
    MessageState {
        /// Which.
        message: MessageId,
        /// Its id on the wire (XEP-0359).
        origin_id: String,
        /// Where it is now.
        state: MessageState,
    },
    /// Storage did not take something that must be durable; its words.
    StorageFailed {
        /// What could not be stored, and why.
        error: String,
    },
    /// The client is done; nothing follows.
    Ended,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Who sent it.
    pub from: Jid,
    /// Its origin-id (XEP-0359), else its stanza id.
    pub id: Option<String>,
    /// Its text.
    pub body: String,
    /// The way it came.
    pub way: Way,
    /// When it came.
    pub at: Timestamp,
}

/// The way of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Directly, end to end, from the device with this fingerprint.
    Sealed(Fingerprint),
    /// Through the server, which can read it.
    ViaServer {
        /// The JID's conversations are sealed, and yet this came in the clear: it may not be from that person.
        unexpected: bool,
    },
}

/// Where a message of ours is. Later variants are later states; [`MessageState::Failed`] comes only from queued or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// Taken, not yet on its way.
    Queued,
    /// On its way.
    Sent {
        /// Directly and end to end, or through the server, which can read it.
        sealed: bool,
    },
    /// A device of the receiver has it.
    Delivered,
    /// It will not arrive, by our doing.
    Failed {
        /// Why.
        reason: FailReason,
        /// It was sent before: it may have arrived all the same.
        may_have_arrived: bool,
    },
}

/// Why a message failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailReason {
    /// No session of the receiver is online, and its conversations are sealed.
    #[error("not online")]
    NotOnline,
    /// None of its endpoints answered.
    #[error("no endpoint of theirs answered")]
    Unreachable,
    /// It announces no endpoint.
    #[error("they announce no endpoint")]
    NoEndpoint,
    /// The device that answered is not the one that the directory names, or did not take us for who we are.
    #[error("who answered could not be trusted: {0}")]
    NotAuthentic(String),
    /// Only devices that the person has not accepted are online.
    #[error("only devices that were never accepted are online")]
    NotAccepted,
    /// The JID's conversations are sealed, but no fingerprint is shown now: clear text needs the person's word.
    #[error("their fingerprint is hidden; clear text needs your word")]
    FingerprintHidden,
    /// There is no session with the server.
    #[error("not signed in")]
    NotSignedIn,
    /// Too much is waiting for this receiver.
    #[error("too many messages are waiting")]
    QueueFull,
    /// The text is longer than [`Limits::body_bytes_max`](crate::Limits::body_bytes_max), or holds characters that XML cannot carry.
    #[error("the text cannot be sent: {0}")]
    Unsendable(String),
    /// The name of the message is in use.
    #[error("this message id is in use")]
    IdInUse,
    /// The server or the receiver answered with an error.
    #[error("refused: {0}")]
    Refused(String),
    /// Storage did not take its sequence number.
    #[error("storage failed")]
    Storage,
    /// The client ended before.
    #[error("the client ended")]
    Ended,
}

/// Why there is no session with the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedOutReason {
    /// The person asked for it.
    #[error("by wish")]
    ByWish,
    /// The connection could not be made; the system's words.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The connection ended.
    #[error("the connection ended")]
    ConnectionLost,
    /// The server did not answer.
    #[error("the server did not answer")]
    NoAnswer,
    /// The server removed the session for silence (`<connection-timeout/>`).
    #[error("reaped: the server heard nothing from us for too long")]
    Reaped,
    /// Another session took the resource (`<conflict/>`). No reconnecting by itself.
    #[error("another session signed in under the same resource")]
    Conflict,
    /// The server shuts down (`<system-shutdown/>`).
    #[error("the server shuts down")]
    ServerShutdown,
    /// Wrong password, or no such account. No reconnecting by itself.
    #[error("not authorized: {0}")]
    NotAuthorized(String),
    /// The account could not be created. No reconnecting by itself.
    #[error("registration refused: {0}")]
    RegistrationRefused(String),
    /// Its certificate waits for the person's word, or changed. No reconnecting by itself.
    #[error("the server's certificate is not accepted")]
    ServerNotTrusted,
    /// No TLS where it is required, no mechanism that both know, and the like. No reconnecting by itself.
    #[error("the server cannot be used: {0}")]
    Incompatible(String),
    /// Another end of the stream; condition and text.
    #[error("stream ended: {0}")]
    StreamEnded(String),
}

/// Somebody who is online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The session.
    pub jid: FullJid,
    /// Nick, show and status.
    pub profile: Profile,
    /// Online since.
    pub since: Timestamp,
    /// How messages get there.
    pub reach: Reach,
    /// Known from before the server restarted, and not seen again yet.
    pub unconfirmed: bool,
}

/// How a session is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is this very session.
    Oneself,
    /// A peer stream is open.
    Open,
    /// By dialling; the device is accepted, or would be on first use.
    Direct,
    /// It announces no endpoint to us: only if it dials us.
    NoEndpoint,
    /// Not until the person accepts its device.
    NotAccepted,
    /// Through the server, not sealed.
    ViaServer,
}
