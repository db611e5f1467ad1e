//! Traffic as a person reads it: one element after the other, indented, each with its direction.

use chatdev_xml::{Content, Element, Node};

use crate::world::{Name, World};

/// What one client and the server say to each other, for a snapshot.
#[derive(Default)]
pub(crate) struct Transcript {
    text: String,
}

impl Transcript {
    /// A client says something, and hears what comes of it.
    pub(crate) fn send(&mut self, world: &mut World, name: Name, text: &str) {
        let element = Element::parse(text).expect("the snapshots say nothing that is no element");
        self.show(">", &element);
        world.send(name, text);
        self.listen(world, name);
    }

    /// A client hears what it was sent meanwhile.
    pub(crate) fn listen(&mut self, world: &mut World, name: Name) {
        for element in world.clients[name].inbox.drain(..) {
            self.show("<", &element);
        }
        if let Some(chatdev_stream::Closed::Failed { error, .. }) = &world.clients[name].closed {
            self.show("<", &error.to_element());
        }
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.text += &format!("# {text}\n");
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn show(&mut self, mark: &str, element: &Element) {
        write(&mut self.text, mark, 0, element.root(), chatdev_xml::NS_CLIENT);
    }
}

/// One line for each tag; a text alone in its element stays on its line. These are as deep as the tests write
/// them.
fn write(out: &mut String, mark: &str, depth: usize, node: Node<'_>, outer: &str) {
    let indent = "  ".repeat(depth);
    let mut tag = node.name().to_owned();
    if node.namespace() != outer {
        tag += &format!(" xmlns='{}'", node.namespace());
    }
    for attribute in node.attributes() {
        let prefix = if attribute.namespace() == chatdev_xml::NS_XML { "xml:" } else { "" };
        tag += &format!(" {prefix}{}='{}'", attribute.name(), attribute.value());
    }
    let children = node.content().any(|content| matches!(content, Content::Element(_)));
    let text = node.text();
    if !children && text.is_empty() {
        *out += &format!("{mark} {indent}<{tag}/>\n");
    } else if !children {
        *out += &format!("{mark} {indent}<{tag}>{text}</{}>\n", node.name());
    } else {
        *out += &format!("{mark} {indent}<{tag}>\n");
        for child in node.children() {
            write(out, mark, depth + 1, child, node.namespace());
        }
        *out += &format!("{mark} {indent}</{}>\n", node.name());
    }
}
