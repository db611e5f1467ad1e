//! The newer format: sections of blocks, each with its own byte order and interfaces (draft-ietf-opsawg-pcapng).
//!
//! The frame around a block is read here, so that a block which says it is longer than it is cannot ask for more octets
//! forever.

use std::io::Read;
use std::ops::Range;

use pcap_parser::{DSB_MAGIC, EPB_MAGIC, IDB_MAGIC, NRB_MAGIC, SHB_MAGIC, SPB_MAGIC};

use super::clock::Clock;
use super::input::Input;
use super::options::{Fields, Order};
use super::{CaptureError, Found, INTERFACES_MAX, PIECE_OCTETS_MAX, Progress};
use crate::model::At;
use crate::packet::LinkType;

/// The first octets of a section, in either byte order.
pub(crate) const SECTION: [u8; 4] = SHB_MAGIC.to_le_bytes();

/// The packet block of the format's first years (§A of the draft).
const OBSOLETE_PACKET: u32 = 2;

/// Type and length before a block's content, length after it.
const FRAME_OCTETS: usize = 12;

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    clock: Clock,
    /// How much was kept of a packet, in octets; 0 if everything.
    snap: u32,
}

#[derive(Debug)]
pub(crate) struct Sections {
    order: Order,
    interfaces: Vec<Interface>,
}

impl Default for Sections {
    fn default() -> Self {
        Self { order: Order::Little, interfaces: Vec::new() }
    }
}

/// A block whose octets are all there.
struct Block<'a> {
    /// Where it begins in the capture.
    offset: u64,
    order: Order,
    content: &'a [u8],
}

