//! The link layer: what stands before the IP packet, by link type. <https://www.tcpdump.org/linktypes.html> has each layout.

use super::{LinkType, Skip};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// 802.1Q, 802.1ad, and what was used for double tags before it.
const VLAN: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];

/// How many VLAN tags one frame may have, one in the other.
const VLAN_TAGS_MAX: usize = 4;

/// The IP packet in a frame, and whatever fills the frame up behind it.
pub(super) fn unwrap(link: LinkType, octets: &[u8]) -> Result<&[u8], Skip> {
    match link {
        LinkType::ETHERNET => ether_type(octets, 12),
        LinkType::LINUX_SLL => ether_type(octets, 14),
        LinkType::LINUX_SLL2 => {
            // The type comes first, twenty octets of header in all.
            let kind = octets.first_chunk().map(|kind| u16::from_be_bytes(*kind)).ok_or(Skip::Cut)?;
            tagged(kind, octets.get(20..).ok_or(Skip::Cut)?)
        }
        LinkType::NULL | LinkType::LOOP => family(octets),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            Ok(octets)
        }
        _ => Err(Skip::Link),
    }
}

/// What follows the type of the content, which stands at an offset.
fn ether_type(octets: &[u8], at: usize) -> Result<&[u8], Skip> {
    let (kind, rest) = octets.get(at..).and_then(<[u8]>::split_first_chunk).ok_or(Skip::Cut)?;
    tagged(u16::from_be_bytes(*kind), rest)
}

/// What is behind any VLAN tags, if it is IP.
fn tagged(mut kind: u16, mut rest: &[u8]) -> Result<&[u8], Skip> {
    for _ in 0..=VLAN_TAGS_MAX {
        if matches!(kind, IPV4 | IPV6) {
            return Ok(rest);
        }
        if !VLAN.contains(&kind) {
            break;
        }
        let ([_, _, high, low], inner) = rest.split_first_chunk().ok_or(Skip::Cut)?;
        (kind, rest) = (u16::from_be_bytes([*high, *low]), inner);
    }
    Err(Skip::NotIp)
}

/// BSD loopback: an address family, in either byte order. IPv6 has a number of its own in each system; the packet says
/// its version itself.
fn family(octets: &[u8]) -> Result<&[u8], Skip> {
    const INET: u32 = 2;
    const INET6: [u32; 4] = [10, 24, 28, 30];
    let (family, rest) = octets.split_first_chunk().ok_or(Skip::Cut)?;
    let known = |family| family == INET || INET6.contains(&family);
    if known(u32::from_be_bytes(*family)) || known(u32::from_le_bytes(*family)) {
        Ok(rest)
    } else {
        Err(Skip::NotIp)
    }
}
