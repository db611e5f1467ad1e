//! What every stream header must have, whoever sent it (RFC 6120 §4.7, §4.8): names, namespaces, version.
//!
//! Addresses mean something else on each kind of stream, and are judged there.

use chatdev_stanza::{NS_CLIENT, NS_STREAMS, StreamCondition, StreamError};
use chatdev_xml::Header;

/// The version of XMPP that is spoken here.
pub(crate) const VERSION: &str = "1.0";

/// What is wrong with a header, if anything.
pub(crate) fn check(header: &Header) -> Result<(), StreamError> {
    if header.namespace() != NS_STREAMS || header.content_namespace() != NS_CLIENT {
        return Err(StreamCondition::InvalidNamespace.into());
    }
    // RFC 6120 §4.8.5 lets us insist on the one prefix that everybody uses.
    if header.prefix() != "stream" {
        return Err(StreamCondition::BadNamespacePrefix.into());
    }
    if header.name() != "stream" {
        return Err(StreamCondition::BadFormat.into());
    }
    match header.attribute("version").as_deref().and_then(major_version) {
        Some(1..) => Ok(()),
        Some(0) | None => Err(StreamError::new(StreamCondition::UnsupportedVersion)
            .with_text("expected a stream header with version='1.0'")),
    }
}

/// RFC 6120 §4.7.5: two numbers with a point between, compared one by one; a higher minor one is ours to ignore.
fn major_version(version: &str) -> Option<u32> {
    let (major, minor) = version.split_once('.')?;
    minor.parse::<u32>().ok()?;
    major.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_two_numbers() {
        assert_eq!(major_version("1.0"), Some(1));
        assert_eq!(major_version("0.9"), Some(0));
        assert_eq!(major_version("11.23"), Some(11));
        for nonsense in ["", "1", ".", "1.", "one.zero", "99999999999.0"] {
            assert_eq!(major_version(nonsense), None, "{nonsense}");
        }
    }
}
