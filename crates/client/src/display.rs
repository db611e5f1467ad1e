//! Text from other people, made fit for a terminal or a log: what would act, reorder or hide is shown as a sign instead.
//!
//! Every program that prints a nick, a status, a body, a JID or an error text that came over the network passes it through
//! [`line()`] or [`body`] first (SECURITY: nothing from outside reaches a terminal with control characters in it). Controls
//! C0 become their pictures (`␛`), all others `‹U+202E›`. What it does *not* do: measure width, wrap, or detect letters of
//! different scripts that look alike; which is why the JID always stands beside the nick.

use std::borrow::Cow;
use std::fmt::Write as _;

/// For one line: nick, status, JID, resource. Line breaks and tabs are made visible too.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    rewritten(text, is_hazard)
}

/// For the text of a message: line breaks and tabs stay, and so do the two joiners that emoji and several scripts need.
#[must_use]
pub fn body(text: &str) -> Cow<'_, str> {
    rewritten(text, |character| {
        is_hazard(character) && !matches!(character, '\n' | '\t' | '\u{200c}' | '\u{200d}')
    })
}

fn rewritten(text: &str, hazard: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&hazard) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for character in text[first..].chars() {
        match character {
            safe if !hazard(safe) => shown.push(safe),
            '\0'..='\u{1f}' => shown.push(picture(0x2400 + u32::from(character))),
            '\u{7f}' => shown.push('\u{2421}'),
            other => write!(shown, "‹U+{:04X}›", u32::from(other)).expect("writing to a string never fails"),
        }
    }
    Cow::Owned(shown)
}

/// The control picture at this code point (Unicode block "Control Pictures").
fn picture(code: u32) -> char {
    char::from_u32(code).expect("U+2400..=U+241F are assigned characters")
}

/// Characters that act on a terminal, change the direction of what follows, or cannot be seen.
fn is_hazard(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' // C0, DEL, C1
        | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' // invisible
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // direction
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' // zero width, deprecated formats
        | '\u{2028}' | '\u{2029}' // line and paragraph separators
        | '\u{3164}' | '\u{ffa0}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' // fillers, byte order mark, annotations
        | '\u{e0000}'..='\u{e0fff}' // tags and supplementary selectors
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_is_passed_on_without_a_copy() {
        assert!(matches!(line("Grüße, 世界 👋🏽"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_escape_sequence_is_seen_instead_of_obeyed() {
        assert_eq!(line("\u{1b}]0;title\u{7}\u{1b}[2J"), "␛]0;title␇␛[2J");
        assert_eq!(line("\u{9b}31m"), "‹U+009B›31m");
    }

    #[test]
    fn a_nick_cannot_begin_a_line_of_its_own() {
        assert_eq!(line("Bob\r\nAlice: yes"), "Bob␍␊Alice: yes");
        assert_eq!(line("Bob\u{2028}Alice"), "Bob‹U+2028›Alice");
    }

    #[test]
    fn a_direction_override_is_made_visible() {
        assert_eq!(line("txt.\u{202e}exe"), "txt.‹U+202E›exe");
        assert_eq!(body("a\u{2066}b"), "a‹U+2066›b");
    }

    #[test]
    fn a_body_keeps_its_lines_and_its_joined_emoji() {
        assert_eq!(body("one\n\ttwo 👩\u{200d}💻"), "one\n\ttwo 👩\u{200d}💻");
        assert_eq!(body("one\r\ntwo"), "one␍\ntwo");
        assert_eq!(line("👩\u{200d}💻"), "👩‹U+200D›💻");
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_on_one_line_is_a_hazard(text: String) {
            prop_assert!(!line(&text).chars().any(is_hazard));
            prop_assert!(!body(&text).chars().any(|shown| shown.is_control() && !matches!(shown, '\n' | '\t')));
        }

        #[test]
        fn showing_twice_changes_nothing_more(text: String) {
            let once = line(&text).into_owned();
            prop_assert_eq!(line(&once), once.as_str());
        }
    }
}
