//! Lists of typed, padded fields in a pcapng block: options (draft-ietf-opsawg-pcapng §3.5), and the name records of a name
//! resolution block (§4.5), which are laid out alike.

use std::borrow::Cow;
use std::net::IpAddr;

use pcap_parser::{PcapNGOption, parse_option_be, parse_option_le};

/// In which order the octets of a number stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Big,
    Little,
}

impl Order {
    pub(crate) fn u16(self, octets: [u8; 2]) -> u16 {
        match self {
            Self::Big => u16::from_be_bytes(octets),
            Self::Little => u16::from_le_bytes(octets),
        }
    }

    pub(crate) fn u32(self, octets: [u8; 4]) -> u32 {
        match self {
            Self::Big => u32::from_be_bytes(octets),
            Self::Little => u32::from_le_bytes(octets),
        }
    }

    pub(crate) fn i64(self, octets: [u8; 8]) -> i64 {
        match self {
            Self::Big => i64::from_be_bytes(octets),
            Self::Little => i64::from_le_bytes(octets),
        }
    }
}

/// Fields one after the other: code and value without its padding. Ends at the field with code 0, or at the first that
/// is not whole.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    order: Order,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(rest: &'a [u8], order: Order) -> Self {
        Self { rest, order }
    }

    pub(crate) fn none() -> Self {
        Self { rest: &[], order: Order::Little }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let parsed: Result<(&[u8], PcapNGOption<'a>), pcap_parser::nom::Err<()>> = match self.order {
            Order::Big => parse_option_be(self.rest),
            Order::Little => parse_option_le(self.rest),
        };
        match parsed {
            Ok((rest, PcapNGOption { code, len, value: Cow::Borrowed(value) })) if code.0 != 0 => {
                self.rest = rest;
                Some((code.0, value.get(..usize::from(len))?))
            }
            _ => {
                self.rest = &[];
                None
            }
        }
    }
}

/// What people wrote beside a packet (`opt_comment`).
#[derive(Clone, Debug)]
pub struct Comments<'a>(pub(crate) Fields<'a>);

impl<'a> Iterator for Comments<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        const COMMENT: u16 = 1;
        self.0.find(|(code, _)| *code == COMMENT).map(|(_, text)| String::from_utf8_lossy(text))
    }
}

/// Names of addresses; where an address has several, the first.
#[derive(Clone, Debug)]
pub struct Names<'a>(pub(crate) Fields<'a>);

impl<'a> Iterator for Names<'a> {
    type Item = (IpAddr, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        const IPV4: u16 = 1;
        const IPV6: u16 = 2;
        self.0.find_map(|(code, value)| {
            let (address, names) = match code {
                IPV4 => {
                    value.split_first_chunk::<4>().map(|(address, names)| (IpAddr::from(*address), names))?
                }
                IPV6 => {
                    value.split_first_chunk::<16>().map(|(address, names)| (IpAddr::from(*address), names))?
                }
                _ => return None,
            };
            let name = names.split(|octet| *octet == 0).next().filter(|name| !name.is_empty())?;
            Some((address, String::from_utf8_lossy(name)))
        })
    }
}
