//! The checked view of a stanza: kind, type and addresses (RFC 6120 §8.1, §8.2; RFC 6121 §4.7.1, §5.2.2).
//!
//! Making the view walks once through the root's attributes, prepares the address in `to` (all that it allocates) and
//! counts an iq's children. Payloads are not looked into, and whether the sender may send it is not asked.

use std::borrow::Cow;
use std::sync::Arc;

use chatdev_xml::{Element, Node};
use jid::Jid;

use crate::malformed::Malformed;
use crate::reply::{Answer, Rejected};
use crate::{NS_CLIENT, StanzaCondition, StanzaError, StreamCondition, StreamError};

/// A message, presence or iq whose root is in order.
#[derive(Debug, Clone)]
pub struct Stanza {
    element: Element,
    kind: Kind,
    to: Option<Arc<Jid>>,
    /// There is a `from`.
    has_from: bool,
    /// There is an `xml:lang`.
    has_lang: bool,
}

/// What a stanza is, with its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `<message/>`
    Message(MessageType),
    /// `<presence/>`
    Presence(PresenceType),
    /// `<iq/>`
    Iq(IqType),
}

impl Kind {
    /// Whether it reports an error; such a stanza is never answered with another one (RFC 6120 §8.3.1).
    pub const fn is_error(self) -> bool {
        matches!(
            self,
            Self::Message(MessageType::Error) | Self::Presence(PresenceType::Error) | Self::Iq(IqType::Error)
        )
    }

    /// Whether an error may answer it: neither an error nor a result does get one.
    pub const fn may_be_answered(self) -> bool {
        !self.is_error() && !matches!(self, Self::Iq(IqType::Result))
    }
}

/// The type of a message (RFC 6121 §5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// A message by itself; also what an absent or unknown type means.
    Normal,
    /// Part of a conversation of two.
    Chat,
    /// Part of a conversation of many.
    Groupchat,
    /// An alert that expects no answer.
    Headline,
    /// A report that an earlier message failed.
    Error,
}

/// The type of a presence (RFC 6121 §4.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresenceType {
    /// No type: online.
    Available,
    /// A report that an earlier presence failed.
    Error,
    /// Asks for the current presence.
    Probe,
    /// Wishes to see somebody's presence.
    Subscribe,
    /// Allows it.
    Subscribed,
    /// Gone offline.
    Unavailable,
    /// No longer wishes to see it.
    Unsubscribe,
    /// Does not allow it, or no longer.
    Unsubscribed,
}

/// The type of an iq (RFC 6120 §8.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IqType {
    /// Asks for something.
    Get,
    /// Changes something.
    Set,
    /// The answer.
    Result,
    /// The answer that it failed.
    Error,
}

impl Stanza {
    /// The view of a stanza that came on a stream after others. `last_to` is the address that an earlier one was to:
    /// people talk to one another, and preparing an address costs as much as all the rest of the view.
    ///
    /// # Errors
    /// What to answer instead: see [`Rejected`].
    pub fn after(last_to: &mut Option<Arc<Jid>>, element: Element) -> Result<Self, Box<Rejected>> {
        let [type_, to, from, lang] = element.root().attributes_named(["type", "to", "from", "xml:lang"]);
        let (has_from, has_lang) = (from.is_some(), lang.is_some());
        match check(element.root(), type_.as_deref(), to.as_deref(), last_to) {
            Ok((kind, to)) => Ok(Self { element, kind, to, has_from, has_lang }),
            Err(answer) => Err(Box::new(Rejected::new(element, answer))),
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The `id`, as it is written.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.element.attribute("id")
    }

    /// To whom; `None` where there is no `to`, which is never the same as an empty one (RFC 6120 §8.1.1).
    pub fn to(&self) -> Option<&Jid> {
        self.to.as_deref()
    }

    /// To whom, as the prepared text of [`to`](Self::to).
    pub fn to_str(&self) -> Option<&str> {
        self.to().map(Jid::as_str)
    }

    /// From whom, as it is written. See [`from`](Self::from).
    pub fn claimed_from(&self) -> Option<Cow<'_, str>> {
        if self.has_from { self.element.attribute("from") } else { None }
    }

    /// From whom, as the stanza claims. A server overwrites it (RFC 6120 §8.1.2.1) and so never needs it to be good; a
    /// client reads it.
    ///
    /// # Errors
    /// It is there and is no JID.
    pub fn from(&self) -> Result<Option<Jid>, Malformed> {
        let Some(from) = self.claimed_from() else { return Ok(None) };
        Jid::new(&from).map(Some).map_err(|_| Malformed::new("a JID in attribute ‘from’", &from))
    }

