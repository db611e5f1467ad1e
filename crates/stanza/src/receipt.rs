//! Message delivery receipts (XEP-0184), spoken with clients of other make; on a peer stream `<a/>` is the receipt.

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required};

/// The namespace.
pub const NS: &str = "urn:xmpp:receipts";

/// `<request/>`: tell me when it has arrived. The message that carries it must have an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request;

impl Request {
    /// Reads `<request/>`.
    ///
    /// # Errors
    /// The node is no `<request/>`.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "request").map(|()| Self)
    }
}

impl Payload for Request {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "request").close()
    }
}

/// `<received/>`: it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The id of the message that arrived.
    pub id: String,
}

impl Received {
    /// Reads `<received/>`.
    ///
    /// # Errors
    /// The node is no `<received/>`, or has no id (XEP-0184 §3 requires one).
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "received")?;
        Ok(Self { id: required(node, "id")?.into_owned() })
    }
}

impl Payload for Received {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "received").attribute("id", &self.id).close()
    }
}
