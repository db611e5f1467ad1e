//! Answers to stanzas: results, errors, and what to do with an element that is no good stanza (RFC 6120 §8.3.1).
//!
//! An answer goes to whoever sent the stanza, comes from whom it was sent to, and keeps the id. The payload that caused
//! an error is not sent back (§8.3.1 leaves that open). Routing the answer is its owner's business.

use std::borrow::Cow;

use chatdev_xml::{Builder, Element, Node};
use jid::Jid;

use crate::malformed::Malformed;
use crate::stanza::{Kind, Stanza};
use crate::{IqType, NS_CLIENT, Payload, StanzaError, StreamError};

impl Stanza {
    /// The result of an iq, with a payload or empty.
    ///
    /// `sender` is the address that the caller vouches for; with `None` the stanza's own `from` is taken, which only
    /// somebody who can trust it should do.
    pub fn result(&self, sender: Option<&Jid>, payload: Option<&dyn Payload>) -> Element {
        let out = answer(self.root(), "result", sender);
        match payload {
            Some(payload) => payload.write(out),
            None => out,
        }
        .build()
    }

    /// The error that answers this stanza; `None` if it is itself an error or a result, which nobody answers
    /// (RFC 6120 §8.3.1). `sender` as in [`result`](Self::result).
    pub fn error_reply(&self, sender: Option<&Jid>, error: &StanzaError) -> Option<Element> {
        self.kind().may_be_answered().then(|| error.write(answer(self.root(), "error", sender)).build())
    }

    /// Whether this iq is the result or the error that answers the request with this id.
    pub fn answers(&self, id: &str) -> bool {
        matches!(self.kind(), Kind::Iq(IqType::Result | IqType::Error)) && self.id().as_deref() == Some(id)
    }
}

/// The root of an answer: same kind, same id, addresses swapped.
fn answer(request: Node<'_>, type_: &str, sender: Option<&Jid>) -> Builder {
    let to = sender.map(|jid| Cow::Borrowed(jid.as_str())).or_else(|| request.attribute("from"));
    Builder::new(NS_CLIENT, request.name())
        .attribute("type", type_)
        .attribute_opt("id", request.attribute("id").as_deref())
        .attribute_opt("from", request.attribute("to").as_deref())
        .attribute_opt("to", to.as_deref())
}

/// An element that is no good stanza, and what to do about it.
#[derive(Debug, Clone)]
pub struct Rejected {
    element: Element,
    answer: Answer,
}

/// What to do about an element that is no good stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Answer it with this error; [`Rejected::reply`] makes the element.
    Stanza(StanzaError),
    /// Close the stream with this error.
    Stream(StreamError),
    /// Drop it: it is itself an error or a result.
    Nothing,
}

impl Rejected {
    pub(crate) fn new(element: Element, answer: Answer) -> Self {
        let root = element.root();
        let silent = matches!(answer, Answer::Stanza(_))
            && match root.attribute("type").as_deref() {
                Some("error") => true,
                Some("result") => root.name() == "iq",
                _ => false,
            };
        Self { answer: if silent { Answer::Nothing } else { answer }, element }
    }

    /// What to do.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The element.
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// The error reply, where the answer is one. `sender` as in [`Stanza::result`].
    ///
    /// Its `from` is left out: the `to` that would stand there may be the very thing that is wrong, and without it the
    /// answer comes from the server (RFC 6120 §8.1.2.1).
    pub fn reply(&self, sender: Option<&Jid>) -> Option<Element> {
        let Answer::Stanza(error) = &self.answer else { return None };
        let reply = error.write(answer(self.element.root(), "error", sender)).build();
        Some(reply.with(&[("from", None)]))
    }
}

impl From<Malformed> for Answer {
    fn from(malformed: Malformed) -> Self {
        Self::Stanza(malformed.into())
    }
}
