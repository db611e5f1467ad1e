//! Which form a dump has: that of its first mark.

use super::Format;
use super::mark::{self, Pattern, begins_xml};

/// Lines that a dump may go on with XML before it is taken for nothing but XML: a log may begin in the middle of an element.
const XML_LINES_MAX: u32 = 200;

/// Looks for marks of any form.
pub(super) struct Finding {
    patterns: Vec<(Format, Box<dyn Pattern>)>,
    /// Lines since there was XML.
    xml: Option<u32>,
}

impl Finding {
    pub(super) fn new() -> Self {
        let patterns =
            Format::ALL.into_iter().filter_map(|format| Some((format, format.pattern()?))).collect();
        Self { patterns, xml: None }
    }

    /// The form, if it is known after this line.
    pub(super) fn line(&mut self, line: &str) -> Option<Format> {
        let marked = self.patterns.iter().find(|(_, pattern)| mark::of(&**pattern, line).is_some());
        if let Some((format, _)) = marked {
            return Some(*format);
        }
        let trimmed = line.trim_start();
        if self.xml.is_none() && (trimmed.starts_with("<stream:stream") || trimmed.starts_with("<?xml")) {
            return Some(Format::Stream);
        }
        if self.xml.is_some() || begins_xml(line) {
            let lines = self.xml.get_or_insert(0);
            *lines += 1;
            return (*lines > XML_LINES_MAX).then_some(Format::Stream);
        }
        None
    }

    /// The form, if there are no more lines.
    pub(super) fn at_the_end(&self) -> Option<Format> {
        self.xml.map(|_| Format::Stream)
    }
}
