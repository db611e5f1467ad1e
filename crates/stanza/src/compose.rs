//! Stanzas of one's own: addresses and id first, then the kind and what it carries.
//!
//! Answers to other stanzas are made in `reply`; ids are the caller's to make.

use chatdev_xml::{Builder, Element};
use jid::Jid;

use crate::stanza::{IqType, MessageType, PresenceType};
use crate::{NS_CLIENT, Payload};

/// The common attributes of a stanza to be (RFC 6120 §8.1); what is `None` is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope<'a> {
    /// Who sends it. A client leaves it out: its server stamps it.
    pub from: Option<&'a Jid>,
    /// Who is to have it.
    pub to: Option<&'a Jid>,
    /// The id; an iq must have one.
    pub id: Option<&'a str>,
    /// The language of its texts (`xml:lang`).
    pub lang: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// An envelope with an id and nothing else.
    pub fn id(id: &'a str) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    /// The same envelope, addressed to `to`.
    #[must_use]
    pub fn to(self, to: &'a Jid) -> Self {
        Self { to: Some(to), ..self }
    }

    /// The same envelope, sent by `from`.
    #[must_use]
    pub fn from(self, from: &'a Jid) -> Self {
        Self { from: Some(from), ..self }
    }

    /// The same envelope, in a language.
    #[must_use]
    pub fn lang(self, lang: &'a str) -> Self {
        Self { lang: Some(lang), ..self }
    }

    /// A `<message/>`; see [`crate::message::Body`] for what people say.
    pub fn message(self, type_: MessageType, payloads: &[&dyn Payload]) -> Element {
        self.seal("message", type_.name(), payloads)
    }

    /// A `<presence/>`; see [`crate::presence::Availability`] for what it says.
    pub fn presence(self, type_: PresenceType, payloads: &[&dyn Payload]) -> Element {
        self.seal("presence", type_.name(), payloads)
    }

    /// An `<iq/>` that asks for something.
    pub fn get(self, payload: &dyn Payload) -> Element {
        self.seal("iq", Some(IqType::Get.name()), &[payload])
    }

    /// An `<iq/>` that changes something.
    pub fn set(self, payload: &dyn Payload) -> Element {
        self.seal("iq", Some(IqType::Set.name()), &[payload])
    }

    fn seal(self, name: &str, type_: Option<&str>, payloads: &[&dyn Payload]) -> Element {
        let out = Builder::new(NS_CLIENT, name)
            .attribute_opt("type", type_)
            .attribute_opt("id", self.id)
            .attribute_opt("from", self.from.map(Jid::as_str))
            .attribute_opt("to", self.to.map(Jid::as_str));
        let out = match self.lang {
            Some(lang) => out.lang(lang),
            None => out,
        };
        payloads.iter().fold(out, |out, payload| payload.write(out)).build()
    }
}

impl MessageType {
    /// The value of the `type` attribute; `None` for `normal`, which is said by leaving it out.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Normal => None,
            Self::Chat => Some("chat"),
            Self::Groupchat => Some("groupchat"),
            Self::Headline => Some("headline"),
            Self::Error => Some("error"),
        }
    }
}

impl PresenceType {
    /// The value of the `type` attribute; `None` for `available`, which is said by leaving it out.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Available => None,
            Self::Error => Some("error"),
            Self::Probe => Some("probe"),
            Self::Subscribe => Some("subscribe"),
            Self::Subscribed => Some("subscribed"),
            Self::Unavailable => Some("unavailable"),
            Self::Unsubscribe => Some("unsubscribe"),
            Self::Unsubscribed => Some("unsubscribed"),
        }
    }
}

impl IqType {
    /// The value of the `type` attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Result => "result",
            Self::Error => "error",
        }
    }
}
