//! Which characters XML 1.0 (fifth edition) allows where: §2.2 `Char`, §2.3 names, and a table of what a byte
//! asks of the reader.

/// A control character that XML forbids.
pub(crate) const FORBIDDEN: u8 = 1;
/// Tab or line feed: white space that attribute values normalise.
pub(crate) const BLANK: u8 = 2;
/// Carriage return: the end of a line, to be normalised anywhere.
pub(crate) const RETURN: u8 = 4;
/// `&` or `<`.
pub(crate) const MARKUP: u8 = 8;
/// `>`.
pub(crate) const GREATER: u8 = 16;
/// `'`.
pub(crate) const APOSTROPHE: u8 = 32;
/// Part of a character beyond ASCII.
pub(crate) const BEYOND_ASCII: u8 = 64;
/// The first byte of U+F000 to U+FFFF, of which U+FFFE and U+FFFF are forbidden.
pub(crate) const LAST_PLANE_ROW: u8 = 128;

const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'\t' | b'\n' => BLANK,
            b'\r' => RETURN,
            0..=0x1F => FORBIDDEN,
            b'&' | b'<' => MARKUP,
            b'>' => GREATER,
            b'\'' => APOSTROPHE,
            0xEF => BEYOND_ASCII | LAST_PLANE_ROW,
            0x80..=0xFF => BEYOND_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    class
}

/// The classes of all bytes of `bytes` together; 0 for plain ASCII text.
pub(crate) fn classes_of(bytes: &[u8]) -> u8 {
    // Nearly all text is plain, and that can be seen for many bytes at once: this loop becomes vector code.
    const LONG: usize = 32;
    if bytes.len() >= LONG && !bytes.iter().fold(false, |any, &byte| any | has_class(byte)) {
        return 0;
    }
    bytes.iter().fold(0, |all, &byte| all | CLASS[usize::from(byte)])
}

/// How far it is to the `quote` that ends an attribute value, and the classes of all bytes before it. Most
/// values are short, so the search is vector code only from some length on.
pub(crate) fn value_len(bytes: &[u8], quote: u8) -> Option<(usize, u8)> {
    const SHORT: usize = 32;
    let mut all = 0;
    for (at, &byte) in bytes.iter().take(SHORT).enumerate() {
        if byte == quote {
            return Some((at, all));
        }
        all |= CLASS[usize::from(byte)];
    }
    let rest = bytes.get(SHORT..)?;
    let len = memchr::memchr(quote, rest)?;
    Some((SHORT + len, all | classes_of(&rest[..len])))
}

/// Whether the table has anything to say about a byte.
const fn has_class(byte: u8) -> bool {
    (byte < b' ') | (byte >= 0x80) | (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'\'')
}

/// White space: XML 1.0 §2.3 production `S`.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// XML 1.0 §2.2 production `Char`. (Surrogates are not `char`s.)
pub(crate) const fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// A letter or `_`: anywhere in a name.
pub(crate) const NAME_START: u8 = 1;
/// A digit, `-` or `.`: in a name, but not at its beginning.
pub(crate) const NAME_INSIDE: u8 = 2;
/// `:`, or part of a character beyond ASCII: the name has to be looked at more closely.
pub(crate) const NAME_SPECIAL: u8 = 4;

const NAME_CLASS: [u8; 256] = name_classes();

const fn name_classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => NAME_START,
            b'0'..=b'9' | b'-' | b'.' => NAME_INSIDE,
            b':' | 0x80.. => NAME_SPECIAL,
            _ => 0,
        };
        byte += 1;
    }
    class
}

/// What a byte can be in a name; 0 if it ends one.
pub(crate) fn name_class(byte: u8) -> u8 {
    NAME_CLASS[usize::from(byte)]
}

/// How long the name at the front of `bytes` is, and the classes of all its bytes together.
pub(crate) fn name_len(bytes: &[u8]) -> (usize, u8) {
    let mut all = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let class = name_class(byte);
        if class == 0 {
            return (at, all);
        }
        all |= class;
    }
    (bytes.len(), all)
}

/// Namespaces in XML §3 production `NCName`: a name without a colon.
pub(crate) fn is_ncname(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// XML 1.0 §2.3 production `NameStartChar` without `:`.
const fn is_name_start(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// XML 1.0 §2.3 production `NameChar` without `:`.
const fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_fifth_edition() {
        for name in ["a", "_", "body", "x-y.z0", "é", "имя", "名前", "a\u{B7}", "a\u{300}", "\u{10000}"]
        {
            assert!(is_ncname(name), "{name}");
        }
        for name in
            ["", "-a", ".a", "0", "a:b", ":", "a b", "\u{B7}", "\u{300}a", "\u{D7}", "\u{37E}", "a\u{2000}"]
        {
            assert!(!is_ncname(name), "{name}");
        }
    }

    #[test]
    fn the_tables_agree_with_the_characters() {
        for c in '\0'..='\u{7F}' {
            let class = classes_of(&[c as u8]);
            assert_eq!(class & FORBIDDEN == 0, is_char(c), "{c:?}");
            assert_eq!(class & (BLANK | RETURN) != 0 || c == ' ', is_space(c as u8), "{c:?}");
            assert_eq!(class != 0, has_class(c as u8), "{c:?}");
            assert_eq!(name_class(c as u8) == NAME_START, is_name_start(c), "{c:?}");
            assert_eq!(name_class(c as u8) & (NAME_START | NAME_INSIDE) != 0, is_name_char(c), "{c:?}");
        }
        assert!((0x80..=0xFF).all(|byte| has_class(byte) && name_class(byte) == NAME_SPECIAL));
        for c in ['\u{FFFE}', '\u{FFFF}'] {
            assert!(!is_char(c));
            assert!(classes_of(c.to_string().as_bytes()) & LAST_PLANE_ROW != 0);
        }
        assert!(is_char('\u{FFFD}') && is_char('\u{85}') && is_char('\u{10FFFF}'));
    }
}
