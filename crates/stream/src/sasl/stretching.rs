//! Stretching a password (`Hi` of RFC 5802 §2.2) as a piece of work that is handed out: it takes milliseconds by design,
//! and whoever tries passwords may not hold up everybody else with it.
//!
//! [`Stretching`] goes out with an event, its owner carries it out wherever it likes, and [`Stretched`] comes back in.
//! Signing in with SCRAM needs none of it: there it is the client that stretches.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;
use subtle::ConstantTimeEq as _;

use super::{Credentials, Hash, Password, SALT_BYTES, ScramKeys};

/// A password, and what it is to be stretched with. `Debug` hides it, dropping wipes the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretching {
    password: Password,
    iterations: u32,
    /// Only where new credentials are made; a password is checked by SHA-256 alone.
    sha1_salt: Option<Vec<u8>>,
    sha256_salt: Vec<u8>,
}

/// A password's keys. `Debug` hides them, dropping wipes them.
pub struct Stretched {
    sha1: Option<ScramKeys>,
    sha256: ScramKeys,
}

impl Stretching {
    /// For new credentials of a password, with new salts.
    pub fn anew(password: Password, iterations: u32, rng: &mut ChaCha20Rng) -> Self {
        let mut salt = || {
            let mut salt = vec![0; SALT_BYTES];
            rng.fill_bytes(&mut salt);
            salt
        };
        Self { password, iterations, sha1_salt: Some(salt()), sha256_salt: salt() }
    }

    /// For finding out whether a password is the one that `credentials` were made from. As much work for the wrong one.
    pub fn again(password: Password, credentials: &Credentials) -> Self {
        let keys = &credentials.sha256;
        let (iterations, sha256_salt) = (keys.iterations(), keys.salt().to_vec());
        Self { password, iterations, sha1_salt: None, sha256_salt }
    }

    /// Does it. Slow by design: `iterations` times an HMAC, for each hash function.
    #[must_use]
    pub fn carry_out(self) -> Stretched {
        let keys = |hash, salt: &[u8]| ScramKeys::derive(hash, &self.password, salt, self.iterations);
        Stretched {
            sha1: self.sha1_salt.as_deref().map(|salt| keys(Hash::Sha1, salt)),
            sha256: keys(Hash::Sha256, &self.sha256_salt),
        }
    }
}

impl Stretched {
    /// Whether this came of the password that belongs to `stored_key`, in time that does not tell.
    pub(super) fn opens(&self, stored_key: &[u8]) -> bool {
        self.sha256.stored_key().ct_eq(stored_key).into()
    }

    /// New credentials, if it was stretched [anew](Stretching::anew).
    pub fn into_credentials(self) -> Option<Credentials> {
        self.sha1.map(|sha1| Credentials { sha1, sha256: self.sha256 })
    }
}

impl fmt::Debug for Stretching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stretching(…)")
    }
}

impl fmt::Debug for Stretched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stretched(…)")
    }
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng as _;

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    #[test]
    fn what_was_stretched_anew_is_opened_by_the_same_password_alone() {
        let anew = Stretching::anew(password("pencil"), 2, &mut ChaCha20Rng::from_seed([7; 32]));
        let credentials = anew.carry_out().into_credentials().unwrap();
        let opens = |text| {
            Stretching::again(password(text), &credentials).carry_out().opens(credentials.sha256.stored_key())
        };
        assert!(opens("pencil"));
        assert!(!opens("Pencil"));
    }

    #[test]
    fn a_check_makes_no_credentials() {
        let credentials = Credentials::derive(&password("pencil"), 2, &mut ChaCha20Rng::from_seed([7; 32]));
        let again = Stretching::again(password("pencil"), &credentials);
        assert!(again.carry_out().into_credentials().is_none());
    }

    #[test]
    fn debug_shows_nothing() {
        let anew = Stretching::anew(password("hunter2"), 2, &mut ChaCha20Rng::from_seed([7; 32]));
        assert_eq!(format!("{anew:?}"), "Stretching(…)");
        assert_eq!(format!("{:?}", anew.carry_out()), "Stretched(…)");
    }
}
