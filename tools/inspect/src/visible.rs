//! What came from outside, made fit for a terminal: all that people are shown passes through here.
//!
//! The rules are those of the client ([`chatdev_client::display`]): controls C0 become their pictures (`␛`), C1, bidirectional
//! overrides and what cannot be seen become `‹U+202E›`. Here is what columns of a table need besides, and JSON, which has a way of its own.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

pub use chatdev_client::display::{body, line};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Appends `text` as [`line()`] shows it.
pub fn put(text: &str, out: &mut String) {
    // As nearly always: printable ASCII needs no closer look.
    // (Without a way out in between, so that many octets are looked at together.)
    if text.bytes().fold(true, |is, octet| is & (octet.wrapping_sub(b' ') < 0x5f)) {
        out.push_str(text);
    } else {
        out.push_str(&line(text));
    }
}

/// Writes a line of JSON, with what would act on a terminal or turn the text as `\u009b`: it is the same JSON. (C0 is escaped in any.)
///
/// # Errors
/// It could not be written.
pub fn write_json(out: &mut impl io::Write, what: &impl serde::Serialize) -> io::Result<()> {
    write_escaped(out, &serde_json::to_string(what)?)
}

/// The same on several lines, indented.
///
/// # Errors
/// It could not be written.
pub fn write_json_pretty(out: &mut impl io::Write, what: &impl serde::Serialize) -> io::Result<()> {
    write_escaped(out, &serde_json::to_string_pretty(what)?)
}

fn write_escaped(out: &mut impl io::Write, json: &str) -> io::Result<()> {
    let mut escaped = String::new();
    // As nearly always, there is nothing beyond ASCII in it.
    let is_plain = json.bytes().fold(true, |is, octet| is & (octet < 0x7f));
    if !is_plain {
        for character in json.chars() {
            if acts(character) {
                let _ = write!(escaped, "\\u{:04x}", u32::from(character));
            } else {
                escaped.push(character);
            }
        }
    }
    out.write_all(if is_plain { json } else { &escaped }.as_bytes())?;
    out.write_all(b"\n")
}

/// DEL and C1; marks, embeddings, overrides and isolates of direction (UAX #9); separators of lines and paragraphs, and the byte order mark.
/// All of them stand in JSON's strings only, and none needs two of its sequences.
fn acts(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// So many columns of a terminal `text` takes, shown as [`line()`] shows it.
#[must_use]
pub fn columns(text: &str) -> usize {
    line(text).width()
}

/// `text` on one line, in at most so many columns: the end of what is longer is an ellipsis.
#[must_use]
pub fn cut(text: &str, columns_max: usize) -> Cow<'_, str> {
    // A column takes four octets at most, but for marks that take no column: what is far behind the end need not be looked at.
    let near = text.floor_char_boundary(columns_max.saturating_mul(16).saturating_add(64));
    let shown = line(&text[..near]);
    if near == text.len() && shown.width() <= columns_max {
        return shown;
    }
    let mut columns = 0;
    let room = columns_max.saturating_sub(1);
    let end = shown
        .char_indices()
        .find(|&(_, character)| {
            columns += character.width().unwrap_or(0);
            columns > room
        })
        .map_or(shown.len(), |(at, _)| at);
    let mut kept = shown[..end].to_owned();
    // Some characters are wider together than alone, such as a sign that is told to be an emoji.
    while kept.width() > room && kept.pop().is_some() {}
    if columns_max > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(cut("alice@localhost", 15), "alice@localhost");
        assert_eq!(cut("alice@localhost", 9), "alice@lo…");
        assert_eq!(cut("世界世界", 6), "世界…");
        assert_eq!(cut("a\u{1b}[2J", 3), "a␛…");
        assert_eq!(cut("ab", 1), "…");
        assert_eq!(cut("ab", 0), "");
    }

    #[test]
    fn json_does_not_act_on_a_terminal_and_stays_what_it_was() {
        let text = "ü\u{7f}\u{9b}31m\u{202e}\u{1b}[2J 🎈\u{2028}";
        let mut out = Vec::new();
        write_json(&mut out, &text).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert_eq!(json, "\"ü\\u007f\\u009b31m\\u202e\\u001b[2J 🎈\\u2028\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    proptest! {
        #[test]
        fn json_reads_as_what_it_was_written_of(text: String) {
            let mut out = Vec::new();
            write_json_pretty(&mut out, &[&text]).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<[String; 1]>(&out).unwrap()[0], &text);
            prop_assert!(!String::from_utf8(out).unwrap().chars().any(|shown| acts(shown) || (shown.is_control() && shown != '\n')));
        }

        #[test]
        fn what_is_cut_fits_and_acts_on_no_terminal(text: String, columns_max in 0_usize..40) {
            let shown = cut(&text, columns_max);
            prop_assert!(shown.width() <= columns_max, "{shown:?}");
            prop_assert_eq!(line(&shown), shown.as_ref());
        }
    }
}
