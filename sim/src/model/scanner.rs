//! A scanner of XML streams that shares nothing with the product's parser: it knows tags, quotes and nesting, takes octets
//! in any pieces, and tells the pieces of a stream.

use memchr::{memchr, memchr2, memchr3};

/// A piece of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The stream's header; another one begins the stream anew.
    Header,
    /// White space between elements.
    Space,
    /// A whole element, by its name.
    Element(String),
    /// The closing tag of the stream.
    End,
    /// This is no stream.
    Flaw(String),
}

/// Reads one direction of one stream.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The tag that has begun.
    tag: Vec<u8>,
    within_tag: bool,
    quote: Option<u8>,
    /// The names of the elements that are open, but for the stream's, one behind the other; and where each begins.
    open: Vec<u8>,
    begins: Vec<usize>,
    broken: bool,
}

impl Scanner {
    /// The pieces that `octets` complete.
    pub(crate) fn scan(&mut self, mut octets: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while !octets.is_empty() && !self.broken {
            let piece =
                if self.within_tag { self.take_tag(&mut octets) } else { self.take_text(&mut octets) };
            self.broken = matches!(piece, Some(Piece::Flaw(_)));
            pieces.extend(piece);
        }
        pieces
    }

    /// Up to the next tag.
    fn take_text(&mut self, octets: &mut &[u8]) -> Option<Piece> {
        if self.begins.is_empty() && octets[0] != b'<' {
            let first = octets[0];
            *octets = &octets[1..];
            let is_space = matches!(first, b' ' | b'\n');
            let flaw = || Piece::Flaw(format!("{:?} between elements", char::from(first)));
            return Some(if is_space { Piece::Space } else { flaw() });
        }
        let Some(at) = memchr2(b'<', b'>', octets) else {
            *octets = &[];
            return None;
        };
        let found = octets[at];
        *octets = &octets[at + 1..];
        if found == b'>' {
            return Some(Piece::Flaw("a `>` in text".to_owned()));
        }
        self.within_tag = true;
        self.tag.clear();
        None
    }

    /// Up to the end of the tag, or of a quoted value in it.
    fn take_tag(&mut self, octets: &mut &[u8]) -> Option<Piece> {
        let at = match self.quote {
            Some(quote) => memchr2(quote, b'<', octets),
            None => memchr3(b'\'', b'"', b'>', octets).into_iter().chain(memchr(b'<', octets)).min(),
        };
        let Some(at) = at else {
            self.tag.extend_from_slice(octets);
            *octets = &[];
            return None;
        };
        let (before, found) = (&octets[..at], octets[at]);
        self.tag.extend_from_slice(before);
        *octets = &octets[at + 1..];
        match (self.quote, found) {
            (_, b'<') => return Some(Piece::Flaw("a `<` in a tag".to_owned())),
            (None, b'>') => {
                self.within_tag = false;
                return self.end_tag();
            }
            (None, quote) => self.quote = Some(quote),
            (Some(_), _) => self.quote = None,
        }
        self.tag.push(found);
        None
    }

    fn end_tag(&mut self) -> Option<Piece> {
        let tag = std::mem::take(&mut self.tag);
        let piece = self.judge(&tag);
        self.tag = tag;
        piece
    }

    fn judge(&mut self, tag: &[u8]) -> Option<Piece> {
        let flaw = || Some(Piece::Flaw(format!("<{}>", String::from_utf8_lossy(tag))));
        if tag.starts_with(b"?") {
            return if tag.starts_with(b"?xml") { None } else { flaw() };
        }
        if tag.starts_with(b"!") {
            return flaw();
        }
        if let Some(name) = tag.strip_prefix(b"/") {
            let name = name.trim_ascii_end();
            let Some(begin) = self.begins.pop() else {
                return if name == b"stream:stream" { Some(Piece::End) } else { flaw() };
            };
            if self.open[begin..] != *name {
                return flaw();
            }
            self.open.truncate(begin);
            return self.begins.is_empty().then(|| element(name));
        }
        let name =
            tag.split(|octet| octet.is_ascii_whitespace() || *octet == b'/').next().unwrap_or_default();
        if name == b"stream:stream" {
            return Some(Piece::Header);
        }
        if tag.ends_with(b"/") {
            return self.begins.is_empty().then(|| element(name));
        }
        self.begins.push(self.open.len());
        self.open.extend_from_slice(name);
        None
    }
}

fn element(name: &[u8]) -> Piece {
    Piece::Element(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Piece> {
        Scanner::default().scan(text.as_bytes())
    }

    #[test]
    fn a_stream_is_told_piece_by_piece_however_it_comes() {
        let text =
            "<?xml version='1.0'?><stream:stream to='a'><iq id='&lt;'><a b='>'/>x</iq> <r/></stream:stream>";
        let expected = [
            Piece::Header,
            Piece::Element("iq".into()),
            Piece::Space,
            Piece::Element("r".into()),
            Piece::End,
        ];
        assert_eq!(all(text), expected);
        let mut scanner = Scanner::default();
        let one_by_one: Vec<Piece> = text.bytes().flat_map(|octet| scanner.scan(&[octet])).collect();
        assert_eq!(one_by_one, expected);
    }

    #[test]
    fn what_is_no_stream_is_found() {
        for text in ["<a><b></a>", "text", "<!-- a -->", "<a b='<'/>", "</a>", "<?php ?>", "<a>></a>"] {
            assert!(matches!(all(text).last(), Some(Piece::Flaw(_))), "{text}");
        }
    }
}
