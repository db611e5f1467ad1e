//! What the initiating side of a client stream tells its owner.

use chatdev_stanza::StanzaError;
use chatdev_stanza::sasl::SaslCondition;
use chatdev_xml::Element;
use jid::FullJid;

use crate::Closed;
use crate::sasl::Mechanism;
use crate::sasl::client::Distrust;

/// Something for the owner to act on.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Do the TLS handshake, decide whether the certificate is the server's, and only then call
    /// [`handle_tls`](super::Initiating::handle_tls): what follows is for that server alone.
    StartTls,
    /// The account is created; signing in follows.
    Registered,
    /// The server knows the account, and with SCRAM has proven it.
    SignedIn {
        /// How.
        mechanism: Mechanism,
    },
    /// The session has its full JID; stanzas may flow.
    Bound(FullJid),
    /// A top-level element of a bound stream, of whatever name.
    Element(Element),
    /// White space on a bound stream.
    KeepAlive,
    /// The stream did not come to be bound. The last event.
    Failed(Failure),
    /// The bound stream is over, or one that was closed from here before. The last event.
    Closed(Closed),
}

/// Why a stream did not come to be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server does not offer TLS, or somebody took the offer away.
    #[error("the server does not offer encryption, or something between hides the offer")]
    TlsNotOffered,
    /// The server offered TLS and then refused it.
    #[error("the server could not start encryption")]
    TlsRefused,
    /// No common mechanism.
    #[error("the server offers no way of signing in that is acceptable (it offers: {})", list(offered))]
    NoMechanism {
        /// What it offers.
        offered: Vec<String>,
    },
    /// Wrong password or no such account; nobody is told which.
    #[error("wrong user name or password{}", because(text.as_deref()))]
    NotAuthorized {
        /// The server's words.
        text: Option<String>,
    },
    /// The server refused for another reason.
    #[error("the server refused to sign in: {}{}", name(*condition), because(text.as_deref()))]
    Refused {
        /// The reason, if it is one of RFC 6120's.
        condition: Option<SaslCondition>,
        /// The server's words.
        text: Option<String>,
    },
    /// The server could not prove who it is, or makes demands that a server should not make.
    #[error("the server is not to be trusted: {0}")]
    Distrusted(#[from] Distrust),
    /// Accounts can't be created in this way.
    #[error("the server does not offer to create accounts")]
    RegistrationNotOffered,
    /// The name is taken.
    #[error("the account exists already")]
    AccountExists,
    /// The server does not want to create the account.
    #[error("the server refused to create the account: {0}")]
    RegistrationRefused(StanzaError),
    /// The server gave the session no full JID.
    #[error("the server refused the session: {0}")]
    BindRefused(StanzaError),
    /// It took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The stream ended before: by an error of the server's (`host-unknown`, `see-other-host` …) or of ours about it, or
    /// with the connection.
    #[error("{}", ended(.0))]
    Ended(Closed),
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn because(text: Option<&str>) -> String {
    text.map(|text| format!(" ({text})")).unwrap_or_default()
}

fn name(condition: Option<SaslCondition>) -> &'static str {
    condition.map_or("for no reason that is known here", SaslCondition::name)
}

fn ended(closed: &Closed) -> String {
    match closed {
        Closed::Orderly { .. } => "the server closed the stream".to_owned(),
        Closed::Failed { by: crate::Side::Them, error } => format!("the server closed the stream: {error}"),
        Closed::Failed { by: crate::Side::Us, error } => format!("the server was not understood: {error}"),
        Closed::Lost => "the connection was lost".to_owned(),
    }
}
