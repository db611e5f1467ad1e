//! The elements of SASL (RFC 6120 §6.4, §6.5). Their base64 text is kept as it stands: the `stream` room decodes it and
//! knows what it means.
//!
//! Some of it holds secrets, so none of it shows in `Debug`.

use std::fmt;

use chatdev_xml::{Builder, Element, Node};

use crate::condition::conditions;
use crate::malformed::{Malformed, required};

/// The namespace.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

conditions! {
    /// Why signing in failed (RFC 6120 §6.5).
    pub enum SaslCondition {
        /// The client gave up.
        Aborted = "aborted",
        /// The account exists and may not be used.
        AccountDisabled = "account-disabled",
        /// The password has run out.
        CredentialsExpired = "credentials-expired",
        /// Only inside TLS.
        EncryptionRequired = "encryption-required",
        /// Not base64.
        IncorrectEncoding = "incorrect-encoding",
        /// One cannot act as this other identity.
        InvalidAuthzid = "invalid-authzid",
        /// A mechanism that was not offered.
        InvalidMechanism = "invalid-mechanism",
        /// The mechanism's message breaks its rules.
        MalformedRequest = "malformed-request",
        /// The mechanism is weaker than policy allows.
        MechanismTooWeak = "mechanism-too-weak",
        /// Wrong password or no such account; nobody is told which.
        NotAuthorized = "not-authorized",
        /// A fault of the server; try again later.
        TemporaryAuthFailure = "temporary-auth-failure",
    }
}

/// What the client sends.
#[derive(Clone, PartialEq, Eq)]
pub enum FromClient {
    /// `<auth/>`: this mechanism, with its first message. `None` stands for no message, `Some("=")` for an empty one
    /// (RFC 6120 §6.4.2).
    Auth {
        /// The mechanism's registered name.
        mechanism: String,
        /// The first message in base64.
        initial: Option<String>,
    },
    /// `<response/>`: the answer to a challenge, in base64.
    Response(String),
    /// `<abort/>`: never mind.
    Abort,
}

impl FromClient {
    /// Whether the node is one of these, by its namespace alone.
    pub fn is(node: Node<'_>) -> bool {
        node.namespace() == NS
    }

    /// Reads an element of the client.
    ///
    /// # Errors
    /// It is none of the three, or `<auth/>` names no mechanism.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        match (node.namespace(), node.name()) {
            (NS, "auth") => {
                Ok(Self::Auth { mechanism: required(node, "mechanism")?.into_owned(), initial: data(node) })
            }
            (NS, "response") => Ok(Self::Response(data(node).unwrap_or_default())),
            (NS, "abort") => Ok(Self::Abort),
            (_, other) => Err(Malformed::new("auth, response or abort of SASL", other)),
        }
    }

    /// The element.
    pub fn to_element(&self) -> Element {
        match self {
            Self::Auth { mechanism, initial } => {
                with_data(Builder::new(NS, "auth").attribute("mechanism", mechanism), initial.as_deref())
            }
            Self::Response(text) => with_data(Builder::new(NS, "response"), Some(text)),
            Self::Abort => Builder::new(NS, "abort").build(),
        }
    }
}

/// What the server sends.
#[derive(Clone, PartialEq, Eq)]
pub enum FromServer {
    /// `<challenge/>`, in base64.
    Challenge(String),
    /// `<success/>`, with the mechanism's last message in base64 if there is one.
    Success(Option<String>),
    /// `<failure/>`
    Failure(Failure),
}

impl FromServer {
    /// Reads an element of the server.
    ///
    /// # Errors
    /// It is none of the three.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        match (node.namespace(), node.name()) {
            (NS, "challenge") => Ok(Self::Challenge(data(node).unwrap_or_default())),
            (NS, "success") => Ok(Self::Success(data(node))),
            (NS, "failure") => Ok(Self::Failure(Failure::read(node))),
            (_, other) => Err(Malformed::new("challenge, success or failure of SASL", other)),
        }
    }

    /// The element.
    pub fn to_element(&self) -> Element {
        match self {
            Self::Challenge(text) => with_data(Builder::new(NS, "challenge"), Some(text)),
            Self::Success(text) => with_data(Builder::new(NS, "success"), text.as_deref()),
            Self::Failure(failure) => failure.to_element(),
        }
    }
}

/// Why signing in failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason; `None` where the server gave one that RFC 6120 does not know. Nothing is written for `None`.
    pub condition: Option<SaslCondition>,
    /// For people; written as English (`xml:lang='en'`).
    pub text: Option<String>,
}

impl Failure {
    /// A failure without a text.
    pub fn new(condition: SaslCondition) -> Self {
        Self { condition: Some(condition), text: None }
    }

    fn read(node: Node<'_>) -> Self {
        let conditions = node.children().filter(|child| child.namespace() == NS);
        Self {
            condition: { conditions }.find_map(|child| SaslCondition::from_name(child.name())),
            text: node.child(NS, "text").map(|text| text.text().into_owned()),
        }
    }

    /// The element.
    pub fn to_element(&self) -> Element {
        let mut out = Builder::new(NS, "failure");
        if let Some(condition) = self.condition {
            out = out.open(NS, condition.name()).close();
        }
        if let Some(text) = &self.text {
            out = out.open(NS, "text").lang("en").text(text).close();
        }
        out.build()
    }
}

impl From<SaslCondition> for FromServer {
    fn from(condition: SaslCondition) -> Self {
        Self::Failure(Failure::new(condition))
    }
}

/// The text of an element, without the white space around it; `None` where there is none.
fn data(node: Node<'_>) -> Option<String> {
    let text = node.text();
    let text = text.trim_ascii();
    (!text.is_empty()).then(|| text.to_owned())
}

fn with_data(out: Builder, text: Option<&str>) -> Element {
    match text {
        Some(text) => out.text(text),
        None => out,
    }
    .build()
}

/// Names the element and hides its text.
impl fmt::Debug for FromClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth { mechanism, .. } => write!(f, "Auth({mechanism:?}, …)"),
            Self::Response(_) => f.write_str("Response(…)"),
            Self::Abort => f.write_str("Abort"),
        }
    }
}

/// Names the element and hides its text.
impl fmt::Debug for FromServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge(_) => f.write_str("Challenge(…)"),
            Self::Success(_) => f.write_str("Success(…)"),
            Self::Failure(failure) => failure.fmt(f),
        }
    }
}
