//! Which announced endpoints the directory takes (PROTOCOL section 2, "What is sent"): the directory is not a weapon
//! that points many clients at a stranger's host. A refusal is said; it never fails the check-in.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use crate::Config;
use crate::endpoint::{Endpoint, Reach};

/// The lowest port that may be announced: the ports below belong to a host's own services.
pub const PORT_MIN: u16 = 1024;

/// An endpoint that was not accepted, and why: `<refused/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The endpoint, its address canonical.
    pub endpoint: Endpoint,
    /// The first rule that it broke.
    pub refusal: Refusal,
}

/// Why an endpoint was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The port is below [`PORT_MIN`].
    #[error("the port is below {PORT_MIN}")]
    Port,
    /// 169.254.0.0/16 or fe80::/10.
    #[error("a link-local address means another host on every link")]
    LinkLocal,
    /// A multicast address.
    #[error("a multicast address is no single host")]
    Multicast,
    /// 0.0.0.0/8 or ::.
    #[error("an unspecified address is no host")]
    Unspecified,
    /// 240.0.0.0/4: broadcast and reserved.
    #[error("a broadcast or reserved address is no host")]
    Broadcast,
    /// A loopback address, from a session that does not come from loopback.
    #[error("a loopback address is of use only to a session from loopback")]
    Loopback,
    /// Neither the session's own address, nor private, nor on the operator's list.
    #[error("the address is neither the session's own, nor private, nor on the operator's list")]
    Foreign,
    /// Acceptable, but behind as many as are kept.
    #[error("more endpoints than are kept")]
    TooMany,
}

/// Sorts announced endpoints into those kept (the first acceptable ones, in their order, each once) and those refused.
/// Cost: O(announced × (kept + operator's list)).
pub(crate) fn accept(
    config: &Config,
    origin: IpAddr,
    announced: &[Endpoint],
) -> (Box<[Endpoint]>, Vec<Refused>) {
    let mut kept = Vec::with_capacity(announced.len().min(config.endpoints_max));
    let mut refused = Vec::new();
    for endpoint in announced.iter().map(|endpoint| Endpoint::new(endpoint.address, endpoint.port)) {
        if kept.contains(&endpoint) {
            continue;
        }
        match refusal(config, origin, endpoint) {
            Some(refusal) => refused.push(Refused { endpoint, refusal }),
            None if kept.len() >= config.endpoints_max => {
                refused.push(Refused { endpoint, refusal: Refusal::TooMany });
            }
            None => kept.push(endpoint),
        }
    }
    (kept.into_boxed_slice(), refused)
}

fn refusal(config: &Config, origin: IpAddr, endpoint: Endpoint) -> Option<Refusal> {
    if endpoint.port < PORT_MIN {
        return Some(Refusal::Port);
    }
    match Reach::of(endpoint.address) {
        Reach::LinkLocal => Some(Refusal::LinkLocal),
        Reach::Multicast => Some(Refusal::Multicast),
        Reach::Unspecified => Some(Refusal::Unspecified),
        Reach::Broadcast => Some(Refusal::Broadcast),
        Reach::Loopback if Reach::of(origin) != Reach::Loopback => Some(Refusal::Loopback),
        Reach::Loopback | Reach::Private => None,
        Reach::Public => {
            let listed = || config.endpoint_allow.iter().any(|prefix| prefix.contains(endpoint.address));
            (endpoint.address != origin && !listed()).then_some(Refusal::Foreign)
        }
    }
}

