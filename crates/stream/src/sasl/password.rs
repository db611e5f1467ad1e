//! A password in memory: prepared (SASLprep, RFC 4013, as RFC 5802 §5.1 and RFC 4616 §2 want), never shown,
//! wiped when dropped.
//!
//! It says nothing about whether a password is a good one.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A prepared password. `Debug` hides it, dropping wipes it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing is left after preparation.
    #[error("a password needs at least one character")]
    Empty,
    /// Longer than [`Password::BYTES_MAX`].
    #[error("a password has at most {} octets", Password::BYTES_MAX)]
    TooLong,
    /// A character that SASLprep prohibits (a control character, a private-use one, …) or mixed directions.
    #[error("the password has a character that SASLprep (RFC 4013) prohibits")]
    Prohibited,
}

impl Password {
    /// The longest password taken, in octets of UTF-8 before preparation.
    pub const BYTES_MAX: usize = 1024;

    /// Prepares what a person typed, or what PLAIN carried.
    ///
    /// # Errors
    /// If it is empty, over [`Self::BYTES_MAX`], or holds what SASLprep prohibits.
    pub fn new(text: &str) -> Result<Self, PasswordError> {
        if text.len() > Self::BYTES_MAX {
            return Err(PasswordError::TooLong);
        }
        let prepared = stringprep::saslprep(text).map_err(|_| PasswordError::Prohibited)?;
        if prepared.is_empty() {
            return Err(PasswordError::Empty);
        }
        Ok(Self(Zeroizing::new(prepared.into_owned())))
    }

    /// The prepared text. Whoever calls this takes care that it goes nowhere but into a key or into TLS.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// In time that tells nothing but the lengths.
impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.reveal().as_bytes().ct_eq(other.reveal().as_bytes()).into()
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_rfc4013_are_prepared_as_it_says() {
        assert_eq!(Password::new("I\u{AD}X").unwrap().reveal(), "IX");
        assert_eq!(Password::new("user").unwrap().reveal(), "user");
        assert_eq!(Password::new("USER").unwrap().reveal(), "USER");
        assert_eq!(Password::new("\u{AA}").unwrap().reveal(), "a");
        assert_eq!(Password::new("\u{2168}").unwrap().reveal(), "IX");
        assert_eq!(Password::new("\u{7}").unwrap_err(), PasswordError::Prohibited);
        assert_eq!(Password::new("\u{627}1").unwrap_err(), PasswordError::Prohibited);
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert_eq!(Password::new("").unwrap_err(), PasswordError::Empty);
        assert_eq!(Password::new("\u{AD}").unwrap_err(), PasswordError::Empty);
        assert!(Password::new(&"x".repeat(Password::BYTES_MAX)).is_ok());
        assert_eq!(Password::new(&"x".repeat(Password::BYTES_MAX + 1)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn debug_does_not_show_it() {
        assert!(!format!("{:?}", Password::new("hunter2").unwrap()).contains("hunter2"));
    }
}
