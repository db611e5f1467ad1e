//! In-band registration (XEP-0077): the form with its two fields, registering, changing the password, removing.
//!
//! Data forms (§4) and redirection (§5) are tolerated and not read. Whether somebody may register is not decided here.
//! A password never shows in `Debug`.

use std::fmt;

use chatdev_xml::{Builder, Node};

use crate::Payload;
use crate::malformed::{Malformed, expect_element};

/// The namespace.
pub const NS: &str = "jabber:iq:register";

/// The server's answer to a get: what it needs, or what it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// For people.
    pub instructions: Option<String>,
    /// The one who asks has an account already.
    pub registered: bool,
    /// `<username/>` is asked for; with a text, it is the account's name.
    pub username: Option<String>,
    /// `<password/>` is asked for. The answer never holds one.
    pub password: bool,
}

impl Form {
    /// The form for a new account: username and password.
    pub fn blank(instructions: impl Into<String>) -> Self {
        Self {
            instructions: Some(instructions.into()),
            registered: false,
            username: Some(String::new()),
            password: true,
        }
    }

    /// The form of somebody who has an account.
    pub fn registered(username: impl Into<String>) -> Self {
        Self { instructions: None, registered: true, username: Some(username.into()), password: true }
    }

    /// Reads the `<query/>` of a result.
    ///
    /// # Errors
    /// The node is no `<query/>` of registration.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "query")?;
        Ok(Self {
            instructions: node.child(NS, "instructions").map(|text| text.text().into_owned()),
            registered: node.child(NS, "registered").is_some(),
            username: node.child(NS, "username").map(|text| text.text().into_owned()),
            password: node.child(NS, "password").is_some(),
        })
    }
}

impl Payload for Form {
    fn write(&self, out: Builder) -> Builder {
        let mut out = out.open(NS, "query");
        if self.registered {
            out = out.open(NS, "registered").close();
        }
        if let Some(instructions) = &self.instructions {
            out = out.open(NS, "instructions").text(instructions).close();
        }
        if let Some(username) = &self.username {
            out = out.open(NS, "username").text(username).close();
        }
        if self.password {
            out = out.open(NS, "password").close();
        }
        out.close()
    }
}

/// What a client asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Register {
    /// The form (iq get).
    Form,
    /// An account of this name; or, once signed in, this password for the account of this name (iq set). Both are
    /// `None` where the client left them out or empty, which is refused with `not-acceptable` (§3.1).
    Account {
        /// The local part, not yet prepared.
        username: Option<String>,
        /// The password in clear.
        password: Option<String>,
    },
    /// No account any more (iq set).
    Remove,
}

impl Register {
    /// Reads the `<query/>` of a get: it asks for the form, whatever it holds.
    ///
    /// # Errors
    /// The node is no `<query/>` of registration.
    pub fn from_get(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "query").map(|()| Self::Form)
    }

    /// Reads the `<query/>` of a set.
    ///
    /// # Errors
    /// The node is no `<query/>` of registration, or `<remove/>` does not stand alone in it (§3.2).
    pub fn from_set(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS, "query")?;
        if node.child(NS, "remove").is_some() {
            let more = node.children().find(|child| !child.is(NS, "remove"));
            return match more {
                Some(other) => {
                    Err(Malformed::new("<remove/> alone", &format!("<{}/> beside it", other.name())))
                }
                None => Ok(Self::Remove),
            };
        }
        let text = |name| {
            node.child(NS, name)
                .map(Node::text)
                .filter(|text| !text.is_empty())
                .map(std::borrow::Cow::into_owned)
        };
        Ok(Self::Account { username: text("username"), password: text("password") })
    }
}

impl Payload for Register {
    fn write(&self, out: Builder) -> Builder {
        let out = out.open(NS, "query");
        match self {
            Self::Form => out,
            Self::Remove => out.open(NS, "remove").close(),
            Self::Account { username, password } => {
                let fields = [("username", username), ("password", password)];
                fields.into_iter().fold(out, |out, (name, text)| match text {
                    Some(text) => out.open(NS, name).text(text).close(),
                    None => out,
                })
            }
        }
        .close()
    }
}

/// Everything but the password.
impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("Form"),
            Self::Account { username, password } => {
                write!(f, "Account({username:?}, {})", if password.is_some() { "…" } else { "no password" })
            }
            Self::Remove => f.write_str("Remove"),
        }
    }
}
