//! Records as they are framed (RFC 8446 §5.1), and finding their boundary again where octets are missing.

/// Type, version, length.
pub(super) const HEADER_OCTETS: usize = 5;

/// Octets of a fragment at most: 16 KiB, and what sealing may add (RFC 5246 §6.2.3).
pub(super) const FRAGMENT_OCTETS_MAX: u16 = (1 << 14) + 2_048;

pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;
/// RFC 6520.
pub(super) const HEARTBEAT: u8 = 24;

/// Headers that are looked at, one behind the other, as far as they are there.
const CHAIN: usize = 4;

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) version: [u8; 2],
    pub(super) length: u16,
}

/// What the first octets are no head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoHeader;

impl Header {
    /// The header at the beginning of `octets`; `None` if they are too few to know.
    pub(super) fn read(octets: &[u8]) -> Result<Option<Self>, NoHeader> {
        let kind_fits = octets.first().is_none_or(|kind| (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(kind));
        let version_fits =
            octets.get(1).is_none_or(|major| *major == 3) && octets.get(2).is_none_or(|minor| *minor <= 4);
        if !kind_fits || !version_fits {
            return Err(NoHeader);
        }
        let Some(&[kind, major, minor, high, low]) = octets.first_chunk::<HEADER_OCTETS>() else {
            return Ok(None);
        };
        let length = u16::from_be_bytes([high, low]);
        if length > FRAGMENT_OCTETS_MAX {
            Err(NoHeader)
        } else {
            Ok(Some(Self { kind, version: [major, minor], length }))
        }
    }

    pub(super) fn octets(self) -> [u8; HEADER_OCTETS] {
        let [high, low] = self.length.to_be_bytes();
        [self.kind, self.version[0], self.version[1], high, low]
    }

    /// Octets of the whole record.
    pub(super) fn record_octets(self) -> usize {
        HEADER_OCTETS + usize::from(self.length)
    }

    /// Whether it is one of those that come after a handshake has begun, where all records have one version and are not empty.
    fn fits_later(self) -> bool {
        self.kind <= APPLICATION_DATA && self.version == [3, 3] && self.length > 0
    }
}

/// The first place where a record may begin: nothing that is there speaks against it. The length if there is none.
///
/// A header is found by chance at one place of ten millions; whether it is one, opening the record decides.
pub(super) fn first_candidate(octets: &[u8]) -> usize {
    (0..octets.len()).find(|start| may_begin(&octets[*start..])).unwrap_or(octets.len())
}

fn may_begin(mut octets: &[u8]) -> bool {
    for _ in 0..CHAIN {
        let header = match Header::read(octets) {
            Err(NoHeader) => return false,
            Ok(None) => {
                return octets.first() != Some(&HEARTBEAT) && octets.get(2).is_none_or(|minor| *minor == 3);
            }
            Ok(Some(header)) if !header.fits_later() => return false,
            Ok(Some(header)) => header,
        };
        match octets.get(header.record_octets()..) {
            Some(rest) => octets = rest,
            None => return true,
        }
    }
    true
}
