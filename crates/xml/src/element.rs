//! [`Element`]: one buffer of canonical bytes and a table of where the elements in it begin and end.
//!
//! Nothing here is a tree: forwarding copies bytes, payloads are read from the spans when somebody asks. How
//! an element is read is in `node`, how one comes into being in `assembly`.

use std::borrow::Cow;
use std::fmt;

use crate::assembly::offset;
use crate::attribute::{self, Attribute};
use crate::node::{Content, Node};
use crate::reader::Reader;
use crate::{Error, Limits, NS_CLIENT, NS_STREAMS};

/// A complete element in canonical form (see the crate's documentation).
///
/// Two elements are equal if their canonical bytes are. Cloning copies two buffers.
#[derive(Clone)]
pub struct Element {
    /// The canonical form, and behind it the namespace names that it holds in escaped form only.
    text: String,
    /// Where the canonical form ends in `text`.
    len: u32,
    /// In document order; the root is first.
    spans: Vec<Span>,
}

/// Where one element stands in the text. Offsets in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Its `<`.
    pub(crate) start: u32,
    /// Behind its name (prefix included) in the start tag.
    pub(crate) name_end: u32,
    /// Behind its start tag.
    pub(crate) content: u32,
    /// Behind all of it; the same as `content` if it is empty.
    pub(crate) end: u32,
    /// The first span that is not inside it.
    pub(crate) next: u32,
    pub(crate) namespace: Namespace,
}

/// Where the name of an element's namespace can be read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Namespace {
    None,
    #[default]
    Client,
    Streams,
    /// In the text, at the `xmlns` of this element or one around it.
    Written {
        start: u32,
        len: u32,
    },
    /// Behind the text, because escaping changed it.
    Escaped {
        start: u32,
        len: u32,
    },
}

impl Span {
    /// The name as the tags have it, prefix included.
    pub(crate) fn qualified_name(self, text: &str) -> &str {
        &text[self.start as usize + 1..self.name_end as usize]
    }

    /// The attributes as the start tag has them, each with a space before it.
    pub(crate) fn attributes(self, text: &str) -> &str {
        let close = if self.end == self.content { "/>".len() } else { ">".len() };
        &text[self.name_end as usize..self.content as usize - close]
    }

    /// Where the content ends and the end tag begins.
    pub(crate) fn content_end(self) -> u32 {
        if self.end == self.content { self.end } else { self.end - (self.name_end - self.start) - 2 }
    }
}

impl Namespace {
    pub(crate) fn name<'a>(self, text: &'a str, escaped: &'a str) -> &'a str {
        match self {
            Self::None => "",
            Self::Client => NS_CLIENT,
            Self::Streams => NS_STREAMS,
            Self::Written { start, len } => &text[start as usize..(start + len) as usize],
            Self::Escaped { start, len } => &escaped[start as usize..(start + len) as usize],
        }
    }

    /// The same name after the text has moved.
    fn moved(self, moved: impl Fn(u32) -> u32) -> Self {
        match self {
            Self::Written { start, len } => Self::Written { start: moved(start), len },
            other => other,
        }
    }
}

impl Element {
    /// Reads `text`, one whole element as it would stand in a stream whose content namespace is
    /// `jabber:client` and whose prefix `stream` is bound to the streams namespace. For storage, screenplays
    /// and tests; white space around the element is taken.
    ///
    /// # Errors
    /// As [`Reader::read`] within [`Limits::WRITTEN_BY_US`]; [`Flaw::Unfinished`](crate::Flaw::Unfinished) and
    /// [`Flaw::Trailing`](crate::Flaw::Trailing) if it is less or more than one element.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Reader::read_alone(text.as_bytes(), Limits::WRITTEN_BY_US)
    }

    pub(crate) fn assembled(text: String, len: u32, spans: Vec<Span>) -> Self {
        Self { text, len, spans }
    }

    /// The outermost element.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.text[..self.len as usize]
    }

    /// The canonical form.
    pub fn as_bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }

    /// Appends the canonical form with attributes of the root set (`Some`, in place or behind the others) or
    /// removed (`None`). Values are escaped here. Names are plain or begin with `xml:`, each at most once;
    /// `xmlns` is not among them, an element's namespace does not change.
    pub fn write_with(&self, out: &mut Vec<u8>, set: &[(&str, Option<&str>)]) {
        let root = self.spans[0];
        let values: usize =
            set.iter().filter_map(|(name, value)| Some(name.len() + (*value)?.len() + 4)).sum();
        out.reserve(self.len as usize + values);
        out.extend_from_slice(&self.as_bytes()[..root.name_end as usize]);
        attribute::write_set(out, root.attributes(&self.text), set);
        out.extend_from_slice(&self.as_bytes()[self.attributes_end()..]);
    }

    /// A copy with attributes of the root set or removed, as in [`write_with`](Self::write_with).
    #[must_use]
    pub fn with(&self, set: &[(&str, Option<&str>)]) -> Self {
        let from = self.attributes_end();
        let mut text = String::with_capacity(self.text.len() + 64);
        text.push_str(&self.text[..self.spans[0].name_end as usize]);
        attribute::write_set(&mut text, self.spans[0].attributes(&self.text), set);
        let (from_offset, to) = (offset(from), offset(text.len()));
        text.push_str(&self.text[from..]);
        let moved = |at: u32| if at >= from_offset { at - from_offset + to } else { at };
        let moved_span = |span: &Span| Span {
            start: moved(span.start),
            name_end: moved(span.name_end),
            content: moved(span.content),
            end: moved(span.end),
            next: span.next,
            namespace: span.namespace.moved(moved),
        };
        let mut spans: Vec<Span> = self.spans.iter().map(moved_span).collect();
        // The root's name ends where its attributes begin, and stays.
        spans[0].name_end = self.spans[0].name_end;
        Self { spans, len: moved(self.len), text }
    }

    /// Where the attributes of the root end: at its `>` or `/>`.
    fn attributes_end(&self) -> usize {
        let root = self.spans[0];
        root.name_end as usize + root.attributes(&self.text).len()
    }

    /// The canonical form and what stands behind it.
    pub(crate) fn buffer(&self) -> &str {
        &self.text
    }

    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(crate) fn namespace_name(&self, namespace: Namespace) -> &str {
        namespace.name(&self.text, &self.text[self.len as usize..])
    }
}

