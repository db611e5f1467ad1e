//! What the protocol itself says, and nobody in particular: these values stay. Never by the name of an attribute alone: anybody can write
//! anything into it.

use super::words::{is_namespace, is_var, is_word};

/// Attributes that specifications define. Their names stay; their values are looked at.
const ATTRIBUTES: &[&str] = &[
    "action",
    "address",
    "affiliation",
    "algo",
    "amount",
    "approved",
    "ask",
    "before",
    "block-size",
    "by",
    "by-code",
    "category",
    "code",
    "complete",
    "component",
    "count",
    "creator",
    "digest",
    "duplicate",
    "expires",
    "expiry",
    "fin",
    "foundation",
    "from",
    "generation",
    "h",
    "hash",
    "host",
    "id",
    "index",
    "interval",
    "ip",
    "iv",
    "jid",
    "key",
    "key-params",
    "label",
    "lang",
    "last",
    "limit",
    "location",
    "max",
    "maxchars",
    "maxhistory",
    "maxstanzas",
    "mechanism",
    "media",
    "more",
    "n",
    "name",
    "network",
    "nick",
    "node",
    "optimal",
    "password",
    "port",
    "preauth",
    "previd",
    "priority",
    "protocol",
    "pwd",
    "queryid",
    "reason",
    "required",
    "reset",
    "resume",
    "rid",
    "role",
    "seconds",
    "senders",
    "seq",
    "session",
    "show",
    "sid",
    "since",
    "size",
    "stable",
    "stamp",
    "stanza",
    "status",
    "subid",
    "subscription",
    "subscriptions",
    "surplus",
    "thread",
    "to",
    "token",
    "transport",
    "type",
    "ufrag",
    "uri",
    "url",
    "username",
    "value",
    "var",
    "ver",
    "version",
    "with",
    "xmlns",
];

/// Whether the name of an attribute, without its prefix, is one of a specification.
pub(super) fn is_attribute_name(name: &str) -> bool {
    ATTRIBUTES.binary_search(&name).is_ok()
}

/// Whether the value of an attribute of an element in this namespace names nobody.
pub(super) fn is_value(namespace: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "var" => is_var(value),
        "node" => is_namespace(value),
        "lang" => is_language(value),
        "stamp" => is_date(value),
        "last" => is_number(value) || is_date(value),
        "since" | "version" => {
            is_number(value)
                || is_date(value)
                || (namespace == "urn:chatdev:directory:1" && is_directory_version(value))
        }
        "type" | "mechanism" | "algo" | "hash" | "category" | "subscription" | "ask" | "affiliation"
        | "role" | "reason" | "show" | "action" | "stanza" | "senders" | "protocol" => is_word(value),
        "h" | "max" | "code" | "seconds" | "interval" | "limit" | "more" | "reset" | "n" | "port"
        | "block-size" | "seq" | "complete" | "stable" | "amount" | "priority" | "required" | "maxchars"
        | "maxstanzas" | "size" | "maxhistory" | "resume" | "approved" | "by-code" | "count" | "index"
        | "surplus" => is_number(value) || is_word(value),
        _ => false,
    }
}

/// Whether the text of an element is a word, a number or a time.
pub(super) fn is_text(element: &str, text: &str) -> bool {
    match element {
        "priority" | "count" | "max" => is_number(text),
        "mechanism" | "show" | "method" | "default" | "channel-binding" => is_word(text),
        "utc" => is_date(text),
        "tzo" => text == "Z" || (text.len() == 6 && text.starts_with(['+', '-']) && is_made_of(text, "+-:")),
        _ => false,
    }
}

/// Attributes whose values are addresses.
pub(super) fn is_address(name: &str) -> bool {
    matches!(name, "to" | "from" | "jid" | "by" | "host" | "ip" | "address" | "with")
}

/// Digits and these; and not more than a number of 64 bits has.
fn is_made_of(text: &str, others: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.chars().all(|character| character.is_ascii_digit() || others.contains(character))
}

pub(super) fn is_number(text: &str) -> bool {
    text.len() <= 20 && is_made_of(text.strip_prefix(['-', '+']).unwrap_or(text), ".")
}

/// XEP-0082, and the dates of before.
fn is_date(text: &str) -> bool {
    let begins = text.len() >= 8 && text.bytes().take(4).all(|octet| octet.is_ascii_digit());
    begins && is_made_of(text, "-:TZ+.")
}

/// RFC 5646 §2.1: a language, and perhaps its script and region.
fn is_language(text: &str) -> bool {
    let is_subtag = |(n, subtag): (usize, &str)| {
        let is_of = |check: fn(&u8) -> bool| subtag.bytes().all(|octet| check(&octet));
        match n {
            0 => matches!(subtag.len(), 2 | 3) && is_of(u8::is_ascii_lowercase),
            _ => {
                (subtag.len() == 2 && is_of(u8::is_ascii_alphabetic))
                    || (subtag.len() == 3 && is_of(u8::is_ascii_digit))
                    || matches!(subtag, "Hans" | "Hant" | "Latn" | "Cyrl" | "Arab")
            }
        }
    };
    text.is_empty() || (text.len() <= 12 && text.split('-').enumerate().all(is_subtag))
}

/// ChatDev's PROTOCOL §2: a number of the directory in hexadecimal digits, and two short numbers.
fn is_directory_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    matches!(parts[..], [directory, one, other]
        if directory.len() == 8 && directory.bytes().all(|octet| octet.is_ascii_hexdigit())
            && [one, other].iter().all(|part| (1..=13).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_alphanumeric())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ATTRIBUTES.is_sorted());
    }

    #[test]
    fn a_value_stays_for_what_it_is_and_not_for_where_it_stands() {
        for (attribute, value) in [
            ("type", "chat"),
            ("h", "12"),
            ("lang", "de-CH"),
            ("stamp", "2026-11-26T10:00:00.5Z"),
            ("version", "1.0"),
            ("hash", "sha-1"),
        ] {
            assert!(is_value("", attribute, value), "{attribute}={value}");
        }
        for (attribute, value) in [
            ("type", "alice"),
            ("h", "alice"),
            ("lang", "alice"),
            ("lang", "en-alice"),
            ("stamp", "alice"),
            ("reason", "alice"),
            ("version", "alice"),
            ("location", "12"),
            ("since", "ec4b76ea.l.2"),
            ("name", "chat"),
        ] {
            assert!(!is_value("", attribute, value), "{attribute}={value}");
        }
        assert!(is_value("urn:chatdev:directory:1", "since", "ec4b76ea.l.2"));
        assert!(is_text("show", "dnd") && !is_text("show", "alice") && !is_text("name", "chat"));
    }
}
