//! The roster on the wire (RFC 6121 §2): asking for it, and the list.
//!
//! Changing it, pushing it and subscriptions are the server's and not built yet; so nothing here reads a set.

use chatdev_xml::{Builder, Node};
use jid::BareJid;

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required};

/// The namespace.
pub const NS: &str = "jabber:iq:roster";

/// The most contacts that are read of one roster: 2,000. A longer one is malformed.
pub const ITEMS_MAX: usize = 2000;

/// The most groups that are read of one contact: 32. Further ones are ignored.
pub const GROUPS_MAX: usize = 32;

/// The request for the roster (RFC 6121 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RosterQuery {
    /// The version that the client has (§2.6); `Some("")` where it has none and knows of versions.
    pub ver: Option<String>,
}

impl RosterQuery {
    /// Reads the `<query/>` of a get.
    ///
    /// # Errors
    /// The node is no `<query/>` of the roster.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "query")?;
        Ok(Self { ver: node.attribute("ver").map(std::borrow::Cow::into_owned) })
    }
}

impl Payload for RosterQuery {
    fn write(&self, out: Builder) -> Builder {
        out.open(NS, "query").attribute_opt("ver", self.ver.as_deref()).close()
    }
}

/// The roster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// Its version.
    pub ver: Option<String>,
    /// The contacts.
    pub items: Vec<Item>,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Who.
    pub jid: BareJid,
    /// What the owner of the roster calls them.
    pub name: Option<String>,
    /// Who sees whose presence.
    pub subscription: Subscription,
    /// The owner has asked to see their presence and waits (`ask='subscribe'`).
    pub ask: bool,
    /// Where the owner sorted them.
    pub groups: Vec<String>,
}

/// Who sees whose presence, from the owner of the roster (RFC 6121 §2.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// Nobody.
    None,
    /// The owner sees the contact's.
    To,
    /// The contact sees the owner's.
    From,
    /// Each the other's.
    Both,
    /// No longer a contact: only in a push or a set.
    Remove,
}

impl Subscription {
    const ALL: [Self; 5] = [Self::None, Self::To, Self::From, Self::Both, Self::Remove];

    /// The value of the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::To => "to",
            Self::From => "from",
            Self::Both => "both",
            Self::Remove => "remove",
        }
    }
}

impl Roster {
    /// Reads the `<query/>` of a result or of a push.
    ///
    /// # Errors
    /// The node is no `<query/>` of the roster, a contact has no bare JID, a subscription is unknown, or there are more
    /// than [`ITEMS_MAX`] contacts.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "query")?;
        let mut items = Vec::new();
        for item in node.children().filter(|child| child.is(NS, "item")) {
            if items.len() == ITEMS_MAX {
                return Err(Malformed::new(format!("at most {ITEMS_MAX} contacts"), "more"));
            }
            items.push(Item::from_node(item)?);
        }
        Ok(Self { ver: node.attribute("ver").map(std::borrow::Cow::into_owned), items })
    }
}

impl Item {
    fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        let jid = required(node, "jid")?;
        let subscription = match node.attribute("subscription") {
            None => Subscription::None,
            Some(name) => {
                Subscription::ALL.into_iter().find(|subscription| subscription.name() == name).ok_or_else(
                    || Malformed::new("none, to, from, both or remove in attribute ‘subscription’", &name),
                )?
            }
        };
        let groups = node.children().filter(|child| child.is(NS, "group")).take(GROUPS_MAX);
        Ok(Self {
            jid: BareJid::new(&jid).map_err(|_| Malformed::new("a bare JID in attribute ‘jid’", &jid))?,
            name: node.attribute("name").map(std::borrow::Cow::into_owned),
            subscription,
            ask: node.attribute("ask").as_deref() == Some("subscribe"),
            groups: groups.map(|group| group.text().into_owned()).collect(),
        })
    }
}

impl Payload for Roster {
    fn write(&self, out: Builder) -> Builder {
        let mut out = out.open(NS, "query").attribute_opt("ver", self.ver.as_deref());
        for item in &self.items {
            out = out
                .open(NS, "item")
                .attribute("jid", item.jid.as_str())
                .attribute_opt("name", item.name.as_deref())
                .attribute("subscription", item.subscription.name())
                .attribute_opt("ask", item.ask.then_some("subscribe"));
            for group in &item.groups {
                out = out.open(NS, "group").text(group).close();
            }
            out = out.close();
        }
        out.close()
    }
}
