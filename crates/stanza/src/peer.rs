//! ChatDev's peer streams on the wire (`urn:chatdev:peer:1`, PROTOCOL section 3): the sequence number of a message.
//!
//! What is counted, stored and acknowledged is the client's business.

use std::num::NonZeroU64;

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required_parsed};

/// The namespace.
pub const NS: &str = "urn:chatdev:peer:1";

/// `<seq n='17'/>`: which message this is, of those from the sending device to the receiving one. The first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Reads `<seq/>`.
    ///
    /// # Errors
    /// The node is no `<seq/>`, or `n` is not a number from 1 to 2⁶⁴−1.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "seq")?;
        let n: NonZeroU64 = required_parsed(node, "n", "a number from 1 to 18446744073709551615")?;
        Ok(Self(n.get()))
    }

    /// The sequence number of a message.
    ///
    /// # Errors
    /// The message has none, or one that cannot be read.
    pub fn of(message: Node<'_>) -> Result<Self, Malformed> {
        crate::malformed::required_child(message, NS, "seq").and_then(Self::from_node)
    }
}

impl Payload for Sequence {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "seq").attribute("n", &self.0.to_string()).close()
    }
}
