//! What a line says that begins what somebody said.

use std::borrow::Cow;

use regex_lite::{Captures, Regex};

use crate::model::{Layer, Side};

/// Octets of a line in which its mark has to be.
const MARK_OCTETS_MAX: usize = 1024;

/// The beginning of what somebody said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    /// Who said it.
    pub(super) side: Side,
    /// What the log calls the stream; where it does not say, it is the one that was spoken of last.
    pub(super) session: Option<Cow<'a, str>>,
    /// How it was protected, where the log says so.
    pub(super) layer: Option<Layer>,
    /// Where its time stands.
    pub(super) time: &'a str,
    /// What was said, as far as it stands in this line, which it ends; may be empty, and then begins in the next.
    pub(super) xml: &'a str,
    /// How much of it that is.
    pub(super) extent: Extent,
}

/// How much of what was said a log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All, in this line and perhaps those behind it.
    Lines,
    /// All, in this line.
    Line,
    /// The start tag alone.
    StartTag,
}

impl<'a> Mark<'a> {
    /// Of an expression that finds a time, a word that only the dialler has, and the XML.
    pub(super) fn by_sides(found: &Captures<'a>) -> Self {
        let text = |group| found.get(group).map_or("", |found| found.as_str());
        let side = if found.get(2).is_some() { Side::Dialler } else { Side::Answerer };
        Self { side, session: None, layer: None, time: text(1), xml: text(3), extent: Extent::Lines }
    }
}

/// How the marks of a form are found.
pub(super) trait Pattern {
    /// The mark in this line.
    fn mark<'a>(&self, line: &'a str) -> Option<Mark<'a>>;

    /// What was said, from how the program wrote it behind the mark.
    fn plain<'a>(&self, written: &'a str) -> Cow<'a, str> {
        written.into()
    }

    /// A line behind a mark, without what the program put in front of it.
    fn continued<'a>(&self, line: &'a str) -> &'a str {
        line
    }
}

/// The mark in a line, which is not looked through for it to its end.
pub(super) fn of<'a>(pattern: &dyn Pattern, line: &'a str) -> Option<Mark<'a>> {
    let head = &line[..line.floor_char_boundary(MARK_OCTETS_MAX)];
    let mark = pattern.mark(head)?;
    Some(Mark { xml: &line[head.len() - mark.xml.len()..], ..mark })
}

/// A pattern of this program's own.
pub(super) fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// Whether a line goes on with XML: a log has other lines that begin with `<`, such as `<0.42.0>` and `<<<`.
pub(super) fn begins_xml(line: &str) -> bool {
    let mut chars = line.trim_start().chars();
    chars.next() == Some('<')
        && chars.next().is_some_and(|next| next.is_alphabetic() || "/?!_:".contains(next))
}
