//! An address that a client listens on, and what kind of address it is. Which ones the directory accepts is in
//! `acceptance.rs`, who is shown which in `view.rs`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// An address and a TCP port. IPv4-mapped IPv6 addresses (RFC 4291 §2.5.5.2) are made IPv4, so that one host has one
/// name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The address. Never a host name: a name would make every client that dials it ask a stranger's DNS.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

impl Endpoint {
    /// An endpoint of a canonical address.
    #[must_use]
    pub const fn new(address: IpAddr, port: u16) -> Self {
        Self { address: address.to_canonical(), port }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::new(address.ip(), address.port())
    }
}

impl From<Endpoint> for SocketAddr {
    fn from(endpoint: Endpoint) -> Self {
        Self::new(endpoint.address, endpoint.port)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::from(*self).fmt(f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This host only: 127.0.0.0/8, ::1.
    Loopback,
    /// One network: RFC 1918 and RFC 4193 (fc00::/7).
    Private,
    /// Everything else that can be dialled.
    Public,
    /// 169.254.0.0/16, fe80::/10: means something else on every link.
    LinkLocal,
    /// 224.0.0.0/4, ff00::/8.
    Multicast,
    /// 0.0.0.0/8 ("this network", RFC 6890), ::.
    Unspecified,
    /// 240.0.0.0/4 (reserved), with 255.255.255.255 in it.
    Broadcast,
}

impl Reach {
    /// The reach of a canonical address.
    pub(crate) const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) if v4.is_loopback() => Self::Loopback,
            IpAddr::V4(v4) if v4.is_private() => Self::Private,
            IpAddr::V4(v4) if v4.is_link_local() => Self::LinkLocal,
            IpAddr::V4(v4) if v4.is_multicast() => Self::Multicast,
            IpAddr::V4(v4) if v4.octets()[0] == 0 => Self::Unspecified,
            IpAddr::V4(v4) if v4.octets()[0] >= 240 => Self::Broadcast,
            IpAddr::V6(v6) if v6.is_loopback() => Self::Loopback,
            IpAddr::V6(v6) if v6.is_unique_local() => Self::Private,
            IpAddr::V6(v6) if v6.is_unicast_link_local() => Self::LinkLocal,
            IpAddr::V6(v6) if v6.is_multicast() => Self::Multicast,
            IpAddr::V6(v6) if v6.is_unspecified() => Self::Unspecified,
            IpAddr::V4(_) | IpAddr::V6(_) => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_address_is_told_apart() {
        let table = [
            ("127.0.0.1", Reach::Loopback),
            ("127.255.0.9", Reach::Loopback),
            ("::1", Reach::Loopback),
            ("10.0.0.1", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("172.31.255.255", Reach::Private),
            ("172.32.0.0", Reach::Public),
            ("192.168.1.10", Reach::Private),
            ("fc00::1", Reach::Private),
            ("fd00::10", Reach::Private),
            ("fe00::1", Reach::Public),
            ("169.254.1.1", Reach::LinkLocal),
            ("fe80::1", Reach::LinkLocal),
            ("febf::1", Reach::LinkLocal),
            ("224.0.0.251", Reach::Multicast),
            ("ff02::fb", Reach::Multicast),
            ("0.0.0.0", Reach::Unspecified),
            ("0.1.2.3", Reach::Unspecified),
            ("::", Reach::Unspecified),
            ("255.255.255.255", Reach::Broadcast),
            ("240.0.0.1", Reach::Broadcast),
            ("100.64.0.1", Reach::Public),
            ("192.0.2.7", Reach::Public),
            ("2001:db8::7", Reach::Public),
        ];
        for (text, reach) in table {
            assert_eq!(Reach::of(text.parse().unwrap()), reach, "{text}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        let mapped = Endpoint::new("::ffff:192.168.1.10".parse().unwrap(), 5298);
        assert_eq!(mapped.to_string(), "192.168.1.10:5298");
        assert_eq!(Endpoint::new("fd00::10".parse().unwrap(), 5298).to_string(), "[fd00::10]:5298");
    }
}
