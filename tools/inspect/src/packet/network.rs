//! IP: who sends to whom, and which octets are the TCP segment. Versions 4 and 6, options and extension headers included.

use std::net::IpAddr;

use etherparse::err::ip::LaxHeaderSliceError;
use etherparse::err::ipv6_exts::HeaderSliceError;
use etherparse::{IpNumber, LaxIpSlice};

use super::Skip;

/// What an IP packet carries for TCP.
#[derive(Debug)]
pub(super) struct Content<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) octets: &'a [u8],
    /// How many octets more it had on the wire.
    pub(super) cut: usize,
}

/// Opens an IP packet from which the capture cut so many octets.
pub(super) fn unwrap(octets: &[u8], cut: usize) -> Result<Content<'_>, Skip> {
    let (packet, stopped) = LaxIpSlice::from_slice(octets).map_err(|error| match error {
        LaxHeaderSliceError::Len(_) => Skip::Cut,
        LaxHeaderSliceError::Content(_) => Skip::Damaged,
    })?;
    let payload = packet.payload();
    if payload.fragmented {
        return Err(Skip::Fragment);
    }
    match stopped {
        Some((HeaderSliceError::Len(_), _)) => return Err(Skip::Cut),
        Some((HeaderSliceError::Content(_), _)) => return Err(Skip::Damaged),
        None => {}
    }
    if payload.ip_number != IpNumber::TCP {
        return Err(Skip::NotTcp);
    }
    let header_octets = payload.payload.as_ptr().addr() - octets.as_ptr().addr();
    let cut = match total(&packet) {
        Some(total) => total.saturating_sub(header_octets + payload.payload.len()),
        // No length: a packet larger than one can be, which the network card will cut into pieces. As much as was there.
        None => cut,
    };
    Ok(Content { from: packet.source_addr(), to: packet.destination_addr(), octets: payload.payload, cut })
}

/// How long the packet says it is, headers included.
fn total(packet: &LaxIpSlice<'_>) -> Option<usize> {
    let (stated, before) = match packet {
        LaxIpSlice::Ipv4(packet) => (packet.header().total_len(), 0),
        LaxIpSlice::Ipv6(packet) => (packet.header().payload_length(), 40),
    };
    (stated > 0).then(|| usize::from(stated) + before)
}
