//! What the initiating side of a client stream is told once: who signs in, with what, and what is acceptable.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use chatdev_xml::Limits;
use jid::{BareJid, DomainPart, NodePart, ResourcePart};

use crate::sasl::{ClientKeys, ITERATIONS_MIN, Mechanism, Password};

/// Settings of [`Initiating`](super::Initiating).
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of the account.
    pub name: NodePart,
    /// The host of the account.
    pub domain: DomainPart,
    /// Its password.
    pub password: Password,
    /// What an earlier sign-in stretched the password to ([`Initiating::keys`](super::Initiating::keys)). Default: nothing.
    pub known_keys: Option<Arc<ClientKeys>>,
    /// The resource to ask for; where there is none, the server makes one. Default: none.
    pub resource: Option<ResourcePart>,
    /// Whether there must be TLS. Default: there must.
    pub tls: TlsPolicy,
    /// The mechanisms that may be used. The strongest of those offered is, and after a failure no other. Default: all.
    pub mechanisms: Vec<Mechanism>,
    /// The iteration counts of SCRAM that are accepted. Default: 4096 to 1,000,000 (about half a second).
    pub iterations: RangeInclusive<u32>,
    /// Whether to create the account first, in band (XEP-0077). Default: no.
    pub register: bool,
    /// From the first octet to a bound resource, extended by nothing. Default: 30 s.
    pub negotiation: Duration,
    /// How long the server may take to answer our closing tag. Default: 5 s.
    pub closing: Duration,
    /// Limits on what is read before a resource is bound. Default: [`Limits::AFTER_SIGN_IN`], as the features of
    /// a large server have more in them than a stranger may send us.
    pub before_sign_in: Limits,
    /// Limits from then on. Default: [`Limits::FROM_SERVER`].
    pub after_sign_in: Limits,
}

/// Whether a stream may go without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsPolicy {
    /// Never: a server that does not offer it is refused, for somebody may have taken the offer away.
    Required,
    /// On a loopback connection, if the server does not insist on it. For trying things out.
    OptionalOnLoopback,
}

/// The address has no part before its `@`, so it is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account has a name before the ‘@’")]
pub struct NoAccount;

impl Config {
    /// The most iterations of SCRAM that are computed for a server by default.
    pub const ITERATIONS_MAX: u32 = 1_000_000;

    /// The defaults for one account.
    ///
    /// # Errors
    /// If the address is that of a host.
    pub fn new(account: &BareJid, password: Password) -> Result<Self, NoAccount> {
        Ok(Self {
            name: account.node().ok_or(NoAccount)?.to_owned(),
            domain: account.domain().to_owned(),
            password,
            known_keys: None,
            resource: None,
            tls: TlsPolicy::Required,
            mechanisms: Mechanism::ALL.to_vec(),
            iterations: ITERATIONS_MIN..=Self::ITERATIONS_MAX,
            register: false,
            negotiation: Duration::from_secs(30),
            closing: Duration::from_secs(5),
            before_sign_in: Limits::AFTER_SIGN_IN,
            after_sign_in: Limits::FROM_SERVER,
        })
    }

    /// The account.
    pub fn account(&self) -> BareJid {
        BareJid::from_parts(Some(&self.name), &self.domain)
    }
}
