//! What a presence says: show, status, priority (RFC 6121 §4.7.2) and the nick (XEP-0172).
//!
//! How long they may be is the directory's to say; who is told, the server's.

use chatdev_directory::{Profile, Show};
use chatdev_xml::{Builder, Node};

use crate::malformed::Malformed;
use crate::{NS_CLIENT, Payload, lang};

/// The namespace of `<nick/>` (XEP-0172).
pub const NS_NICK: &str = "http://jabber.org/protocol/nick";

/// The content of a presence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability {
    /// Nick, show and status. A presence of an ordinary client has no nick.
    pub profile: Profile,
    /// −128 to 127; a resource with a negative one gets no messages to the bare JID (RFC 6121 §8.5.2.1).
    pub priority: i8,
}

impl Availability {
    /// Reads what stands in a `<presence/>`.
    ///
    /// An empty `<show/>` and one that RFC 6121 does not know count as none: clients send both, and the person is online
    /// either way. An empty `<priority/>` is 0.
    ///
    /// # Errors
    /// A priority that is no number from −128 to 127.
    pub fn from_node(presence: Node<'_>) -> Result<Self, Malformed> {
        let show = presence.child(NS_CLIENT, "show").and_then(|show| show.text().trim().parse().ok());
        let text = |node: Option<Node<'_>>| {
            node.map(Node::text)
                .filter(|text| !text.is_empty())
                .map(|text| text.into_owned().into_boxed_str())
        };
        let priority = match presence.child(NS_CLIENT, "priority").map(Node::text).as_deref().map(str::trim) {
            None | Some("") => 0,
            Some(number) => number
                .parse()
                .map_err(|_| Malformed::new("a priority from -128 to 127 in <priority/>", number))?,
        };
        Ok(Self {
            profile: Profile {
                nick: text(presence.child(NS_NICK, "nick")),
                show: show.unwrap_or(Show::Available),
                status: text(lang::choose(presence, NS_CLIENT, "status", None)),
            },
            priority,
        })
    }
}

impl Payload for Availability {
    fn write(&self, mut out: Builder) -> Builder {
        if let Some(show) = self.profile.show.as_str() {
            out = out.open(NS_CLIENT, "show").text(show).close();
        }
        if let Some(status) = &self.profile.status {
            out = out.open(NS_CLIENT, "status").text(status).close();
        }
        if self.priority != 0 {
            out = out.open(NS_CLIENT, "priority").text(&self.priority.to_string()).close();
        }
        if let Some(nick) = &self.profile.nick {
            out = out.open(NS_NICK, "nick").text(nick).close();
        }
        out
    }
}
