//! What names a session: [`SessionId`] inside the server, [`SessionTag`] on the wire (PROTOCOL section 2, the
//! `session` attribute). A session is a bound stream (RFC 6120 §7); its state is in `directory.rs`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A session, inside one server process. Never used twice within one EPOCH, not even after the session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

impl SessionId {
    /// What the wire calls this session: its number in base 36.
    #[must_use]
    pub fn tag(self) -> SessionTag {
        SessionTag::from_number(self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tag().fmt(f)
    }
}

/// The most octets of a [`SessionTag`].
pub const SESSION_TAG_OCTETS_MAX: usize = 16;

/// The `session` value of an entry: 1 to 16 visible ASCII characters, unique within an EPOCH, meaning nothing else.
/// Another value under the same full JID is another session. Held inline, so that an entry needs no allocation for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionTag([u8; SESSION_TAG_OCTETS_MAX]);

impl SessionTag {
    fn from_number(mut number: u64) -> Self {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut reversed = [0; SESSION_TAG_OCTETS_MAX];
        let mut length = 0;
        loop {
            reversed[length] = DIGITS[(number % 36) as usize];
            number /= 36;
            length += 1;
            if number == 0 {
                break;
            }
        }
        let mut text = [0; SESSION_TAG_OCTETS_MAX];
        for (to, from) in text.iter_mut().zip(reversed[..length].iter().rev()) {
            *to = *from;
        }
        Self(text)
    }

    /// The text as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|octet| *octet == 0).unwrap_or(SESSION_TAG_OCTETS_MAX);
        str::from_utf8(&self.0[..length]).expect("only visible ASCII is ever put in")
    }
}

impl fmt::Display for SessionTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SessionTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SessionTag {
    type Err = SessionTagError;

    fn from_str(text: &str) -> Result<Self, SessionTagError> {
        let octets = text.as_bytes();
        if octets.is_empty() || octets.len() > SESSION_TAG_OCTETS_MAX {
            return Err(SessionTagError);
        }
        if !octets.iter().all(u8::is_ascii_graphic) {
            return Err(SessionTagError);
        }
        let mut tag = [0; SESSION_TAG_OCTETS_MAX];
        tag[..octets.len()].copy_from_slice(octets);
        Ok(Self(tag))
    }
}

/// The text is not a session tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a session tag is 1 to {SESSION_TAG_OCTETS_MAX} visible ASCII characters")]
pub struct SessionTagError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_short_and_never_two_alike() {
        assert_eq!(SessionId(0).tag().as_str(), "0");
        assert_eq!(SessionId(723).tag().as_str(), "k3");
        assert_eq!(SessionId(723).to_string(), "k3", "logs and the wire call it the same");
        assert_eq!(SessionId(u64::MAX).tag().as_str(), "3w5e11264sgsf");
    }

    #[test]
    fn a_tag_reads_back_as_it_was_written() {
        for number in [0, 1, 35, 36, 1295, 1296, u64::MAX] {
            let tag = SessionId(number).tag();
            assert_eq!(tag.to_string().parse(), Ok(tag));
        }
        assert_eq!("sixteen-octets-x".parse::<SessionTag>().unwrap().as_str(), "sixteen-octets-x");
    }

    #[test]
    fn nothing_long_invisible_or_empty_is_a_tag() {
        for text in ["", "seventeen-octets-", "a b", "é", "a\u{0}", "\u{1b}[0m"] {
            assert_eq!(text.parse::<SessionTag>(), Err(SessionTagError), "{text:?}");
        }
    }
}
