//! One element (or what was meant to be one) as people read XML: in lines, indented, its parts styled.
//!
//! Nothing is written anew: the spans of all lines are the text, octet for octet, with its prefixes, quotes and entities. An
//! element that holds text alone stays on its line; text that has lines of its own breaks behind each. What is broken or cut off
//! is shown as far as it is markup, then as it is. What it does *not* do: wrap, or make visible what acts on a terminal; that is
//! for those who know how wide and what it is (`visible`).

use crate::markup::{Edge, Piece, Style, pieces};

/// Elements deeper than this are indented like this one.
pub const INDENT_MAX: u16 = 32;

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// How many elements it is in, at most [`INDENT_MAX`].
    pub indent: u16,
    /// What stands on it; may end in a line break of the text itself.
    pub spans: Vec<Span<'a>>,
}

/// A piece of a line that looks the same throughout. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// How it looks.
    pub style: Style,
    /// The text, as it was written.
    pub text: &'a str,
}

/// `text` in lines.
#[must_use]
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut layout = Layout::default();
    for part in Parts(pieces(text)) {
        layout.take(part);
    }
    layout.lines
}

/// What stands together on a line.
struct Part<'a> {
    sort: Sort,
    pieces: Vec<Piece<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// `<a …>`
    Start,
    /// `</a>`
    End,
    /// `<a …/>`
    Empty,
    /// Text and entities.
    Text,
    /// Nothing but white space.
    Space,
    /// Comments and the like, and what is broken.
    Alone,
}

/// Pieces put together.
struct Parts<'a>(crate::markup::Pieces<'a>);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let first = self.0.next()?;
        let mut pieces = vec![first];
        let sort = match (first.edge, first.style) {
            (Edge::Start, _) => self.tag(&mut pieces, Sort::Start),
            (Edge::End, _) => self.tag(&mut pieces, Sort::End),
            (_, Style::Text | Style::Entity) => Sort::Text,
            (_, Style::Space) => Sort::Space,
            _ => Sort::Alone,
        };
        Some(Part { sort, pieces })
    }
}

impl<'a> Parts<'a> {
    /// The rest of a tag.
    fn tag(&mut self, pieces: &mut Vec<Piece<'a>>, sort: Sort) -> Sort {
        for piece in self.0.by_ref() {
            pieces.push(piece);
            match piece.edge {
                Edge::Close => return sort,
                Edge::CloseEmpty => return Sort::Empty,
                Edge::None | Edge::Start | Edge::End => {}
            }
        }
        Sort::Alone
    }
}

/// Lines in the making.
#[derive(Default)]
struct Layout<'a> {
    lines: Vec<Line<'a>>,
    depth: u16,
    last: Option<Sort>,
    /// An element began on the last line, and has held nothing but text so far.
    is_open: bool,
}

impl<'a> Layout<'a> {
    fn take(&mut self, part: Part<'a>) {
        match part.sort {
            Sort::Start => {
                self.begin();
                self.depth = self.depth.saturating_add(1);
            }
            Sort::End => {
                self.depth = self.depth.saturating_sub(1);
                if !self.is_open {
                    self.begin();
                }
            }
            Sort::Empty | Sort::Alone => self.begin(),
            // Text goes on behind text, and behind the tag of its own element.
            Sort::Text if self.is_open || self.last == Some(Sort::Text) => {}
            Sort::Text => self.begin(),
            // White space is shown where it stands: at the end of a line, which shows no other sign of it.
            Sort::Space if self.lines.is_empty() => self.begin(),
            Sort::Space => {}
        }
        for piece in part.pieces {
            self.put(piece);
        }
        self.is_open = match part.sort {
            Sort::Start => true,
            Sort::Text | Sort::Space => self.is_open,
            Sort::End | Sort::Empty | Sort::Alone => false,
        };
        if part.sort != Sort::Space {
            self.last = Some(part.sort);
        }
    }

    fn begin(&mut self) {
        self.lines.push(Line { indent: self.depth.min(INDENT_MAX), spans: Vec::new() });
    }

