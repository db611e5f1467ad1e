//! Characters on their way into canonical bytes and back (see the crate's documentation for the form).
//!
//! Unescaping here reads canonical text only; what a peer wrote is decoded by the reader.

use std::borrow::Cow;

use crate::chars::{self, APOSTROPHE, BLANK, FORBIDDEN, GREATER, LAST_PLANE_ROW, MARKUP, RETURN};

/// Where canonical characters are written to.
pub(crate) trait Sink {
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// Appends `text` as character data. A character that XML forbids becomes U+FFFD: what is written is always
/// well-formed, whatever a person typed.
pub(crate) fn escape_text(out: &mut impl Sink, text: &str) {
    if chars::classes_of(text.as_bytes()) & (MARKUP | GREATER | RETURN | FORBIDDEN | LAST_PLANE_ROW) == 0 {
        out.put(text);
        return;
    }
    replace(out, text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        c if !chars::is_char(c) => Some("\u{FFFD}"),
        _ => None,
    });
}

/// Appends `value` as the inside of an attribute value in apostrophes. White space survives; a character that
/// XML forbids becomes U+FFFD.
pub(crate) fn escape_attribute(out: &mut impl Sink, value: &str) {
    let care = MARKUP | GREATER | RETURN | FORBIDDEN | LAST_PLANE_ROW | APOSTROPHE | BLANK;
    if chars::classes_of(value.as_bytes()) & care == 0 {
        out.put(value);
        return;
    }
    replace(out, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\'' => Some("&apos;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        c if !chars::is_char(c) => Some("\u{FFFD}"),
        _ => None,
    });
}

fn replace(out: &mut impl Sink, text: &str, with: impl Fn(char) -> Option<&'static str>) {
    let mut kept = 0;
    for (at, c) in text.char_indices() {
        if let Some(replacement) = with(c) {
            out.put(&text[kept..at]);
            out.put(replacement);
            kept = at + c.len_utf8();
        }
    }
    out.put(&text[kept..]);
}

/// What canonical text or a canonical value means.
pub(crate) fn unescape(canonical: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', canonical.as_bytes()) else {
        return Cow::Borrowed(canonical);
    };
    let mut text = String::with_capacity(canonical.len());
    text.push_str(&canonical[..first]);
    let mut rest = &canonical[first..];
    while let Some((before, reference)) = rest.split_once('&') {
        text.push_str(before);
        let (name, after) = reference.split_once(';').expect("canonical references end with a semicolon");
        text.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "apos" => '\'',
            "#9" => '\t',
            "#10" => '\n',
            "#13" => '\r',
            _ => unreachable!("canonical form has no other reference"),
        });
        rest = after;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values_come_back() {
        let all = "a<b>&'\"\t\n\r é 🦀 &amp; ]]>";
        let mut text = String::new();
        escape_text(&mut text, all);
        assert_eq!(text, "a&lt;b&gt;&amp;'\"\t\n&#13; é 🦀 &amp;amp; ]]&gt;");
        assert_eq!(unescape(&text), all);
        let mut value = String::new();
        escape_attribute(&mut value, all);
        assert_eq!(value, "a&lt;b&gt;&amp;&apos;\"&#9;&#10;&#13; é 🦀 &amp;amp; ]]&gt;");
        assert_eq!(unescape(&value), all);
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        let mut text = String::new();
        escape_text(&mut text, "\0a\u{1B}\u{FFFE}");
        escape_attribute(&mut text, "\u{FFFF}\u{FFFD}\u{B}");
        assert_eq!(text, "\u{FFFD}a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(unescape("plain é"), Cow::Borrowed("plain é")));
    }
}