/// What a [`Node`] can be asked, asked of the root.
impl Element {
    /// See [`Node::name`].
    pub fn name(&self) -> &str {
        self.root().name()
    }

    /// See [`Node::namespace`].
    pub fn namespace(&self) -> &str {
        self.root().namespace()
    }

    /// See [`Node::is`].
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.root().is(namespace, name)
    }

    /// See [`Node::attribute`].
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.root().attribute(name)
    }

    /// See [`Node::attributes`].
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.root().attributes()
    }

    /// See [`Node::lang`].
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        self.root().lang()
    }

    /// See [`Node::children`].
    pub fn children(&self) -> impl Iterator<Item = Node<'_>> {
        self.root().children()
    }

    /// See [`Node::child`].
    pub fn child(&self, namespace: &str, name: &str) -> Option<Node<'_>> {
        self.root().child(namespace, name)
    }

    /// See [`Node::content`].
    pub fn content(&self) -> impl Iterator<Item = Content<'_>> {
        self.root().content()
    }

    /// See [`Node::text`].
    pub fn text(&self) -> Cow<'_, str> {
        self.root().text()
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Element {}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_the_root_are_set_in_place_added_or_removed() {
        let element =
            Element::parse("<message from='mallory' id='1' type='chat'><body from='x'>hi</body></message>")
                .unwrap();
        let set = [("type", None), ("to", Some("b'b")), ("from", Some("alice")), ("xml:lang", Some("en"))];
        let with = element.with(&set);
        let expected =
            "<message from='alice' id='1' to='b&apos;b' xml:lang='en'><body from='x'>hi</body></message>";
        assert_eq!(with.as_str(), expected);
        assert_eq!(with.child(NS_CLIENT, "body").unwrap().text(), "hi");
        let mut out = b"before".to_vec();
        element.write_with(&mut out, &set);
        assert_eq!(out, [b"before", expected.as_bytes()].concat());
    }

    #[test]
    fn an_element_without_attributes_or_content_takes_them_too() {
        let element = Element::parse("<a xmlns='u&amp;u'/>").unwrap().with(&[("b", Some("1"))]);
        assert_eq!(element.as_str(), "<a xmlns='u&amp;u' b='1'/>");
        assert_eq!((element.name(), element.namespace()), ("a", "u&u"));
        let element = Element::parse("<stream:features/>").unwrap().with(&[("b", Some("1"))]);
        assert_eq!(element.as_str(), "<stream:features b='1'/>");
        assert_eq!((element.name(), element.namespace()), ("features", NS_STREAMS));
    }

    #[test]
    fn parse_takes_one_element() {
        assert_eq!(Element::parse(" <a/>\n").unwrap().as_str(), "<a/>");
        assert_eq!(Element::parse(""), Err(crate::Flaw::Unfinished.into()));
        assert_eq!(Element::parse("<a>"), Err(crate::Flaw::Unfinished.into()));
        assert_eq!(Element::parse("<a/><b/>"), Err(crate::Flaw::Trailing.into()));
        assert_eq!(Element::parse("<a/><b"), Err(crate::Flaw::Trailing.into()));
        assert_eq!(Element::parse("</stream:stream>"), Err(crate::Flaw::Trailing.into()));
    }
}
