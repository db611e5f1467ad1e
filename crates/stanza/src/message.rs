//! What a message says (RFC 6121 §5.2). Subject and thread pass through unread.

use std::borrow::Cow;

use chatdev_xml::{Builder, Node};

use crate::{NS_CLIENT, Payload, lang};

/// The text of a message, in the language of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body<'a>(pub &'a str);

impl Payload for Body<'_> {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS_CLIENT, "body").text(self.0).close()
    }
}

/// The text that a reader of the language `preferred` should see; `None` where the message has no body at all.
pub fn body<'a>(message: Node<'a>, preferred: Option<&str>) -> Option<Cow<'a, str>> {
    lang::choose(message, NS_CLIENT, "body", preferred).map(Node::text)
}
