//! The frame: list above, details below, a line for what is typed or told.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

use super::keys::KEYS;
use super::list::Columns;
use super::wrap::wrapped;
use super::{Browser, Mode, Panes, Progress, Purpose, Typing, detail, list};
use crate::visible;

/// Below so many lines there is no room for both list and details.
const BOTH_LINES_MIN: u16 = 8;

/// An error in a filter takes at most so many lines.
const ERROR_LINES_MAX: usize = 6;

impl Browser {
    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        if area.is_empty() {
            return;
        }
        let (bottom, cursor) = self.bottom(usize::from(area.width));
        let bottom_height = u16::try_from(bottom.len()).unwrap_or(u16::MAX).min(area.height);
        let body = Rect { height: area.height - bottom_height, ..area };
        let below = Rect { y: body.bottom(), height: bottom_height, ..area };
        self.body(frame, body);
        put(frame, below, &bottom);
        if let Some(column) = cursor {
            frame.set_cursor_position(Position::new(column.min(area.right() - 1), below.y));
        }
        match self.mode {
            Mode::List | Mode::Typing(_) => {}
            Mode::Help(top) => {
                let lines = self.help(usize::from(body.width));
                self.mode = Mode::Help(self.overlay(frame, body, &lines, top));
            }
            Mode::Notes(top) => {
                let lines = self.notes(usize::from(body.width));
                self.mode = Mode::Notes(self.overlay(frame, body, &lines, top));
            }
        }
    }

    fn body(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let panes = match self.panes {
            Panes::Both if area.height < BOTH_LINES_MIN => Panes::List,
            panes => panes,
        };
        let list_height = match panes {
            Panes::Both => area.height / 2,
            Panes::List => area.height,
            Panes::Detail => 0,
        };
        let above = Rect { height: list_height, ..area };
        let below = Rect { y: above.bottom(), height: area.height - list_height, ..area };
        self.list(frame, above);
        self.detail(frame, below);
    }

    fn list(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let (width, times) = (usize::from(area.width), self.times);
        let number_max = self.store.end().checked_sub(1).and_then(|last| self.store.get(last));
        let number_max = number_max.map_or(0, |entry| entry.number);
        let columns = Columns::fit(width, number_max, self.connection_max, times);
        let header_height = u16::from(area.height >= 3);
        let rows = Rect { y: area.y + header_height, height: area.height - header_height, ..area };
        if header_height > 0 {
            put(frame, area, &[columns.header(times, self.palette.title())]);
        }
        let selected = self.view.row();
        if rows.height > 0 {
            self.page = usize::from(rows.height);
            let row = selected.unwrap_or_default();
            let top_max = self.view.len().saturating_sub(self.page);
            self.top = self.top.clamp((row + 1).saturating_sub(self.page), row).min(top_max);
        }
        for (offset, y) in (rows.top()..rows.bottom()).enumerate() {
            let row = self.top + offset;
            let entry_in = |row| self.store.get(self.view.position(row)?);
            let Some(entry) = entry_in(row) else { break };
            let above = row.checked_sub(1).and_then(entry_in).map(|entry| entry.at);
            let time = list::time(entry, self.store.start(), above, times);
            let is_error = self.trouble.errors.matches(entry, self.store.start());
            let line = columns.row(entry, &time, is_error, self.palette);
            let place = Rect { y, height: 1, ..rows };
            put(frame, place, &[line]);
            if selected == Some(row) {
                frame.buffer_mut().set_style(place, self.palette.selected());
            }
        }
        if self.view.len() == 0 && rows.height > 0 {
            put(frame, rows, &[Line::styled(self.why_empty(), self.palette.faint())]);
        }
    }

    fn why_empty(&self) -> &'static str {
        if self.view.behind(&self.store) > 0 {
            " looking …"
        } else if self.store.end() > 0 {
            " no entry is so: x shows all"
        } else if self.is_reading() {
            " nothing yet"
        } else {
            " there are no entries"
        }
    }

    fn detail(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let position = self.view.selected();
        if position != self.detail_of {
            self.detail_top = 0;
            self.detail_of = position;
        }
        let Some(entry) = self.selected().filter(|_| area.height > 0) else { return };
        let width = usize::from(area.width);
        let title = if entry.title.is_empty() { entry.kind.word() } else { &entry.title };
        let heading = visible::cut(&format!("── {} {title} ", entry.number), width).into_owned();
        let rest = "─".repeat(width.saturating_sub(heading.width()));
        let heading = Line::from(vec![
            Span::styled(heading, self.palette.title()),
            Span::styled(rest, self.palette.faint()),
        ]);
        let lines = detail::lines(entry, &self.store, self.palette, width);
        let page = usize::from(area.height - 1);
        self.detail_top = self.detail_top.min(lines.len().saturating_sub(page));
        put(frame, area, &[heading]);
        let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
        put(frame, below, &lines[self.detail_top..]);
        let more = lines.len() - self.detail_top - page.min(lines.len() - self.detail_top);
        if more > 0 && width > 24 {
            let words = format!(" {more} more: J ");
            let x = area.right() - u16::try_from(words.len()).unwrap_or(0);
            put(frame, Rect { x, height: 1, width: area.right() - x, ..area }, &[Line::raw(words)]);
        }
    }

    /// The lines below everything, and the column of the cursor if it stands in the first of them.
    fn bottom(&self, width: usize) -> (Vec<Line<'static>>, Option<u16>) {
        match &self.mode {
            Mode::Typing(typing) => self.typing(typing, width),
            Mode::List | Mode::Help(_) | Mode::Notes(_) => (vec![self.status(width)], None),
        }
    }

    fn typing(&self, typing: &Typing, width: usize) -> (Vec<Line<'static>>, Option<u16>) {
        let sign = match typing.purpose {
            Purpose::Filter => "filter: ",
            Purpose::Search => "search: ",
        };
        let before = format!("{sign}{}", visible::line(typing.prompt.before_cursor()));
        let behind = &typing.prompt.text()[typing.prompt.before_cursor().len()..];
        // What does not fit scrolls away on the left, so that the cursor is seen.
        let away = before.width().saturating_sub(width.saturating_sub(1));
        let mut lines =
            vec![Line::raw(scrolled(&format!("{before}{}", visible::line(behind)), away).to_owned())];
        if let Some(error) = &typing.error {
            let span = error.span();
            let column = sign.len() + visible::columns(&typing.prompt.text()[..span.start]);
            let carets = visible::columns(&typing.prompt.text()[span]).max(1);
            let pointer = format!("{}{}", " ".repeat(column), "^".repeat(carets));
            lines.push(Line::styled(scrolled(&pointer, away).to_owned(), self.palette.error()));
            lines.extend(wrapped(&[(self.palette.error(), error.what())], 0, width));
            if let Some(help) = error.help() {
                lines.extend(wrapped(&[(Style::new(), help)], 0, width));
            }
            lines.truncate(ERROR_LINES_MAX);
        }
        let column = before.width() - away;
        (lines, Some(u16::try_from(column).unwrap_or(u16::MAX)))
    }

    /// The line at the bottom: what the person is told, or how things are.
    fn status(&self, width: usize) -> Line<'static> {
        if let Some(message) = &self.message {
            return Line::styled(visible::cut(message, width).into_owned(), self.palette.title());
        }
        let mut parts = vec![self.place()];
        match &self.progress {
            Progress::Failed(why) => parts.insert(0, format!("failed: {why}")),
            Progress::Reading => parts.push("reading".to_owned()),
            Progress::Ended(summary) if summary.notes.is_empty() => {}
            Progress::Ended(summary) => parts.push(format!("notes: {} (i)", summary.notes.len())),
        }
        if self.view.follows {
            parts.push("following".to_owned());
        }
        if let Some(connection) = self.view.connection() {
            parts.push(format!("only connection {}", connection.0));
        }
        if self.store.begin() > 0 {
            parts.push(format!("the oldest {} dropped", self.store.begin()));
        }
        if let Some(filter) = self.view.filter() {
            parts.push(format!("filter {filter}"));
        }
        parts.push(self.source.clone());
        let style = if self.failure().is_some() { self.palette.error() } else { self.palette.faint() };
        let help = " ? help";
        let room = width.saturating_sub(help.len());
        let words = visible::cut(&parts.join(" · "), room).into_owned();
        let space = " ".repeat(room.saturating_sub(words.width()));
        Line::from(vec![
            Span::styled(words, style),
            Span::raw(space),
            Span::raw(visible::cut(help, width).into_owned()),
        ])
    }

    /// Where the person is, and of how many.
    fn place(&self) -> String {
        let row = self.view.row().map_or(0, |row| row + 1);
        let (shown, all) = (self.view.len(), self.store.end() - self.store.begin());
        let behind = self.view.behind(&self.store);
        let looking = if behind > 0 { format!(", {behind} to look at") } else { String::new() };
        if shown as u64 == all { format!("{row}/{all}") } else { format!("{row}/{shown} of {all}{looking}") }
    }

    fn help(&self, width: usize) -> Vec<Line<'static>> {
        let keys_width = KEYS.iter().map(|row| row.shown.width()).max().unwrap_or_default();
        let mut lines = vec![Line::styled("Keys", self.palette.title())];
        for row in &KEYS {
            let space = " ".repeat(keys_width - row.shown.width() + 2);
            let spans =
                [(self.palette.title(), row.shown), (Style::new(), &space), (Style::new(), row.about)];
            lines.extend(wrapped(&spans, 1, width));
        }
        lines.push(Line::default());
        lines.push(Line::styled(
            "Marks: E breaks a MUST, W breaks a SHOULD, n worth knowing",
            self.palette.title(),
        ));
        lines.push(Line::default());
        lines.push(Line::styled("Filters and searches", self.palette.title()));
        for line in crate::filter::reference().lines() {
            let text = line.trim_start();
            lines.extend(wrapped(&[(Style::new(), text)], line.len() - text.len(), width));
        }
        lines
    }

    fn notes(&self, width: usize) -> Vec<Line<'static>> {
        let mut lines = vec![Line::styled("Notes of the source", self.palette.title())];
        let notes: Vec<&str> = match &self.progress {
            Progress::Reading => vec!["it has not come to its end yet"],
            Progress::Failed(why) => vec![why],
            Progress::Ended(summary) if summary.notes.is_empty() => vec!["there are none"],
            Progress::Ended(summary) => summary.notes.iter().map(String::as_str).collect(),
        };
        for note in notes {
            lines.extend(wrapped(&[(Style::new(), note)], 1, width));
        }
        lines
    }

    /// Lines over the body, from `top`, or as far down as there are lines; from where that is.
    fn overlay(&self, frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>], top: usize) -> usize {
        let top = top.min(lines.len().saturating_sub(usize::from(area.height)));
        frame.render_widget(Clear, area);
        put(frame, area, &lines[top..]);
        top
    }
}

/// As many lines as there is room for.
fn put(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}

/// `text` without its first so many columns.
fn scrolled(text: &str, columns: usize) -> &str {
    let end = text.char_indices().map(|(at, _)| at).find(|at| text[..*at].width() >= columns);
    &text[end.unwrap_or(text.len())..]
}
