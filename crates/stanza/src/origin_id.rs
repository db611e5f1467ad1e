//! The id that the sending client gave a message (XEP-0359 §3.2); anybody can claim any, so it only serves to recognise
//! one's own. `<stanza-id/>` is not spoken.

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required};

/// The namespace.
pub const NS: &str = "urn:xmpp:sid:0";

/// `<origin-id/>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginId(pub String);

impl OriginId {
    /// Reads `<origin-id/>`.
    ///
    /// # Errors
    /// The node is no `<origin-id/>` or has no id.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "origin-id")?;
        Ok(Self(required(node, "id")?.into_owned()))
    }
}

impl Payload for OriginId {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "origin-id").attribute("id", &self.0).close()
    }
}
