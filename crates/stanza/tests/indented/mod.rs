//! Elements as a person reads them in a snapshot: one per line, children indented, text where it stands.

use chatdev_stanza::{NS_CLIENT, Payload};
use chatdev_xml::{Builder, Content, Element, Node};

/// The element, indented.
pub(crate) fn indented(element: &Element) -> String {
    let mut out = String::new();
    write(element.root(), 0, &mut out);
    out
}

/// The payload inside an iq, indented, without the iq.
pub(crate) fn payload(payload: &dyn Payload) -> String {
    indented(&alone(payload))
}

/// The payload as an element of its own.
pub(crate) fn alone(payload: &dyn Payload) -> Element {
    let iq = payload.write(Builder::new(NS_CLIENT, "iq")).build();
    iq.children().next().expect("a payload writes an element").to_element()
}

fn write(node: Node<'_>, depth: usize, out: &mut String) {
    let alone = node.to_element();
    let tag_end = alone.as_str().find('>').expect("an element has a start tag");
    let tag = &alone.as_str()[..=tag_end];
    out.push_str(&"  ".repeat(depth));
    out.push_str(tag);
    let elements = node.children().count();
    for content in node.content() {
        match content {
            Content::Text(text) if elements == 0 => out.push_str(&text),
            Content::Text(text) => out.push_str(&format!("\n{}{text}", "  ".repeat(depth + 1))),
            Content::Element(child) => {
                out.push('\n');
                write(child, depth + 1, out);
            }
        }
    }
    if !tag.ends_with("/>") {
        if elements > 0 {
            out.push_str(&format!("\n{}", "  ".repeat(depth)));
        }
        out.push_str(&format!("</{}>", node.name()));
    }
}
