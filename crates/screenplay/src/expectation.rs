//! Whether a stanza is the one that was written: same names, same namespaces, same attributes in any order,
//! same content. `{name}` in a text or attribute catches it, `{any}` takes anything; `{...}` as a text takes
//! any content whatever.

use chatdev_xml::{Attribute, Content, Element, NS_XML, Node};
use thiserror::Error;

use crate::Bindings;

/// Where a stanza differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}\n  expected {expected}\n  received {found}")]
pub struct Mismatch {
    what: String,
    expected: String,
    found: String,
}

/// The text that stands for any content.
const ANY_CONTENT: &str = "{...}";

/// Compares, and catches what the expectation names.
///
/// # Errors
/// The first difference. What was caught before it stays caught.
pub fn expect(expected: &Element, found: &Element, bindings: &mut Bindings) -> Result<(), Mismatch> {
    compare(expected.root(), found.root(), bindings).map_err(|what| Mismatch {
        what,
        expected: expected.to_string(),
        found: found.to_string(),
    })
}

/// Stanzas of plays are as deep as people write them, so this may recurse.
fn compare(expected: Node<'_>, found: Node<'_>, bindings: &mut Bindings) -> Result<(), String> {
    let name = expected.name();
    if !found.is(expected.namespace(), name) {
        return Err(format!("another element than <{name}/>"));
    }
    // Where the expectation names no `xml:lang`, it is that of the sender's stream, and no matter.
    let says_language = expected.lang().is_some();
    let looked_at = |attribute: &Attribute<'_>| {
        says_language || attribute.namespace() != NS_XML || attribute.name() != "lang"
    };
    let names = |node: Node<'_>| {
        let attributes = node.attributes().filter(looked_at);
        let mut names: Vec<String> = attributes.map(|attribute| attribute.name().to_owned()).collect();
        names.sort_unstable();
        names
    };
    if names(expected) != names(found) {
        return Err(format!("other attributes of <{name}/>"));
    }
    for attribute in expected.attributes() {
        let received = found.attributes().find(|received| received.name() == attribute.name());
        let received = received.map(|received| received.value().into_owned()).unwrap_or_default();
        if !bindings.matches(&attribute.value(), &received) {
            return Err(format!("another ‘{}’ of <{name}/>", attribute.name()));
        }
    }
    if expected.text() == ANY_CONTENT {
        return Ok(());
    }
    compare_content(expected, found, bindings)
}

fn compare_content(expected: Node<'_>, found: Node<'_>, bindings: &mut Bindings) -> Result<(), String> {
    let name = expected.name();
    let (mut wanted, mut received) = (expected.content(), found.content());
    loop {
        match (wanted.next(), received.next()) {
            (None, None) => return Ok(()),
            (Some(Content::Element(wanted)), Some(Content::Element(received))) => {
                compare(wanted, received, bindings)?;
            }
            (Some(Content::Text(wanted)), Some(Content::Text(received))) => {
                if !bindings.matches(&wanted, &received) {
                    return Err(format!("another text in <{name}/>"));
                }
            }
            _ => return Err(format!("other content of <{name}/>")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(expected: &str, found: &str) -> Result<(), String> {
        let element = |text| Element::parse(text).unwrap();
        expect(&element(expected), &element(found), &mut Bindings::default())
            .map_err(|mismatch| mismatch.what)
    }

    #[test]
    fn the_order_of_attributes_does_not_matter_and_that_of_children_does() {
        assert_eq!(compared("<a x='1' y='2'/>", "<a y='2' x='1'/>"), Ok(()));
        assert_eq!(compared("<a><b/><c/></a>", "<a><b/><c/></a>"), Ok(()));
        assert_eq!(compared("<a/>", "<a xml:lang='cs'/>"), Ok(()));
        assert!(compared("<a xml:lang='en'/>", "<a xml:lang='cs'/>").is_err());
        assert!(compared("<a><b/><c/></a>", "<a><c/><b/></a>").is_err());
    }

    #[test]
    fn every_difference_is_one() {
        for (expected, found) in [
            ("<a/>", "<b/>"),
            ("<a/>", "<a xmlns='other'/>"),
            ("<a/>", "<a x='1'/>"),
            ("<a x='1'/>", "<a/>"),
            ("<a x='1'/>", "<a x='2'/>"),
            ("<a/>", "<a>t</a>"),
            ("<a>s</a>", "<a>t</a>"),
            ("<a><b/></a>", "<a/>"),
            ("<a><b/></a>", "<a><b/><b/></a>"),
            ("<a><b x='{v}'/><b x='{v}'/></a>", "<a><b x='1'/><b x='2'/></a>"),
        ] {
            assert!(compared(expected, found).is_err(), "{expected} {found}");
        }
    }

    #[test]
    fn braces_leave_room() {
        assert_eq!(compared("<a x='{any}'>{any}</a>", "<a x='1'>t</a>"), Ok(()));
        assert_eq!(compared("<a>{...}</a>", "<a><b/>t<c/></a>"), Ok(()));
        assert_eq!(compared("<a>{...}</a>", "<a/>"), Ok(()));
        assert_eq!(compared("<a><b x='{v}'/><b x='{v}'/></a>", "<a><b x='1'/><b x='1'/></a>"), Ok(()));
    }
}
