//! Text within a page that can be nothing but text: JSON without a `<`, and without characters that a reader of the page's
//! source would not see, or see elsewhere (control characters, and those that turn or hide text: UTS #55 §2).

use std::io;

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter},
};

/// Writes it as JSON for a `<script type="application/json">`.
pub(super) fn write(out: &mut Vec<u8>, what: &impl Serialize) -> io::Result<()> {
    what.serialize(&mut Serializer::with_formatter(out, Wary)).map_err(io::Error::from)
}

/// Text for the inside of an element that only has text, such as `<title>`.
pub(super) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            char if char.is_control() || is_unseen(char) => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}

/// Whether it has to be escaped in embedded JSON. What is below U+0020 is escaped in any JSON.
fn is_escaped(char: char) -> bool {
    char == '<' || matches!(char, '\u{7f}'..='\u{9f}') || is_unseen(char)
}

/// Whether it is invisible, or changes where other characters are seen.
fn is_unseen(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// JSON with those characters as `\u` sequences.
struct Wary;

impl Formatter for Wary {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| is_escaped(*char)) {
            CompactFormatter.write_string_fragment(out, &rest[..at])?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + char.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, &text).expect("memory takes everything");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn markup_and_what_turns_text_around_are_escaped() {
        let hostile = "</script><!--\u{2028}\u{202e}gpj\u{e0041}\u{85}\0";
        assert_eq!(json(hostile), r#""\u003c/script>\u003c!--\u2028\u202egpj\udb40\udc41\u0085\u0000""#);
    }

    #[test]
    fn a_title_is_text_and_nothing_else() {
        assert_eq!(markup("a</title>&\u{202e}b"), "a&lt;/title&gt;&amp;\u{fffd}b");
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back_as_it_was(text in "(?s)(.|[<\u{202e}\u{e0041}\u{7f}\u{2028}])*") {
            let json = json(&text);
            prop_assert!(!json.contains('<'));
            prop_assert!(json.chars().all(|char| !char.is_control() && !is_unseen(char)));
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("it is JSON"), text);
        }
    }
}
