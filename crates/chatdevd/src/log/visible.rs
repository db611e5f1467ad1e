//! Text from outside, made harmless for a terminal and a log.

use std::borrow::Cow;

/// `text` with everything that moves a cursor, starts an escape sequence, turns the writing direction or breaks a
/// line written out as `\u{…}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acts(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal does something other than drawing `character`.
pub(crate) fn acts(character: char) -> bool {
    // C0, DEL and C1; bidirectional marks, embeddings, overrides and isolates (UAX #9); line and paragraph
    // separators.
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_line_breaks_and_overrides_are_written_out() {
        assert_eq!(visible("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(visible("a\nb\r"), "a\\u{a}b\\u{d}");
        assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(visible("gpj\u{202e}exe"), "gpj\\u{202e}exe");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["Grüße, Алиса 🎉", "", "日本語"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }
}
