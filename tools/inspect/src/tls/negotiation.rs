//! What both hellos settled, and which key belongs to what: the phases of a connection (RFC 8446 §7.1, RFC 5246 §6.3).

use super::handshake::{ClientHello, ServerHello};
use super::opening::Opening;
use super::{Keys, Label, Secret, Suite, Told, Version, Why, schedule};
use crate::model::Side;

/// What is known of a connection as a whole.
#[derive(Debug, Default)]
pub(super) struct Negotiation {
    /// Who sent the ClientHello, and it.
    pub(super) hello: Option<(Side, ClientHello)>,
    pub(super) agreed: Option<Agreement>,
    /// There was a HelloRetryRequest.
    pub(super) retried: bool,
    pub(super) early: Early,
}

/// What became of early data (RFC 8446 §4.2.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Early {
    #[default]
    NotOffered,
    /// Whether it was accepted is not known yet.
    Offered,
    Accepted,
    /// What the client sent of it counts for nothing.
    Refused,
}

/// What the server chose.
#[derive(Debug)]
pub(super) struct Agreement {
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    pub(super) version: Version,
    pub(super) suite: Suite,
    pub(super) compressed: bool,
    pub(super) alpn: Option<String>,
    pub(super) resumed: bool,
    pub(super) extended_master_secret: bool,
    pub(super) is_told: bool,
}

/// Under which secret a side speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Tls12,
    Early,
    Handshake,
    Application,
}

/// The key of a direction.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) phase: Phase,
    secret: Secret,
    pub(super) opening: Opening,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lack {
    /// It may still come.
    NotYet(Label),
    /// It would not help.
    Never(Why),
}

impl Negotiation {
    pub(super) fn is_client(&self, side: Side) -> bool {
        self.hello.as_ref().is_some_and(|(client, _)| *client == side)
    }

    pub(super) fn is_server(&self, side: Side) -> bool {
        self.is_client(side.other())
    }

    pub(super) fn version(&self) -> Option<Version> {
        match &self.agreed {
            Some(agreed) => Some(agreed.version),
            None if self.retried => Some(Version::TLS_1_3),
            None => None,
        }
    }

    /// The key of this side in this phase.
    pub(super) fn key(&self, keys: &mut dyn Keys, side: Side, phase: Phase) -> Result<Open, Lack> {
        let Some(agreed) = &self.agreed else { return Err(Lack::Never(Why::StartMissing)) };
        if let Some(why) = agreed.obstacle() {
            return Err(Lack::Never(why));
        }
        let primitives = agreed.suite.primitives().ok_or(Lack::Never(Why::Suite(agreed.suite)))?;
        let label = self.label(side, phase);
        let octets = if phase == Phase::Tls12 { Secret::OCTETS_MAX } else { primitives.hash_octets() };
        let secret = keys
            .secret(label, &agreed.client_random)
            .filter(|secret| secret.as_bytes().len() == octets)
            .ok_or(Lack::NotYet(label))?;
        let opening = if phase == Phase::Tls12 {
            let [client, server] =
                schedule::tls12(primitives, &secret, &agreed.client_random, &agreed.server_random);
            if self.is_client(side) { client } else { server }
        } else {
            schedule::tls13(primitives, &secret)
        };
        Ok(Open { phase, secret, opening })
    }

    fn label(&self, side: Side, phase: Phase) -> Label {
        match (phase, self.is_client(side)) {
            (Phase::Tls12, _) => Label::ClientRandom,
            (Phase::Early, _) => Label::ClientEarly,
            (Phase::Handshake, true) => Label::ClientHandshake,
            (Phase::Handshake, false) => Label::ServerHandshake,
            (Phase::Application, true) => Label::ClientApplication,
            (Phase::Application, false) => Label::ServerApplication,
        }
    }

    /// The key that comes after this one, as far as it can be known.
    pub(super) fn successor(&self, keys: &mut dyn Keys, side: Side, open: &Open) -> Option<Open> {
        match open.phase {
            Phase::Tls12 => None,
            Phase::Early => self.key(keys, side, Phase::Handshake).ok(),
            Phase::Handshake => self.key(keys, side, Phase::Application).ok(),
            Phase::Application => {
                let primitives = self.agreed.as_ref()?.suite.primitives()?;
                let secret = schedule::updated(primitives, &open.secret);
                Some(Open { phase: open.phase, secret, opening: schedule::tls13(primitives, &secret) })
            }
        }
    }
}

impl Agreement {
    pub(super) fn new(hello: &ClientHello, answer: ServerHello) -> Self {
        let is_13 = answer.version == Version::TLS_1_3;
        // RFC 5246 §7.4.1.3. In TLS 1.3 the echo means nothing.
        let is_echo = !answer.session_id.is_empty() && answer.session_id == hello.session_id;
        Self {
            client_random: hello.random,
            server_random: answer.random,
            version: answer.version,
            suite: answer.suite,
            compressed: answer.compressed,
            alpn: answer.alpn,
            resumed: if is_13 { answer.psk } else { is_echo },
            extended_master_secret: is_13 || answer.extended_master_secret,
            is_told: false,
        }
    }

    /// Why it can never be read, if it cannot.
    pub(super) fn obstacle(&self) -> Option<Why> {
        if self.version != Version::TLS_1_2 && self.version != Version::TLS_1_3 {
            Some(Why::Version(self.version))
        } else if !self.suite.is_readable() {
            Some(Why::Suite(self.suite))
        } else if self.compressed {
            Some(Why::Compressed)
        } else {
            None
        }
    }

    pub(super) fn told(&self) -> Told<'_> {
        Told::Agreed {
            version: self.version,
            suite: self.suite,
            alpn: self.alpn.as_deref(),
            resumed: self.resumed,
            extended_master_secret: self.extended_master_secret,
        }
    }
}
