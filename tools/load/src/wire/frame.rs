//! [`Stanza`]: a whole top-level element as bytes, and the little that a load generator wants to know of it.

use memchr::{memchr, memchr2, memmem};

/// A whole top-level element, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stanza<'a> {
    bytes: &'a [u8],
}

/// An attribute as it was written: its value, still escaped, and the quotes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// What stands between the quotes.
    pub value: &'a [u8],
    /// `'` or `"`.
    pub quote: u8,
}

impl<'a> Stanza<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// All of it.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The name of the element, with its prefix.
    #[must_use]
    pub fn name(self) -> &'a [u8] {
        name(self.bytes)
    }

    /// An attribute of the element itself.
    #[must_use]
    pub fn attribute(self, name: &[u8]) -> Option<Quoted<'a>> {
        attribute(self.bytes, name)
    }

    /// Whether an attribute has that value.
    #[must_use]
    pub fn has(self, name: &[u8], value: &[u8]) -> bool {
        self.attribute(name).is_some_and(|quoted| quoted.value == value)
    }

    /// The start tag of the first element of that name inside, and what follows it.
    #[must_use]
    pub fn inner(self, wanted: &[u8]) -> Option<&'a [u8]> {
        let mut from = 1;
        loop {
            let tag = from + memmem::find(&self.bytes[from..], wanted)?;
            if self.bytes[tag - 1] == b'<' && name(&self.bytes[tag - 1..]) == wanted {
                return Some(&self.bytes[tag - 1..]);
            }
            from = tag + 1;
        }
    }

    /// An attribute of the first element of that name inside.
    #[must_use]
    pub fn inner_attribute(self, element: &[u8], name: &[u8]) -> Option<Quoted<'a>> {
        attribute(self.inner(element)?, name)
    }

    /// The text of the first `<body/>`, still escaped.
    #[must_use]
    pub fn body(self) -> Option<&'a [u8]> {
        let tag = self.inner(b"body")?;
        let text = &tag[memchr(b'>', tag)? + 1..];
        Some(&text[..memchr(b'<', text)?])
    }
}

/// The name at the front of a start tag.
fn name(tag: &[u8]) -> &[u8] {
    let rest = &tag[1..];
    let end = rest.iter().position(|&byte| byte.is_ascii_whitespace() || byte == b'/' || byte == b'>');
    &rest[..end.unwrap_or(rest.len())]
}

/// An attribute of the start tag at the front.
fn attribute<'a>(tag: &'a [u8], wanted: &[u8]) -> Option<Quoted<'a>> {
    let mut rest = &tag[1 + name(tag).len()..];
    loop {
        rest = &rest[rest.iter().position(|byte| !byte.is_ascii_whitespace())?..];
        if matches!(rest[0], b'>' | b'/') {
            return None;
        }
        let open = memchr2(b'\'', b'"', rest)?;
        let quote = rest[open];
        let name = rest[..open].trim_ascii_end().strip_suffix(b"=").unwrap_or_default();
        let value = &rest[open + 1..];
        let close = memchr(quote, value)?;
        if name.trim_ascii_end() == wanted {
            return Some(Quoted { value: &value[..close], quote });
        }
        rest = &value[close + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stanza(text: &str) -> Stanza<'_> {
        Stanza::new(text.as_bytes())
    }

    #[test]
    fn names_and_attributes_are_those_of_the_outer_tag() {
        let stanza =
            stanza("<message  to = \"a'b\" id='7' xml:lang='en'><body id='8'>x &gt; y</body></message>");
        assert_eq!(stanza.name(), b"message");
        assert_eq!(stanza.attribute(b"to"), Some(Quoted { value: b"a'b", quote: b'"' }));
        assert!(stanza.has(b"id", b"7") && !stanza.has(b"id", b"8"));
        assert_eq!(stanza.attribute(b"lang"), None);
        assert_eq!(stanza.body(), Some(&b"x &gt; y"[..]));
    }

    #[test]
    fn empty_elements_have_attributes_too() {
        assert_eq!(stanza("<iq/>").attribute(b"id"), None);
        assert_eq!(stanza("<iq/>").name(), b"iq");
        assert!(stanza("<iq type='result' id='a'/>").has(b"id", b"a"));
    }

    #[test]
    fn what_is_inside_is_found_by_its_whole_name() {
        let stanza =
            stanza("<iq id='online'><onlines version='1'/><online version='2'><user/></online></iq>");
        assert_eq!(stanza.inner_attribute(b"online", b"version").map(|quoted| quoted.value), Some(&b"2"[..]));
        assert_eq!(stanza.inner(b"gone"), None);
        assert_eq!(stanza.body(), None);
    }
}
