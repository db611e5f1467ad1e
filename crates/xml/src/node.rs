//! [`Node`]: one element inside an [`Element`], read from its spans when asked.
//!
//! Payloads are recognised by (namespace, name), never by name alone. Nothing here copies unless an escaped
//! character forces it, and nothing recurses.

use std::borrow::Cow;

use crate::assembly::Assembly;
use crate::attribute::{self, Attribute};
use crate::element::{Element, Span};
use crate::escape::unescape;

/// A reference to one element: itself, or any inside it.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    element: &'a Element,
    index: u32,
}

/// What stands inside an element, in order.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// Character data between two tags; never empty.
    Text(Cow<'a, str>),
    /// A child.
    Element(Node<'a>),
}

impl<'a> Node<'a> {
    pub(crate) fn new(element: &'a Element, index: u32) -> Self {
        Self { element, index }
    }

    fn span(self) -> Span {
        self.element.spans()[self.index as usize]
    }

    pub(crate) fn tag(self) -> &'a str {
        self.span().attributes(self.element.buffer())
    }

    /// Its name, without a prefix.
    pub fn name(self) -> &'a str {
        let name = self.span().qualified_name(self.element.buffer());
        name.strip_prefix("stream:").unwrap_or(name)
    }

    /// The name of its namespace; empty for none.
    pub fn namespace(self) -> &'a str {
        self.element.namespace_name(self.span().namespace)
    }

    /// Whether it is the element `name` of `namespace`.
    pub fn is(self, namespace: &str, name: &str) -> bool {
        self.name() == name && self.namespace() == namespace
    }

    /// The value of an attribute that is in no namespace. (`xml:lang` may be asked for by that name.)
    pub fn attribute(self, name: &str) -> Option<Cow<'a, str>> {
        attribute::find(self.tag(), name)
    }

    /// The values of several, each as [`attribute`](Self::attribute) gives it, in one walk through the tag.
    pub fn attributes_named<const N: usize>(self, names: [&str; N]) -> [Option<Cow<'a, str>>; N] {
        attribute::find_each(self.tag(), names)
    }

    /// The value of an attribute by namespace and name.
    pub fn attribute_ns(self, namespace: &str, name: &str) -> Option<Cow<'a, str>> {
        let mut all = self.attributes();
        all.find(|attribute| attribute.name() == name && attribute.namespace() == namespace)
            .map(Attribute::value)
    }

    /// Its attributes, in order, namespace declarations left out.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attribute::all(self.tag())
    }

    /// Its own `xml:lang`, not one inherited.
    pub fn lang(self) -> Option<Cow<'a, str>> {
        self.attribute("xml:lang")
    }

    /// The elements directly inside it, in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let end = self.span().next;
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let child = Self { element: self.element, index: next };
            (next < end).then(|| {
                next = child.span().next;
                child
            })
        })
    }

    /// The first child `name` of `namespace`.
    pub fn child(self, namespace: &str, name: &str) -> Option<Self> {
        self.children().find(|child| child.is(namespace, name))
    }

    /// Text and elements directly inside it, in order.
    pub fn content(self) -> impl Iterator<Item = Content<'a>> {
        self.pieces().map(|piece| match piece {
            Piece::Text(canonical) => Content::Text(unescape(canonical)),
            Piece::Element(node) => Content::Element(node),
        })
    }

    /// The text directly inside it, that around child elements joined.
    pub fn text(self) -> Cow<'a, str> {
        let mut pieces = self.pieces().filter_map(|piece| match piece {
            Piece::Text(canonical) => Some(unescape(canonical)),
            Piece::Element(_) => None,
        });
        let first = pieces.next().unwrap_or_default();
        pieces.fold(first, |all, more| all + more)
    }

    /// A copy that stands alone.
    pub fn to_element(self) -> Element {
        let mut assembly = Assembly::default();
        self.write_to(&mut assembly);
        assembly.take()
    }

    /// Writes the element and all in it. Walks the table with a list of the elements that are open, so that
    /// depth costs no stack.
    pub(crate) fn write_to(self, assembly: &mut Assembly) {
        let text = self.element.buffer();
        let mut open: Vec<Span> = Vec::new();
        let mut position = self.span().start;
        for index in self.index..self.span().next {
            while let Some(ended) = open.pop_if(|span| span.next <= index) {
                position = end_at(assembly, text, position, ended);
            }
            let node = Self { element: self.element, index };
            let span = node.span();
            assembly.raw(&text[position as usize..span.start as usize]);
            assembly.start(node.namespace(), node.name());
            assembly.raw(attribute::without_default_namespace(node.tag()));
            assembly.start_done();
            position = span.content;
            open.push(span);
        }
        while let Some(ended) = open.pop() {
            position = end_at(assembly, text, position, ended);
        }
    }

    /// As [`content`](Self::content), the text still escaped.
    fn pieces(self) -> impl Iterator<Item = Piece<'a>> {
        let text = self.element.buffer();
        let span = self.span();
        let (mut position, content_end) = (span.content, span.content_end());
        let mut children = self.children().peekable();
        std::iter::from_fn(move || {
            let text_end = children.peek().map_or(content_end, |child| child.span().start);
            if position < text_end {
                let piece = Piece::Text(&text[position as usize..text_end as usize]);
                position = text_end;
                return Some(piece);
            }
            let child = children.next()?;
            position = child.span().end;
            Some(Piece::Element(child))
        })
    }
}

