//! [`Acks`]: the counters of stream management (XEP-0198 §4): what each side has said, and what the other has said that it got.

/// Counters of one side's stanzas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Acks {
    /// Whether its stanzas are counted: the other side can acknowledge them.
    pub(super) is_counting: bool,
    /// Stanzas said since counting began, modulo 2^32; `None` where the beginning was not seen, or octets are missing.
    pub(super) said: Option<u32>,
    /// The last `h` of the other side.
    pub(super) acknowledged: Option<u32>,
}

impl Acks {
    /// Counting begins, or goes on at `said` after a resumption.
    pub(super) fn begin(&mut self, said: Option<u32>) {
        *self = Self { is_counting: true, said, acknowledged: None };
    }

    /// A stanza is said.
    pub(super) fn stanza(&mut self) {
        if self.is_counting {
            self.said = self.said.map(|said| said.wrapping_add(1));
        }
    }

    /// Octets are missing: nobody knows how many stanzas were among them.
    pub(super) fn lost(&mut self) {
        self.said = None;
    }

    /// The other side has got `h` of them.
    pub(super) fn acknowledge(&mut self, h: u32) {
        self.acknowledged = Some(h);
    }

    /// So many stanzas are said and not acknowledged, where that is known.
    #[must_use]
    pub(super) fn outstanding(&self) -> Option<u32> {
        Some(self.said?.wrapping_sub(self.acknowledged?)).filter(|open| *open < u32::MAX / 2)
    }
}
