//! What an independent parser (roxmltree) makes of the same bytes: the two readings must be one.
//!
//! Used by the property tests and by the fuzz target.

use chatdev_xml::{Content, Element, Node};

/// The header that every element stands behind.
const OPEN: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const CLOSE: &str = "</stream:stream>";

/// The element as the other parser reads it, in the words of [`ours`]. `None` if it refuses.
pub(crate) fn theirs(source: &str) -> Option<Vec<String>> {
    // XML 1.0 §2.11 has ends of lines normalised before parsing. roxmltree 0.21 does it while parsing, and
    // leaves carriage returns beside references.
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let document = format!("{OPEN}{source}{CLOSE}");
    let options = roxmltree::ParsingOptions { allow_dtd: false, ..roxmltree::ParsingOptions::default() };
    let document = roxmltree::Document::parse_with_options(&document, options).ok()?;
    let mut elements = document.root_element().children().filter(roxmltree::Node::is_element);
    let (element, more) = (elements.next()?, elements.next());
    assert!(more.is_none(), "one element at a time");
    let mut words = Vec::new();
    for edge in Walk::new(element) {
        match edge {
            Edge::Start(node) if node.is_text() => text(&mut words, node.text().unwrap_or_default()),
            Edge::Start(node) => {
                let name = node.tag_name();
                let mut attributes: Vec<_> = node
                    .attributes()
                    .map(|a| format!("{{{}}}{}={:?}", a.namespace().unwrap_or_default(), a.name(), a.value()))
                    .collect();
                attributes.sort();
                let namespace = name.namespace().unwrap_or_default();
                words.push(format!("<{{{namespace}}}{} {}", name.name(), attributes.join(" ")));
            }
            Edge::End(node) if node.is_element() => words.push(">".to_owned()),
            Edge::End(_) => {}
        }
    }
    Some(words)
}

/// The element as we read it: one word for each start tag, text and end.
pub(crate) fn ours(element: &Element) -> Vec<String> {
    let mut words = Vec::new();
    let mut open: Vec<Box<dyn Iterator<Item = Content<'_>> + '_>> = Vec::new();
    words.push(start(element.root()));
    open.push(Box::new(element.content()));
    while let Some(content) = open.last_mut() {
        match content.next() {
            None => {
                words.push(">".to_owned());
                open.pop();
            }
            Some(Content::Text(more)) => text(&mut words, &more),
            Some(Content::Element(node)) => {
                words.push(start(node));
                open.push(Box::new(node.content()));
            }
        }
    }
    words
}

fn start(node: Node<'_>) -> String {
    let mut attributes: Vec<_> =
        node.attributes().map(|a| format!("{{{}}}{}={:?}", a.namespace(), a.name(), a.value())).collect();
    attributes.sort();
    format!("<{{{}}}{} {}", node.namespace(), node.name(), attributes.join(" "))
}

/// Adds text; what stands side by side is one text.
fn text(words: &mut Vec<String>, more: &str) {
    match words.last_mut() {
        Some(word) if word.starts_with('"') => word.push_str(more),
        _ if more.is_empty() => {}
        _ => words.push(format!("\"{more}")),
    }
}

enum Edge<'a, 'i> {
    Start(roxmltree::Node<'a, 'i>),
    End(roxmltree::Node<'a, 'i>),
}

/// Walks a tree without recursion.
struct Walk<'a, 'i> {
    next: Option<Edge<'a, 'i>>,
    root: roxmltree::Node<'a, 'i>,
}

impl<'a, 'i> Walk<'a, 'i> {
    fn new(root: roxmltree::Node<'a, 'i>) -> Self {
        Self { next: Some(Edge::Start(root)), root }
    }
}

impl<'a, 'i> Iterator for Walk<'a, 'i> {
    type Item = Edge<'a, 'i>;

    fn next(&mut self) -> Option<Edge<'a, 'i>> {
        let edge = self.next.take()?;
        self.next = match &edge {
            Edge::Start(node) => Some(node.first_child().map_or(Edge::End(*node), Edge::Start)),
            Edge::End(node) if *node == self.root => None,
            Edge::End(node) => node.next_sibling().map(Edge::Start).or_else(|| node.parent().map(Edge::End)),
        };
        Some(edge)
    }
}
