//! [`Said`]: one entry as the rules see it, and what they all ask of elements.

use std::borrow::Cow;

use chatdev_xml::{Element, Error, Header, Node};

use crate::entry::{Entry, Kind};
use crate::exact::Exact;
use crate::model::{At, Layer, Side};

pub(super) const NS_TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
pub(super) const NS_SASL: &str = chatdev_stanza::sasl::NS;
pub(super) const NS_SASL2: &str = "urn:xmpp:sasl:2";
pub(super) const NS_BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(super) const NS_BIND2: &str = "urn:xmpp:bind:0";
pub(super) const NS_DIALBACK: &str = "jabber:server:dialback";
pub(super) const NS_STREAM_ERRORS: &str = chatdev_stanza::stream_error::NS;
pub(super) const NS_STANZA_ERRORS: &str = chatdev_stanza::stanza_error::NS;

/// How much is quoted of what was found, in characters.
const QUOTED_CHARS_MAX: usize = 48;

/// How a connection ended, or one side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The side has said all that it will.
    Finished,
    /// It was cut off.
    Cut,
    /// The source does not tell of it any more.
    Abandoned,
}

/// What has no place in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    Text,
    Markup,
    /// An end tag that ends nothing.
    EndTag,
    /// An element or header that is not UTF-8.
    NotUtf8,
    /// A piece of something: the rest is missing or does not fit.
    Torn,
}

/// What an entry is, for the rules.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Header(&'a Header),
    Element(&'a Element),
    Flawed(Error),
    Close,
    Space,
    Odd(Odd),
    Missing,
    /// Words about TLS.
    Tls,
    Ended(Over),
    /// Nothing that a rule is about, or nobody read it exactly.
    Other,
}

/// An entry that somebody said, or that is about a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) entry: &'a Entry<'a>,
    /// Who said it; of what is about both, the dialler.
    pub(super) side: Side,
    pub(super) what: What<'a>,
}

impl<'a> Said<'a> {
    pub(super) fn new(entry: &'a Entry<'a>, exact: &'a Exact) -> Self {
        Self { entry, side: entry.side.unwrap_or(Side::Dialler), what: what(entry, exact) }
    }

    pub(super) fn at(&self) -> At {
        self.entry.at
    }

    /// Whether everybody on the way could read it.
    pub(super) fn is_clear(&self) -> bool {
        self.entry.layer == Layer::Clear
    }

    pub(super) fn is_by(&self, side: Side) -> bool {
        self.entry.side == Some(side)
    }

    pub(super) fn element(&self) -> Option<&'a Element> {
        match self.what {
            What::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element, if it is this one.
    pub(super) fn element_named(&self, namespace: &str, name: &str) -> Option<&'a Element> {
        self.element().filter(|element| element.is(namespace, name))
    }

    /// The element, if it is a stanza: in a content namespace, and called as one.
    pub(super) fn stanza(&self) -> Option<&'a Element> {
        self.element().filter(|element| self.entry.kind.is_stanza() && is_content(element.namespace()))
    }

    pub(super) fn stanza_of(&self, kind: Kind) -> Option<&'a Element> {
        self.stanza().filter(|_| self.entry.kind == kind)
    }

    pub(super) fn stanza_type(&self) -> Option<&str> {
        self.entry.stanza_type.as_deref()
    }
}

fn what<'a>(entry: &'a Entry<'a>, exact: &'a Exact) -> What<'a> {
    match (entry.kind, exact) {
        (_, Exact::Header(header)) => What::Header(header),
        (_, Exact::Element(element)) => What::Element(element),
        (_, Exact::Flawed(error)) => What::Flawed(*error),
        (Kind::Stream, _) if entry.raw.starts_with(b"</") => What::Close,
        (Kind::KeepAlive, _) => What::Space,
        (Kind::Missing, _) => What::Missing,
        (Kind::Broken, _) => What::Odd(match entry.raw.as_ref() {
            [b'<', b'!', ..] => Odd::Markup,
            [b'<', b'/', ..] => Odd::EndTag,
            [b'<', ..] if is_not_utf8(&entry.raw) => Odd::NotUtf8,
            [b'<', ..] => Odd::Torn,
            _ => Odd::Text,
        }),
        (Kind::Tls, _) if entry.raw.is_empty() => What::Tls,
        (Kind::Connection, _) => What::Ended(match (entry.side, entry.title.as_ref()) {
            (None, _) => Over::Abandoned,
            (_, "reset") => Over::Cut,
            _ => Over::Finished,
        }),
        _ => What::Other,
    }
}

/// Whether it is not UTF-8, even if it goes on.
fn is_not_utf8(raw: &[u8]) -> bool {
    std::str::from_utf8(raw).is_err_and(|error| error.error_len().is_some())
}

/// Whether stanzas are in this namespace, on one kind of stream or another.
pub(super) fn is_content(namespace: &str) -> bool {
    matches!(
        namespace,
        "jabber:client" | "jabber:server" | "jabber:component:accept" | "jabber:component:connect"
    )
}

/// The children of a stanza that RFC 6120 and 6121 define, by this name.
pub(super) fn content_children<'a>(root: Node<'a>, name: &str) -> impl Iterator<Item = Node<'a>> {
    root.children().filter(move |child| child.name() == name && is_content(child.namespace()))
}

/// An attribute's value, or nothing.
pub(super) fn attribute<'a>(node: Node<'a>, name: &str) -> Cow<'a, str> {
    node.attribute(name).unwrap_or_default()
}

/// What was found, for people: cut, and with what does not show made visible.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for (n, character) in text.chars().enumerate() {
        if n == QUOTED_CHARS_MAX {
            quoted.push('…');
            break;
        }
        match character {
            '\'' | '"' | '\\' => quoted.push(character),
            _ => quoted.extend(character.escape_debug()),
        }
    }
    quoted.push('\'');
    quoted
}

/// Whether an attribute of XML Schema's boolean type is true.
pub(super) fn is_true(node: Node<'_>, name: &str) -> bool {
    matches!(node.attribute(name).as_deref(), Some("true" | "1"))
}
