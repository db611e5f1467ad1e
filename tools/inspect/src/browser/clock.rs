//! Times and durations, as they are shown: seconds with microseconds in columns, a few digits and a unit in sentences.

use jiff::Timestamp;

use crate::model::At;

/// Seconds with six digits behind the point: `1.500000`.
pub(super) fn seconds(nanoseconds: u64) -> String {
    format!("{}.{:06}", nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 / 1000)
}

/// The same with its sign: `+1.500000`, `-0.000250`.
pub(super) fn signed(nanoseconds: i64) -> String {
    format!("{}{}", if nanoseconds < 0 { '-' } else { '+' }, seconds(nanoseconds.unsigned_abs()))
}

/// A duration with its unit, three digits or so: `60 ms`, `1.53 s`.
pub(super) fn duration(nanoseconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "µs")];
    for (size, unit) in UNITS {
        if nanoseconds >= size {
            let (whole, part) = (nanoseconds / size, nanoseconds % size * 100 / size);
            return match (whole, part) {
                (100.., _) | (_, 0) => format!("{whole} {unit}"),
                _ => format!("{whole}.{part:02} {unit}"),
            };
        }
    }
    format!("{nanoseconds} ns")
}

/// Time of the day with microseconds, UTC: `12:00:01.500000`; a dash where the source has no clock.
pub(super) fn time_of_day(at: At) -> String {
    timestamp(at).map_or_else(|| "–".to_owned(), |time| time.strftime("%H:%M:%S.%6f").to_string())
}

/// Date and time with microseconds, UTC: `2026-03-01 12:00:01.500000 UTC`.
pub(super) fn date_time(at: At) -> String {
    timestamp(at).map_or_else(
        || "at an unknown time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S.%6f UTC").to_string(),
    )
}

fn timestamp(at: At) -> Option<Timestamp> {
    (at != At(0)).then(|| Timestamp::from_nanosecond(at.0.into()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::NOON;

    #[test]
    fn times_are_shown_to_the_microsecond_and_durations_to_a_few_digits() {
        assert_eq!(seconds(1_500_000_000), "1.500000");
        assert_eq!(signed(1_500_000_000), "+1.500000");
        assert_eq!(signed(-250_000), "-0.000250");
        assert_eq!(duration(60_000_000), "60 ms");
        assert_eq!(duration(1_530_000_000), "1.53 s");
        assert_eq!(duration(1_000_000), "1 ms");
        assert_eq!(duration(123_456_000), "123 ms");
        assert_eq!(duration(999), "999 ns");
        assert_eq!(time_of_day(NOON), "12:00:00.000000");
        assert_eq!(date_time(NOON), "2026-03-01 12:00:00.000000 UTC");
        assert_eq!(time_of_day(At(0)), "–");
        assert_ne!(date_time(At(u64::MAX)), "");
    }
}
