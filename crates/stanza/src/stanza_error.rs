//! Stanza errors: the 22 conditions, the five types, and the `<error/>` element (RFC 6120 §8.3).
//!
//! Application-specific conditions (§8.3.4) are tolerated when read and never written. Which stanza may be answered
//! with an error at all is decided in `reply`.

use chatdev_xml::{Builder, Node};

use crate::condition::conditions;
use crate::malformed::{Malformed, expect_element};
use crate::{NS_CLIENT, Payload};

/// The namespace of the conditions and of `<text/>`.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";

conditions! {
    /// What went wrong with a stanza (RFC 6120 §8.3.3).
    pub enum StanzaCondition {
        /// The stanza breaks its own schema.
        BadRequest = "bad-request",
        /// Something of that name or address exists already.
        Conflict = "conflict",
        /// Understood, but not built here.
        FeatureNotImplemented = "feature-not-implemented",
        /// The sender lacks the permission.
        Forbidden = "forbidden",
        /// The address is no longer in use, for good.
        Gone = "gone",
        /// A fault of ours.
        InternalServerError = "internal-server-error",
        /// No such JID or item.
        ItemNotFound = "item-not-found",
        /// An address breaks the rules for addresses.
        JidMalformed = "jid-malformed",
        /// Understood, but it does not meet our criteria.
        NotAcceptable = "not-acceptable",
        /// Nobody may do this.
        NotAllowed = "not-allowed",
        /// Credentials are missing or wrong.
        NotAuthorized = "not-authorized",
        /// A local policy forbids it.
        PolicyViolation = "policy-violation",
        /// The recipient is away for a while.
        RecipientUnavailable = "recipient-unavailable",
        /// Ask somebody else, for now.
        Redirect = "redirect",
        /// Registration comes first.
        RegistrationRequired = "registration-required",
        /// The recipient's server does not exist.
        RemoteServerNotFound = "remote-server-not-found",
        /// The recipient's server could not be reached in time.
        RemoteServerTimeout = "remote-server-timeout",
        /// Too busy, or a limit is reached.
        ResourceConstraint = "resource-constraint",
        /// Not offered here.
        ServiceUnavailable = "service-unavailable",
        /// A subscription comes first.
        SubscriptionRequired = "subscription-required",
        /// None of the others.
        UndefinedCondition = "undefined-condition",
        /// Understood, but not at this moment.
        UnexpectedRequest = "unexpected-request",
    }
}

impl StanzaCondition {
    /// The type that RFC 6120 §8.3.3 associates with the condition; where it names several, the first that tells the
    /// sender the truth about retrying.
    pub const fn default_type(self) -> ErrorType {
        match self {
            Self::BadRequest
            | Self::JidMalformed
            | Self::NotAcceptable
            | Self::PolicyViolation
            | Self::Redirect => ErrorType::Modify,
            Self::Conflict
            | Self::FeatureNotImplemented
            | Self::Gone
            | Self::InternalServerError
            | Self::ItemNotFound
            | Self::NotAllowed
            | Self::RemoteServerNotFound
            | Self::ServiceUnavailable
            | Self::UndefinedCondition => ErrorType::Cancel,
            Self::Forbidden
            | Self::NotAuthorized
            | Self::RegistrationRequired
            | Self::SubscriptionRequired => ErrorType::Auth,
            Self::RecipientUnavailable
            | Self::RemoteServerTimeout
            | Self::ResourceConstraint
            | Self::UnexpectedRequest => ErrorType::Wait,
        }
    }
}

/// What the sender can do about an error (RFC 6120 §8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// Retry with credentials.
    Auth,
    /// Do not retry.
    Cancel,
    /// Go on; it was only a warning.
    Continue,
    /// Retry with other data.
    Modify,
    /// Retry later.
    Wait,
}

