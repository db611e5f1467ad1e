//! Text in the width of a pane.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar as _;

use crate::visible;

/// At least so many columns of a line are left to text, however deep it is indented, if the pane has them.
const TEXT_COLUMNS_MIN: usize = 16;

/// `spans` in as many lines of `width` columns as they take, the first indented by `indent`, the others by two more; what would
/// act on the terminal made visible.
pub(super) fn wrapped(spans: &[(Style, &str)], indent: usize, width: usize) -> Vec<Line<'static>> {
    let indent_max = width.saturating_sub(TEXT_COLUMNS_MIN);
    let mut lines = Lines::new(indent.min(indent_max), (indent + 2).min(indent_max), width);
    for &(style, text) in spans {
        for character in visible::line(text).chars() {
            lines.push(style, character);
        }
    }
    lines.finish()
}

struct Lines {
    done: Vec<Line<'static>>,
    hanging: usize,
    width: usize,
    line: Vec<Span<'static>>,
    columns: usize,
    text: String,
    style: Style,
}

impl Lines {
    fn new(indent: usize, hanging: usize, width: usize) -> Self {
        let line = vec![Span::raw(" ".repeat(indent))];
        Self {
            done: Vec::new(),
            hanging,
            width,
            line,
            columns: indent,
            text: String::new(),
            style: Style::new(),
        }
    }

    fn push(&mut self, style: Style, character: char) {
        let columns = character.width().unwrap_or(0);
        if self.columns + columns > self.width && self.columns > self.hanging {
            self.end_line();
        }
        if style != self.style {
            self.end_span();
            self.style = style;
        }
        self.text.push(character);
        self.columns += columns;
    }

    fn end_span(&mut self) {
        if !self.text.is_empty() {
            self.line.push(Span::styled(std::mem::take(&mut self.text), self.style));
        }
    }

    fn end_line(&mut self) {
        self.end_span();
        let next = vec![Span::raw(" ".repeat(self.hanging))];
        self.done.push(Line::from(std::mem::replace(&mut self.line, next)));
        self.columns = self.hanging;
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.end_span();
        self.done.push(Line::from(self.line));
        self.done
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_too_wide_goes_on_below_a_little_further_in() {
        let lines = wrapped(&[(Style::new(), "abcdefghijklmnopqrstuvwxyz"), (Style::new(), "\n世界")], 1, 20);
        assert_eq!(plain(&lines), [" abcdefghijklmnopqrs", "   tuvwxyz␊世界"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(text in "[a-c世 \u{1b}\n]{0,60}", indent in 0_usize..30, width in 2_usize..30) {
            let lines = wrapped(&[(Style::new(), &text)], indent, width);
            prop_assert!(lines.iter().all(|line| line.width() <= width.max(indent)));
            let together: String = plain(&lines).concat();
            let without_spaces = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without_spaces(&together), without_spaces(&visible::line(&text)));
        }
    }
}
