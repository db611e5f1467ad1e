//! Stanzas and payloads: what ChatDev's elements mean (RFC 6120 §8, RFC 6121, and one file per extension).
//!
//! A [`Stanza`] is a checked view of an [`Element`](chatdev_xml::Element): its kind, type and addresses are known to be
//! good, and its payloads stay bytes until somebody asks for one. A payload is recognised by (namespace, name), read
//! with `from_node` and written through [`Payload`]; what is not a stanza (a nonza) has `to_element`.
//!
//! # Layout, in reading order
//! - [`stanza`]: the view; [`reply`]: results and errors that answer one; [`compose`]: stanzas of one's own
//! - [`stanza_error`], [`stream_error`]: RFC 6120's conditions; [`malformed`]: what is wrong with a payload
//! - RFC 6120's own elements: [`features`], [`starttls`], [`sasl`], [`bind`], [`session`]
//! - RFC 6121: [`message`], [`presence`], [`roster`]; both: [`lang`]
//! - ChatDev's own: [`directory`], [`peer`]
//! - XEPs: [`disco`] (0030), [`register`] (0077), [`receipt`] (0184), [`sm`] (0198), [`ping`] (0199), [`origin_id`] (0359)
//!
//! Deviation: addresses are prepared by stringprep (RFC 6122), as the `jid` crate does it, not by the PRECIS profiles of RFC
//! 7622. Server and client use the same one, so nobody is taken for another.
//!
//! Streams, sockets and who may do what are not known here.

pub mod bind;
pub mod compose;
mod condition;
pub mod directory;
pub mod disco;
pub mod features;
pub mod lang;
pub mod malformed;
pub mod message;
pub mod origin_id;
pub mod peer;
pub mod ping;
pub mod presence;
pub mod receipt;
pub mod register;
pub mod reply;
pub mod roster;
pub mod sasl;
pub mod session;
pub mod sm;
pub mod stanza;
pub mod stanza_error;
pub mod starttls;
pub mod stream_error;

use chatdev_xml::Builder;

pub use compose::Envelope;
pub use malformed::Malformed;
pub use reply::{Answer, Rejected};
pub use stanza::{IqType, Kind, MessageType, PresenceType, Stanza};
pub use stanza_error::{ErrorType, StanzaCondition, StanzaError};
pub use stream_error::{StreamCondition, StreamError};

pub use chatdev_xml::{NS_CLIENT, NS_STREAMS};

/// Something that can be put into a stanza.
pub trait Payload {
    /// Writes itself, complete, into the element that is open in `out`.
    fn write(&self, out: Builder) -> Builder;
}