    /// The `xml:lang` of the root itself (RFC 6120 §8.1.5).
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        if self.has_lang { self.element.root().lang() } else { None }
    }

    /// The root, from which payloads are read.
    pub fn root(&self) -> Node<'_> {
        self.element.root()
    }

    /// The payload of an iq: its first child, which every get and set has; in an iq of type `error` the first one beside
    /// `<error/>`.
    pub fn payload(&self) -> Option<Node<'_>> {
        self.root().children().find(|child| !(self.kind.is_error() && child.is(NS_CLIENT, "error")))
    }

    /// The error of a stanza of type `error`; `None` for every other one. Where the element is missing, the condition is
    /// `undefined-condition`.
    pub fn error(&self) -> Option<StanzaError> {
        if !self.kind.is_error() {
            return None;
        }
        let read = self.root().child(NS_CLIENT, "error").map(StanzaError::from_node);
        Some(read.and_then(Result::ok).unwrap_or(StanzaCondition::UndefinedCondition.into()))
    }

    /// The element behind the view.
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// The element behind the view, given up.
    pub fn into_element(self) -> Element {
        self.element
    }

    /// Appends the stanza as it is delivered: from `from`, whatever it claimed (RFC 6120 §8.1.2.1), and in the language
    /// of the stream it came by where it names none itself (§8.1.5).
    pub fn write_stamped(&self, out: &mut Vec<u8>, from: &str, stream_lang: Option<&str>) {
        match stream_lang.filter(|_| !self.has_lang) {
            Some(lang) => self.element.write_with(out, &[("from", Some(from)), ("xml:lang", Some(lang))]),
            None => self.element.write_with(out, &[("from", Some(from))]),
        }
    }
}

impl TryFrom<Element> for Stanza {
    type Error = Box<Rejected>;

    /// # Errors
    /// What to answer instead: see [`Rejected`].
    fn try_from(element: Element) -> Result<Self, Box<Rejected>> {
        Self::after(&mut None, element)
    }
}

/// Everything that is checked of a root. An error is answered where that is allowed at all; [`Rejected`] sees to it.
fn check(
    root: Node<'_>,
    type_: Option<&str>,
    to: Option<&str>,
    last_to: &mut Option<Arc<Jid>>,
) -> Result<(Kind, Option<Arc<Jid>>), Answer> {
    let kind = kind_of(root, type_)?;
    let to = recipient_of(to, last_to)?;
    Ok((kind, to))
}

fn kind_of(root: Node<'_>, type_: Option<&str>) -> Result<Kind, Answer> {
    if root.namespace() == NS_CLIENT {
        match root.name() {
            "message" => return Ok(Kind::Message(message_type(type_))),
            "presence" => return presence_type(type_).map(Kind::Presence),
            "iq" => return iq_type(root, type_).map(Kind::Iq),
            _ => {}
        }
    }
    // RFC 6120 §4.9.3.24. The name is the peer's, so it is quoted as a malformed payload would be.
    let text = Malformed::new("message, presence or iq", root.name()).to_string();
    Err(Answer::Stream(StreamError::new(StreamCondition::UnsupportedStanzaType).with_text(text)))
}

/// RFC 6121 §5.2.2: a type that is not understood is `normal`.
fn message_type(type_: Option<&str>) -> MessageType {
    match type_ {
        Some("chat") => MessageType::Chat,
        Some("groupchat") => MessageType::Groupchat,
        Some("headline") => MessageType::Headline,
        Some("error") => MessageType::Error,
        _ => MessageType::Normal,
    }
}

/// RFC 6121 §4.7.1: a type that is not understood is a bad request.
fn presence_type(type_: Option<&str>) -> Result<PresenceType, Answer> {
    Ok(match type_ {
        None => PresenceType::Available,
        Some("error") => PresenceType::Error,
        Some("probe") => PresenceType::Probe,
        Some("subscribe") => PresenceType::Subscribe,
        Some("subscribed") => PresenceType::Subscribed,
        Some("unavailable") => PresenceType::Unavailable,
        Some("unsubscribe") => PresenceType::Unsubscribe,
        Some("unsubscribed") => PresenceType::Unsubscribed,
        Some(other) => return Err(Malformed::new("a type of presence (RFC 6121 §4.7.1)", other).into()),
    })
}

/// RFC 6120 §8.2.3: an iq has an id, one of four types, and a request exactly one payload.
fn iq_type(root: Node<'_>, type_: Option<&str>) -> Result<IqType, Answer> {
    let type_ = match type_ {
        Some("get") => IqType::Get,
        Some("set") => IqType::Set,
        Some("result") => IqType::Result,
        Some("error") => IqType::Error,
        Some(other) => {
            return Err(Malformed::new("get, set, result or error in attribute ‘type’", other).into());
        }
        None => return Err(Malformed::missing("get, set, result or error in attribute ‘type’").into()),
    };
    if root.attribute("id").is_none_or(|id| id.is_empty()) {
        return Err(Malformed::missing("attribute ‘id’ of <iq/>").into());
    }
    if matches!(type_, IqType::Get | IqType::Set) {
        let mut children = root.children();
        if children.next().is_none() {
            return Err(Malformed::missing("one payload in <iq/>").into());
        }
        if let Some(second) = children.next() {
            return Err(Malformed::new(
                "one payload in <iq/>",
                &format!("a second one, <{}/>", second.name()),
            )
            .into());
        }
    }
    Ok(type_)
}

fn recipient_of(to: Option<&str>, last_to: &mut Option<Arc<Jid>>) -> Result<Option<Arc<Jid>>, Answer> {
    let Some(to) = to else { return Ok(None) };
    if let Some(same) = last_to.as_ref().filter(|last| last.as_str() == to) {
        return Ok(Some(Arc::clone(same)));
    }
    let prepared = Jid::new(to).map_err(|_| {
        let text = Malformed::new("a JID in attribute ‘to’", to).to_string();
        Answer::Stanza(StanzaError::new(StanzaCondition::JidMalformed).with_text(text))
    })?;
    let prepared = Arc::new(prepared);
    // Another spelling is not remembered: only of this one is it known what it is prepared to.
    if prepared.as_str() == to {
        *last_to = Some(Arc::clone(&prepared));
    }
    Ok(Some(prepared))
}
