//! An instant as the cores know it. Time is always an argument: nothing in this crate reads a clock.

use std::time::Duration;

use jiff::Timestamp;

/// One instant on both clocks.
///
/// Decisions are made on `mono` alone; `wall` is only written down for people to read, so a wall clock that jumps
/// moves no deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic time since the start of the process (or of the simulated world).
    pub mono: Duration,
    /// Wall-clock time (UTC).
    pub wall: Timestamp,
}

impl Moment {
    /// The same instant on both clocks.
    #[must_use]
    pub const fn new(mono: Duration, wall: Timestamp) -> Self {
        Self { mono, wall }
    }

    /// The wall-clock time in whole seconds, as the wire shows it (XEP-0082 without a fraction).
    #[must_use]
    pub fn wall_second(self) -> Timestamp {
        Timestamp::from_second(self.wall.as_second()).unwrap_or(self.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_shows_whole_seconds() {
        let wall: Timestamp = "2026-11-22T20:59:03.75Z".parse().unwrap();
        let second = Moment::new(Duration::ZERO, wall).wall_second();
        assert_eq!(second.to_string(), "2026-11-22T20:59:03Z");
    }
}
