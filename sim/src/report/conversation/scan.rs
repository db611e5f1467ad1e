//! Finds the pieces of a stream's text: its header, each child of it, its end tag, white space between them. It
//! is tolerant and checks no more than it needs; from the first octet on that it cannot make sense of, all is one
//! piece.

use std::ops::Range;

/// What a piece is, by the name of its outermost element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// `<iq/>`.
    Iq,
    /// `<message/>`.
    Message,
    /// `<presence/>`.
    Presence,
    /// A stream's header or end, its features and errors, and all that leads to a signed-in stream.
    Stream,
    /// What XEP-0198 adds.
    Ack,
    /// White space that keeps a connection alive.
    KeepAlive,
    /// Ill-formed, unfinished, or of no known name.
    Rest,
}

impl What {
    fn named(name: &[u8]) -> Self {
        let local = name.rsplit(|octet| *octet == b':').next().unwrap_or(name);
        match local {
            b"iq" => Self::Iq,
            b"message" => Self::Message,
            b"presence" => Self::Presence,
            b"r" | b"a" | b"enable" | b"enabled" | b"resume" | b"resumed" | b"failed" => Self::Ack,
            b"stream" | b"features" | b"error" | b"starttls" | b"proceed" | b"auth" | b"challenge"
            | b"response" | b"success" | b"failure" | b"abort" | b"authenticate" => Self::Stream,
            _ => Self::Rest,
        }
    }
}

/// The pieces of `text`, in order. Together they are all of it.
pub(super) fn pieces(text: &[u8]) -> Vec<(What, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (what, octets) = first(&text[at..]).unwrap_or((What::Rest, text.len() - at));
        pieces.push((what, at..at + octets));
        at += octets;
    }
    pieces
}

/// What `text` begins with, and how long that is; `None` where that cannot be said.
fn first(text: &[u8]) -> Option<(What, usize)> {
    let spaces = text.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
    if spaces > 0 {
        return Some((What::KeepAlive, spaces));
    }
    let mut depth = 0_usize;
    let mut at = 0;
    let mut what = None;
    while at < text.len() {
        let octets = match Markup::at(&text[at..])? {
            // A stream's header stays open; with what stands before it, it is a piece.
            Markup::Start { name, octets } if depth == 0 && is_header(name) => {
                return Some((What::Stream, at + octets));
            }
            Markup::Start { name, octets } => {
                what = what.or(Some(What::named(name)));
                depth += 1;
                octets
            }
            Markup::Empty { name, octets } => {
                what = what.or(Some(What::named(name)));
                octets
            }
            Markup::End { name, octets } => {
                what = what.or(Some(What::named(name)));
                depth = depth.saturating_sub(1);
                octets
            }
            Markup::Other { octets } => {
                at += octets;
                continue;
            }
        };
        at += octets;
        if depth == 0 {
            return what.map(|what| (what, at));
        }
    }
    None
}

fn is_header(name: &[u8]) -> bool {
    name == b"stream" || name.ends_with(b":stream")
}

/// What a text begins with.
enum Markup<'a> {
    Start {
        name: &'a [u8],
        octets: usize,
    },
    Empty {
        name: &'a [u8],
        octets: usize,
    },
    End {
        name: &'a [u8],
        octets: usize,
    },
    /// Characters, a comment, a CDATA section, a declaration.
    Other {
        octets: usize,
    },
}

impl<'a> Markup<'a> {
    /// `None`: it is unfinished.
    fn at(text: &'a [u8]) -> Option<Self> {
        let until = |end: &[u8]| memchr::memmem::find(text, end).map(|at| at + end.len());
        if !text.starts_with(b"<") {
            return memchr::memchr(b'<', text).map(|octets| Self::Other { octets });
        }
        if text.starts_with(b"<!--") {
            return until(b"-->").map(|octets| Self::Other { octets });
        }
        if text.starts_with(b"<![CDATA[") {
            return until(b"]]>").map(|octets| Self::Other { octets });
        }
        if text.starts_with(b"<?") {
            return until(b"?>").map(|octets| Self::Other { octets });
        }
        let octets = tag_octets(text)?;
        let tag = &text[1..octets - 1];
        if let Some(tag) = tag.strip_prefix(b"/") {
            return Some(Self::End { name: name(tag)?, octets });
        }
        let name = name(tag)?;
        let is_empty = tag.ends_with(b"/");
        Some(if is_empty { Self::Empty { name, octets } } else { Self::Start { name, octets } })
    }
}

/// The length of the tag that `text` begins with. A `>` between quotes is not its end.
fn tag_octets(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, octet) in text.iter().enumerate() {
        match (quote, octet) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*octet),
            (Some(open), octet) if open == *octet => quote = None,
            _ => {}
        }
    }
    None
}

fn name(tag: &[u8]) -> Option<&[u8]> {
    let octets = tag.iter().take_while(|octet| !octet.is_ascii_whitespace() && **octet != b'/').count();
    (octets > 0).then(|| &tag[..octets])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(What, &str)> {
        pieces(text.as_bytes()).into_iter().map(|(what, place)| (what, &text[place])).collect()
    }

    #[test]
    fn a_stream_falls_into_its_children() {
        let header = "<?xml version='1.0'?><stream:stream to='a>b'>";
        let text = format!(
            "{header}<iq id=\"'>\"><q><q/></q></iq> \n<r/><message><body>a</body></message></stream:stream>"
        );
        let expected = [
            (What::Stream, header),
            (What::Iq, "<iq id=\"'>\"><q><q/></q></iq>"),
            (What::KeepAlive, " \n"),
            (What::Ack, "<r/>"),
            (What::Message, "<message><body>a</body></message>"),
            (What::Stream, "</stream:stream>"),
        ];
        assert_eq!(found(&text), expected);
    }

    #[test]
    fn a_stream_begins_again_after_the_sign_in() {
        let expected = [(What::Stream, "<stream:stream>"), (What::Stream, "<success/>")];
        assert_eq!(found("<stream:stream><success/>"), expected);
        assert_eq!(found("<success/><stream:stream>").len(), 2);
    }

    #[test]
    fn tags_in_comments_and_cdata_are_none() {
        let text = "<message><!-- </message> --><![CDATA[</message>]]></message>";
        assert_eq!(found(text), [(What::Message, text)]);
    }

    #[test]
    fn from_what_is_unfinished_on_all_is_one_piece() {
        for rest in ["<iq", "<iq><a/>", "oops", "<>", "< iq/> <r/>", "<!-- ", "<![CDATA["] {
            let text = format!("<r/>{rest}");
            assert_eq!(found(&text), [(What::Ack, "<r/>"), (What::Rest, rest)], "{text}");
        }
    }
}
