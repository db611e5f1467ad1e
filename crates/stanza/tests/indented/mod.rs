//! Elements as a person reads them in a snapshot: one per line as on the wire, children indented.

use chatdev_stanza::{NS_CLIENT, Payload};
use chatdev_xml::{Builder, Element, Node};

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

/// No payload mixes elements with text, so that only what stands alone is printed with its text.
fn write(node: Node<'_>, depth: usize, out: &mut String) {
    let wire = format!("{node:?}");
    let indent = "  ".repeat(depth);
    if node.children().next().is_none() {
        out.push_str(&format!("{indent}{wire}"));
        return;
    }
    assert_eq!(node.text(), "", "text beside elements in {wire}");
    let (start, _) = wire.split_once('>').expect("an element has a start tag");
    let (_, end) = wire.rsplit_once("</").expect("an element with children has an end tag");
    out.push_str(&format!("{indent}{start}>\n"));
    for child in node.children() {
        write(child, depth + 1, out);
        out.push('\n');
    }
    out.push_str(&format!("{indent}</{end}"));
}
