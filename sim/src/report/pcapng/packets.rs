//! Single packets: Ethernet, IPv4 (RFC 791), TCP (RFC 9293).

use std::net::Ipv4Addr;

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

/// Options at the beginning of a conversation: segments of up to 1,460 octets, and a window that counts in units
/// of 2¹⁴, so that no inspector takes a slow reader for a full window.
const OPENING: [u8; 8] = [2, 4, 0x05, 0xb4, 1, 3, 3, 14];

const TCP: u8 = 6;

/// What a packet says.
pub(super) struct Segment<'a> {
    pub(super) from: Ipv4Addr,
    pub(super) to: Ipv4Addr,
    /// The sender's, and the receiver's.
    pub(super) ports: (u16, u16),
    pub(super) sequence: u32,
    pub(super) acknowledged: u32,
    pub(super) flags: u8,
    pub(super) text: &'a [u8],
}

/// The packet as it would be on an Ethernet.
pub(super) fn packet(segment: &Segment<'_>) -> Vec<u8> {
    let tcp = tcp(segment);
    let mut ip = ip_header(segment, tcp.len());
    fill_in(&mut ip, 10, 0);
    let mut packet = Vec::with_capacity(14 + ip.len() + tcp.len());
    for address in [segment.to, segment.from] {
        // Locally administered.
        packet.extend([0x02, 0]);
        packet.extend(address.octets());
    }
    packet.extend([0x08, 0x00]);
    packet.extend(ip);
    packet.extend(tcp);
    packet
}

fn ip_header(segment: &Segment<'_>, octets: usize) -> Vec<u8> {
    let length = u16::try_from(20 + octets).unwrap_or(u16::MAX);
    let mut header = vec![0x45, 0];
    header.extend(length.to_be_bytes());
    // No identification, not to be fragmented, 64 hops; the checksum is filled in.
    header.extend([0, 0, 0x40, 0, 64, TCP, 0, 0]);
    header.extend(segment.from.octets());
    header.extend(segment.to.octets());
    header
}

fn tcp(segment: &Segment<'_>) -> Vec<u8> {
    let options: &[u8] = if segment.flags & SYN == 0 { &[] } else { &OPENING };
    let words = if options.is_empty() { 5 } else { 7 };
    let mut tcp = Vec::with_capacity(28 + segment.text.len());
    tcp.extend(segment.ports.0.to_be_bytes());
    tcp.extend(segment.ports.1.to_be_bytes());
    tcp.extend(segment.sequence.to_be_bytes());
    tcp.extend(segment.acknowledged.to_be_bytes());
    tcp.extend([words << 4, segment.flags, 0xff, 0xff, 0, 0, 0, 0]);
    tcp.extend(options);
    tcp.extend(segment.text);
    // A TCP checksum covers the addresses, the protocol and the length as well (RFC 9293, section 3.1).
    let mut covered = sum(&segment.from.octets()) + sum(&segment.to.octets()) + u64::from(TCP);
    covered += u64::try_from(tcp.len()).unwrap_or_default();
    fill_in(&mut tcp, 16, covered);
    tcp
}

/// Writes the checksum of `header`, and of what else it covers, to its place.
fn fill_in(header: &mut [u8], place: usize, else_covered: u64) {
    let mut folded = sum(header) + else_covered;
    while folded > 0xffff {
        folded = (folded & 0xffff) + (folded >> 16);
    }
    let checksum = !u16::try_from(folded).unwrap_or_default();
    header[place..place + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// The sum of 16-bit words; an odd octet at the end stands in the upper half.
fn sum(octets: &[u8]) -> u64 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| u64::from(*low));
    octets.chunks(2).map(word).sum()
}
