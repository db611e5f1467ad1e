//! Service discovery (XEP-0030): what an entity is and can do (`disco#info`), and what it has (`disco#items`).
//!
//! Data forms in the answers (XEP-0128) are tolerated and not read.

use chatdev_xml::{Builder, Node};
use jid::Jid;

use crate::Payload;
use crate::malformed::{Malformed, expect_element, required};

/// The namespace of `disco#info`.
pub const NS_INFO: &str = "http://jabber.org/protocol/disco#info";

/// The namespace of `disco#items`.
pub const NS_ITEMS: &str = "http://jabber.org/protocol/disco#items";

/// The most identities, features and items that are read of one answer, each: 512. Further ones are ignored.
pub const ENTRIES_MAX: usize = 512;

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `disco#info`
    Info,
    /// `disco#items`
    Items,
}

impl Question {
    const fn namespace(self) -> &'static str {
        match self {
            Self::Info => NS_INFO,
            Self::Items => NS_ITEMS,
        }
    }
}

/// A question about an entity, or about one node of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which of the two.
    pub question: Question,
    /// The node, as XEP-0030 calls a part of an entity.
    pub node: Option<String>,
}

impl Query {
    /// A question about the entity itself.
    pub fn new(question: Question) -> Self {
        Self { question, node: None }
    }

    /// Reads the `<query/>` of a get, of either kind.
    ///
    /// # Errors
    /// The node is no `<query/>` of disco.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        let question = match node.namespace() {
            NS_ITEMS => Question::Items,
            _ => Question::Info,
        };
        expect_element(node, question.namespace(), "query")?;
        Ok(Self { question, node: optional(node, "node") })
    }
}

impl Payload for Query {
    fn write(&self, out: Builder) -> Builder {
        out.open(self.question.namespace(), "query").attribute_opt("node", self.node.as_deref()).close()
    }
}

/// What an entity is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// As registered: `server`, `client`, …
    pub category: String,
    /// As registered for the category: `im`, `pc`, …
    pub type_: String,
    /// For people.
    pub name: Option<String>,
}

/// What an entity is and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// The node that was asked about.
    pub node: Option<String>,
    /// What it is.
    pub identities: Vec<Identity>,
    /// What it can do: namespaces, mostly.
    pub features: Vec<String>,
}

impl Info {
    /// Whether the entity has this feature.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|known| known == feature)
    }

    /// Reads the `<query/>` of a result.
    ///
    /// # Errors
    /// The node is no `<query/>` of `disco#info`, or an identity or feature lacks what XEP-0030 requires of it.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS_INFO, "query")?;
        let children = |name| node.children().filter(move |child| child.is(NS_INFO, name)).take(ENTRIES_MAX);
        let identities = children("identity").map(|identity| {
            Ok(Identity {
                category: required(identity, "category")?.into_owned(),
                type_: required(identity, "type")?.into_owned(),
                name: optional(identity, "name"),
            })
        });
        let features = children("feature").map(|feature| Ok(required(feature, "var")?.into_owned()));
        Ok(Self {
            node: optional(node, "node"),
            identities: identities.collect::<Result<_, Malformed>>()?,
            features: features.collect::<Result<_, Malformed>>()?,
        })
    }
}

impl Payload for Info {
    fn write(&self, out: Builder) -> Builder {
        let mut out = out.open(NS_INFO, "query").attribute_opt("node", self.node.as_deref());
        for identity in &self.identities {
            out = out
                .open(NS_INFO, "identity")
                .attribute("category", &identity.category)
                .attribute("type", &identity.type_)
                .attribute_opt("name", identity.name.as_deref())
                .close();
        }
        for feature in &self.features {
            out = out.open(NS_INFO, "feature").attribute("var", feature).close();
        }
        out.close()
    }
}

/// Something that an entity has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where to ask about it.
    pub jid: Jid,
    /// The node of that JID.
    pub node: Option<String>,
    /// For people.
    pub name: Option<String>,
}

/// What an entity has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Items {
    /// The node that was asked about.
    pub node: Option<String>,
    /// What it has.
    pub items: Vec<Item>,
}

impl Items {
    /// Reads the `<query/>` of a result.
    ///
    /// # Errors
    /// The node is no `<query/>` of `disco#items`, or an item has no good JID.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS_ITEMS, "query")?;
        let items =
            node.children().filter(|child| child.is(NS_ITEMS, "item")).take(ENTRIES_MAX).map(|item| {
                let jid = required(item, "jid")?;
                Ok(Item {
                    jid: Jid::new(&jid).map_err(|_| Malformed::new("a JID in attribute ‘jid’", &jid))?,
                    node: optional(item, "node"),
                    name: optional(item, "name"),
                })
            });
        Ok(Self { node: optional(node, "node"), items: items.collect::<Result<_, Malformed>>()? })
    }
}

impl Payload for Items {
    fn write(&self, out: Builder) -> Builder {
        let out = out.open(NS_ITEMS, "query").attribute_opt("node", self.node.as_deref());
        let out = self.items.iter().fold(out, |out, item| {
            out.open(NS_ITEMS, "item")
                .attribute("jid", item.jid.as_str())
                .attribute_opt("node", item.node.as_deref())
                .attribute_opt("name", item.name.as_deref())
                .close()
        });
        out.close()
    }
}

fn optional(node: Node<'_>, attribute: &str) -> Option<String> {
    node.attribute(attribute).map(std::borrow::Cow::into_owned)
}
