//! The acknowledgement part of stream management (XEP-0198 §3, §4, §6): enabling, `<r/>` and `<a/>`.
//!
//! Counting is the `stream` room's. Resumption (§5) is not spoken; a request for it is told apart so that it can be
//! refused.

use chatdev_xml::{Builder, Element, Node};

use crate::malformed::{Malformed, boolean, parsed, required_parsed};
use crate::stanza_error::{self, StanzaCondition, StanzaError};

/// The namespace.
pub const NS: &str = "urn:xmpp:sm:3";

const COUNT: &str = "a number below 4294967296";

/// An element of stream management. None of them is a stanza, and none is counted (§4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sm {
    /// `<enable/>`: count from here on.
    Enable {
        /// The stream should be resumable.
        resume: bool,
    },
    /// `<enabled/>`
    Enabled {
        /// The id for resuming, if the other side can.
        id: Option<String>,
        /// The stream is resumable.
        resume: bool,
    },
    /// `<failed/>`: it could not be enabled or resumed.
    Failed {
        /// Why, as a stanza error's condition.
        condition: Option<StanzaCondition>,
        /// How much had been handled before, where a resumption failed and that is known.
        h: Option<u32>,
    },
    /// `<resume/>`, in which nothing is read.
    Resume,
    /// `<r/>`: how much have you handled?
    Request,
    /// `<a/>`
    Ack {
        /// Stanzas handled since enabling, modulo 2³².
        h: u32,
    },
}

impl Sm {
    /// Reads an element of stream management.
    ///
    /// # Errors
    /// It is none of them, or a count is missing or out of range.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        match (node.namespace(), node.name()) {
            (NS, "a") => Ok(Self::Ack { h: required_parsed(node, "h", COUNT)? }),
            (NS, "r") => Ok(Self::Request),
            (NS, "enable") => Ok(Self::Enable { resume: boolean(node, "resume")? }),
            (NS, "enabled") => Ok(Self::Enabled {
                id: node.attribute("id").map(std::borrow::Cow::into_owned),
                resume: boolean(node, "resume")?,
            }),
            (NS, "failed") => Ok(Self::Failed {
                condition: node
                    .children()
                    .filter(|child| child.namespace() == stanza_error::NS)
                    .find_map(|child| StanzaCondition::from_name(child.name())),
                h: parsed(node, "h", COUNT)?,
            }),
            (NS, "resume") => Ok(Self::Resume),
            (_, other) => Err(Malformed::new("an element of stream management", other)),
        }
    }

    /// The element.
    pub fn to_element(&self) -> Element {
        match self {
            Self::Enable { resume } => {
                Builder::new(NS, "enable").attribute_opt("resume", resume.then_some("true")).build()
            }
            Self::Enabled { id, resume } => Builder::new(NS, "enabled")
                .attribute_opt("id", id.as_deref())
                .attribute_opt("resume", resume.then_some("true"))
                .build(),
            Self::Failed { condition, h } => {
                let out = Builder::new(NS, "failed").attribute_opt("h", h.map(|h| h.to_string()).as_deref());
                match condition {
                    Some(condition) => StanzaError::write_condition(*condition, None, out),
                    None => out,
                }
                .build()
            }
            Self::Resume => Builder::new(NS, "resume").build(),
            Self::Request => Builder::new(NS, "r").build(),
            Self::Ack { h } => Builder::new(NS, "a").attribute("h", &h.to_string()).build(),
        }
    }
}

/// The condition that goes with `<undefined-condition/>` when the other side acknowledges more than it was sent (§4).
pub fn handled_count_too_high(h: u32, sent: u32) -> Element {
    Builder::new(NS, "handled-count-too-high")
        .attribute("h", &h.to_string())
        .attribute("send-count", &sent.to_string())
        .build()
}
