//! What is stored of a password: SCRAM keys (RFC 5802 §3), from which it cannot be read back.
//!
//! Where they are stored is the owner's business; [`ScramKeys::from_parts`] and its getters are the way in and out.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use subtle::ConstantTimeEq as _;

use super::hash::Secret;
use super::{Hash, Password, Stretching};

/// The length of a new salt in octets.
pub const SALT_BYTES: usize = 16;

/// The keys of one account for one hash function.
#[derive(Clone)]
pub struct ScramKeys {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    stored_key: Secret,
    server_key: Secret,
}

/// Why stored parts are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key does not have the length of its hash function's output.
    #[error("a stored key has {found} octets instead of {expected}")]
    Length {
        /// Octets that the hash function gives.
        expected: usize,
        /// Octets that were found.
        found: usize,
    },
    /// No salt at all.
    #[error("a stored salt is empty")]
    NoSalt,
    /// Zero iterations.
    #[error("a stored iteration count is zero")]
    NoIterations,
}

impl ScramKeys {
    /// Stretches a password into keys, on the caller's own time. Slow by design: `iterations` times an HMAC.
    pub fn derive(hash: Hash, password: &Password, salt: &[u8], iterations: u32) -> Self {
        let salted = hash.stretch(password.reveal().as_bytes(), salt, iterations);
        let client_key = hash.hmac(&salted, &[b"Client Key"]);
        Self {
            hash,
            salt: salt.to_vec(),
            iterations,
            stored_key: hash.digest(&client_key),
            server_key: hash.hmac(&salted, &[b"Server Key"]),
        }
    }

    /// Puts stored parts together again.
    ///
    /// # Errors
    /// If a key has the wrong length, or salt or iterations are missing.
    pub fn from_parts(
        hash: Hash,
        salt: Vec<u8>,
        iterations: u32,
        stored_key: Vec<u8>,
        server_key: Vec<u8>,
    ) -> Result<Self, KeyError> {
        for key in [&stored_key, &server_key] {
            if key.len() != hash.bytes() {
                return Err(KeyError::Length { expected: hash.bytes(), found: key.len() });
            }
        }
        if salt.is_empty() {
            return Err(KeyError::NoSalt);
        }
        if iterations == 0 {
            return Err(KeyError::NoIterations);
        }
        Ok(Self { hash, salt, iterations, stored_key: stored_key.into(), server_key: server_key.into() })
    }

    /// The hash function that they are made with.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The salt; public, every client that asks is told.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Iterations of PBKDF2; public as the salt.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// `StoredKey` of RFC 5802: checks a client's proof.
    pub fn stored_key(&self) -> &[u8] {
        &self.stored_key
    }

    /// `ServerKey` of RFC 5802: proves to the client that the server knows its keys. Secret.
    pub fn server_key(&self) -> &[u8] {
        &self.server_key
    }

    /// Whether this is the password that the keys were made from. Takes as long as [`Self::derive`], right or wrong.
    pub fn verify(&self, password: &Password) -> bool {
        let offered = Self::derive(self.hash, password, &self.salt, self.iterations);
        offered.stored_key.ct_eq(&self.stored_key).into()
    }
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// All that is stored of an account's password: keys for each hash function, each with a salt of its own.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// For SCRAM-SHA-1.
    pub sha1: ScramKeys,
    /// For SCRAM-SHA-256 and SCRAM-SHA-256-PLUS; PLAIN is checked against these too.
    pub sha256: ScramKeys,
}

impl Credentials {
    /// Makes credentials for a new password, with new salts: slow, and on the caller's own time. Whoever has others to
    /// serve hands out [`Stretching::anew`] instead.
    pub fn derive(password: &Password, iterations: u32, rng: &mut ChaCha20Rng) -> Self {
        let stretched = Stretching::anew(password.clone(), iterations, rng).carry_out();
        stretched.into_credentials().expect("stretched anew")
    }

    /// The keys for one hash function.
    pub fn keys(&self, hash: Hash) -> &ScramKeys {
        match hash {
            Hash::Sha1 => &self.sha1,
            Hash::Sha256 => &self.sha256,
        }
    }

    /// Whether this is the password that they were made from. As slow as making them for one hash function.
    pub fn verify(&self, password: &Password) -> bool {
        self.sha256.verify(password)
    }
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng as _;

    use super::*;

    fn credentials(password: &str) -> Credentials {
        Credentials::derive(&Password::new(password).unwrap(), 4096, &mut ChaCha20Rng::from_seed([7; 32]))
    }

    #[test]
    fn only_the_password_they_were_made_from_verifies() {
        let credentials = credentials("pencil");
        assert!(credentials.verify(&Password::new("pencil").unwrap()));
        assert!(!credentials.verify(&Password::new("Pencil").unwrap()));
        assert!(credentials.sha1.verify(&Password::new("pencil").unwrap()));
    }

    #[test]
    fn keys_survive_being_taken_apart_and_put_together() {
        let keys = credentials("pencil").sha256;
        let again = ScramKeys::from_parts(
            keys.hash(),
            keys.salt().to_vec(),
            keys.iterations(),
            keys.stored_key().to_vec(),
            keys.server_key().to_vec(),
        )
        .unwrap();
        assert!(again.verify(&Password::new("pencil").unwrap()));
    }

    #[test]
    fn damaged_parts_are_refused() {
        let parts = |salt: &[u8], iterations, key: &[u8]| {
            ScramKeys::from_parts(Hash::Sha1, salt.to_vec(), iterations, key.to_vec(), vec![0; 20])
                .unwrap_err()
        };
        assert_eq!(parts(b"salt", 4096, &[0; 32]), KeyError::Length { expected: 20, found: 32 });
        assert_eq!(parts(b"", 4096, &[0; 20]), KeyError::NoSalt);
        assert_eq!(parts(b"salt", 0, &[0; 20]), KeyError::NoIterations);
    }

    #[test]
    fn two_hashes_and_two_accounts_never_share_a_salt() {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let password = Password::new("pencil").unwrap();
        let (one, two) =
            (Credentials::derive(&password, 1, &mut rng), Credentials::derive(&password, 1, &mut rng));
        assert_ne!(one.sha1.salt(), one.sha256.salt());
        assert_ne!(one.sha256.salt(), two.sha256.salt());
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = credentials("pencil").sha1;
        let shown = format!("{keys:?}");
        assert_eq!(shown, "ScramKeys { hash: Sha1, iterations: 4096, .. }");
    }
}
