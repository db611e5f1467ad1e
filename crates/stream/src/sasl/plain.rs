//! PLAIN (RFC 4616): the one message that it has, reading and writing.
//!
//! Whether PLAIN may be spoken at all (inside TLS) is decided by the streams.

use zeroize::Zeroizing;

use super::{MESSAGE_BYTES_MAX, SyntaxError};

/// `message` of RFC 4616 §2. The password is as it came: not yet prepared.
pub(super) struct Plain {
    pub(super) authzid: Option<String>,
    pub(super) username: String,
    pub(super) password: Zeroizing<String>,
}

impl Plain {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SyntaxError> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(SyntaxError::TooLong);
        }
        let text = std::str::from_utf8(message).map_err(|_| SyntaxError::NotUtf8)?;
        let mut fields = text.split('\0');
        match (fields.next(), fields.next(), fields.next(), fields.next()) {
            (Some(authzid), Some(username), Some(password), None)
                if !username.is_empty() && !password.is_empty() =>
            {
                Ok(Self {
                    authzid: (!authzid.is_empty()).then(|| authzid.to_owned()),
                    username: username.to_owned(),
                    password: Zeroizing::new(password.to_owned()),
                })
            }
            _ => Err(SyntaxError::Grammar),
        }
    }

    /// The message without an authorisation identity: one acts as oneself.
    pub(super) fn write(username: &str, password: &str) -> Vec<u8> {
        format!("\0{username}\0{password}").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc4616_are_read() {
        let short = Plain::parse(b"\0tim\0tanstaaftanstaaf").unwrap();
        assert_eq!((short.authzid, short.username.as_str()), (None, "tim"));
        assert_eq!(short.password.as_str(), "tanstaaftanstaaf");
        let long = Plain::parse(b"Ursel\0Kurt\0xipj3plmq").unwrap();
        assert_eq!((long.authzid.as_deref(), long.username.as_str()), (Some("Ursel"), "Kurt"));
    }

    #[test]
    fn anything_but_two_nuls_and_full_fields_is_refused() {
        for message in
            ["", "\0", "tim", "\0tim", "\0tim\0", "\0\0secret", "\0tim\0secret\0", "\0tim\0se\0cret"]
        {
            assert_eq!(Plain::parse(message.as_bytes()).err(), Some(SyntaxError::Grammar), "{message:?}");
        }
        assert_eq!(Plain::parse(b"\0tim\0\xff").err(), Some(SyntaxError::NotUtf8));
    }
}