/// Addresses that the operator allows: `192.0.2.7`, `198.51.100.0/24`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// The addresses that share their first `length` bits with `address`.
    ///
    /// # Errors
    /// `length` is over 32 (IPv4) or 128 (IPv6), or `address` has bits set behind it, which is mostly a slip.
    pub fn new(address: IpAddr, length: u8) -> Result<Self, PrefixError> {
        let address = address.to_canonical();
        let width = if address.is_ipv4() { 32 } else { 128 };
        if length > width {
            return Err(PrefixError::Length { width });
        }
        let prefix = Self { address, length };
        if prefix.masked(address) != bits(address) {
            return Err(PrefixError::BitsBehind { length });
        }
        Ok(prefix)
    }

    /// Whether `address` (canonical) is one of these.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && self.masked(address) == bits(self.address)
    }

    fn masked(&self, address: IpAddr) -> u128 {
        let width: u32 = if self.address.is_ipv4() { 32 } else { 128 };
        let behind = width - u32::from(self.length);
        bits(address).checked_shr(behind).and_then(|kept| kept.checked_shl(behind)).unwrap_or(0)
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| PrefixError::Address)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(digits) => digits.parse().map_err(|_| PrefixError::Length { width })?,
            None if address.to_canonical().is_ipv4() => 32,
            None => 128,
        };
        Self::new(address, length)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// The text is not a [`Prefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PrefixError {
    /// What stands before the slash is no IP address.
    #[error("expected an IP address, or one with a prefix length, as in 198.51.100.0/24")]
    Address,
    /// What stands behind the slash is no prefix length.
    #[error("a prefix length here is 0 to {width}")]
    Length {
        /// Bits of such an address.
        width: u8,
    },
    /// The address says more than the length keeps.
    #[error("the address has bits set behind its first {length}")]
    BitsBehind {
        /// The prefix length.
        length: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        text.parse::<std::net::SocketAddr>().unwrap().into()
    }

    fn sorted(origin: &str, announced: &[&str]) -> (Vec<String>, Vec<(String, Refusal)>) {
        let mut config = Config::new(1);
        config.endpoint_allow = vec!["198.51.100.0/24".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()];
        let announced: Vec<_> = announced.iter().map(|text| endpoint(text)).collect();
        let (kept, refused) = accept(&config, origin.parse().unwrap(), &announced);
        (
            kept.iter().map(ToString::to_string).collect(),
            refused.iter().map(|refused| (refused.endpoint.to_string(), refused.refusal)).collect(),
        )
    }

    #[test]
    fn own_private_and_listed_addresses_are_taken() {
        let announced = ["192.0.2.7:5298", "192.168.1.10:5298", "[fd00::10]:5298", "198.51.100.200:1024"];
        let (kept, refused) = sorted("192.0.2.7", &announced);
        assert_eq!(kept, announced);
        assert_eq!(refused, []);
    }

    #[test]
    fn each_refusal_says_why() {
        let table = [
            ("192.0.2.7:1023", Refusal::Port),
            ("192.0.2.7:0", Refusal::Port),
            ("169.254.3.3:5298", Refusal::LinkLocal),
            ("[fe80::1]:5298", Refusal::LinkLocal),
            ("224.0.0.251:5353", Refusal::Multicast),
            ("[ff02::fb]:5353", Refusal::Multicast),
            ("0.0.0.0:5298", Refusal::Unspecified),
            ("[::]:5298", Refusal::Unspecified),
            ("255.255.255.255:5298", Refusal::Broadcast),
            ("127.0.0.1:5298", Refusal::Loopback),
            ("[::1]:5298", Refusal::Loopback),
            ("[::ffff:127.0.0.1]:5298", Refusal::Loopback),
            ("192.0.2.8:5298", Refusal::Foreign),
            ("[2001:db8:2::1]:5298", Refusal::Foreign),
        ];
        for (text, refusal) in table {
            let (kept, refused) = sorted("192.0.2.7", &[text]);
            assert_eq!(kept, [""; 0], "{text}");
            assert_eq!(refused.len(), 1, "{text}");
            assert_eq!(refused[0].1, refusal, "{text}");
        }
    }

    #[test]
    fn a_link_local_session_cannot_announce_its_own_address() {
        assert_eq!(sorted("fe80::1", &["[fe80::1]:5298"]).1[0].1, Refusal::LinkLocal);
    }

    #[test]
    fn loopback_is_taken_from_loopback() {
        assert_eq!(sorted("127.0.0.1", &["127.0.0.1:5298", "[::1]:5298"]).1, []);
    }

    #[test]
    fn the_first_four_acceptable_are_kept_and_each_once() {
        let (kept, refused) = sorted(
            "192.0.2.7",
            &[
                "10.0.0.1:2001",
                "192.0.2.9:2002",
                "10.0.0.1:2001",
                "[::ffff:10.0.0.1]:2001",
                "10.0.0.1:2003",
                "10.0.0.1:2004",
                "192.0.2.7:2005",
                "10.0.0.1:2006",
            ],
        );
        assert_eq!(kept, ["10.0.0.1:2001", "10.0.0.1:2003", "10.0.0.1:2004", "192.0.2.7:2005"]);
        assert_eq!(
            refused,
            [("192.0.2.9:2002".into(), Refusal::Foreign), ("10.0.0.1:2006".into(), Refusal::TooMany)]
        );
    }

    #[test]
    fn prefixes_are_read_strictly() {
        for text in
            ["192.0.2.7/32", "0.0.0.0/0", "198.51.100.0/24", "::/0", "2001:db8::/32", "2001:db8::1/128"]
        {
            assert_eq!(text.parse::<Prefix>().unwrap().to_string(), text);
        }
        assert_eq!("192.0.2.7".parse::<Prefix>().unwrap().to_string(), "192.0.2.7/32");
        assert_eq!("::ffff:192.0.2.7".parse::<Prefix>().unwrap().to_string(), "192.0.2.7/32");
        assert_eq!("2001:db8::7".parse::<Prefix>().unwrap().to_string(), "2001:db8::7/128");
        assert_eq!("example.net".parse::<Prefix>(), Err(PrefixError::Address));
        assert_eq!("192.0.2.0/33".parse::<Prefix>(), Err(PrefixError::Length { width: 32 }));
        assert_eq!("192.0.2.0/".parse::<Prefix>(), Err(PrefixError::Length { width: 32 }));
        assert_eq!("192.0.2.7/24".parse::<Prefix>(), Err(PrefixError::BitsBehind { length: 24 }));
        assert_eq!("2001:db8::/16".parse::<Prefix>(), Err(PrefixError::BitsBehind { length: 16 }));
    }

    #[test]
    fn a_prefix_holds_its_own_family_only() {
        let all_v4: Prefix = "0.0.0.0/0".parse().unwrap();
        assert!(all_v4.contains("203.0.113.1".parse().unwrap()));
        assert!(!all_v4.contains("::1".parse().unwrap()));
        let network: Prefix = "198.51.100.0/24".parse().unwrap();
        assert!(network.contains("198.51.100.255".parse().unwrap()));
        assert!(!network.contains("198.51.101.0".parse().unwrap()));
    }
}
