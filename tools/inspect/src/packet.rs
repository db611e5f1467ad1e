//! From a packet to a TCP segment: the link layer (`link`), IP (`network`), the TCP header. RFC 791, RFC 8200, RFC 9293
//! §3.1.
//!
//! Checksums are not looked at: where a network card computes them, a capture on the machine itself has wrong ones. IP
//! fragments are not put together; XMPP runs over TCP, which avoids them.

mod link;
mod network;
mod skipped;

use std::net::SocketAddr;

use etherparse::TcpHeaderSlice;
use etherparse::err::tcp::HeaderSliceError;

pub use skipped::{Skip, Skipped};

/// How the first octets of a packet are to be read: a number of <https://www.tcpdump.org/linktypes.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: the address family in the byte order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// IP without anything before it, as some BSDs number it.
    pub const RAW_BSD: Self = Self(12);
    /// IP without anything before it, as OpenBSD numbers it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// IP without anything before it, version 4 or 6.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked" capture, version 1 (the interface `any`).
    pub const LINUX_SLL: Self = Self(113);
    /// IPv4 without anything before it.
    pub const IPV4: Self = Self(228);
    /// IPv6 without anything before it.
    pub const IPV6: Self = Self(229);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// The flags of a TCP header that matter for what is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The sequence number is the initial one.
    pub syn: bool,
    /// Nothing follows.
    pub fin: bool,
    /// The connection is cut off.
    pub rst: bool,
    /// The acknowledgement number counts.
    pub ack: bool,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sends it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// Number of its first octet, or of SYN.
    pub seq: u32,
    /// Number of the octet that is expected next from the other side; without meaning unless the flag says so.
    pub ack: u32,
    /// Its flags.
    pub flags: Flags,
    /// What it carries, as much as the capture kept.
    pub payload: &'a [u8],
    /// How much it carried on the wire, in octets: more than `payload` where the capture's snap length cut it.
    pub payload_octets_on_wire: u32,
}

impl<'a> Segment<'a> {
    /// Reads a packet whose first octets are of this link type; `octets_on_wire` is how long it was before the capture
    /// cut it.
    ///
    /// # Errors
    ///
    /// If it is no TCP segment that can be read: why it is to be skipped.
    pub fn read(link: LinkType, octets: &'a [u8], octets_on_wire: u32) -> Result<Self, Skip> {
        let cut = (octets_on_wire as usize).saturating_sub(octets.len());
        Self::unwrap(link, octets, cut).map_err(|why| match why {
            // Too short, though all of it was captured.
            Skip::Cut if cut == 0 => Skip::Damaged,
            why => why,
        })
    }

    fn unwrap(link: LinkType, octets: &'a [u8], cut: usize) -> Result<Self, Skip> {
        let content = network::unwrap(link::unwrap(link, octets)?, cut)?;
        let header = TcpHeaderSlice::from_slice(content.octets).map_err(|error| match error {
            HeaderSliceError::Len(_) => Skip::Cut,
            HeaderSliceError::Content(_) => Skip::Damaged,
        })?;
        let payload = &content.octets[header.slice().len()..];
        Ok(Self {
            from: SocketAddr::new(content.from, header.source_port()),
            to: SocketAddr::new(content.to, header.destination_port()),
            seq: header.sequence_number(),
            ack: header.acknowledgment_number(),
            flags: Flags { syn: header.syn(), fin: header.fin(), rst: header.rst(), ack: header.ack() },
            payload,
            payload_octets_on_wire: u32::try_from(payload.len() + content.cut).unwrap_or(u32::MAX),
        })
    }

    /// Whether the capture kept less of it than it carried.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.payload.len() < self.payload_octets_on_wire as usize
    }
}

#[cfg(test)]
mod tests;
