//! Packet captures as they come in: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), from a file or
//! a pipe.
//!
//! A packet comes out as soon as its octets are there. What is in the packets is `packet`'s; statistics, journals and
//! custom blocks are passed over.

mod classic;
mod clock;
mod error;
mod input;
mod options;
mod sections;

use std::io::Read;

use crate::model::At;
use crate::packet::LinkType;

pub use error::CaptureError;
pub use options::{Comments, Names};

use classic::Classic;
use input::Input;
use sections::Sections;

/// How long one packet or block may be, in octets: more than any program writes, and little enough to be held in memory.
pub const PIECE_OCTETS_MAX: u32 = 16 * 1024 * 1024;

/// How many interfaces one section of a pcapng capture may describe.
pub const INTERFACES_MAX: usize = 65_536;

/// The next thing in a capture.
#[derive(Clone, Debug)]
pub enum Record<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// Names of addresses.
    Names(Names<'a>),
    /// Secrets of TLS connections, in the format of `SSLKEYLOGFILE`.
    Secrets(&'a [u8]),
    /// Nothing: more has to be read, and that may block. The next call of [`Capture::record`] does so; who has
    /// something to flush does it before.
    Wait,
}

/// A packet of a capture.
#[derive(Clone, Debug)]
pub struct Packet<'a> {
    /// When it was seen; 0 in a simple packet block, which does not say.
    pub at: At,
    /// How its first octets are to be read.
    pub link: LinkType,
    /// Its octets, as many as were kept.
    pub octets: &'a [u8],
    /// How long it was on the wire, in octets.
    pub octets_on_wire: u32,
    /// What people wrote beside it.
    pub comments: Comments<'a>,
}

/// A capture being read.
#[derive(Debug)]
pub struct Capture<R> {
    input: Input<R>,
    format: Format,
    /// Whether the last record was [`Record::Wait`].
    told_to_wait: bool,
}

#[derive(Debug)]
enum Format {
    Classic(Classic),
    Sections(Sections),
    /// It ended, well or badly.
    Over,
}

/// Where a format stands: what [`Capture::record`] does next.
pub(crate) enum Progress {
    /// So many octets have to wait together before there is something.
    Needs(usize),
    /// Something was there that is nobody's affair; go on.
    Passed,
    /// The next record lies in these octets of the buffer.
    Found(Found),
    /// Everything is read.
    End,
}

pub(crate) enum Found {
    Packet {
        at: At,
        link: LinkType,
        octets: std::ops::Range<usize>,
        octets_on_wire: u32,
        options: std::ops::Range<usize>,
    },
    Names(std::ops::Range<usize>),
    Secrets(std::ops::Range<usize>),
}

impl<R: Read> Capture<R> {
    /// Reads as far as it takes to know what kind of capture it is, and may block for that.
    ///
    /// # Errors
    ///
    /// If that is none, or cannot be read.
    pub fn open(read: R) -> Result<Self, CaptureError> {
        let mut input = Input::new(read);
        while input.peek::<4>().is_none() && !input.has_ended() {
            input.read(4)?;
        }
        let magic = match input.peek::<4>() {
            Some(magic) => *magic,
            None if input.waiting().is_empty() => return Err(CaptureError::Empty),
            None => {
                return Err(CaptureError::NotACapture {
                    found: format!("no more than {} octets", input.waiting().len()),
                });
            }
        };
        let format = if magic == sections::SECTION {
            Format::Sections(Sections::default())
        } else if let Some(classic) = Classic::open(magic, &mut input)? {
            Format::Classic(classic)
        } else {
            return Err(CaptureError::NotACapture { found: kind(magic) });
        };
        Ok(Self { input, format, told_to_wait: false })
    }

    /// The next record; `None` once everything is read, and after an error.
    ///
    /// # Errors
    ///
    /// If the capture ends within something, is damaged, or cannot be read. Everything before that has been handed out.
    pub fn record(&mut self) -> Result<Option<Record<'_>>, CaptureError> {
        let found = loop {
            match self.progress() {
                Ok(Progress::Found(found)) => break found,
                Ok(Progress::Passed) => {}
                Ok(Progress::Needs(_)) if !self.told_to_wait => {
                    self.told_to_wait = true;
                    return Ok(Some(Record::Wait));
                }
                Ok(Progress::Needs(octets)) => {
                    if let Err(error) = self.input.read(octets) {
                        self.format = Format::Over;
                        return Err(error);
                    }
                }
                Ok(Progress::End) => {
                    self.format = Format::Over;
                    return Ok(None);
                }
                Err(error) => {
                    self.format = Format::Over;
                    return Err(error);
                }
            }
        };
        self.told_to_wait = false;
        Ok(Some(self.lend(found)))
    }

    fn progress(&mut self) -> Result<Progress, CaptureError> {
        match &mut self.format {
            Format::Classic(classic) => classic.progress(&mut self.input),
            Format::Sections(sections) => sections.progress(&mut self.input),
            Format::Over => Ok(Progress::End),
        }
    }

    fn lend(&self, found: Found) -> Record<'_> {
        let fields = |range| match &self.format {
            Format::Sections(sections) => sections.fields(self.input.taken(range)),
            Format::Classic(_) | Format::Over => options::Fields::none(),
        };
        match found {
            Found::Packet { at, link, octets, octets_on_wire, options } => Record::Packet(Packet {
                at,
                link,
                octets: self.input.taken(octets),
                octets_on_wire,
                comments: Comments(fields(options)),
            }),
            Found::Names(records) => Record::Names(Names(fields(records))),
            Found::Secrets(octets) => Record::Secrets(self.input.taken(octets)),
        }
    }
}

/// Whether a file that begins so is a capture, or of another kind for which there is advice.
#[must_use]
pub fn is_known(magic: [u8; 4]) -> bool {
    magic == sections::SECTION || classic::is_magic(magic) || advice(magic).is_some()
}

/// What a file that is no capture may be, with advice.
fn kind(magic: [u8; 4]) -> String {
    let [a, b, c, d] = magic;
    advice(magic).map_or_else(|| format!("the octets {a:02x} {b:02x} {c:02x} {d:02x}"), str::to_owned)
}

fn advice(magic: [u8; 4]) -> Option<&'static str> {
    Some(match magic {
        [0x1f, 0x8b, ..] => "a gzip file; unpack it on the way in (`gunzip -c FILE`)",
        [0x28, 0xb5, 0x2f, 0xfd] => "a zstd file; unpack it on the way in (`zstd -dc FILE`)",
        [0x04, 0x22, 0x4d, 0x18] => "an lz4 file; unpack it on the way in (`lz4 -dc FILE`)",
        [b's', b'n', b'o', b'o'] => "a snoop capture; convert it first (`editcap -F pcapng FILE OUT`)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
