//! [`Builder`]: makes an [`Element`] from values.
//!
//! What it builds is well-formed whatever the values are: characters that XML forbids become U+FFFD. Names
//! and namespaces come from the program, not from outside.

use crate::assembly::Assembly;
use crate::element::Element;
use crate::escape::escape_text;
use crate::node::Node;
use crate::{attribute, chars};

/// An element in the making.
///
/// ```
/// use chatdev_xml::{Builder, NS_CLIENT};
///
/// let message = Builder::new(NS_CLIENT, "message")
///     .attribute("to", "bob@example.net")
///     .open(NS_CLIENT, "body")
///     .text("1 < 2")
///     .close()
///     .build();
/// assert_eq!(message.as_str(), "<message to='bob@example.net'><body>1 &lt; 2</body></message>");
/// ```
///
/// Each step also has a form on `&mut self` (`add_…`) for use inside loops.
#[derive(Debug)]
pub struct Builder {
    assembly: Assembly,
    /// The start tag written last can still take attributes.
    in_tag: bool,
}

impl Builder {
    /// Begins the root.
    pub fn new(namespace: &str, name: &str) -> Self {
        let mut builder = Self { assembly: Assembly::default(), in_tag: false };
        builder.add_open(namespace, name);
        builder
    }

    /// Begins a root with the name and the attributes of `node`, some of them set or removed, as in
    /// [`Element::write_with`].
    pub fn like(node: Node<'_>, set: &[(&str, Option<&str>)]) -> Self {
        let mut builder = Self { assembly: Assembly::default(), in_tag: false };
        builder.add_open_like(node, set);
        builder
    }

    /// Sets an attribute of the element opened last, before anything is put into it. `name` is plain or begins
    /// with `xml:`, and is given once.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.add_attribute(name, value);
        self
    }

    /// Sets an attribute if there is a value for it.
    #[must_use]
    pub fn attribute_opt(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.add_attribute(name, value);
        }
        self
    }

    /// Sets `xml:lang`.
    #[must_use]
    pub fn lang(self, lang: &str) -> Self {
        self.attribute("xml:lang", lang)
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.add_text(text);
        self
    }

    /// Begins a child; what follows goes into it until [`close`](Self::close).
    #[must_use]
    pub fn open(mut self, namespace: &str, name: &str) -> Self {
        self.add_open(namespace, name);
        self
    }

    /// Ends the child opened last. The root is ended by [`build`](Self::build).
    #[must_use]
    pub fn close(mut self) -> Self {
        self.add_close();
        self
    }

    /// Adds a copy of an element with all in it.
    #[must_use]
    pub fn node(mut self, node: Node<'_>) -> Self {
        self.add_node(node);
        self
    }

    /// As [`attribute`](Self::attribute).
    pub fn add_attribute(&mut self, name: &str, value: &str) {
        debug_assert!(self.in_tag, "attributes come before content");
        debug_assert!(
            chars::is_ncname(name.strip_prefix("xml:").unwrap_or(name)) && name != "xmlns",
            "{name}"
        );
        attribute::write(self.assembly.text_mut(), name, value);
    }

    /// As [`text`](Self::text).
    pub fn add_text(&mut self, text: &str) {
        self.end_tag();
        escape_text(self.assembly.text_mut(), text);
    }

    /// As [`open`](Self::open).
    pub fn add_open(&mut self, namespace: &str, name: &str) {
        debug_assert!(chars::is_ncname(name), "{name}");
        self.end_tag();
        self.assembly.start(namespace, name);
        self.in_tag = true;
    }

    /// As [`open`](Self::open), with the name and the attributes of `node`; see [`like`](Self::like).
    pub fn add_open_like(&mut self, node: Node<'_>, set: &[(&str, Option<&str>)]) {
        self.end_tag();
        self.assembly.start(node.namespace(), node.name());
        let attributes = attribute::without_default_namespace(node.tag());
        attribute::write_set(self.assembly.text_mut(), attributes, set);
        self.in_tag = true;
    }

    /// As [`close`](Self::close).
    pub fn add_close(&mut self) {
        debug_assert!(self.assembly.depth() > 1, "each close has its open");
        self.end_tag();
        if self.assembly.depth() > 1 {
            self.assembly.end();
        }
    }

    /// As [`node`](Self::node).
    pub fn add_node(&mut self, node: Node<'_>) {
        self.end_tag();
        node.write_to(&mut self.assembly);
    }

    /// Ends whatever is open.
    pub fn build(mut self) -> Element {
        self.end_tag();
        while self.assembly.depth() > 0 {
            self.assembly.end();
        }
        self.assembly.take()
    }

    fn end_tag(&mut self) {
        if self.in_tag {
            self.assembly.start_done();
            self.in_tag = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NS_CLIENT;

    #[test]
    fn namespaces_are_declared_where_they_change() {
        let element = Builder::new(NS_CLIENT, "iq")
            .attribute_opt("id", None)
            .open("urn:a", "query")
            .open("urn:a", "item")
            .lang("de")
            .close()
            .open(NS_CLIENT, "x")
            .close()
            .open("", "y")
            .build();
        assert_eq!(
            element.as_str(),
            "<iq><query xmlns='urn:a'><item xml:lang='de'/><x xmlns='jabber:client'/><y xmlns=''/></query></iq>"
        );
    }

    #[test]
    fn an_element_begun_like_another_has_its_name_and_attributes() {
        let source =
            Element::parse("<a xmlns='urn:a' xmlns:p='urn:p' p:b='1' c='&lt;'>text<d e='2'/></a>").unwrap();
        let inner = source.children().next().unwrap();
        let mut built = Builder::like(source.root(), &[("c", Some("'"))]);
        built.add_open_like(inner, &[("e", None)]);
        built.add_text("more");
        built.add_close();
        let expected = "<a xmlns='urn:a' xmlns:ns0='urn:p' ns0:b='1' c='&apos;'><d>more</d></a>";
        assert_eq!(built.build(), Element::parse(expected).unwrap());
        let features = Element::parse("<stream:features><a xmlns='urn:a'/></stream:features>").unwrap();
        let mut built = Builder::like(features.root(), &[]);
        built.add_node(features.children().next().unwrap());
        assert_eq!(built.build(), features);
    }

    #[test]
    fn a_copied_node_declares_what_it_needs_where_it_comes_to_stand() {
        let source =
            Element::parse("<a xmlns='urn:a'><b c='&apos;'>1<c xmlns='urn:c'/>&lt;</b></a>").unwrap();
        let node = source.children().next().unwrap();
        let same = Builder::new("urn:a", "w").node(node).text("!").build();
        assert_eq!(same.as_str(), "<w xmlns='urn:a'><b c='&apos;'>1<c xmlns='urn:c'/>&lt;</b>!</w>");
        let other = Builder::new("urn:c", "w").node(node).build();
        assert_eq!(
            other.as_str(),
            "<w xmlns='urn:c'><b xmlns='urn:a' c='&apos;'>1<c xmlns='urn:c'/>&lt;</b></w>"
        );
    }
}