/// What an element contains, still escaped.
enum Piece<'a> {
    Text(&'a str),
    Element(Node<'a>),
}

/// Writes the rest of an element's text and its end; returns where reading goes on.
fn end_at(assembly: &mut Assembly, text: &str, position: u32, span: Span) -> u32 {
    assembly.raw(&text[position as usize..span.content_end() as usize]);
    assembly.end();
    span.end
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let span = self.span();
        f.write_str(&self.element.as_str()[span.start as usize..span.end as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NS_CLIENT;

    fn parse(text: &str) -> Element {
        Element::parse(text).unwrap()
    }

    #[test]
    fn payloads_are_found_by_namespace_and_name() {
        let element = parse("<iq><a/><a xmlns='urn:a' n='1'/><b xmlns='urn:a'><a/></b></iq>");
        let found = element.child("urn:a", "a").unwrap();
        assert_eq!(found.attribute("n").as_deref(), Some("1"));
        assert!(element.child(NS_CLIENT, "a").unwrap().attribute("n").is_none());
        assert!(element.child("urn:a", "c").is_none() && element.child("urn:b", "a").is_none());
        assert_eq!(element.children().map(Node::name).collect::<Vec<_>>(), ["a", "a", "b"]);
        let inner = element.child("urn:a", "b").unwrap().child("urn:a", "a").unwrap();
        assert_eq!(inner.namespace(), "urn:a");
        assert_eq!(format!("{inner:?}"), "<a/>");
    }

    #[test]
    fn content_comes_in_order_and_text_is_joined() {
        let element = parse("<a>1 &lt; <b>x</b>2<c/><d/> &amp; 3</a>");
        assert_eq!(element.text(), "1 < 2 & 3");
        let content: Vec<_> = element.content().map(|content| format!("{content:?}")).collect();
        assert_eq!(
            content,
            [
                r#"Text("1 < ")"#,
                "Element(<b>x</b>)",
                r#"Text("2")"#,
                "Element(<c/>)",
                "Element(<d/>)",
                r#"Text(" & 3")"#
            ]
        );
        assert!(matches!(element.children().next().unwrap().text(), Cow::Borrowed("x")));
        assert_eq!(parse("<a/>").text(), "");
    }

    #[test]
    fn declarations_are_not_attributes() {
        let element = parse("<p:a xmlns:p='urn:&amp;p' xml:lang='en' p:b='&lt;' b='2' xmlnsx='3'/>");
        assert_eq!(element.namespace(), "urn:&p");
        assert_eq!(element.lang().as_deref(), Some("en"));
        assert_eq!(element.attribute("xmlns"), None);
        assert_eq!(element.attribute("b").as_deref(), Some("2"));
        assert_eq!(element.root().attribute_ns("urn:&p", "b").as_deref(), Some("<"));
        assert_eq!(element.root().attribute_ns(crate::NS_XML, "lang").as_deref(), Some("en"));
        let names: Vec<_> = element.attributes().map(|a| (a.namespace().into_owned(), a.name())).collect();
        let none = String::new();
        let expected = [
            (crate::NS_XML.to_owned(), "lang"),
            ("urn:&p".to_owned(), "b"),
            (none.clone(), "b"),
            (none, "xmlnsx"),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn the_streams_namespace_has_its_prefix_at_the_root_only() {
        let inside = parse("<a><stream:error/></a>");
        assert_eq!(inside.as_str(), "<a><error xmlns='http://etherx.jabber.org/streams'/></a>");
        let error = inside.children().next().unwrap();
        assert_eq!((error.name(), error.namespace()), ("error", crate::NS_STREAMS));
        assert_eq!(error.to_element().as_str(), "<stream:error/>");
        let outside =
            parse("<error xmlns='http://etherx.jabber.org/streams'><a/><b xmlns='jabber:client'/></error>");
        assert_eq!(
            outside.as_str(),
            "<stream:error><a xmlns='http://etherx.jabber.org/streams'/><b/></stream:error>"
        );
        assert_eq!(outside.name(), "error");
    }
}
