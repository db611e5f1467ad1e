//! The list: a row for each entry, in columns that fit the width.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::palette::Palette;
use super::{Times, clock};
use crate::entry::{Entry, Severity};
use crate::model::At;
use crate::visible;

/// Below this width there is no room for connections and details; below half of it, for who speaks to whom.
const COMFORTABLE_COLUMNS: usize = 60;

/// Widths of the columns; 0 for those that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    number: usize,
    time: usize,
    connection: usize,
    parties: usize,
    title: usize,
    detail: usize,
}

impl Columns {
    /// What fits into `width`, where numbers go up to these.
    pub(super) fn fit(width: usize, number_max: u64, connection_max: u32, times: Times) -> Self {
        let number = number_max.to_string().len().max(3);
        let time = match times {
            Times::OfDay => 15,
            Times::SinceFirst | Times::SinceAbove => 12,
        };
        let connection =
            if width < COMFORTABLE_COLUMNS { 0 } else { connection_max.to_string().len().max(4) };
        // The mark, and a space before each column.
        let fixed = 1 + [number, time, connection].iter().filter(|w| **w > 0).map(|w| w + 1).sum::<usize>();
        let rest = width.saturating_sub(fixed);
        let (parties, title) = if width < COMFORTABLE_COLUMNS / 2 {
            (0, rest.saturating_sub(1))
        } else if width < COMFORTABLE_COLUMNS {
            (rest / 2, (rest - rest / 2).saturating_sub(2))
        } else {
            ((rest * 2 / 5).min(44), (rest / 4).min(28))
        };
        let taken = [parties, title].iter().filter(|w| **w > 0).map(|w| w + 1).sum::<usize>();
        let detail = if width < COMFORTABLE_COLUMNS { 0 } else { rest.saturating_sub(taken + 1) };
        Self { number, time, connection, parties, title, detail }
    }

    /// The names of the columns.
    pub(super) fn header(&self, times: Times, style: Style) -> Line<'static> {
        let time = match times {
            Times::SinceFirst => "since first",
            Times::SinceAbove => "since above",
            Times::OfDay => "UTC",
        };
        let cell = |text: &str, width, align| Span::styled(cell(text, width, align), style);
        Line::from(vec![
            Span::styled(" ", style),
            cell("no", self.number, Align::Right),
            cell(time, self.time, Align::Right),
            cell("conn", self.connection, Align::Right),
            cell("who → whom", self.parties, Align::Left),
            cell("what", self.title, Align::Left),
            cell("detail", self.detail, Align::Left),
        ])
    }

    /// The row of an entry.
    pub(super) fn row(
        &self,
        entry: &Entry<'_>,
        time: &str,
        is_error: bool,
        palette: Palette,
    ) -> Line<'static> {
        let gravest = entry.findings.iter().map(|finding| finding.severity).max();
        let (mark, mark_style) = match gravest {
            Some(severity @ Severity::Error) => ("E", palette.severity(severity)),
            Some(severity @ Severity::Warning) => ("W", palette.severity(severity)),
            Some(severity @ Severity::Note) => ("n", palette.severity(severity)),
            None => (" ", Style::new()),
        };
        let kind = if is_error { palette.error() } else { palette.kind(entry.kind) };
        let title = if entry.title.is_empty() { entry.kind.word() } else { &entry.title };
        let connection = entry.connection.map(|id| id.0.to_string()).unwrap_or_default();
        Line::from(vec![
            Span::styled(mark, mark_style),
            Span::raw(cell(&entry.number.to_string(), self.number, Align::Right)),
            Span::styled(cell(time, self.time, Align::Right), palette.faint()),
            Span::styled(cell(&connection, self.connection, Align::Right), palette.faint()),
            Span::raw(cell(&parties(entry, self.parties), self.parties, Align::Left)),
            Span::styled(cell(title, self.title, Align::Left), kind),
            Span::raw(cell(&entry.detail, self.detail, Align::Left)),
        ])
    }
}

/// What the column of times has for an entry, where `above` is the time of the row above it.
pub(super) fn time(entry: &Entry<'_>, start: At, above: Option<At>, times: Times) -> String {
    match times {
        _ if entry.at == At(0) => "–".to_owned(),
        Times::SinceFirst => clock::signed(entry.at.difference(start)).trim_start_matches('+').to_owned(),
        Times::SinceAbove => {
            above.map_or_else(|| "–".to_owned(), |above| clock::signed(entry.at.difference(above)))
        }
        Times::OfDay => clock::time_of_day(entry.at),
    }
}

/// Who speaks to whom, in at most so many columns: the shorter one leaves its room to the other.
fn parties(entry: &Entry<'_>, columns_max: usize) -> String {
    let sign = if entry.side.is_some() { " → " } else { " – " };
    let (speaker, hearer) = (entry.speaker(), entry.hearer());
    if speaker.is_empty() && hearer.is_empty() {
        return String::new();
    }
    let room = columns_max.saturating_sub(sign.width());
    let half = room / 2;
    let hearer_columns = visible::columns(visible_beginning(hearer, room)).min(room);
    let speaker_columns = visible::columns(visible_beginning(speaker, room)).min(room);
    let for_speaker = speaker_columns.min(half.max(room.saturating_sub(hearer_columns)));
    let speaker = visible::cut(speaker, for_speaker);
    let hearer = visible::cut(hearer, room - for_speaker);
    format!("{speaker}{sign}{hearer}")
}

/// As much of `text` as can matter to so many columns: names may be long.
fn visible_beginning(text: &str, columns_max: usize) -> &str {
    &text[..text.floor_char_boundary(columns_max.saturating_mul(8))]
}

#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
}

/// A space, and `text` in exactly so many columns; nothing in none.
fn cell(text: &str, columns: usize, align: Align) -> String {
    if columns == 0 {
        return String::new();
    }
    let shown = visible::cut(text, columns);
    let space = " ".repeat(columns.saturating_sub(shown.width()));
    match align {
        Align::Left => format!(" {shown}{space}"),
        Align::Right => format!(" {space}{shown}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::hello;

    #[test]
    fn the_shorter_name_leaves_its_room_to_the_longer_one() {
        let entry = Entry { ends: ["alice@localhost/phone".into(), "bob".into()], ..hello(1) };
        assert_eq!(parties(&entry, 27), "alice@localhost/phone → bob");
        assert_eq!(parties(&entry, 20), "alice@localho… → bob");
        let entry = Entry { ends: ["alice@localhost".into(), "bob@localhost".into()], ..hello(1) };
        assert_eq!(parties(&entry, 23), "alice@loc… → bob@local…");
    }

    proptest! {
        #[test]
        fn columns_fit_their_width(width in 0_usize..200, number in 0_u64..10_000_000, connection in 0_u32..100_000) {
            for times in [Times::SinceFirst, Times::OfDay] {
                let columns = Columns::fit(width, number, connection, times);
                let row = columns.row(&hello(1), "1.500000", false, Palette { colour: false });
                prop_assert!(row.width() <= width.max(31), "{} in {width}", row.width());
                prop_assert_eq!(row.width(), columns.header(times, Style::new()).width());
            }
        }
    }
}
