//! The identity of a device: SHA-256 over the DER of its certificate (PROTOCOL section 3), written as XEP-0320
//! writes it. Hashing the certificate is not done here.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The SHA-256 of a certificate. Text: 32 pairs of hexadecimal digits with colons between, capitals (RFC 8122 §5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, octet) in self.0.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(f, "{colon}{octet:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads both cases of the digits; white space around the text is no part of it and must be trimmed before.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let octets = text.as_bytes();
        if octets.len() != 32 * 3 - 1 {
            return Err(FingerprintError);
        }
        let mut fingerprint = [0; 32];
        for (place, value) in fingerprint.iter_mut().enumerate() {
            let at = place * 3;
            if place > 0 && octets[at - 1] != b':' {
                return Err(FingerprintError);
            }
            let high = char::from(octets[at]).to_digit(16).ok_or(FingerprintError)?;
            let low = char::from(octets[at + 1]).to_digit(16).ok_or(FingerprintError)?;
            *value = (high * 16 + low) as u8;
        }
        Ok(Self(fingerprint))
    }
}

/// The text is not a SHA-256 fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a SHA-256 fingerprint is 32 pairs of hexadecimal digits with colons between")]
pub struct FingerprintError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_as_it_was_written() {
        let mut octets = [0; 32];
        for (place, octet) in octets.iter_mut().enumerate() {
            *octet = (place * 7 + 0x9f) as u8;
        }
        let fingerprint = Fingerprint(octets);
        let text = fingerprint.to_string();
        assert!(text.starts_with("9F:A6:AD:"), "{text}");
        assert_eq!(text.len(), 95);
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(text.to_lowercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn other_shapes_are_refused() {
        let good = Fingerprint([0xab; 32]).to_string();
        let long = format!("{good}:AB");
        let dotted = good.replace(':', ".");
        let not_hex = good.replace('A', "G");
        let accented = format!("{}é", &good[..93]);
        for text in ["", &good[..94], &long, &dotted, &not_hex, &accented] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
        }
    }
}
