//! [`Tokens`]: XML as it was written, tag by tag, each whole with its attributes: what is declared at a tag's end matters at its beginning.
//!
//! Together the tokens are the text, octet for octet. Built on [`crate::markup`], whose `Broken` is a part of the tag that it stands in.

use crate::markup::{Edge, Piece, Pieces, Style, pieces};

/// A tag, or what stands between tags.
pub(super) enum Token<'a> {
    /// Text, references and CDATA sections.
    Content(&'a str),
    /// A comment, processing instruction or declaration.
    Aside(&'a str),
    Tag(Tag<'a>),
}

/// A start tag or end tag, which may be cut off.
pub(super) struct Tag<'a> {
    pub(super) is_end: bool,
    /// It ends in `/>`.
    is_empty: bool,
    /// Its `>` is there.
    is_whole: bool,
    pub(super) parts: Vec<Part<'a>>,
}

#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    /// `<`, `=`, quotes, white space, `>`.
    Mark(&'a str),
    /// The name of the element.
    Name(&'a str),
    /// The name of an attribute.
    Attribute(&'a str),
    /// The value of the attribute before it, as written.
    Value(&'a str),
    /// What is no markup: all the rest.
    Broken(#[cfg_attr(not(test), expect(dead_code, reason = "all of it is hidden"))] &'a str),
}

impl<'a> Tag<'a> {
    /// Its name; empty where that is cut off.
    pub(super) fn name(&self) -> &'a str {
        self.parts
            .iter()
            .find_map(|part| if let Part::Name(name) = part { Some(*name) } else { None })
            .unwrap_or("")
    }

    /// Attributes as written.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut attribute = "";
        self.parts.iter().filter_map(move |part| match part {
            Part::Attribute(name) => {
                attribute = name;
                None
            }
            Part::Value(value) => Some((attribute, *value)),
            _ => None,
        })
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether what follows is inside its element.
    pub(super) fn opens(&self) -> bool {
        !self.is_end && self.is_whole && !self.is_empty
    }
}

/// See the file's documentation.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    pieces: Pieces<'a>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, pieces: pieces(text) }
    }

    /// What follows the last token.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Where the last token ends.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn piece(&mut self) -> Option<Piece<'a>> {
        let piece = self.pieces.next()?;
        self.at += piece.text.len();
        Some(piece)
    }

    fn content(&mut self, begin: usize) -> &'a str {
        loop {
            let mut ahead = self.pieces.clone();
            match ahead.next() {
                Some(piece) if piece.edge == Edge::None && piece.style != Style::Aside => {
                    self.at += piece.text.len();
                    self.pieces = ahead;
                }
                _ => return &self.text[begin..self.at],
            }
        }
    }

    fn tag(&mut self, first: Piece<'a>) -> Tag<'a> {
        let is_end = first.edge == Edge::End;
        let mut tag = Tag { is_end, is_empty: false, is_whole: false, parts: vec![Part::Mark(first.text)] };
        while !tag.is_whole {
            let begin = self.at;
            let Some(piece) = self.piece() else { break };
            tag.is_empty = piece.edge == Edge::CloseEmpty;
            tag.is_whole = tag.is_empty || piece.edge == Edge::Close;
            let is_value = matches!(piece.style, Style::AttributeValue | Style::Namespace | Style::Entity)
                // A lone ampersand, with which the value goes on.
                || (piece.style == Style::Broken && piece.text == "&");
            match (piece.style, tag.parts.last_mut()) {
                (_, Some(Part::Value(value))) if is_value => {
                    *value = &self.text[begin - value.len()..self.at];
                }
                _ if is_value => tag.parts.push(Part::Value(piece.text)),
                (Style::Tag, _) => tag.parts.push(Part::Name(piece.text)),
                (Style::AttributeName, _) => tag.parts.push(Part::Attribute(piece.text)),
                (Style::Broken, _) => tag.parts.push(Part::Broken(piece.text)),
                _ => tag.parts.push(Part::Mark(piece.text)),
            }
        }
        tag
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let begin = self.at;
        let first = self.piece()?;
        Some(match (first.edge, first.style) {
            (Edge::Start | Edge::End, _) => Token::Tag(self.tag(first)),
            (_, Style::Aside) => Token::Aside(first.text),
            _ => Token::Content(self.content(begin)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_tokens_are_the_text(text in "([<>/=&;'\"! ?\\-a-c]|<a b='c'|</a>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|xmlns=|\\PC){0,40}") {
            let written: String = Tokens::new(&text).flat_map(|token| match token {
                Token::Content(text) | Token::Aside(text) => vec![text],
                Token::Tag(tag) => tag.parts.iter().map(|part| match *part {
                    Part::Mark(text) | Part::Name(text) | Part::Attribute(text) | Part::Value(text) | Part::Broken(text) => text,
                }).collect(),
            }).collect();
            prop_assert_eq!(written, text);
        }
    }
}
