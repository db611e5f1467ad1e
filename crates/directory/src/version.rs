//! The version of an answer (PROTOCOL section 2, `version` and `since`): opaque text to clients, a place in the
//! server's history to the server that made it.
//!
//! The text is `EPOCH.VIEW.COUNTER` after a complete answer and `EPOCH.VIEW.AT-BEGAN` in the middle of a reset walk,
//! EPOCH in 8 hexadecimal digits and the counters decimal. What decides whether a place can still be answered from is
//! in `changes.rs`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::view::View;

/// The most octets of a [`Version`].
pub const VERSION_OCTETS_MAX: usize = 128;

/// The opaque text of a version, 1 to 128 visible ASCII characters. A client keeps it and says it again; only its
/// EPOCH can be compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Box<str>);

impl Version {
    /// The version of an answer that ends at `position`.
    pub(crate) fn new(epoch: u32, view: View, position: Position) -> Self {
        let text = match position {
            Position::Delta(counter) => format!("{epoch:08x}.{view}.{counter}"),
            Position::Walk { at, began } => format!("{epoch:08x}.{view}.{at}-{began}"),
        };
        Self(text.into_boxed_str())
    }

    /// The place that this version names in the history of `epoch` as `view` sees it; `None` for any other text,
    /// whoever made it up.
    pub(crate) fn position(&self, epoch: u32, view: View) -> Option<Position> {
        // `parse` on numbers takes a leading plus; we never write one.
        if self.0.contains('+') {
            return None;
        }
        let mut parts = self.0.split('.');
        let (said_epoch, said_view, place) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || said_epoch.len() != 8 {
            return None;
        }
        if u32::from_str_radix(said_epoch, 16) != Ok(epoch) || View::parse(said_view) != Some(view) {
            return None;
        }
        match place.split_once('-') {
            None => Some(Position::Delta(place.parse().ok()?)),
            Some((at, began)) => Some(Position::Walk { at: at.parse().ok()?, began: began.parse().ok()? }),
        }
    }

    /// The text as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that changes at every start of the server: what stands before the first dot.
    #[must_use]
    pub fn epoch(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if text.is_empty()
            || text.len() > VERSION_OCTETS_MAX
            || !text.bytes().all(|octet| octet.is_ascii_graphic())
        {
            return Err(VersionError);
        }
        Ok(Self(text.into()))
    }
}

/// The text cannot be a version. A server treats such a `since` as none: the answer is a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a version is 1 to {VERSION_OCTETS_MAX} visible ASCII characters")]
pub struct VersionError;

/// A place in the history of one EPOCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// Everything up to this COUNTER has been told.
    Delta(u64),
    /// In a reset walk: the entries up to COUNTER `at` have been told, those up to `began` are still to come, and
    /// then what changed after `began`.
    Walk {
        /// The last entry told.
        at: u64,
        /// The COUNTER when the walk began.
        began: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: u32 = 0x5f2c_81d0;

    fn views() -> Vec<View> {
        ["127.0.0.1", "10.0.0.1", "192.0.2.7", "192.0.2.8", "2001:db8::7"]
            .iter()
            .map(|address| View::of(address.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_position_reads_back_in_its_own_epoch_and_view_only() {
        let positions = [
            Position::Delta(0),
            Position::Delta(u64::MAX),
            Position::Walk { at: 0, began: 7 },
            Position::Walk { at: u64::MAX, began: u64::MAX },
        ];
        for view in views() {
            for position in positions {
                let version = Version::new(EPOCH, view, position);
                assert_eq!(version.as_str().parse(), Ok(version.clone()));
                assert_eq!(version.to_string(), version.as_str());
                assert_eq!(version.epoch(), "5f2c81d0");
                assert_eq!(version.position(EPOCH + 1, view), None);
                for other in views() {
                    let expected = (other == view).then_some(position);
                    assert_eq!(version.position(EPOCH, other), expected, "{version} seen by {other}");
                }
            }
        }
    }

    #[test]
    fn invented_versions_name_no_place() {
        let view = View::of("10.0.0.1".parse().unwrap());
        let invented = [
            "0",
            "5f2c81d0",
            "5f2c81d0.1042",
            "5f2c81d0.p.",
            "5f2c81d0.p.-1",
            "5f2c81d0.p.1-",
            "5f2c81d0.p.1-2-3",
            "5f2c81d0.p.1.2",
            "5f2c81d0..1",
            "f2c81d0.p.1",
            "5f2c81d0.p.99999999999999999999",
            "5f2c81d0.p.1e3",
            "5f2c81d0.p.+1",
            "+f2c81d0.p.1",
        ];
        for text in invented {
            let version: Version = text.parse().unwrap();
            assert_eq!(version.position(EPOCH, view), None, "{text}");
        }
    }

    #[test]
    fn no_version_is_empty_long_or_invisible() {
        let longest = "x".repeat(VERSION_OCTETS_MAX);
        assert!(longest.parse::<Version>().is_ok());
        for text in ["", " ", "a b", "é", "\n", &format!("{longest}x")] {
            assert_eq!(text.parse::<Version>(), Err(VersionError), "{text:?}");
        }
    }
}
