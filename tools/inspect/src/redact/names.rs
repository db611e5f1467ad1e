//! What names somebody, and what stands in its place; what is known to be harmless stays (`harmless`, `words`).

use std::borrow::Cow;

use super::harmless;
use super::path::{Open, Space, local_name};
use super::stand_ins::StandIns;
use super::words;
use crate::framing::unescape;

/// A namespace: one of a specification, or its stand-in.
pub(super) fn of_namespace<'a>(namespace: &'a str, stand_ins: &mut StandIns) -> Cow<'a, str> {
    if words::is_namespace(namespace) { namespace.into() } else { stand_ins.value("ns", namespace).into() }
}

/// The name of an element, with its prefix.
pub(super) fn of_element<'a>(name: &'a str, space: Space<'_>, stand_ins: &mut StandIns) -> Cow<'a, str> {
    let local = local_name(name);
    let is_harmless = match space {
        Space::Named(namespace) if words::has_conditions(namespace) => words::is_word(local),
        Space::Named(namespace) => words::is_namespace(namespace) || words::is_word(local),
        Space::Stream | Space::Unknown => words::is_word(local),
    };
    prefixed(name, is_harmless, "element", stand_ins)
}

/// The name of an attribute, with its prefix.
pub(super) fn of_attribute<'a>(name: &'a str, stand_ins: &mut StandIns) -> Cow<'a, str> {
    if let Some(prefix) = name.strip_prefix("xmlns:") {
        return format!("xmlns:{}", of_prefix(prefix, stand_ins)).into();
    }
    prefixed(name, harmless::is_attribute_name(local_name(name)), "attribute", stand_ins)
}

fn prefixed<'a>(
    name: &'a str,
    is_harmless: bool,
    sort: &'static str,
    stand_ins: &mut StandIns,
) -> Cow<'a, str> {
    let Some((prefix, local)) = name.split_once(':') else {
        return if is_harmless { name.into() } else { stand_ins.value(sort, name).into() };
    };
    let local = if is_harmless { Cow::Borrowed(local) } else { stand_ins.value(sort, local).into() };
    format!("{}:{local}", of_prefix(prefix, stand_ins)).into()
}

fn of_prefix<'a>(prefix: &'a str, stand_ins: &mut StandIns) -> Cow<'a, str> {
    match prefix {
        "xml" | "xmlns" | "stream" | "db" => prefix.into(),
        _ => stand_ins.value("prefix", prefix).into(),
    }
}

/// The value of an attribute that is no namespace, unescaped; `None` if it stays.
pub(super) fn of_value(
    element: &Open<'_>,
    attribute: &str,
    plain: &str,
    stand_ins: &mut StandIns,
) -> Option<String> {
    let namespace = if let Space::Named(namespace) = element.space { namespace } else { "" };
    if harmless::is_value(namespace, attribute, plain) {
        return None;
    }
    Some(match attribute {
        "location" => stand_ins.label(plain),
        "id" | "queryid" => stand_ins.value("id", plain),
        _ if harmless::is_address(attribute) => stand_ins.jid(plain),
        _ => stand_ins.value("value", plain),
    })
}

/// The text of an element; of nobody knows which, if there is none.
pub(super) fn of_text<'a>(
    text: &'a str,
    element: Option<&Open<'_>>,
    stand_ins: &mut StandIns,
) -> Cow<'a, str> {
    let plain = unescape(text);
    match element.map(Open::local_name) {
        Some(name) if harmless::is_text(name, plain.trim()) => text.into(),
        Some("jid") => stand_ins.jid(&plain).into(),
        _ => format!("({} characters)", plain.chars().count()).into(),
    }
}

/// Whether it is an XML declaration (XML 1.0 §2.8) that says nothing else.
pub(super) fn is_declaration(aside: &str) -> bool {
    let inside = aside.strip_prefix("<?xml ").and_then(|rest| rest.strip_suffix("?>"));
    inside.is_some_and(|inside| {
        let is_known = |field: &str| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let value = value.trim_matches(['\'', '"']).to_ascii_lowercase();
            matches!(
                (name, &*value),
                ("version", "1.0" | "1.1") | ("encoding", "utf-8" | "utf8") | ("standalone", "yes" | "no")
            )
        };
        inside.split_ascii_whitespace().all(is_known)
    })
}
