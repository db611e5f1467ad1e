//! The two hash functions of SCRAM and what RFC 5802 §2.2 builds from them: `H`, `HMAC` and `Hi`.
//!
//! It knows nothing of messages or users.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A hash function that SCRAM keys can be made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SHA-1, 20 octets. Its collisions do not weaken SCRAM, which only needs preimage resistance.
    Sha1,
    /// SHA-256, 32 octets.
    Sha256,
}

/// A digest or a key; wiped when dropped.
pub(super) type Secret = Zeroizing<Vec<u8>>;

impl Hash {
    /// The length of its output in octets.
    pub fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// `H(str)` of RFC 5802.
    pub(super) fn digest(self, message: &[u8]) -> Secret {
        Zeroizing::new(match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha256 => Sha256::digest(message).to_vec(),
        })
    }

    /// `HMAC(key, str)` of RFC 5802; `parts` are the pieces of `str`.
    pub(super) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Secret {
        match self {
            Self::Sha1 => authenticate(<Hmac<Sha1> as KeyInit>::new_from_slice(key), parts),
            Self::Sha256 => authenticate(<Hmac<Sha256> as KeyInit>::new_from_slice(key), parts),
        }
    }

    /// `Hi(str, salt, i)` of RFC 5802: PBKDF2 with one block of output. This is the slow one, by design.
    pub(super) fn stretch(self, password: &[u8], salt: &[u8], iterations: u32) -> Secret {
        let mut salted = Zeroizing::new(vec![0; self.bytes()]);
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut salted),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut salted),
        }
        salted
    }
}

fn authenticate<M: Mac>(keyed: Result<M, hmac::digest::InvalidLength>, parts: &[&[u8]]) -> Secret {
    let mut mac = keyed.expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

/// `a XOR b` of two values of one hash function's length.
pub(super) fn xor(a: &[u8], b: &[u8]) -> Secret {
    debug_assert_eq!(a.len(), b.len(), "SCRAM only combines values of one length");
    Zeroizing::new(a.iter().zip(b).map(|(a, b)| a ^ b).collect())
}
