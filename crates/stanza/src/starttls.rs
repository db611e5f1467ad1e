//! The three elements of STARTTLS (RFC 6120 §5.4). The feature that offers it is in `features`.

use chatdev_xml::{Builder, Element, Node};

use crate::malformed::Malformed;

/// The namespace.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// An element of the negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartTls {
    /// `<starttls/>`: the client asks for it.
    Request,
    /// `<proceed/>`: the server is ready; TLS follows at once.
    Proceed,
    /// `<failure/>`: the server is not; the stream ends.
    Failure,
}

impl StartTls {
    /// Reads an element of the negotiation.
    ///
    /// # Errors
    /// It is none of the three.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        match (node.namespace(), node.name()) {
            (NS, "starttls") => Ok(Self::Request),
            (NS, "proceed") => Ok(Self::Proceed),
            (NS, "failure") => Ok(Self::Failure),
            (_, other) => Err(Malformed::new("starttls, proceed or failure of STARTTLS", other)),
        }
    }

    /// The element.
    pub fn to_element(self) -> Element {
        let name = match self {
            Self::Request => "starttls",
            Self::Proceed => "proceed",
            Self::Failure => "failure",
        };
        Builder::new(NS, name).build()
    }
}