    /// Puts a piece on the last line, and goes to another one behind each line break that text has.
    fn put(&mut self, piece: Piece<'a>) {
        let breaks = |style| matches!(style, Style::Text | Style::Broken | Style::Aside);
        let last = self.lines.last().and_then(|line| line.spans.last());
        if last.is_some_and(|span| breaks(span.style) && span.text.ends_with('\n')) {
            self.begin();
        }
        let Piece { style, text, .. } = piece;
        let mut rest = text;
        while breaks(style)
            && let Some(at) = rest.find('\n').filter(|at| at + 1 < rest.len())
        {
            let (line, behind) = rest.split_at(at + 1);
            self.push(Span { style, text: line });
            self.begin();
            rest = behind;
        }
        self.push(Span { style, text: rest });
    }

    fn push(&mut self, span: Span<'a>) {
        self.lines.last_mut().expect("every part begins a line or follows one").spans.push(span);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::visible;

    fn shown(text: &str) -> String {
        let line = |line: &Line<'_>| {
            let spans: String = line.spans.iter().map(|span| visible::line(span.text).into_owned()).collect();
            format!("{}{spans}\n", "  ".repeat(line.indent.into()))
        };
        lines(text).iter().map(line).collect()
    }

    #[test]
    fn each_element_has_its_line_and_text_stays_in_its_element() {
        insta::assert_snapshot!(shown(
            "<iq type='get' id=\"1\"><query xmlns='urn:q'><x/><y><z>a &amp; b</z></y></query></iq>"
        ));
    }

    #[test]
    fn white_space_of_the_sender_is_seen_at_the_end_of_lines() {
        insta::assert_snapshot!(shown("\n<a>\n  <b/>\n  <c> </c>\n</a>\n"));
    }

    #[test]
    fn a_text_of_several_lines_is_shown_in_several() {
        insta::assert_snapshot!(shown("<message><body>one\ntwo &lt;\n\nthree</body><b>x\n</b></message>"));
    }

    #[test]
    fn text_beside_elements_has_a_line_of_its_own() {
        insta::assert_snapshot!(shown("<p>one <b>two</b> &amp; three<br/>four<!-- five --></p>"));
    }

    #[test]
    fn what_is_broken_or_cut_off_is_shown_as_it_is() {
        let broken = [
            "<a><b c='d'><e f=<g/>\n</e></b></a>",
            "<a><b>text</b><c d='e",
            "</stream:stream>",
            "</b></a><c/>",
            "<?xml version='1.0'?><stream:stream to='localhost'>",
            "no markup at all",
        ];
        insta::assert_snapshot!(broken.map(shown).join("\n"));
    }

    #[test]
    fn elements_that_are_very_deep_are_indented_only_so_far() {
        let deep = lines(&"<a>".repeat(100_000)).iter().map(|line| line.indent).max();
        assert_eq!(deep, Some(INDENT_MAX));
    }

    proptest! {
        #[test]
        fn the_spans_are_the_text(
            text in "([<>/=&;'\"! \n?\\-a-c]|<a b='c'|</a>|<b/>|<a>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&amp;|\\PC){0,40}"
        ) {
            let lines = lines(&text);
            let spans = lines.iter().flat_map(|line| &line.spans);
            prop_assert!(spans.clone().all(|span| !span.text.is_empty()));
            prop_assert_eq!(spans.map(|span| span.text).collect::<String>(), text.as_str());
        }

        #[test]
        fn no_line_goes_on_behind_a_line_break_of_text(text in "(<a>|</a>|&lt;|[a\n]){0,30}") {
            for line in lines(&text) {
                let ends = line.spans.iter().filter(|span| span.style == Style::Text).filter_map(|span| span.text.find('\n').map(|at| (span, at)));
                for (span, at) in ends {
                    prop_assert_eq!(at + 1, span.text.len());
                    prop_assert_eq!(Some(span), line.spans.last());
                }
            }
        }
    }
}
