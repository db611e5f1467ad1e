//! What an entry says, on one line, read from its outline alone.

use std::fmt::Write as _;

use crate::framing::{Outline, Tag, unescape};

/// The most characters of a text that are shown.
const EXCERPT_CHARS_MAX: usize = 100;

/// The beginning of a text on one line, as it was meant.
pub(super) fn excerpt(raw: &str, out: &mut String) {
    // As nearly always: a short line of ASCII, as it was meant.
    if raw.len() <= EXCERPT_CHARS_MAX && raw.bytes().fold(true, |is, octet| is & is_plain(octet)) {
        out.push_str(raw);
        return;
    }
    // Escapes are several octets for one character.
    let cut = raw.char_indices().nth(EXCERPT_CHARS_MAX * 6).map_or(raw.len(), |(at, _)| at);
    let text = unescape(&raw[..cut]);
    for (n, character) in text.chars().enumerate() {
        if n == EXCERPT_CHARS_MAX {
            out.push('…');
            return;
        }
        out.push(if matches!(character, '\n' | '\r' | '\t') { ' ' } else { character });
    }
}

fn is_plain(octet: u8) -> bool {
    octet.wrapping_sub(b' ') < 0x5f && octet != b'&'
}

/// The condition of a stanza or stream error, and its words (RFC 6120 §8.3, §4.9).
pub(super) fn error(outline: &Outline<'_>, out: &mut String) {
    let is_stream = outline.root().local_name() == "error";
    let inside = if is_stream { Some(outline.text()) } else { outline.from_child("error") };
    let Some(inside) = inside else {
        out.push_str("no <error/>");
        return;
    };
    let mut inner = InnerTags::new(inside);
    let Some(error) = inner.next() else { return };
    let condition = inner.find(|tag| {
        let namespace = tag.declared(tag.split_name().0);
        namespace.is_some_and(|name| name.starts_with("urn:ietf:params:xml:ns:xmpp-st"))
            && tag.local_name() != "text"
    });
    if let Some(condition) = condition {
        excerpt(condition.local_name(), out);
    }
    if let Some(kind) = error.raw_attribute("type") {
        out.push_str(" (");
        excerpt(kind, out);
        out.push(')');
    }
    if let Some(text) = outline.raw_text_within("text") {
        out.push_str(": ");
        excerpt(text, out);
    }
}

/// Start tags, one after the other, without regard to depth.
struct InnerTags<'a> {
    rest: &'a str,
}

impl<'a> InnerTags<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for InnerTags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let at = memchr::memchr(b'<', self.rest.as_bytes())?;
            let tag = &self.rest[at..];
            self.rest = &tag[1..];
            if !tag.starts_with("</") && !tag.starts_with("<!") {
                return Some(Tag::at(tag));
            }
        }
    }
}

/// Show, status and priority of a presence (RFC 6121 §4.7.2).
pub(super) fn presence(outline: &Outline<'_>, out: &mut String) {
    let mut space = "";
    for name in ["show", "status", "priority"] {
        if let Some(text) = outline.raw_text_of(name).filter(|text| !text.is_empty()) {
            out.push_str(space);
            if name == "priority" {
                out.push_str("priority ");
            }
            excerpt(text, out);
            space = ", ";
        }
    }
}

/// What a server offers: names of features, and the mechanisms (RFC 6120 §4.3.2).
pub(super) fn features(outline: &Outline<'_>, out: &mut String) {
    let mut space = "";
    for child in outline.children() {
        out.push_str(space);
        excerpt(child.local_name(), out);
        space = ", ";
        if matches!(child.local_name(), "mechanisms" | "authentication")
            && let Some(inside) = outline.from_child(child.local_name())
        {
            let end = format!("</{}>", child.name());
            let len = inside.find(&end).unwrap_or(inside.len());
            mechanisms(&inside[..len], out);
        }
    }
    if space.is_empty() {
        out.push_str("none");
    }
}

fn mechanisms(inside: &str, out: &mut String) {
    let mut space = " (";
    for at in memchr::memmem::find_iter(inside.as_bytes(), b"<mechanism>") {
        let text = &inside[at + "<mechanism>".len()..];
        let text = &text[..text.find('<').unwrap_or(text.len())];
        out.push_str(space);
        excerpt(text, out);
        space = " ";
    }
    if space == " " {
        out.push(')');
    }
}

/// How many items an iq's payload has, where it is a list.
pub(super) fn items(outline: &Outline<'_>, out: &mut String) {
    let count = memchr::memmem::find_iter(outline.text().as_bytes(), b"<item ").count();
    if count > 0 {
        let _ = write!(out, "{count} {}", if count == 1 { "item" } else { "items" });
    }
}

/// The attributes of a header that matter (RFC 6120 §4.7).
pub(super) fn header(tag: Tag<'_>, out: &mut String) {
    let mut space = "";
    for name in ["to", "from", "id", "version", "xml:lang"] {
        if let Some(value) = tag.raw_attribute(name) {
            let _ = write!(out, "{space}{name}=");
            excerpt(value, out);
            space = " ";
        }
    }
}
