//! XMPP ping (XEP-0199). The answer is an empty result.

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element};

/// The namespace.
pub const NS: &str = "urn:xmpp:ping";

/// `<ping/>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping;

impl Ping {
    /// Reads `<ping/>`.
    ///
    /// # Errors
    /// The node is no `<ping/>`.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "ping").map(|()| Self)
    }
}

impl Payload for Ping {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "ping").close()
    }
}
