//! What the receiving side of a client stream is told once: hosts, policy, limits, deadlines.

use std::time::Duration;

use chatdev_xml::Limits;
use jid::{DomainPart, DomainRef};

use crate::sasl::FakeSalts;

/// Settings of [`Receiving`](super::Receiving), shared by all streams of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The hosts served. The first one speaks where the client named none of them.
    pub domains: Vec<DomainPart>,
    /// Whether nobody signs in without TLS. `false` counts on loopback connections only. Default: `true`.
    pub tls_required: bool,
    /// Whether STARTTLS is offered: there is a certificate. Default: `true`.
    pub tls_offered: bool,
    /// Who may create an account in band (XEP-0077). Default: nobody.
    pub registration: Registration,
    /// What names without an account get.
    pub fake_salts: FakeSalts,
    /// From the first octet to a bound resource, extended by nothing. Default: 30 s.
    pub negotiation: Duration,
    /// How long the client may take to answer our closing tag. Default: 5 s.
    pub closing: Duration,
    /// Failed attempts to sign in; the last one ends the stream. Default: 5.
    pub attempts_max: u32,
    /// Registration requests on one stream; one more ends it. Default: 8.
    pub registrations_max: u32,
    /// Limits on what is read before a resource is bound. Default: [`Limits::BEFORE_SIGN_IN`].
    pub before_sign_in: Limits,
    /// Limits from then on. Default: [`Limits::AFTER_SIGN_IN`].
    pub after_sign_in: Limits,
}

/// Who may create an account in band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Nobody.
    Closed,
    /// Whoever connects from this machine.
    Loopback,
    /// Everybody.
    Everyone,
}

impl Config {
    /// The defaults for one host.
    pub fn new(domain: DomainPart, fake_salts: FakeSalts) -> Self {
        Self {
            domains: vec![domain],
            tls_required: true,
            tls_offered: true,
            registration: Registration::Closed,
            fake_salts,
            negotiation: Duration::from_secs(30),
            closing: Duration::from_secs(5),
            attempts_max: 5,
            registrations_max: 8,
            before_sign_in: Limits::BEFORE_SIGN_IN,
            after_sign_in: Limits::AFTER_SIGN_IN,
        }
    }

    /// The served host of that name, however it is written.
    pub(super) fn served(&self, name: &str) -> Option<&DomainRef> {
        let name = DomainPart::new(name).ok()?;
        self.domains.iter().map(|domain| &**domain).find(|domain| *domain == &*name)
    }
}

impl Registration {
    pub(super) fn allows(self, loopback: bool) -> bool {
        match self {
            Self::Closed => false,
            Self::Loopback => loopback,
            Self::Everyone => true,
        }
    }
}
