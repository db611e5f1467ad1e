//! Values: counts, octets and durations with their units, times, words of small vocabularies; read and written.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::expression::Moment;
use super::field::{Measure, WordField};
use super::near::did_you_mean;
use crate::entry::{Kind, Phase, Severity};
use crate::model::{At, Layer, Side};

/// Units of octets, and how many octets each has; the first of equals is the one that is written.
const OCTET_UNITS: [(&str, u64); 8] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("octets", 1),
];

/// Units of durations, and how many nanoseconds each has; the first of equals is the one that is written.
const DURATION_UNITS: [(&str, u64); 7] = [
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1000),
    ("ns", 1),
    ("µs", 1000),
];

/// What is wrong with a value.
#[derive(Debug)]
pub(super) struct Unfit {
    /// What was expected, without what was found.
    pub(super) expected: String,
    pub(super) help: Option<String>,
}

impl Unfit {
    fn new(expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), help: None }
    }
}

/// A word of a small vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Kind(Kind),
    Side(Side),
    Layer(Layer),
    Phase(Phase),
    Lint(Severity),
}

impl Word {
    pub(super) fn field(self) -> WordField {
        match self {
            Self::Kind(_) => WordField::Kind,
            Self::Side(_) => WordField::Side,
            Self::Layer(_) => WordField::Layer,
            Self::Phase(_) => WordField::Phase,
            Self::Lint(_) => WordField::Lint,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.word(),
            Self::Side(Side::Dialler) => "dialler",
            Self::Side(Side::Answerer) => "answerer",
            Self::Layer(Layer::Clear) => "clear",
            Self::Layer(Layer::Tls) => "tls",
            Self::Phase(phase) => phase.word(),
            Self::Lint(severity) => severity.word(),
        }
    }

    /// The words of a field, where they have an order in it.
    pub(super) fn all(field: WordField) -> Vec<Self> {
        match field {
            WordField::Kind => Kind::ALL.map(Self::Kind).into(),
            WordField::Side => Side::BOTH.map(Self::Side).into(),
            WordField::Layer => [Layer::Clear, Layer::Tls].map(Self::Layer).into(),
            WordField::Phase => [
                Phase::Opening,
                Phase::Negotiating,
                Phase::Authenticating,
                Phase::Authenticated,
                Phase::Established,
                Phase::Closing,
                Phase::Ended,
            ]
            .map(Self::Phase)
            .into(),
            WordField::Lint => [Severity::Note, Severity::Warning, Severity::Error].map(Self::Lint).into(),
        }
    }

    pub(super) fn parse(field: WordField, typed: &str) -> Result<Self, Unfit> {
        let words = Self::all(field);
        if let Some(&word) = words.iter().find(|word| word.as_str().eq_ignore_ascii_case(typed)) {
            return Ok(word);
        }
        let names: Vec<_> = words.iter().map(|word| word.as_str()).collect();
        let help = did_you_mean(typed, names.iter().copied());
        Err(Unfit { expected: format!("one of {}", names.join(", ")), help })
    }
}

/// Whether `typed` is a unit of that measure.
pub(super) fn is_unit(measure: Measure, typed: &str) -> bool {
    units(measure).iter().any(|(name, _)| name.eq_ignore_ascii_case(typed))
}

/// The units of a measure, by name.
pub(super) fn units(measure: Measure) -> &'static [(&'static str, u64)] {
    match measure {
        Measure::Count => &[],
        Measure::Octets => &OCTET_UNITS,
        Measure::Duration => &DURATION_UNITS,
    }
}

