//! What a name gets that no account has: a salt that stays the same, and keys that nobody's password opens.
//!
//! SCRAM tells the salt before the client has proven anything (RFC 5802 §9 on enumeration), so a name without an
//! account must look exactly like one with. The fake depends on the name and on a secret of the server's alone.

use std::fmt;

use zeroize::Zeroizing;

use super::{Credentials, Hash, SALT_BYTES, ScramKeys};

/// Makes up credentials for names that nobody has.
///
/// They look real as long as real ones are made with the same number of iterations and [`SALT_BYTES`]. The secret
/// should outlive restarts, or a salt that changes with one gives the name away.
#[derive(Clone)]
pub struct FakeSalts {
    secret: Zeroizing<[u8; 32]>,
    iterations: u32,
}

impl FakeSalts {
    /// `secret` is the server's own and random; `iterations` those of its real credentials.
    pub fn new(secret: [u8; 32], iterations: u32) -> Self {
        Self { secret: Zeroizing::new(secret), iterations }
    }

    /// The credentials of `name` (prepared as real names are), the same at every call.
    pub fn credentials(&self, name: &str) -> Credentials {
        Credentials { sha1: self.keys(Hash::Sha1, name), sha256: self.keys(Hash::Sha256, name) }
    }

    fn keys(&self, hash: Hash, name: &str) -> ScramKeys {
        let made_up = |purpose: &[u8]| {
            let label: &[u8] = match hash {
                Hash::Sha1 => b"SHA-1",
                Hash::Sha256 => b"SHA-256",
            };
            hash.hmac(&*self.secret, &[purpose, b"\0", label, b"\0", name.as_bytes()]).to_vec()
        };
        let mut salt = made_up(b"salt");
        salt.truncate(SALT_BYTES);
        ScramKeys::from_parts(
            hash,
            salt,
            self.iterations.max(1),
            made_up(b"stored key"),
            made_up(b"server key"),
        )
        .expect("an HMAC has the length of its hash function, and the salt is not empty")
    }
}

impl fmt::Debug for FakeSalts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeSalts").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_salt_and_shares_it_with_no_other_name_or_server() {
        let server = FakeSalts::new([1; 32], 10_000);
        let nobody = server.credentials("nobody");
        assert_eq!(nobody.sha256.salt(), server.credentials("nobody").sha256.salt());
        assert_ne!(nobody.sha256.salt(), server.credentials("nobody2").sha256.salt());
        assert_ne!(nobody.sha256.salt(), FakeSalts::new([2; 32], 10_000).credentials("nobody").sha256.salt());
        assert_ne!(nobody.sha256.salt(), nobody.sha1.salt());
    }

    #[test]
    fn it_has_the_shape_of_real_ones() {
        let fake = FakeSalts::new([1; 32], 10_000).credentials("nobody");
        for hash in [Hash::Sha1, Hash::Sha256] {
            assert_eq!(fake.keys(hash).salt().len(), SALT_BYTES);
            assert_eq!(fake.keys(hash).iterations(), 10_000);
        }
    }
}
