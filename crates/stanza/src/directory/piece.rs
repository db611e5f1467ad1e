//! The pieces that several elements of the directory have: endpoints, fingerprints, instants (XEP-0082), texts.

use std::net::IpAddr;

use chatdev_directory::{Endpoint, Fingerprint};
use chatdev_xml::{Builder, Node};
use jiff::Timestamp;

use super::{NS, NS_FINGERPRINT};
use crate::malformed::{Malformed, required_parsed};

/// The `<endpoint/>` children, in order. `Err` holds host and port of one that is no IP address and port: a host name,
/// say, which nobody should be made to look up.
pub(super) fn endpoints<'a>(
    parent: Node<'a>,
) -> impl Iterator<Item = Result<Endpoint, (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>> {
    parent.children().filter(|child| child.is(NS, "endpoint")).map(|endpoint| {
        let host = endpoint.attribute("host").unwrap_or_default();
        let port = endpoint.attribute("port").unwrap_or_default();
        match (host.parse::<IpAddr>(), port.parse::<u16>()) {
            (Ok(address), Ok(port)) => Ok(Endpoint::new(address, port)),
            _ => Err((host, port)),
        }
    })
}

pub(super) fn write_endpoint(out: Builder, endpoint: &Endpoint) -> Builder {
    out.open(NS, "endpoint")
        .attribute("host", &endpoint.address.to_string())
        .attribute("port", &endpoint.port.to_string())
        .close()
}

/// The SHA-256 among the `<fingerprint/>` children. Those of other hashes are passed over.
pub(super) fn fingerprint(parent: Node<'_>) -> Result<Option<Fingerprint>, Malformed> {
    let mut all = parent.children().filter(|child| child.is(NS_FINGERPRINT, "fingerprint"));
    let Some(sha256) = all.find(|child| child.attribute("hash").as_deref() == Some("sha-256")) else {
        return Ok(None);
    };
    let text = sha256.text();
    let fingerprint = text.trim().parse();
    fingerprint
        .map(Some)
        .map_err(|_| Malformed::new("32 pairs of hexadecimal digits in <fingerprint/>", &text))
}

pub(super) fn write_fingerprint(out: Builder, fingerprint: Fingerprint) -> Builder {
    let out = out.open(NS_FINGERPRINT, "fingerprint").attribute("hash", "sha-256");
    out.text(&fingerprint.to_string()).close()
}

/// An instant, which must be there.
pub(super) fn instant(node: Node<'_>, attribute: &'static str) -> Result<Timestamp, Malformed> {
    required_parsed(node, attribute, "a date and time as in 2026-11-22T20:59:03Z")
}

/// A text that counts only if it says something.
pub(super) fn said(text: Option<std::borrow::Cow<'_, str>>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty()).map(|text| text.into_owned().into_boxed_str())
}
