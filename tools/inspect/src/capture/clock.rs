//! How an interface of a capture counts time: units per second and an offset, `if_tsresol` and `if_tsoffset` of
//! draft-ietf-opsawg-pcapng §4.2.

use crate::model::At;

const NANOSECONDS: u64 = 1_000_000_000;

/// How ticks become nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    tick: Tick,
    /// To be added, in nanoseconds.
    offset: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// So many nanoseconds; a second is 10^-9 of it or more.
    Nanoseconds(u64),
    /// Shorter than a nanosecond: so many of them make one.
    PerNanosecond(u64),
    /// A second divided by two so often.
    Binary(u32),
}

impl Clock {
    /// Microseconds since the epoch: where nothing is said.
    pub(crate) const MICROSECONDS: Self = Self { tick: Tick::Nanoseconds(1_000), offset: 0 };

    /// By `if_tsresol` (a power of ten, or of two with its highest bit set) and `if_tsoffset` in seconds. `None` for a
    /// resolution that no 64-bit tick can count.
    pub(crate) fn new(resolution: u8, offset_seconds: i64) -> Option<Self> {
        let tick = match (resolution & 0x80 != 0, u32::from(resolution & 0x7f)) {
            (true, power @ 0..=63) => Tick::Binary(power),
            (false, power @ 0..=9) => Tick::Nanoseconds(10_u64.pow(9 - power)),
            (false, power @ 10..=28) => Tick::PerNanosecond(10_u64.pow(power - 9)),
            _ => return None,
        };
        Some(Self { tick, offset: i128::from(offset_seconds) * i128::from(NANOSECONDS) })
    }

    /// The time of a tick; one that [`At`] cannot hold becomes the nearest that it can.
    pub(crate) fn at(self, ticks: u64) -> At {
        let nanoseconds = match self.tick {
            Tick::Nanoseconds(each) => u128::from(ticks) * u128::from(each),
            Tick::PerNanosecond(each) => u128::from(ticks / each),
            Tick::Binary(power) => (u128::from(ticks) * u128::from(NANOSECONDS)) >> power,
        };
        let at = i128::try_from(nanoseconds).unwrap_or(i128::MAX).saturating_add(self.offset);
        At(at.clamp(0, i128::from(u64::MAX)) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_is_a_power_of_ten_or_of_two() {
        for (resolution, ticks, nanoseconds) in [
            (0, 3, 3_000_000_000),
            (6, 1_700_000_000_000_001, 1_700_000_000_000_001_000),
            (9, 1_700_000_000_000_000_001, 1_700_000_000_000_000_001),
            (12, 5_999, 5),
            (0x80, 7, 7_000_000_000),
            (0x80 | 10, 512, 500_000_000),
            (0x80 | 63, 1 << 62, 500_000_000),
        ] {
            assert_eq!(
                Clock::new(resolution, 0).map(|clock| clock.at(ticks)),
                Some(At(nanoseconds)),
                "resolution {resolution}"
            );
        }
        assert_eq!(Clock::new(29, 0), None);
        assert_eq!(Clock::new(0x80 | 64, 0), None);
    }

    #[test]
    fn an_offset_is_added_and_may_be_negative() {
        let at = |offset, ticks| Clock::new(6, offset).expect("microseconds").at(ticks);
        assert_eq!(at(10, 5), At(10_000_005_000));
        assert_eq!(at(-1, 1_500_000), At(500_000_000));
        assert_eq!(at(-2, 1_500_000), At(0));
        assert_eq!(at(i64::MAX, u64::MAX), At(u64::MAX));
    }
}
