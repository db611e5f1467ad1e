//! Versions of TLS, as hellos name them.

use std::fmt;

/// A version by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// RFC 5246.
    pub const TLS_1_2: Self = Self(0x0303);
    /// RFC 8446.
    pub const TLS_1_3: Self = Self(0x0304);

    /// Whether it only keeps servers tolerant of what they do not know (RFC 8701).
    pub(super) fn is_grease(self) -> bool {
        self.0 & 0x0f0f == 0x0a0a && self.0 >> 8 == self.0 & 0xff
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0300 => f.write_str("SSL 3.0"),
            0x0301 => f.write_str("TLS 1.0"),
            0x0302 => f.write_str("TLS 1.1"),
            0x0303 => f.write_str("TLS 1.2"),
            0x0304 => f.write_str("TLS 1.3"),
            other => write!(f, "TLS version 0x{other:04x}"),
        }
    }
}
