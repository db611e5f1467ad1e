//! What is wrong with a payload, and the few ways of reading one that can go wrong.
//!
//! Every decoder of this crate ignores attributes, children and namespaces that it does not know, because real clients
//! send them, and reports what it cannot do without as [`Malformed`]. It does not decide how to answer.

use std::borrow::Cow;
use std::str::FromStr;

use chatdev_xml::Node;

/// How much of what was found is quoted, in characters.
pub const FOUND_CHARS_MAX: usize = 64;

/// A payload that cannot be understood: what was expected, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct Malformed {
    expected: Cow<'static, str>,
    found: String,
}

impl Malformed {
    /// Quotes at most [`FOUND_CHARS_MAX`] characters of `found`, with control characters made visible: it comes from
    /// outside and goes into answers and logs.
    pub fn new(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        let mut quoted = String::from("“");
        for (index, character) in found.chars().enumerate() {
            if index == FOUND_CHARS_MAX {
                quoted.push('…');
                break;
            }
            if character.is_control() || is_bidirectional_control(character) {
                quoted.extend(character.escape_unicode());
            } else {
                quoted.push(character);
            }
        }
        quoted.push('”');
        Self { expected: expected.into(), found: quoted }
    }

    /// Something that should be there is not.
    pub fn missing(expected: impl Into<Cow<'static, str>>) -> Self {
        Self { expected: expected.into(), found: "nothing".into() }
    }

    /// What was expected.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What was found, quoted and clipped.
    pub fn found(&self) -> &str {
        &self.found
    }
}

/// The characters of Unicode's bidirectional algorithm that reorder the text around them.
fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

/// The node must be this element.
pub(crate) fn expect_element(
    node: Node<'_>,
    namespace: &'static str,
    name: &'static str,
) -> Result<(), Malformed> {
    if node.is(namespace, name) {
        return Ok(());
    }
    Err(Malformed::new(
        format!("<{name} xmlns='{namespace}'/>"),
        &format!("<{} xmlns='{}'/>", node.name(), node.namespace()),
    ))
}

/// The node must have this child.
pub(crate) fn required_child<'a>(
    node: Node<'a>,
    namespace: &'static str,
    name: &'static str,
) -> Result<Node<'a>, Malformed> {
    node.child(namespace, name)
        .ok_or_else(|| Malformed::missing(format!("<{name} xmlns='{namespace}'/> in <{}/>", node.name())))
}

/// The node must have this attribute, and it must not be empty.
pub(crate) fn required<'a>(node: Node<'a>, attribute: &'static str) -> Result<Cow<'a, str>, Malformed> {
    node.attribute(attribute)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Malformed::missing(format!("attribute ‘{attribute}’ of <{}/>", node.name())))
}

/// An attribute that reads as a `T`, if it is there at all. `what` describes a `T`, as in “a number below 65536”.
pub(crate) fn parsed<T: FromStr>(
    node: Node<'_>,
    attribute: &'static str,
    what: &'static str,
) -> Result<Option<T>, Malformed> {
    node.attribute(attribute).map(|value| parse(&value, attribute, what)).transpose()
}

/// An attribute that must be there and read as a `T`.
pub(crate) fn required_parsed<T: FromStr>(
    node: Node<'_>,
    attribute: &'static str,
    what: &'static str,
) -> Result<T, Malformed> {
    parse(&required(node, attribute)?, attribute, what)
}

fn parse<T: FromStr>(value: &str, attribute: &'static str, what: &'static str) -> Result<T, Malformed> {
    value.parse().map_err(|_| Malformed::new(format!("{what} in attribute ‘{attribute}’"), value))
}

/// A boolean of XML Schema: `true`, `1`, `false`, `0`; absent is `false`.
pub(crate) fn boolean(node: Node<'_>, attribute: &'static str) -> Result<bool, Malformed> {
    match node.attribute(attribute).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(Malformed::new(format!("true or false in attribute ‘{attribute}’"), other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_little_of_what_was_found_and_nothing_that_moves_a_cursor() {
        let malformed = Malformed::new("a number", &format!("\u{1b}[2J\u{202e}{}", "x".repeat(1_000_000)));
        assert!(malformed.to_string().starts_with("expected a number, found “\\u{1b}[2J\\u{202e}xx"));
        assert!(malformed.to_string().ends_with("x…”"));
        assert!(malformed.found().len() < 100);
    }
}
