//! SASL mechanisms, both sides, without I/O: SCRAM (RFC 5802, RFC 7677) with channel binding to TLS
//! (RFC 9266), and PLAIN (RFC 4616).
//!
//! Messages go in and out as octets. How they travel (base64 inside `<auth/>`, `<challenge/>` …, RFC 6120 §6)
//! is the streams' business, who the users are is their owner's.
//!
//! - [`server::Exchange`] and [`client::Exchange`]: one attempt to sign in, seen from either side
//! - [`Credentials`], [`ScramKeys`]: what is stored instead of a password; [`FakeSalts`]: what a stranger gets
//! - [`Password`]: a secret that does not show itself and is wiped when dropped
//! - [`Stretching`], [`Stretched`]: the slow part, handed out and taken back

pub mod client;
mod fake;
mod hash;
mod keys;
mod mechanism;
mod message;
mod password;
mod plain;
pub mod server;
mod stretching;
#[cfg(test)]
mod vectors;

pub use client::ClientKeys;
pub use fake::FakeSalts;
pub use hash::Hash;
pub use keys::{Credentials, KeyError, SALT_BYTES, ScramKeys};
pub use mechanism::Mechanism;
pub use message::{MESSAGE_BYTES_MAX, SyntaxError};
pub use password::{Password, PasswordError};
pub use stretching::{Stretched, Stretching};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

/// Iterations of PBKDF2 for new credentials: 10,000, which RFC 7677 §4's floor of 4096 invites to exceed.
pub const ITERATIONS_DEFAULT: u32 = 10_000;

/// The fewest iterations taken seriously by either side (RFC 5802 §5.1, RFC 7677 §4).
pub const ITERATIONS_MIN: u32 = 4096;

/// The name of the one kind of channel binding that is spoken here (RFC 9266 §2).
pub const TLS_EXPORTER: &str = "tls-exporter";

/// The octets that both ends of one TLS connection, and nobody else, know (RFC 9266 §2).
pub type Exporter = [u8; 32];

/// A fresh nonce: 18 random octets as 24 printable characters, none of them a comma (RFC 5802 §5.1).
fn nonce(rng: &mut ChaCha20Rng) -> String {
    let mut octets = [0; 18];
    rng.fill_bytes(&mut octets);
    STANDARD.encode(octets)
}
