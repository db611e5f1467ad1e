//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng, section 4): section header, interface, names, packets.

use std::{net::Ipv4Addr, time::Duration};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const NAMES: u32 = 4;
const PACKET: u32 = 6;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const INTERFACE_NAME: u16 = 2;
const APPLICATION: u16 = 4;
const INTERFACE_RESOLUTION: u16 = 9;

/// An address of four octets with its name.
const NAME_IPV4: u16 = 1;
const END_OF_NAMES: u16 = 0;

const LINK_ETHERNET: u16 = 1;

/// A capture in the making.
pub(super) struct Blocks {
    file: Vec<u8>,
    /// What the next packet has for comments.
    remarks: Vec<String>,
}

impl Blocks {
    /// A section with one interface, in which these addresses have these names.
    pub(super) fn new<'a>(
        about: &str,
        interface: &str,
        named: impl Iterator<Item = (Ipv4Addr, &'a str)>,
    ) -> Self {
        let mut blocks = Self { file: Vec::new(), remarks: Vec::new() };
        let mut section = Body::default();
        // The byte order's mark, version 1.0, and a length that is not told.
        section.octets(&0x1a2b_3c4d_u32.to_le_bytes()).octets(&[1, 0, 0, 0]).octets(&[0xff; 8]);
        section.option(COMMENT, about.as_bytes()).option(APPLICATION, b"chatdev-sim");
        blocks.push(SECTION, section.option(END_OF_OPTIONS, &[]));
        let mut description = Body::default();
        // Two reserved octets, and packets of any length.
        description.octets(&LINK_ETHERNET.to_le_bytes()).octets(&[0; 2]).octets(&[0; 4]);
        description.option(INTERFACE_NAME, interface.as_bytes());
        // Nanoseconds.
        description.option(INTERFACE_RESOLUTION, &[9]);
        blocks.push(INTERFACE, description.option(END_OF_OPTIONS, &[]));
        let mut names = Body::default();
        for (address, name) in named {
            let record = [&address.octets()[..], name.as_bytes(), &[0]].concat();
            names.option(NAME_IPV4, &record);
        }
        blocks.push(NAMES, names.option(END_OF_NAMES, &[]));
        blocks
    }

    /// A comment for the next packet.
    pub(super) fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }

    /// A packet, that long after 1970.
    pub(super) fn packet(&mut self, at: Duration, packet: &[u8]) {
        let at = at.as_nanos();
        let half = |bits: u128| u32::try_from(bits & 0xffff_ffff).unwrap_or_default().to_le_bytes();
        let length = u32::try_from(packet.len()).unwrap_or_default().to_le_bytes();
        let mut body = Body::default();
        // The first interface, the time's upper and lower half, the length twice: nothing is left out.
        body.octets(&[0; 4]).octets(&half(at >> 32)).octets(&half(at)).octets(&length).octets(&length);
        body.octets(packet).pad();
        let remarks = std::mem::take(&mut self.remarks);
        for remark in &remarks {
            body.option(COMMENT, remark.as_bytes());
        }
        if !remarks.is_empty() {
            body.option(END_OF_OPTIONS, &[]);
        }
        self.push(PACKET, &body);
    }

    /// The file.
    pub(super) fn finish(self) -> Vec<u8> {
        self.file
    }

    fn push(&mut self, kind: u32, body: &Body) {
        let length = u32::try_from(body.0.len() + 12).unwrap_or_default().to_le_bytes();
        self.file.extend(kind.to_le_bytes());
        self.file.extend(length);
        self.file.extend(&body.0);
        self.file.extend(length);
    }
}

/// What stands within a block.
#[derive(Default)]
struct Body(Vec<u8>);

impl Body {
    fn octets(&mut self, octets: &[u8]) -> &mut Self {
        self.0.extend(octets);
        self
    }

    /// An option or a name, padded to four octets.
    fn option(&mut self, code: u16, value: &[u8]) -> &mut Self {
        let value = &value[..value.len().min(usize::from(u16::MAX))];
        self.octets(&code.to_le_bytes());
        self.octets(&u16::try_from(value.len()).unwrap_or_default().to_le_bytes());
        self.octets(value).pad()
    }

    fn pad(&mut self) -> &mut Self {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }
}
