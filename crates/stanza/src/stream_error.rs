//! Stream errors: the 25 conditions and the `<stream:error/>` element (RFC 6120 §4.9).
//!
//! A stream error ends the stream; closing it is the `stream` room's business.

use chatdev_xml::{Builder, Element, Node};

use crate::NS_STREAMS;
use crate::condition::conditions;
use crate::malformed::{Malformed, expect_element};

/// The namespace of the conditions and of `<text/>`.
pub const NS: &str = "urn:ietf:params:xml:ns:xmpp-streams";

conditions! {
    /// Why a stream ends (RFC 6120 §4.9.3).
    pub enum StreamCondition {
        /// Well-formed XML that cannot be processed.
        BadFormat = "bad-format",
        /// A namespace prefix that is unbound, or missing where one is needed.
        BadNamespacePrefix = "bad-namespace-prefix",
        /// A newer stream took the place of this one.
        Conflict = "conflict",
        /// The other side was silent for too long.
        ConnectionTimeout = "connection-timeout",
        /// The host of `to` is no longer served.
        HostGone = "host-gone",
        /// The host of `to` is not served.
        HostUnknown = "host-unknown",
        /// An address is missing between servers.
        ImproperAddressing = "improper-addressing",
        /// A fault of ours.
        InternalServerError = "internal-server-error",
        /// `from` is not who the stream belongs to.
        InvalidFrom = "invalid-from",
        /// The namespace of the stream or of its content is wrong.
        InvalidNamespace = "invalid-namespace",
        /// The XML breaks its schema, where somebody checks that.
        InvalidXml = "invalid-xml",
        /// Data before signing in, or by somebody who may not.
        NotAuthorized = "not-authorized",
        /// XML that is not well-formed.
        NotWellFormed = "not-well-formed",
        /// A limit or a local policy was violated.
        PolicyViolation = "policy-violation",
        /// A third party that is needed cannot be reached.
        RemoteConnectionFailed = "remote-connection-failed",
        /// The stream must be made anew.
        Reset = "reset",
        /// Too busy.
        ResourceConstraint = "resource-constraint",
        /// A comment, processing instruction, DTD or entity reference.
        RestrictedXml = "restricted-xml",
        /// Connect to another host.
        SeeOtherHost = "see-other-host",
        /// The server goes down.
        SystemShutdown = "system-shutdown",
        /// None of the others.
        UndefinedCondition = "undefined-condition",
        /// Not UTF-8.
        UnsupportedEncoding = "unsupported-encoding",
        /// No common ground in the stream features.
        UnsupportedFeature = "unsupported-feature",
        /// A top-level element that is no stanza.
        UnsupportedStanzaType = "unsupported-stanza-type",
        /// A version of XMPP that is not spoken here.
        UnsupportedVersion = "unsupported-version",
    }
}

/// The content of a `<stream:error/>` element (RFC 6120 §4.9.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamError {
    /// Why the stream ends.
    pub condition: StreamCondition,
    /// For people; written as English (`xml:lang='en'`).
    pub text: Option<String>,
    /// Where to connect instead, inside `<see-other-host/>` (RFC 6120 §4.9.3.19).
    pub other_host: Option<String>,
    /// The application's own condition beside RFC 6120's (§4.9.4), such as
    /// [`handled_count_too_high`](crate::sm::handled_count_too_high).
    pub application: Option<Element>,
}

impl StreamError {
    /// An error without a text.
    pub fn new(condition: StreamCondition) -> Self {
        Self { condition, text: None, other_host: None, application: None }
    }

    /// The same error with a sentence for people, in English.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The same error with the application's own condition.
    #[must_use]
    pub fn with_application(self, condition: Element) -> Self {
        Self { application: Some(condition), ..self }
    }

    /// Reads a `<stream:error/>` element; an unknown or missing condition reads as `undefined-condition`.
    ///
    /// # Errors
    /// The node is not a `<stream:error/>` element.
    pub fn from_node(node: Node<'_>) -> Result<Self, Malformed> {
        expect_element(node, NS_STREAMS, "error")?;
        let found = node
            .children()
            .filter(|child| child.namespace() == NS)
            .find_map(|child| Some((StreamCondition::from_name(child.name())?, child)));
        let other_host = found
            .filter(|(condition, _)| *condition == StreamCondition::SeeOtherHost)
            .map(|(_, child)| child.text())
            .filter(|text| !text.is_empty())
            .map(std::borrow::Cow::into_owned);
        Ok(Self {
            condition: found.map_or(StreamCondition::UndefinedCondition, |(condition, _)| condition),
            text: node.child(NS, "text").map(|text| text.text().into_owned()),
            other_host,
            application: node.children().find(|child| child.namespace() != NS).map(Node::to_element),
        })
    }

    /// The `<stream:error/>` element.
    pub fn to_element(&self) -> Element {
        let out = Builder::new(NS_STREAMS, "error").open(NS, self.condition.name());
        let out = match self.other_host.as_deref().filter(|_| self.condition == StreamCondition::SeeOtherHost)
        {
            Some(host) => out.text(host).close(),
            None => out.close(),
        };
        let out = match &self.text {
            Some(text) => out.open(NS, "text").lang("en").text(text).close(),
            None => out,
        };
        match &self.application {
            Some(condition) => out.node(condition.root()),
            None => out,
        }
        .build()
    }
}

impl From<StreamCondition> for StreamError {
    fn from(condition: StreamCondition) -> Self {
        Self::new(condition)
    }
}

/// What each flaw in the bytes of a stream is called (RFC 6120 §4.9.3, §11).
impl From<&chatdev_xml::Error> for StreamCondition {
    fn from(error: &chatdev_xml::Error) -> Self {
        match error {
            chatdev_xml::Error::NotWellFormed(_) => Self::NotWellFormed,
            chatdev_xml::Error::Restricted(_) => Self::RestrictedXml,
            chatdev_xml::Error::UnsupportedEncoding => Self::UnsupportedEncoding,
            chatdev_xml::Error::StrayText => Self::BadFormat,
            chatdev_xml::Error::Limit(_) => Self::PolicyViolation,
        }
    }
}

impl From<&chatdev_xml::Error> for StreamError {
    fn from(error: &chatdev_xml::Error) -> Self {
        Self::new(error.into()).with_text(error.to_string())
    }
}

impl std::fmt::Display for StreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{}: {text}", self.condition),
            None => self.condition.fmt(f),
        }
    }
}
