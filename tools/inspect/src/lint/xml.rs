//! XML as XMPP has it (RFC 6120 §11), namespaces of what stands in a stream (§4.8.3 to §4.8.5, §8.4), and languages (§8.1.5).
//!
//! Where octets are missing, what is left of an element is nobody's fault.

use chatdev_xml::{Element, Error, Flaw, NS_STREAMS, Node};

use super::ground::Ground;
use super::rules::*;
use super::said::{Odd, Said, What, is_content, quoted};
use crate::entry::{Finding, Kind};

/// Namespaces of elements that are no stanzas and may stand in a stream, besides those that have a kind of their own.
const KNOWN: [&str; 9] = [
    "http://jabber.org/protocol/compress",
    "jabber:server:dialback",
    "urn:ietf:params:xml:ns:xmpp-bind",
    "urn:xmpp:bidi",
    "urn:xmpp:csi:0",
    "urn:xmpp:fast:0",
    "urn:xmpp:isr:0",
    "urn:xmpp:sasl:1",
    "urn:xmpp:tls:0",
];

pub(super) fn look(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let is_torn = ground.torn[said.side.index()];
    match said.what {
        What::Flawed(error) if !is_torn => flawed(ground, said, error, out),
        What::Odd(odd) if !is_torn => self::odd(said, odd, out),
        What::Header(header) => {
            if let Some(lang) = header.lang() {
                language(&lang, out);
            }
        }
        What::Element(element) => self::element(ground, said, element, out),
        _ => {}
    }
}

fn flawed(ground: &Ground, said: &Said<'_>, error: Error, out: &mut Vec<Finding>) {
    let found = format!("{error}: {}", quoted(&excerpt(&said.entry.raw)));
    match error {
        // It may be declared in a header that was not seen.
        Error::NotWellFormed(Flaw::UnboundPrefix) if ground.heading(said.side).is_none() => {}
        Error::NotWellFormed(Flaw::UnboundPrefix) => out.push(UNDECLARED_PREFIX.found(found)),
        Error::NotWellFormed(Flaw::InvalidUtf8) | Error::UnsupportedEncoding => {
            out.push(NOT_UTF8.found(found));
        }
        Error::NotWellFormed(_) => out.push(NOT_WELL_FORMED.found(found)),
        Error::Restricted(_) => out.push(RESTRICTED_XML.found(found)),
        Error::StrayText => out.push(STRAY_TEXT.found(found)),
        // A limit of the reader, not of the specification.
        Error::Limit(_) => {}
    }
}

fn odd(said: &Said<'_>, odd: Odd, out: &mut Vec<Finding>) {
    let raw: &[u8] = &said.entry.raw;
    let found = quoted(&excerpt(raw));
    match odd {
        Odd::Text if raw.starts_with(b"\xef\xbb\xbf") => {
            out.push(BYTE_ORDER_MARK.found("U+FEFF before the header"));
        }
        Odd::Text => out.push(STRAY_TEXT.found(found)),
        Odd::Markup if raw.starts_with(b"<![CDATA[") => out.push(STRAY_TEXT.found(found)),
        Odd::Markup => out.push(RESTRICTED_XML.found(found)),
        Odd::EndTag => out.push(NOT_WELL_FORMED.found(format!("{found} ends nothing"))),
        Odd::NotUtf8 => out.push(NOT_UTF8.found(found)),
        Odd::Torn => {}
    }
}

/// The beginning of something, as text.
fn excerpt(raw: &[u8]) -> String {
    String::from_utf8_lossy(&raw[..raw.len().min(256)]).into_owned()
}

fn element(ground: &Ground, said: &Said<'_>, element: &Element, out: &mut Vec<Finding>) {
    let namespace = element.namespace();
    if let Some(lang) = element.lang() {
        language(&lang, out);
    }
    if !is_content(namespace) {
        stranger(said, element, out);
        return;
    }
    if said.entry.name.contains(':') {
        let found = format!("<{}/> in {}", said.entry.name, quoted(namespace));
        out.push(STANZA_PREFIXED.found(found));
    }
    let expected = ground.heading(said.side).map(|heading| &*heading.content);
    if let Some(expected) = expected.filter(|expected| is_content(expected) && *expected != namespace) {
        let found = format!("<{}/> is in {}, not in {}", element.name(), quoted(namespace), quoted(expected));
        out.push(STANZA_NAMESPACE.found(found));
    }
    match said.entry.kind {
        Kind::Message => children(element.root(), &["body", "subject", "thread", "error"], out),
        Kind::Presence => children(element.root(), &["show", "status", "priority", "error"], out),
        Kind::Iq => children(element.root(), &["error"], out),
        Kind::Sasl => {}
        _ => out.push(ELEMENT_UNKNOWN.found(format!("<{}/> in {}", element.name(), quoted(namespace)))),
    }
}

/// A top-level element that is in no content namespace.
fn stranger(said: &Said<'_>, element: &Element, out: &mut Vec<Finding>) {
    let (namespace, name) = (element.namespace(), element.name());
    let found = format!("<{name}/> in {}", quoted(namespace));
    let is_called_stanza = matches!(name, "message" | "presence" | "iq");
    let is_known = match said.entry.kind {
        Kind::Nonza => KNOWN.contains(&namespace),
        Kind::Stream => namespace == NS_STREAMS && matches!(name, "features" | "error"),
        kind => !kind.is_stanza(),
    };
    if is_called_stanza {
        out.push(LOOKS_LIKE_STANZA.found(found));
    } else if !is_known {
        out.push(ELEMENT_UNKNOWN.found(found));
    }
}

/// Children in the content namespace that RFC 6120 and 6121 do not define.
fn children(stanza: Node<'_>, defined: &[&str], out: &mut Vec<Finding>) {
    let unknown =
        stanza.children().find(|child| is_content(child.namespace()) && !defined.contains(&child.name()));
    let nowhere = stanza.children().find(|child| child.namespace().is_empty());
    if let Some(child) = unknown.or(nowhere) {
        let found = format!("<{}/> has the namespace {}", child.name(), quoted(child.namespace()));
        out.push(CHILD_WITHOUT_NAMESPACE.found(found));
    }
}

/// RFC 5646 §2.1, roughly: subtags of letters and digits. Empty is allowed: the language is not known.
fn language(tag: &str, out: &mut Vec<Finding>) {
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let begins_well = tag.bytes().next().is_none_or(|byte| byte.is_ascii_alphabetic());
    let is_tag = begins_well && tag.split('-').all(is_subtag);
    if !is_tag && !tag.is_empty() {
        out.push(LANG_MALFORMED.found(format!("xml:lang is {}", quoted(tag))));
    }
}
