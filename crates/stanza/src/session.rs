//! The session request of RFC 3921 §3, which RFC 6120 dropped and old clients still send: answered, and without effect.

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element};

/// The namespace.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-session";

/// `<session/>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session;

impl Session {
    /// Reads `<session/>`.
    ///
    /// # Errors
    /// The node is no `<session/>`.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "session").map(|()| Self)
    }
}

impl Payload for Session {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "session").close()
    }
}