impl ErrorType {
    /// Every type, in alphabetical order.
    pub const ALL: &[Self] = &[Self::Auth, Self::Cancel, Self::Continue, Self::Modify, Self::Wait];

    /// The value of the `type` attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }

    /// The type that this value of the `type` attribute means.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|type_| type_.name() == name)
    }
}

/// The content of an `<error/>` element (RFC 6120 §8.3.2).
///
/// An `Err` of the crates above in the Rust sense it is not: it is a value to send or to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StanzaError {
    /// What went wrong.
    pub condition: StanzaCondition,
    /// What the sender can do about it; by default what the condition implies.
    pub type_: ErrorType,
    /// For people; written as English (`xml:lang='en'`).
    pub text: Option<String>,
    /// Where to go instead: the URI inside `<gone/>` or `<redirect/>` (RFC 6120 §8.3.3.5, §8.3.3.14).
    pub alternative: Option<String>,
}

impl StanzaError {
    /// An error with the type that its condition implies.
    pub fn new(condition: StanzaCondition) -> Self {
        Self { condition, type_: condition.default_type(), text: None, alternative: None }
    }

    /// The same error with a sentence for people, in English.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The same error with another type than its condition implies.
    #[must_use]
    pub fn with_type(self, type_: ErrorType) -> Self {
        Self { type_, ..self }
    }

    /// Reads an `<error/>` element.
    ///
    /// An unknown or missing condition reads as `undefined-condition`, an unknown or missing type as the one that the
    /// condition implies: an error must not be lost because it was badly reported.
    ///
    /// # Errors
    /// The node is not an `<error/>` element.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS_CLIENT, "error")?;
        let found = node
            .children()
            .filter(|child| child.namespace() == NS)
            .find_map(|child| Some((StanzaCondition::from_name(child.name())?, child)));
        let condition = found.map_or(StanzaCondition::UndefinedCondition, |(condition, _)| condition);
        let alternative = found
            .filter(|(condition, _)| condition.has_alternative())
            .map(|(_, child)| child.text())
            .filter(|text| !text.is_empty())
            .map(std::borrow::Cow::into_owned);
        Ok(Self {
            condition,
            type_: node
                .attribute("type")
                .and_then(|type_| ErrorType::from_name(&type_))
                .unwrap_or(condition.default_type()),
            text: node.child(NS, "text").map(|text| text.text().into_owned()),
            alternative,
        })
    }

    /// Writes the condition alone, as `<failed/>` of XEP-0198 carries it too.
    pub(crate) fn write_condition(
        condition: StanzaCondition,
        alternative: Option<&str>,
        out: Builder,
    ) -> Builder {
        let out = out.open(NS, condition.name());
        match alternative.filter(|_| condition.has_alternative()) {
            Some(uri) => out.text(uri).close(),
            None => out.close(),
        }
    }
}

impl StanzaCondition {
    /// Whether the condition's element may hold a URI.
    const fn has_alternative(self) -> bool {
        matches!(self, Self::Gone | Self::Redirect)
    }
}

impl Payload for StanzaError {
    fn write(&self, out: Builder) -> Builder {
        let out = out.open(NS_CLIENT, "error").attribute("type", self.type_.name());
        let out = Self::write_condition(self.condition, self.alternative.as_deref(), out);
        match &self.text {
            Some(text) => out.open(NS, "text").lang("en").text(text).close(),
            None => out,
        }
        .close()
    }
}

impl From<StanzaCondition> for StanzaError {
    fn from(condition: StanzaCondition) -> Self {
        Self::new(condition)
    }
}

/// A payload that breaks its own rules is a bad request (RFC 6120 §8.3.3.1).
impl From<Malformed> for StanzaError {
    fn from(malformed: Malformed) -> Self {
        Self::new(StanzaCondition::BadRequest).with_text(malformed.to_string())
    }
}

impl std::fmt::Display for StanzaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{}: {text}", self.condition),
            None => self.condition.fmt(f),
        }
    }
}
