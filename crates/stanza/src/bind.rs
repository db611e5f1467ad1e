//! Resource binding (RFC 6120 §7): the request and its result. Making a resource is the server's.

use chatdev_xml::{Builder, Node};
use jid::FullJid;

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required_child};

/// The namespace.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-bind";

/// The client's request (RFC 6120 §7.6, §7.7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BindRequest {
    /// The resource asked for, not yet prepared; `None` leaves it to the server.
    pub resource: Option<String>,
}

impl BindRequest {
    /// Reads `<bind/>` of an iq set. An empty `<resource/>` asks for none.
    ///
    /// # Errors
    /// The node is no `<bind/>`.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "bind")?;
        let resource = node.child(NS, "resource").map(Node::text).filter(|text| !text.is_empty());
        Ok(Self { resource: resource.map(|text| text.into_owned()) })
    }
}

impl Payload for BindRequest {
    fn write(&self, out: Builder) -> Builder {
        let out = out.open(NS, "bind");
        match &self.resource {
            Some(resource) => out.open(NS, "resource").text(resource).close(),
            None => out,
        }
        .close()
    }
}

/// The server's result: who the client is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindResult {
    /// The full JID of the session.
    pub jid: FullJid,
}

impl BindResult {
    /// Reads `<bind/>` of an iq result.
    ///
    /// # Errors
    /// The node is no `<bind/>` or names no full JID.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "bind")?;
        let text = required_child(node, NS, "jid")?.text();
        let jid = FullJid::new(text.trim()).map_err(|_| Malformed::new("a full JID in <jid/>", &text))?;
        Ok(Self { jid })
    }
}

impl Payload for BindResult {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "bind").open(NS, "jid").text(self.jid.as_str()).close().close()
    }
}
