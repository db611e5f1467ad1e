//! Both ends of a connection: what finds it, whichever way a segment goes, and who of them opened it.

use std::net::{IpAddr, SocketAddr};

use crate::packet::Segment;

/// Where answerers of XMPP listen: clients (5222, 5223 with TLS at once), servers (5269, 5270 with TLS at once), HTTP
/// (5280, 5281), peers on a local network (5298, XEP-0174).
const ANSWERING_PORTS: [u16; 7] = [5222, 5223, 5269, 5270, 5280, 5281, 5298];

/// One end: its address, an IPv4 one mapped to IPv6 (RFC 4291 §2.5.5.2, which is never seen on a wire), and its port.
type Place = (u128, u16);

/// Both ends in an order that does not depend on who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ends {
    low: Place,
    high: Place,
}

impl Ends {
    /// Those of a segment, and whether the lower one sends it.
    pub(super) fn of(segment: &Segment<'_>) -> (Self, bool) {
        let (from, to) = (place(segment.from), place(segment.to));
        if from <= to { (Self { low: from, high: to }, true) } else { (Self { low: to, high: from }, false) }
    }
}

fn place(address: SocketAddr) -> Place {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    (ip.to_bits(), address.port())
}

/// Whether the sender of the first segment that was seen is who opened the connection. Without SYN that is a guess: the
/// answerer has a known port, else the lower one.
pub(super) fn is_from_dialler(segment: &Segment<'_>) -> bool {
    if segment.flags.syn {
        return !segment.flags.ack;
    }
    let (from, to) = (segment.from.port(), segment.to.port());
    match (ANSWERING_PORTS.contains(&from), ANSWERING_PORTS.contains(&to)) {
        (true, false) => false,
        (false, true) => true,
        (true, true) | (false, false) => from >= to,
    }
}
