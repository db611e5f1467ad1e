//! Times of lines, in the ways that logs write them.

use jiff::civil;
use jiff::tz::TimeZone;
use regex_lite::{Captures, Regex};

use super::mark::constant;
use crate::model::At;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// Reads times.
pub(super) struct Times {
    /// `2026-11-26T10:00:00.123Z`, with a comma or a space too.
    iso: Regex,
    /// `26/11/2026 10:00:00`, as Profanity had it.
    slashes: Regex,
    /// `Nov 26 10:00:00`, without a year: that of 1970, so that differences are right; with one behind it (`%c`), that.
    syslog: Regex,
    /// `10:00:00.123`, without a day: the first of 1970, and the next one whenever it goes back by half a day.
    clock: Regex,
    /// Time of day without a date that was read last, and how many days have passed.
    last: i128,
    days: i128,
}

impl Times {
    pub(super) fn new() -> Self {
        Self {
            iso: constant(
                r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(?:Z|([+-])(\d\d):?(\d\d)?)?",
            ),
            slashes: constant(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)"),
            syslog: constant(
                r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: (\d{4})\b)?",
            ),
            clock: constant(r"\b(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:\s?([AP])M\b)?"),
            last: 0,
            days: 0,
        }
    }

    /// The time that stands in `text`.
    pub(super) fn read(&mut self, text: &str) -> Option<At> {
        let nanoseconds = if let Some(found) = self.iso.captures(text) {
            let at = date(number(&found, 1)?, number(&found, 2)?, number(&found, 3)?)?
                + of_day(&found, [4, 5, 6])?
                + decimals(&found, 7);
            let offset =
                (number(&found, 9).unwrap_or(0) * 3600 + number(&found, 10).unwrap_or(0) * 60) * SECOND;
            if found.get(8).is_some_and(|sign| sign.as_str() == "-") { at + offset } else { at - offset }
        } else if let Some(found) = self.slashes.captures(text) {
            date(number(&found, 3)?, number(&found, 2)?, number(&found, 1)?)? + of_day(&found, [4, 5, 6])?
        } else if let Some(found) = self.syslog.captures(text) {
            let month = MONTHS.iter().position(|month| *month == &found[1])? + 1;
            let year = number(&found, 6).unwrap_or(1970);
            date(year, month as i128, number(&found, 2)?)? + of_day(&found, [3, 4, 5])?
        } else {
            let found = self.clock.captures(text)?;
            let mut at = of_day(&found, [1, 2, 3])? + decimals(&found, 4);
            match found.get(5).map(|half| half.as_str()) {
                Some("A") if at >= DAY / 2 => at -= DAY / 2,
                Some("P") if at < DAY / 2 => at += DAY / 2,
                _ => {}
            }
            if at + DAY / 2 < self.last {
                self.days += 1;
            }
            self.last = at;
            at + self.days * DAY
        };
        u64::try_from(nanoseconds).ok().map(At)
    }

    /// Whether a line begins with a time: where a log does that, such a line is a new record.
    pub(super) fn begins(&self, line: &str) -> bool {
        let line = line.trim_start_matches(['[', '(', ' ']);
        // A line of text is not looked through for what would have to stand at its beginning.
        let end = line.char_indices().nth(24).map_or(line.len(), |(place, _)| place);
        let beginning = &line[..end];
        [&self.iso, &self.slashes, &self.syslog, &self.clock]
            .iter()
            .any(|time| time.find(beginning).is_some_and(|found| found.start() == 0))
    }
}

fn number(found: &Captures<'_>, group: usize) -> Option<i128> {
    found.get(group)?.as_str().parse().ok()
}

fn decimals(found: &Captures<'_>, group: usize) -> i128 {
    found.get(group).and_then(|digits| format!("{:0<9}", digits.as_str()).parse().ok()).unwrap_or(0)
}

fn of_day(found: &Captures<'_>, groups: [usize; 3]) -> Option<i128> {
    let [hour, minute, second] = groups.map(|group| number(found, group));
    let (hour, minute, second) = (hour?, minute?, second?);
    // A leap second is read as the one after it.
    (hour < 24 && minute < 60 && second <= 60).then_some(((hour * 60 + minute) * 60 + second) * SECOND)
}

/// Nanoseconds until the beginning of a day.
fn date(year: i128, month: i128, day: i128) -> Option<i128> {
    let date = civil::Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let at = TimeZone::UTC.to_timestamp(date.to_datetime(civil::Time::midnight())).ok()?;
    Some(at.as_nanosecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let At(nanoseconds) = Times::new().read(text)?;
        Some(jiff::Timestamp::from_nanosecond(nanoseconds.into()).unwrap().to_string())
    }

    #[test]
    fn times_are_read_as_logs_write_them() {
        let expected = [
            ("2015-08-31 13:14:47.541 [debug] ", "2015-08-31T13:14:47.541Z"),
            ("2026-03-10 20:47:03,330 - DEBUG - ", "2026-03-10T20:47:03.33Z"),
            ("2026-11-26T10:00:00.123456+01: 00012345: xmpp", "2026-11-26T09:00:00.123456Z"),
            ("2021-01-07 09:57:39.016842+00:00 [debug]", "2021-01-07T09:57:39.016842Z"),
            ("2021-01-07T09:57:39-0530", "2021-01-07T15:27:39Z"),
            ("06/09/2015 22:03:34: xmpp: DBG: ", "2015-09-06T22:03:34Z"),
            ("Oct 07 04:09:50 c2s", "1970-10-07T04:09:50Z"),
            ("Thu Nov 26 10:00:00 2026", "2026-11-26T10:00:00Z"),
            ("Do 26 Nov 2026 10:00:01 PM CET", "1970-01-01T22:00:01Z"),
            ("12:00:01 AM", "1970-01-01T00:00:01Z"),
            ("21:18:29.738 [info]  (tcp|<0.1049.0>) ", "1970-01-01T21:18:29.738Z"),
        ];
        for (text, at) in expected {
            assert_eq!(read(text).as_deref(), Some(at), "{text}");
        }
        for none in ["", "DEBUG ", "99:00:00", "2026-13-40 10:00:00", "1969-12-31 23:59:59"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn a_time_of_day_that_goes_back_is_of_the_next_day() {
        let mut times = Times::new();
        let at = ["23:59:59", "00:00:01", "23:00:00"].map(|text| times.read(text).unwrap().0);
        assert_eq!(at.map(|at| at / 1_000_000_000), [86_399, 86_401, 86_400 + 82_800]);
    }

    #[test]
    fn only_the_beginning_of_a_line_counts_as_a_record() {
        let times = Times::new();
        assert!(
            times.begins("[2026-11-26 10:00:00] x")
                && times.begins("10:00:00 x")
                && times.begins("Nov 26 10:00:00 x")
        );
        assert!(
            !times.begins("  <body>10:00:00</body>") && !times.begins("at 10:00:00") && !times.begins("")
        );
    }
}
