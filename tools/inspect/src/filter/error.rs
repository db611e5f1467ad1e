//! What is wrong with a filter, and where.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::visible;

/// So many columns of the expression are shown before the spot, and so many behind its beginning.
const CONTEXT_COLUMNS_MAX: usize = 60;

/// What is wrong with a filter, and where. Shown, it is three or four lines: what was expected and found, the expression, a
/// line that points at the spot, and what may have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    expression: String,
    span: Range<usize>,
    what: String,
    help: Option<String>,
}

impl FilterError {
    pub(super) fn new(expression: &str, span: Range<usize>, what: String) -> Self {
        Self { expression: expression.to_owned(), span, what, help: None }
    }

    pub(super) fn with_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// What was expected and what was found, on one line.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What may have been meant, or what to do, on one line.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The octets of the expression that are wrong; empty at its end if something is missing there.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = visible::line(&self.expression[..self.span.start]);
        let behind = visible::line(&self.expression[self.span.start..]);
        let before = tail(&before);
        let columns = visible::columns(&self.expression[self.span.clone()]).clamp(1, CONTEXT_COLUMNS_MAX);
        writeln!(f, "{}", self.what)?;
        writeln!(f, "  {before}{}", visible::cut(&behind, CONTEXT_COLUMNS_MAX))?;
        write!(f, "  {:width$}{:^>columns$}", "", "", width = before.width())?;
        match &self.help {
            Some(help) => write!(f, "\n{help}"),
            None => Ok(()),
        }
    }
}

/// The end of `text`, as much of it as is shown.
fn tail(text: &str) -> String {
    if text.width() <= CONTEXT_COLUMNS_MAX {
        return text.to_owned();
    }
    let mut columns = 0;
    let begin = text
        .char_indices()
        .rev()
        .find(|&(at, _)| {
            columns = text[at..].width();
            columns >= CONTEXT_COLUMNS_MAX
        })
        .map_or(0, |(at, character)| at + character.len_utf8());
    format!("…{}", &text[begin..])
}
