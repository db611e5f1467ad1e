//! Steps through the octets of a stream from tag to tag.

use memchr::{memchr, memmem};

use super::{CHILDREN_MAX, Oddity, Search};

/// What a step found.
pub(super) enum Step {
    /// The end has not come.
    Unfinished,
    /// A tag or text; the element goes on.
    On,
    /// A stream header of this length ends.
    Header(usize),
    /// The top-level element of this length ends.
    Whole(usize),
    /// The end tag of the stream, of this length.
    Close(usize),
    /// Something that has no place between elements, of this length.
    Odd(usize, Oddity),
}

/// What stands between elements.
pub(super) enum Between {
    /// Markup begins.
    Element,
    /// White space of this length.
    Space(usize),
    /// Text of this length.
    Text(usize),
    /// A TLS record of a handshake begins: octet 22, which XML has nowhere.
    Tls,
}

/// What `rest`, which is not empty, begins with.
pub(super) fn between(rest: &[u8]) -> Between {
    match rest[0] {
        b'<' => Between::Element,
        0x16 => Between::Tls,
        byte if byte.is_ascii_whitespace() => {
            let len = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            Between::Space(len)
        }
        _ => Between::Text(memchr(b'<', rest).unwrap_or(rest.len())),
    }
}

/// The next tag, or piece of text, of what begins at the beginning of `rest`. What was searched once is not searched again.
#[inline]
pub(super) fn step(rest: &[u8], search: &mut Search) -> Step {
    if search.seen == 0 {
        let Some(tag) = memchr(b'<', &rest[search.at..]).map(|offset| search.at + offset) else {
            // Text.
            search.at = rest.len();
            return Step::Unfinished;
        };
        search.at = tag;
    }
    let tag = &rest[search.at..];
    match tag.get(1) {
        None => Step::Unfinished,
        Some(b'/') => match tag[search.seen..].iter().position(|&octet| octet == b'>') {
            None => unfinished(search, tag.len()),
            Some(end) => end_tag(rest, search, search.at + search.seen + end + 1),
        },
        Some(b'!') => markup(tag, search),
        Some(b'?') => match end_of_markup(tag, search, b"?>", 2) {
            None => Step::Unfinished,
            Some(end) => {
                search.move_to(end);
                Step::On
            }
        },
        Some(_) => match end_of_start_tag(tag, search) {
            None => Step::Unfinished,
            Some(end) => start_tag(rest, search, search.at + end + 1),
        },
    }
}

fn unfinished(search: &mut Search, seen: usize) -> Step {
    search.seen = seen;
    Step::Unfinished
}

fn end_tag(rest: &[u8], search: &mut Search, end: usize) -> Step {
    let tag = search.at;
    search.move_to(end);
    match search.depth {
        0 if is_stream(&rest[tag + 2..end - 1]) => Step::Close(end),
        0 => Step::Odd(end, Oddity::EndTag),
        1 => Step::Whole(end),
        _ => {
            search.depth -= 1;
            Step::On
        }
    }
}

fn start_tag(rest: &[u8], search: &mut Search, end: usize) -> Step {
    let tag = search.at;
    search.move_to(end);
    let is_empty = rest[end - 2] == b'/';
    match search.depth {
        0 => {
            search.head_end = end;
            let name = name(&rest[tag + 1..end - 1]);
            if is_empty {
                return Step::Whole(end);
            }
            if is_stream(name) {
                return Step::Header(end);
            }
        }
        // A body is never left out.
        1 if search.children_len == CHILDREN_MAX && name(&rest[tag + 1..end - 1]) == b"body" => {
            if let Ok(place) = u32::try_from(tag) {
                search.children[CHILDREN_MAX - 1] = place;
            }
        }
        1 if search.children_len < CHILDREN_MAX => {
            if let Ok(place) = u32::try_from(tag) {
                search.children[search.children_len] = place;
                search.children_len += 1;
            }
        }
        _ => {}
    }
    if !is_empty {
        search.depth += 1;
    }
    Step::On
}

