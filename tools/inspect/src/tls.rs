//! TLS read by a bystander who has its keys: 1.3 (RFC 8446), and 1.2 (RFC 5246) with AEAD suites (RFC 5288, 7905).
//!
//! ```text
//! octets of one side → record → opening → handshake messages → negotiation
//!                                   │                              │
//!                                 Told::Plain       schedule: which key is next
//! ```
//!
//! The keys come from a log as programs write it where `SSLKEYLOGFILE` is set (RFC 9850, [`KeyLog`]). Where the log is late, what cannot be
//! read yet is held, up to [`HELD_OCTETS_MAX`]. Where octets are missing, the boundary of records and the number of the next one are found
//! again, and it is said how many are lost.
//!
//! A bystander judges less than a party does: whether certificates, signatures and the hashes of the handshake are right is not asked.
//! That a record is what its sender sealed is: nothing is told as plain that does not authenticate.
//!
//! Not here: CBC, RC4 and CCM suites, and versions before 1.2 (named, and said to be unreadable); keys from an RSA private key; compressed
//! certificates (RFC 8879; passed over); QUIC and DTLS.

mod alert;
mod direction;
mod followed;
mod handshake;
mod key_log;
mod key_ring;
mod messages;
mod negotiation;
mod opening;
mod presentation;
mod record;
mod schedule;
mod search;
mod session;
mod suite;
mod version;

pub use followed::FollowedKeyLog;
pub use key_log::{ENTRIES_MAX, FLAWS_KEPT_MAX, KeyLog, Keys, LINE_OCTETS_MAX, Label, LineFlaw, Secret};
pub use key_ring::KeyRing;
pub use messages::MESSAGE_OCTETS_MAX;
pub use search::{LOST_RECORDS_MAX, SEARCH_OCTETS_MAX};
pub use session::{GAPS_HELD_MAX, HELD_OCTETS_MAX, Session};
pub use suite::Suite;
pub use version::Version;

use std::fmt;

/// What is learned of one side's octets. The side is told with it; for what both agreed on it is the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// The first message of a connection; its side is the TLS client. Not told again after a HelloRetryRequest.
    ClientHello {
        /// What the key log knows this connection by.
        client_random: &'a [u8; 32],
        /// The name asked for (SNI), with everything escaped that is not printable ASCII.
        server_name: Option<&'a str>,
        /// The protocols offered, the same way escaped; the first 16.
        alpn: &'a [String],
        /// The versions offered, as they were ordered; the first 16, without those that only keep servers tolerant (GREASE).
        versions: &'a [Version],
    },
    /// What the server chose.
    Agreed {
        /// The version.
        version: Version,
        /// The cipher suite.
        suite: Suite,
        /// The protocol, escaped as above. `None` where none was agreed on; in TLS 1.3 it is encrypted, so also where that could not be read.
        alpn: Option<&'a str>,
        /// Whether an earlier session goes on (a session id or ticket of TLS 1.2, a PSK of TLS 1.3): no certificates then.
        resumed: bool,
        /// Whether the keys are bound to this handshake (RFC 7627). Always so in TLS 1.3.
        extended_master_secret: bool,
    },
    /// This side's certificate.
    Certificate {
        /// SHA-256 over the DER of the leaf.
        sha256: [u8; 32],
    },
    /// Application data, opened. Never empty.
    Plain(&'a [u8]),
    /// An alert.
    Alert {
        /// Whether the connection ends of it. A `close_notify` is not fatal.
        fatal: bool,
        /// Its number.
        number: u8,
        /// Its name in the RFCs.
        name: &'static str,
    },
    /// From here on nothing of this side can be read. Told once for a side.
    Unreadable {
        /// The reason, for a person: its `Display` says what to do.
        why: Why,
    },
    /// So many octets of an application record cannot be read; or of anything at all, where this side speaks no TLS or its last record has no
    /// end. Told for each.
    Sealed {
        /// As they are on the wire; without the record's header, where there is a record.
        octets: usize,
    },
    /// Behind missing octets reading goes on: what is told next is not what followed the last.
    Resumed {
        /// How many records are lost, where that could be found: not across a change of keys. Not all of them need have been application data.
        records_lost: Option<u64>,
    },
}

/// Why a side cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The log has no secret for this connection (nor did it come while octets were held).
    #[error(
        "the key log has no {label} for the client random {}: one of both programs has to write its keys (SSLKEYLOGFILE) before it connects",
        Hex(client_random)
    )]
    NoKey {
        /// Which one was looked for.
        label: Label,
        /// By what.
        client_random: [u8; 32],
    },
    /// The suite is none that can be read here.
    #[error("{0} cannot be read: only suites with AES-GCM or ChaCha20-Poly1305 can")]
    Suite(Suite),
    /// The version is none that can be read here.
    #[error("{0} cannot be read: only TLS 1.2 and TLS 1.3 can")]
    Version(Version),
    /// Compression was agreed on (TLS 1.2).
    #[error("the records are compressed, which cannot be read: use a program that does not compress")]
    Compressed,
    /// The hellos were not seen.
    #[error(
        "the beginning is missing: without ClientHello and ServerHello no key can be found; capture from before the connection is opened"
    )]
    StartMissing,
    /// A record is not what its sender sealed, or the key is not its key.
    #[error(
        "record {record} does not authenticate: the key in the log is another connection's, or what was captured is not what was sent"
    )]
    NotAuthentic {
        /// Its number under its key, from 0.
        record: u64,
    },
    /// Octets are missing, and behind them no record authenticates.
    #[error(
        "octets are missing, and behind them no record authenticates: more than {LOST_RECORDS_MAX} records are lost, or a change of keys"
    )]
    Lost,
    /// It does not begin as TLS does.
    #[error("expected a TLS record, found something else: this is no TLS")]
    NotTls,
    /// What should be TLS breaks its format.
    #[error("expected {0}, found it malformed")]
    Malformed(&'static str),
}

/// Octets in hexadecimal.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests;
