//! Who is shown which addresses (PROTOCOL section 2, "What is sent"): a stranger must not be able to point people into
//! their own networks. Which addresses are accepted at all is in `acceptance.rs`.
//!
//! The view is the generation in a [`Version`](crate::Version): a watcher that comes back with another view is not
//! answered from the old one. A later generation of each watcher's own (subscriptions, blocks) joins it there.

use std::fmt;
use std::net::IpAddr;

use crate::endpoint::{Endpoint, Reach};

/// The network that a session comes from, as far as it decides what the session is shown.
///
/// A session from a private or loopback address is shown every private endpoint. A session from a public address is
/// shown the private endpoints of those that come from the same public address: they are behind one translator.
///
/// Loopback endpoints are shown to loopback sessions alone: to any other host they would name that host itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// From this very host.
    Loopback,
    /// From an RFC 1918 or RFC 4193 address.
    Private,
    /// From this public address.
    Public(IpAddr),
}

impl View {
    /// The view of a session that comes from `address` (canonical).
    pub(crate) const fn of(address: IpAddr) -> Self {
        match Reach::of(address) {
            Reach::Loopback => Self::Loopback,
            Reach::Private => Self::Private,
            _ => Self::Public(address),
        }
    }

    /// Whether this view includes `endpoint` of an entry whose session comes from `origin` (asked only if it matters).
    pub(crate) fn shows(self, endpoint: Endpoint, origin: impl FnOnce() -> Self) -> bool {
        match Reach::of(endpoint.address) {
            Reach::Loopback => self == Self::Loopback,
            Reach::Private => !matches!(self, Self::Public(_)) || self == origin(),
            _ => true,
        }
    }

    /// Reads what `Display` wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        match (kind, rest.len()) {
            ("l", 0) => Some(Self::Loopback),
            ("p", 0) => Some(Self::Private),
            ("v", 8) => Some(Self::Public(IpAddr::V4(u32::from_str_radix(rest, 16).ok()?.into()))),
            ("w", 32) => Some(Self::Public(IpAddr::V6(u128::from_str_radix(rest, 16).ok()?.into()))),
            _ => None,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => f.write_str("l"),
            Self::Private => f.write_str("p"),
            Self::Public(IpAddr::V4(v4)) => write!(f, "v{:08x}", v4.to_bits()),
            Self::Public(IpAddr::V6(v6)) => write!(f, "w{:032x}", v6.to_bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(address: &str) -> View {
        View::of(address.parse().unwrap())
    }

    fn shown(watcher: &str, endpoint: &str, origin: &str) -> bool {
        view(watcher).shows(Endpoint::new(endpoint.parse().unwrap(), 5298), || view(origin))
    }

    #[test]
    fn public_endpoints_are_for_everybody() {
        for watcher in ["127.0.0.1", "10.0.0.1", "198.51.100.1", "2001:db8::1"] {
            assert!(shown(watcher, "192.0.2.7", "192.0.2.7"), "{watcher}");
        }
    }

    #[test]
    fn private_endpoints_stay_in_their_network() {
        assert!(shown("10.0.0.1", "192.168.1.10", "192.0.2.7"));
        assert!(shown("127.0.0.1", "192.168.1.10", "192.0.2.7"));
        assert!(shown("192.0.2.7", "192.168.1.10", "192.0.2.7"));
        assert!(!shown("192.0.2.8", "192.168.1.10", "192.0.2.7"));
        assert!(!shown("192.0.2.8", "192.168.1.10", "192.168.1.10"));
        assert!(!shown("2001:db8::1", "fd00::10", "2001:db8::2"));
    }

    #[test]
    fn loopback_endpoints_stay_on_their_host() {
        assert!(shown("::1", "127.0.0.1", "127.0.0.1"));
        assert!(!shown("10.0.0.1", "127.0.0.1", "127.0.0.1"));
        assert!(!shown("192.0.2.7", "::1", "127.0.0.1"));
    }

    #[test]
    fn nothing_else_is_a_view() {
        for text in ["", "x", "ll", "v", "v1234567", "vc00002070", "wc0000207", "é", "pé"] {
            assert_eq!(View::parse(text), None, "{text}");
        }
    }
}
