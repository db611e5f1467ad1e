//! The mechanisms that are spoken, their names (RFC 5802 §4, RFC 7677 §2, RFC 4616) and their order.
//!
//! Deviation: RFC 6120 §13.8 also asks for SCRAM-SHA-1-PLUS and EXTERNAL. Whoever can bind to the channel can do so with SHA-256, and
//! clients have no certificates towards their server.
//!
//! It does not choose: [`crate::Initiating`] takes the strongest one that both sides have.

use super::Hash;

/// A SASL mechanism. The order is that of strength, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// The password itself, inside TLS only (RFC 4616).
    Plain,
    /// RFC 5802; mandatory to implement (RFC 6120 §13.8).
    ScramSha1,
    /// RFC 7677.
    ScramSha256,
    /// RFC 7677, bound to the TLS connection below it by `tls-exporter` (RFC 9266).
    ScramSha256Plus,
}

impl Mechanism {
    /// All of them, the strongest first.
    pub const ALL: [Self; 4] = [Self::ScramSha256Plus, Self::ScramSha256, Self::ScramSha1, Self::Plain];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// The mechanism of that registered name, if it is spoken here. Names are upper case (RFC 4422 §3.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// Whether it is bound to the TLS connection, and so cannot be spoken without one.
    pub fn binds_channel(self) -> bool {
        self == Self::ScramSha256Plus
    }

    /// Whether the other side learns the password itself.
    pub fn shows_password(self) -> bool {
        self == Self::Plain
    }

    /// The hash function inside; none for PLAIN.
    pub fn hash(self) -> Option<Hash> {
        match self {
            Self::Plain => None,
            Self::ScramSha1 => Some(Hash::Sha1),
            Self::ScramSha256 | Self::ScramSha256Plus => Some(Hash::Sha256),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_mechanisms_and_all_is_ordered_by_strength() {
        for mechanism in Mechanism::ALL {
            assert_eq!(Mechanism::from_name(mechanism.name()), Some(mechanism));
        }
        assert!(Mechanism::ALL.is_sorted_by(|stronger, weaker| stronger > weaker));
        assert_eq!(Mechanism::from_name("scram-sha-1"), None);
    }
}