pub(super) fn parse_quantity(measure: Measure, typed: &str) -> Result<u64, Unfit> {
    let expected = match measure {
        Measure::Count => "a whole number, such as 12",
        Measure::Octets => "a number of octets, such as 1500 or 4KiB",
        Measure::Duration => "a duration, such as 50ms or 1.5s",
    };
    let unit_at = typed.find(|c: char| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(typed.len());
    let (number, unit) = typed.split_at(unit_at);
    let size = match (measure, unit) {
        (Measure::Count | Measure::Octets, "") => 1,
        (Measure::Count, _) => return Err(Unfit::new(expected)),
        (Measure::Duration, "") if !number.is_empty() && number.bytes().all(|digit| digit == b'0') => 1,
        (_, unit) => {
            let known = units(measure).iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
            let Some(&(_, size)) = known else { return Err(unit_unfit(measure, expected, number, unit)) };
            size
        }
    };
    decimal(number, size, measure).ok_or_else(|| Unfit::new(expected))
}

fn unit_unfit(measure: Measure, expected: &str, number: &str, unit: &str) -> Unfit {
    let names: Vec<_> = units(measure).iter().map(|&(name, _)| name).collect();
    let help = did_you_mean(unit, names.iter().copied())
        .filter(|_| !number.is_empty())
        .unwrap_or_else(|| format!("units are {}", names.join(" ")));
    Unfit { expected: expected.to_owned(), help: Some(help) }
}

/// `number` times `size`, what is less than one left out; `None` if it is no number, or too large for 64 bits.
fn decimal(number: &str, size: u64, measure: Measure) -> Option<u64> {
    const FRACTION_DIGITS_MAX: usize = 15;
    let digits = number.replace('_', "");
    let (whole, fraction) = match digits.split_once('.') {
        None => (digits.as_str(), "0"),
        Some(_) if measure == Measure::Count => return None,
        Some(parts) => parts,
    };
    if fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let whole = u128::from(whole.parse::<u64>().ok()?) * u128::from(size);
    let power = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = u128::from(fraction.parse::<u64>().ok()?) * u128::from(size) / power;
    u64::try_from(whole + part).ok()
}

pub(super) fn parse_moment(typed: &str) -> Result<Moment, Unfit> {
    if let Ok(after) = parse_quantity(Measure::Duration, typed) {
        return Ok(Moment::After(after));
    }
    let clock = typed.parse::<Timestamp>().ok().or_else(|| {
        let civil = typed.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    });
    clock.and_then(|clock| u64::try_from(clock.as_nanosecond()).ok()).map(|clock| Moment::Clock(At(clock))).ok_or_else(
        || Unfit {
            expected: "a duration since the first entry, such as 10s, or a date and time, such as 2026-03-01T12:00:00Z".into(),
            help: None,
        },
    )
}

/// Writes a quantity in the largest unit that leaves a whole number.
pub(super) fn quantity(measure: Measure, value: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = units(measure).iter().find(|(_, size)| value.is_multiple_of(*size) && value > 0);
    match unit {
        Some(("B", _)) => write!(f, "{value}"),
        Some((name, size)) => write!(f, "{}{name}", value / size),
        None => write!(f, "{value}"),
    }
}

pub(super) fn moment(moment: Moment, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match moment {
        Moment::After(after) => quantity(Measure::Duration, after, f),
        Moment::Clock(At(clock)) => match Timestamp::from_nanosecond(i128::from(clock)) {
            Ok(clock) => write!(f, "{clock}"),
            Err(_) => write!(f, "{clock}ns"),
        },
    }
}

/// Writes text in quotes.
pub(super) fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use std::fmt::Write as _;
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duration(typed: &str) -> Option<u64> {
        parse_quantity(Measure::Duration, typed).ok()
    }

    #[test]
    fn durations_have_units_and_may_have_a_fraction() {
        assert_eq!(duration("50ms"), Some(50_000_000));
        assert_eq!(duration("1.5s"), Some(1_500_000_000));
        assert_eq!(duration("1_000ns"), Some(1000));
        assert_eq!(duration("2µs"), Some(2000));
        assert_eq!(duration("0"), Some(0));
        for no_duration in ["50", "ms", "1.2.3s", "-1s", "99999999999h", "1.s", ".5s", "50 ms", ""] {
            assert_eq!(duration(no_duration), None, "{no_duration}");
        }
    }

    #[test]
    fn octets_need_no_unit_and_counts_take_none() {
        let octets = |typed| parse_quantity(Measure::Octets, typed).ok();
        assert_eq!(octets("1500"), Some(1500));
        assert_eq!(octets("1.5KiB"), Some(1536));
        assert_eq!(octets("2kb"), Some(2000));
        let count = |typed| parse_quantity(Measure::Count, typed).ok();
        assert_eq!(count("1_000"), Some(1000));
        assert_eq!(count("1.5"), None);
        assert_eq!(count("1k"), None);
    }

    #[test]
    fn a_date_and_time_without_an_offset_is_utc() {
        let clock = |typed| match parse_moment(typed) {
            Ok(Moment::Clock(at)) => Some(at),
            _ => None,
        };
        assert_eq!(clock("2026-03-01T12:00:00Z"), Some(crate::sample::NOON));
        assert_eq!(clock("2026-03-01T12:00:00"), Some(crate::sample::NOON));
        assert_eq!(clock("2026-03-01T13:00:00+01:00"), Some(crate::sample::NOON));
        assert_eq!(clock("1960-01-01T00:00:00Z"), None);
    }
}