impl Sections {
    pub(crate) fn fields<'a>(&self, octets: &'a [u8]) -> Fields<'a> {
        Fields::new(octets, self.order)
    }

    pub(crate) fn progress<R: Read>(&mut self, input: &mut Input<R>) -> Result<Progress, CaptureError> {
        let offset = input.offset();
        let Some(head) = input.peek::<FRAME_OCTETS>() else {
            return match (input.has_ended(), input.waiting().len()) {
                (true, 0) => Ok(Progress::End),
                (true, found) => Err(CaptureError::CutOff {
                    offset,
                    what: "a block",
                    expected: FRAME_OCTETS as u64,
                    found: found as u64,
                }),
                (false, _) => Ok(Progress::Needs(FRAME_OCTETS)),
            };
        };
        let [kind, length, mark] = [0, 4, 8].map(|at| [head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let order = if kind == SECTION { byte_order(mark, offset)? } else { self.order };
        let (kind, length) = (order.u32(kind), order.u32(length));
        check_length(length, offset)?;
        let octets = length as usize;
        if input.waiting().len() < octets {
            if input.has_ended() {
                let (expected, found) = (u64::from(length), input.waiting().len() as u64);
                return Err(CaptureError::CutOff { offset, what: "a block", expected, found });
            }
            return Ok(Progress::Needs(octets));
        }
        let range = input.take(octets);
        let content = range.start + 8..range.end - 4;
        let closing =
            input.taken(content.end..range.end).first_chunk().map_or(0, |closing| order.u32(*closing));
        if closing != length {
            let found = format!("a block of {length} octets that says {closing} at its end");
            return Err(CaptureError::Damaged {
                offset,
                expected: "the same length before and after a block's content",
                found,
            });
        }
        let block = Block { offset, order, content: input.taken(content.clone()) };
        self.open(kind, &block, content)
    }

    fn open(&mut self, kind: u32, block: &Block<'_>, place: Range<usize>) -> Result<Progress, CaptureError> {
        let within = |range: Range<usize>| place.start + range.start..place.start + range.end;
        match kind {
            SHB_MAGIC => {
                let major = block.order.u16(block.array(4, "a section header with a version")?);
                if major != 1 {
                    return Err(block.damaged(
                        "version 1 of the format",
                        format!("version {major}; a newer release may read it"),
                    ));
                }
                self.order = block.order;
                self.interfaces.clear();
            }
            IDB_MAGIC => self.describe(block)?,
            EPB_MAGIC => {
                let interface = self.interface(block.u32(0, "an interface in a packet block")?, block)?;
                return self.packet(block, interface, place);
            }
            OBSOLETE_PACKET => {
                let index = block.order.u16(block.array(0, "an interface in a packet block")?);
                let interface = self.interface(u32::from(index), block)?;
                return self.packet(block, interface, place);
            }
            SPB_MAGIC => {
                let interface = self.interface(0, block)?;
                let octets_on_wire = block.u32(0, "a length in a simple packet block")?;
                let snap = if interface.snap == 0 { u32::MAX } else { interface.snap };
                let kept = (octets_on_wire.min(snap) as usize).min(block.content.len() - 4);
                let (octets, options) = (within(4..4 + kept), 0..0);
                return Ok(Progress::Found(Found::Packet {
                    at: At(0),
                    link: interface.link,
                    octets,
                    octets_on_wire,
                    options,
                }));
            }
            NRB_MAGIC => return Ok(Progress::Found(Found::Names(place))),
            DSB_MAGIC => {
                const TLS_KEY_LOG: u32 = 0x544c_534b;
                let octets = block.u32(4, "a length in a secrets block")? as usize;
                if block.u32(0, "a type in a secrets block")? == TLS_KEY_LOG {
                    block.holds(8, octets)?;
                    return Ok(Progress::Found(Found::Secrets(within(8..8 + octets))));
                }
            }
            _ => {}
        }
        Ok(Progress::Passed)
    }

    fn describe(&mut self, block: &Block<'_>) -> Result<(), CaptureError> {
        const RESOLUTION: u16 = 9;
        const OFFSET: u16 = 14;
        if self.interfaces.len() == INTERFACES_MAX {
            return Err(block.damaged(
                "a plausible number of interfaces",
                format!("more than {INTERFACES_MAX} in one section"),
            ));
        }
        let expected = "a link type in an interface block";
        let (link, snap) = (LinkType(block.order.u16(block.array(0, expected)?)), block.u32(4, expected)?);
        let (mut resolution, mut offset) = (6, 0);
        for (code, value) in Fields::new(&block.content[8..], block.order) {
            match (code, value) {
                (RESOLUTION, [value]) => resolution = *value,
                (OFFSET, value) => offset = value.first_chunk().map_or(0, |value| block.order.i64(*value)),
                _ => {}
            }
        }
        let clock = if resolution == 6 && offset == 0 {
            Some(Clock::MICROSECONDS)
        } else {
            Clock::new(resolution, offset)
        };
        let clock = clock.ok_or_else(|| {
            block.damaged(
                "a time resolution of 10^-28 s or 2^-63 s at most",
                format!("if_tsresol {resolution:#04x}"),
            )
        })?;
        self.interfaces.push(Interface { link, clock, snap });
        Ok(())
    }

    fn interface(&self, index: u32, block: &Block<'_>) -> Result<Interface, CaptureError> {
        self.interfaces.get(index as usize).copied().ok_or_else(|| {
            let found = format!("interface {index} where {} are described", self.interfaces.len());
            block.damaged("a packet of an interface that was described before it", found)
        })
    }

    /// An enhanced packet block, or one of its forerunner: both have time, lengths and octets in the same places.
    fn packet(
        &self,
        block: &Block<'_>,
        interface: Interface,
        place: Range<usize>,
    ) -> Result<Progress, CaptureError> {
        const DATA: usize = 20;
        let field = |at| block.u32(at, "a packet block with time and lengths");
        let (high, low, kept, octets_on_wire) = (field(4)?, field(8)?, field(12)?, field(16)?);
        block.holds(DATA, kept as usize)?;
        let end = DATA + kept as usize;
        let options = place.start + end.next_multiple_of(4).min(block.content.len())..place.end;
        Ok(Progress::Found(Found::Packet {
            at: interface.clock.at(u64::from(high) << 32 | u64::from(low)),
            link: interface.link,
            octets: place.start + DATA..place.start + end,
            octets_on_wire: octets_on_wire.max(kept),
            options,
        }))
    }
}

impl Block<'_> {
    fn array<const N: usize>(&self, at: usize, expected: &'static str) -> Result<[u8; N], CaptureError> {
        let found = self.content.get(at..).and_then(|rest| rest.first_chunk()).copied();
        found.ok_or_else(|| {
            self.damaged(expected, format!("a block of {} octets", self.content.len() + FRAME_OCTETS))
        })
    }

    fn u32(&self, at: usize, expected: &'static str) -> Result<u32, CaptureError> {
        self.array(at, expected).map(|octets| self.order.u32(octets))
    }

    /// Checks that so many octets are there.
    fn holds(&self, at: usize, octets: usize) -> Result<(), CaptureError> {
        let room = self.content.len().saturating_sub(at);
        if octets <= room {
            return Ok(());
        }
        Err(self.damaged(
            "a block as long as what it says it holds",
            format!("{octets} octets in a block with room for {room}"),
        ))
    }

    fn damaged(&self, expected: &'static str, found: String) -> CaptureError {
        CaptureError::Damaged { offset: self.offset, expected, found }
    }
}

fn byte_order(mark: [u8; 4], offset: u64) -> Result<Order, CaptureError> {
    match mark {
        [0x1a, 0x2b, 0x3c, 0x4d] => Ok(Order::Big),
        [0x4d, 0x3c, 0x2b, 0x1a] => Ok(Order::Little),
        [a, b, c, d] => Err(CaptureError::Damaged {
            offset: offset + 8,
            expected: "a section's byte-order mark 1a 2b 3c 4d or 4d 3c 2b 1a",
            found: format!("{a:02x} {b:02x} {c:02x} {d:02x}"),
        }),
    }
}

fn check_length(length: u32, offset: u64) -> Result<(), CaptureError> {
    if length > PIECE_OCTETS_MAX {
        return Err(CaptureError::TooLong {
            offset,
            what: "a block",
            octets: u64::from(length),
            limit: u64::from(PIECE_OCTETS_MAX),
        });
    }
    if (length as usize) < FRAME_OCTETS || !length.is_multiple_of(4) {
        let found = format!("{length}");
        return Err(CaptureError::Damaged {
            offset,
            expected: "a block's length: a multiple of 4, at least 12",
            found,
        });
    }
    Ok(())
}
