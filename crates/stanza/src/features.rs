//! Stream features (RFC 6120 §4.3.2): what the receiving side offers at this point of the negotiation.
//!
//! Features that are not spoken here are ignored when read. What to offer when is the `stream` room's.

use chatdev_xml::{Builder, Element, Node};

use crate::malformed::{Malformed, expect_element};
use crate::{NS_STREAMS, bind, sasl, session, sm, starttls};

/// The namespace of the registration feature (XEP-0077 §8); the registration itself has another.
pub const NS_REGISTER: &str = "http://jabber.org/features/iq-register";

/// The namespace of the feature that names the kinds of channel binding (XEP-0440).
pub const NS_CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";

/// The most names that are read of a list: 32 mechanisms, 32 kinds of channel binding. Further ones are ignored.
pub const NAMES_MAX: usize = 32;

/// `<stream:features/>`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    /// STARTTLS is offered, and whether nothing goes without it.
    pub starttls: Option<Requirement>,
    /// The SASL mechanisms, in the order of the server's preference; empty where signing in is not offered.
    pub mechanisms: Vec<String>,
    /// The kinds of channel binding that a mechanism `…-PLUS` may use.
    pub channel_bindings: Vec<String>,
    /// Accounts can be registered in band.
    pub register: bool,
    /// A resource can (and must) be bound.
    pub bind: bool,
    /// The session of RFC 3921 is offered. Written `<optional/>`: it does nothing.
    pub session: bool,
    /// Stream management (XEP-0198).
    pub sm: bool,
}

/// Whether a feature can be passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// It can.
    Optional,
    /// It cannot.
    Required,
}

impl Features {
    /// Reads `<stream:features/>`.
    ///
    /// # Errors
    /// The node is no `<stream:features/>`.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS_STREAMS, "features")?;
        let starttls = node.child(starttls::NS, "starttls").map(|feature| {
            match feature.child(starttls::NS, "required") {
                Some(_) => Requirement::Required,
                None => Requirement::Optional,
            }
        });
        let mechanisms = node.child(sasl::NS, "mechanisms").map_or_else(Vec::new, |list| {
            let mechanisms = list.children().filter(|child| child.is(sasl::NS, "mechanism"));
            mechanisms.map(|mechanism| mechanism.text().trim().to_owned()).take(NAMES_MAX).collect()
        });
        let channel_bindings =
            node.child(NS_CHANNEL_BINDING, "sasl-channel-binding").map_or_else(Vec::new, |list| {
                let kinds = list.children().filter(|child| child.is(NS_CHANNEL_BINDING, "channel-binding"));
                kinds.filter_map(|kind| Some(kind.attribute("type")?.into_owned())).take(NAMES_MAX).collect()
            });
        Ok(Self {
            starttls,
            mechanisms,
            channel_bindings,
            register: node.child(NS_REGISTER, "register").is_some(),
            bind: node.child(bind::NS, "bind").is_some(),
            session: node.child(session::NS, "session").is_some(),
            sm: node.child(sm::NS, "sm").is_some(),
        })
    }

    /// The element.
    pub fn to_element(&self) -> Element {
        let mut out = Builder::new(NS_STREAMS, "features");
        if let Some(requirement) = self.starttls {
            out = out.open(starttls::NS, "starttls");
            if requirement == Requirement::Required {
                out = out.open(starttls::NS, "required").close();
            }
            out = out.close();
        }
        if !self.mechanisms.is_empty() {
            out = out.open(sasl::NS, "mechanisms");
            for mechanism in &self.mechanisms {
                out = out.open(sasl::NS, "mechanism").text(mechanism).close();
            }
            out = out.close();
        }
        if !self.channel_bindings.is_empty() {
            out = out.open(NS_CHANNEL_BINDING, "sasl-channel-binding");
            for kind in &self.channel_bindings {
                out = out.open(NS_CHANNEL_BINDING, "channel-binding").attribute("type", kind).close();
            }
            out = out.close();
        }
        if self.register {
            out = out.open(NS_REGISTER, "register").close();
        }
        if self.bind {
            out = out.open(bind::NS, "bind").close();
        }
        if self.session {
            out = out.open(session::NS, "session").open(session::NS, "optional").close().close();
        }
        if self.sm {
            out = out.open(sm::NS, "sm").close();
        }
        out.build()
    }
}
