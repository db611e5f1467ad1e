//! Reading what RFC 8446 §3 calls the presentation language: numbers, and vectors behind their length.

/// What is left of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presented<'a>(pub(super) &'a [u8]);

impl<'a> Presented<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, octets: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(octets)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[octet]| octet)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A vector whose length has one octet.
    pub(super) fn vector8(&mut self) -> Option<Self> {
        let octets = self.u8()?;
        self.take(usize::from(octets)).map(Self)
    }

    /// A vector whose length has two octets.
    pub(super) fn vector16(&mut self) -> Option<Self> {
        let octets = self.u16()?;
        self.take(usize::from(octets)).map(Self)
    }

    /// A vector whose length has three octets.
    pub(super) fn vector24(&mut self) -> Option<Self> {
        let [high, middle, low] = self.array()?;
        let octets = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        self.take(octets).map(Self)
    }
}
