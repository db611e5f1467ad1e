//! Whether a text can go into a message as it is. A text that cannot is refused, never changed.

use crate::event::FailReason;

/// Whether a text can be sent as it is: not too long, and only characters that XML has (XML 1.0 §2.2).
pub(crate) fn sendable(body: &str, octets_max: usize) -> Result<(), FailReason> {
    let octets = body.len() + body.bytes().map(escape_len).sum::<usize>();
    if octets > octets_max {
        let words = format!("expected at most {octets_max} octets, found {octets}");
        return Err(FailReason::Unsendable(words));
    }
    let forbidden = |character: char| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    match body.chars().find(|character| forbidden(*character)) {
        Some(found) => {
            Err(FailReason::Unsendable(format!("it has the character U+{:04X}", u32::from(found))))
        }
        None => Ok(()),
    }
}

/// How many octets more than one an octet of text takes in XML, at most.
fn escape_len(octet: u8) -> usize {
    match octet {
        b'&' | b'\r' => "&amp;".len() - 1,
        b'<' | b'>' => "&lt;".len() - 1,
        b'\'' | b'"' => "&apos;".len() - 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_on_what_xml_makes_of_the_text() {
        assert_eq!(sendable("&&&&", 20), Ok(()));
        assert!(sendable("&&&&", 19).is_err());
    }

    #[test]
    fn line_breaks_and_emoji_can_be_sent_and_control_characters_cannot() {
        assert_eq!(sendable("one\r\n\ttwo 👩\u{200d}💻 \u{202e}", 1000), Ok(()));
        for text in ["\0", "\u{1b}[2J", "\u{b}", "\u{ffff}"] {
            assert!(sendable(text, 1000).is_err(), "{text:?}");
        }
    }
}
