//! The classic format: one header, then packets, all of one link layer (draft-ietf-opsawg-pcap). Microseconds or
//! nanoseconds, either byte order, and the "modified" variant with longer packet headers.

use std::io::Read;

use pcap_parser::{LegacyPcapBlock, PcapHeader, parse_pcap_header};
use pcap_parser::{parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified};

use super::input::Input;
use super::options::Order;
use super::{CaptureError, Found, PIECE_OCTETS_MAX, Progress};
use crate::model::At;
use crate::packet::LinkType;

/// What every program may write, whatever snap length the header states: it is often said smaller than it was.
const SNAP_OCTETS_LEAST: u32 = 262_144;

/// Whether it begins so.
pub(crate) fn is_magic(magic: [u8; 4]) -> bool {
    const MAGICS: [u32; 5] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34, 0xd4c3_b2a1, 0x4d3c_b2a1];
    MAGICS.contains(&u32::from_le_bytes(magic))
}

#[derive(Debug)]
pub(crate) struct Classic {
    order: Order,
    modified: bool,
    /// What one unit of the second time field is, in nanoseconds.
    unit: u64,
    link: LinkType,
    octets_max: u32,
}

impl Classic {
    /// Reads the header, if those are the first octets of one.
    pub(crate) fn open<R: Read>(magic: [u8; 4], input: &mut Input<R>) -> Result<Option<Self>, CaptureError> {
        const HEADER_OCTETS: usize = 24;
        if !is_magic(magic) {
            return Ok(None);
        }
        while input.waiting().len() < HEADER_OCTETS {
            if input.has_ended() {
                let found = input.waiting().len() as u64;
                return Err(CaptureError::CutOff {
                    offset: 0,
                    what: "the header",
                    expected: HEADER_OCTETS as u64,
                    found,
                });
            }
            input.read(HEADER_OCTETS)?;
        }
        let Ok((_, header)) = parse_pcap_header(input.waiting()) else { return Ok(None) };
        input.take(HEADER_OCTETS);
        Ok(Some(Self::new(&header)))
    }

    fn new(header: &PcapHeader) -> Self {
        Self {
            order: if header.is_bigendian() { Order::Big } else { Order::Little },
            modified: header.is_modified_format(),
            unit: if header.is_nanosecond_precision() { 1 } else { 1_000 },
            // The upper half says whether a checksum follows the frame; the length of the IP packet does too.
            link: LinkType((header.network.0 & 0xffff) as u16),
            octets_max: header.snaplen.clamp(SNAP_OCTETS_LEAST, PIECE_OCTETS_MAX),
        }
    }

    pub(crate) fn progress<R: Read>(&mut self, input: &mut Input<R>) -> Result<Progress, CaptureError> {
        let header_octets = if self.modified { 24 } else { 16 };
        let waiting = input.waiting();
        let Some(header) = waiting.get(..header_octets) else {
            return match (input.has_ended(), waiting.len()) {
                (true, 0) => Ok(Progress::End),
                (true, found) => Err(cut_off(input, "the header of a packet", header_octets, found)),
                (false, _) => Ok(Progress::Needs(header_octets)),
            };
        };
        let kept = self.order.u32([header[8], header[9], header[10], header[11]]);
        if kept > self.octets_max {
            let (octets, limit) = (u64::from(kept), u64::from(self.octets_max));
            return Err(CaptureError::TooLong { offset: input.offset(), what: "a packet", octets, limit });
        }
        let wanted = header_octets + kept as usize;
        if waiting.len() < wanted {
            if input.has_ended() {
                return Err(cut_off(input, "a packet", wanted, waiting.len()));
            }
            return Ok(Progress::Needs(wanted));
        }
        let parsed = match (self.modified, self.order) {
            (true, _) => parse_pcap_frame_modified(waiting),
            (false, Order::Big) => parse_pcap_frame_be(waiting),
            (false, Order::Little) => parse_pcap_frame(waiting),
        };
        let Ok((_, LegacyPcapBlock { ts_sec, ts_usec, origlen, .. })) = parsed else {
            let found = "none that can be read".to_owned();
            return Err(CaptureError::Damaged { offset: input.offset(), expected: "a packet", found });
        };
        let octets = input.take(wanted);
        Ok(Progress::Found(Found::Packet {
            at: At(u64::from(ts_sec) * 1_000_000_000 + u64::from(ts_usec) * self.unit),
            link: self.link,
            octets: octets.start + header_octets..octets.end,
            octets_on_wire: origlen.max(kept),
            options: 0..0,
        }))
    }
}

fn cut_off<R: Read>(input: &Input<R>, what: &'static str, expected: usize, found: usize) -> CaptureError {
    CaptureError::CutOff { offset: input.offset(), what, expected: expected as u64, found: found as u64 }
}