/// `<!`: a comment, a CDATA section, a document type.
fn markup(tag: &[u8], search: &mut Search) -> Step {
    let (end, len): (&[u8], usize) = if tag.starts_with(b"<!--") {
        (b"-->", 4)
    } else if tag.starts_with(b"<![CDATA[") {
        (b"]]>", 9)
    } else if tag.len() < 9
        && (b"<!--".starts_with(&tag[..tag.len().min(4)]) || b"<![CDATA[".starts_with(tag))
    {
        return Step::Unfinished;
    } else {
        (b">", 2)
    };
    match end_of_markup(tag, search, end, len) {
        None => Step::Unfinished,
        Some(end) => {
            search.move_to(end);
            if search.depth == 0 { Step::Odd(end, Oddity::Markup) } else { Step::On }
        }
    }
}

/// Behind the `end` of a piece of markup, in the whole, whose beginning takes `len` octets.
fn end_of_markup(tag: &[u8], search: &mut Search, end: &[u8], len: usize) -> Option<usize> {
    // The end may have begun where the search stopped.
    let from = search.seen.saturating_sub(end.len() - 1).max(len).min(tag.len());
    let found = memmem::find(&tag[from..], end);
    if found.is_none() {
        search.seen = tag.len();
    }
    found.map(|found| search.at + from + found + end.len())
}

/// Where the `>` of a start tag is that no quotes surround.
#[inline]
fn end_of_start_tag(tag: &[u8], search: &mut Search) -> Option<usize> {
    let mut at = search.seen;
    let mut quote = search.quote;
    loop {
        if quote != 0 {
            let Some(end) = memchr(quote, &tag[at..]) else { break };
            (at, quote) = (at + end + 1, 0);
        }
        // Between values there is little: to look at one octet after the other is quicker than to search.
        match tag.get(at) {
            None => break,
            Some(b'>') => return Some(at),
            Some(&mark @ (b'\'' | b'"')) => (at, quote) = (at + 1, mark),
            Some(_) => at += 1,
        }
    }
    (search.seen, search.quote) = (tag.len(), quote);
    None
}

/// The name at the beginning of what stands in a tag.
fn name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|&byte| byte.is_ascii_whitespace() || byte == b'/').unwrap_or(tag.len());
    &tag[..end]
}

/// Whether a tag's name is that of a stream header: `stream`, with any prefix or none (RFC 6120 §4.8.5).
fn is_stream(tag: &[u8]) -> bool {
    let name = name(tag);
    name == b"stream" || name.ends_with(b":stream")
}

/// Where something begins that looks like a stanza.
pub(super) struct Sought {
    /// So many octets before it.
    pub(super) skipped: usize,
    /// Whether it is one; else the octets are too few to tell.
    pub(super) is_certain: bool,
}

/// What a top-level element may be called; in the middle of a stream one looks for these.
const LANDMARKS: [&[u8]; 14] = [
    b"<message",
    b"<presence",
    b"<iq",
    b"<r",
    b"<a",
    b"<?xml",
    b"<stream:stream",
    b"<stream:features",
    b"<stream:error",
    b"</stream:stream",
    b"<proceed",
    b"<challenge",
    b"<success",
    b"<enabled",
];

/// Looks for the next landmark. TLS at the very beginning is none, but is left alone.
pub(super) fn seek(rest: &[u8]) -> Sought {
    if rest[0] == 0x16 {
        return Sought { skipped: 0, is_certain: true };
    }
    let mut from = 0;
    while let Some(at) = memchr(b'<', &rest[from..]).map(|offset| from + offset) {
        let tag = &rest[at..];
        for landmark in LANDMARKS {
            let is_named = tag.starts_with(landmark);
            match tag.get(landmark.len()) {
                Some(byte) if is_named && (byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/')) => {
                    return Sought { skipped: at, is_certain: true };
                }
                None if is_named || landmark.starts_with(tag) => {
                    return Sought { skipped: at, is_certain: false };
                }
                _ => {}
            }
        }
        from = at + 1;
    }
    Sought { skipped: rest.len(), is_certain: false }
}
