//! Times and lengths of time, as people read them.

use std::fmt::{self, Write as _};

use jiff::Timestamp;

use crate::model::At;

/// How times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Times {
    /// Seconds since the first entry
    #[default]
    Relative,
    /// Date and time in UTC
    Absolute,
    /// Seconds since the entry before
    Delta,
    /// None
    Off,
}

/// Writes the time of one entry after the other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    times: Times,
    first: Option<At>,
    before: Option<At>,
}

impl Clock {
    /// Nothing was shown yet.
    #[must_use]
    pub fn new(times: Times) -> Self {
        Self { times, first: None, before: None }
    }

    /// Appends the time of the next entry, and two spaces; nothing if times are off. A time of 0, where the source has no clock, is a dash.
    pub fn write(&mut self, at: At, out: &mut String) {
        let has_time = at != At(0);
        if has_time && self.first.is_none() {
            (self.first, self.before) = (Some(at), Some(at));
        }
        let (first, before) = (self.first.unwrap_or(at), self.before.unwrap_or(at));
        if has_time {
            self.before = Some(at);
        }
        match self.times {
            Times::Off => return,
            _ if !has_time => out.push_str("         -"),
            Times::Absolute => {
                let _ = write!(out, "{}", absolute(at));
            }
            Times::Relative => seconds(at.difference(first), out),
            Times::Delta => seconds(at.difference(before), out),
        }
        out.push_str("  ");
    }
}

/// `   12.345678`, at least ten wide; less than 0 where the clock of the source went back.
fn seconds(nanoseconds: i64, out: &mut String) {
    let microseconds = nanoseconds.unsigned_abs() / 1000;
    let mut digits = [b' '; 24];
    let (mut left, mut at) = (microseconds, digits.len());
    for n in 0.. {
        if n == 6 {
            at -= 1;
            digits[at] = b'.';
        }
        if n > 6 && left == 0 {
            break;
        }
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).expect("a digit");
        left /= 10;
    }
    if nanoseconds < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    let begin = at.min(digits.len() - 10);
    out.push_str(std::str::from_utf8(&digits[begin..]).expect("digits"));
}

/// RFC 3339 in UTC with microseconds.
#[must_use]
pub fn absolute(at: At) -> impl fmt::Display {
    let time = Timestamp::from_nanosecond(i128::from(at.0 - at.0 % 1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    fmt::from_fn(move |f| write!(f, "{time:.6}"))
}

/// `250 ns`, `12 µs`, `3.4 ms`, `1.25 s`.
#[must_use]
pub fn length(nanoseconds: u64) -> String {
    let mut out = String::new();
    put_length(nanoseconds, &mut out);
    out
}

/// Appends a [`length`].
pub fn put_length(nanoseconds: u64, out: &mut String) {
    let (unit_ns, digits, unit) = match nanoseconds {
        0..1_000 => (1, 0, " ns"),
        1_000..1_000_000 => (1_000, 0, " µs"),
        1_000_000..10_000_000 => (1_000_000, 2, " ms"),
        10_000_000..1_000_000_000 => (1_000_000, 1, " ms"),
        _ => (1_000_000_000, 3, " s"),
    };
    put_number(nanoseconds / unit_ns, 0, out);
    if digits > 0 {
        out.push('.');
        let begin = out.len();
        let scale = 10_u64.pow(digits);
        // The leading digit keeps the zeros behind the point.
        put_number(scale + nanoseconds % unit_ns * scale / unit_ns, 0, out);
        out.remove(begin);
    }
    out.push_str(unit);
}

/// Appends a number, at the right of so many columns.
pub fn put_number(value: u64, columns: usize, out: &mut String) {
    let mut digits = [b' '; 20];
    let (mut left, mut at) = (value, digits.len());
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).expect("a digit");
        left /= 10;
        if left == 0 {
            break;
        }
    }
    let begin = at.min(digits.len() - columns);
    out.push_str(std::str::from_utf8(&digits[begin..]).expect("digits"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(times: Times, ats: &[u64]) -> Vec<String> {
        let mut clock = Clock::new(times);
        let show = |&at: &u64| {
            let mut out = String::new();
            clock.write(At(at), &mut out);
            out
        };
        ats.iter().map(show).collect()
    }

    #[test]
    fn times_are_relative_to_the_first_or_to_the_one_before() {
        let ats = [1_700_000_000_000_000_000, 1_700_000_000_000_001_999, 1_700_012_345_500_000_000];
        assert_eq!(shown(Times::Relative, &ats), ["  0.000000  ", "  0.000001  ", "12345.500000  "]);
        assert_eq!(shown(Times::Delta, &ats), ["  0.000000  ", "  0.000001  ", "12345.499998  "]);
        assert_eq!(shown(Times::Absolute, &ats[2..]), ["2023-11-15T01:39:05.500000Z  "]);
        assert_eq!(shown(Times::Off, &ats[..1]), [""]);
        assert_eq!(shown(Times::Relative, &[0]), ["         -  "]);
    }

    #[test]
    fn a_clock_that_goes_back_is_shown_to() {
        let ats = [1_700_000_000_000_000_000, 1_699_999_999_999_000_000, 0, 1_700_000_000_000_000_000];
        assert_eq!(
            shown(Times::Relative, &ats),
            ["  0.000000  ", " -0.001000  ", "         -  ", "  0.000000  "]
        );
        assert_eq!(
            shown(Times::Delta, &ats),
            ["  0.000000  ", " -0.001000  ", "         -  ", "  0.001000  "]
        );
        assert_eq!(shown(Times::Relative, &[u64::MAX, 1])[1], "-9223372036.854775  ");
        assert_eq!(shown(Times::Relative, &[0, 1_700_000_000_000_000_000])[1], "  0.000000  ");
    }

    #[test]
    fn lengths_have_the_unit_that_fits() {
        let shown = length;
        assert_eq!(shown(0), "0 ns");
        assert_eq!(shown(1_999), "1 µs");
        assert_eq!(shown(1_050_000), "1.05 ms");
        assert_eq!(shown(12_340_000), "12.3 ms");
        assert_eq!(shown(61_000_000_000), "61.000 s");
    }
}
