//! What text is searched for: a piece of text in any case, or a regular expression.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

/// A regular expression takes at most so many octets when compiled; a larger one is refused.
const PATTERN_OCTETS_MAX: usize = 256 * 1024;

/// Groups of a regular expression stand at most so deep in each other; what is deeper is refused.
const PATTERN_DEPTH_MAX: u32 = 32;

/// A piece of text, searched for without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    written: Box<str>,
    folded: Box<str>,
}

impl Needle {
    pub(super) fn new(written: &str) -> Self {
        Self { written: written.into(), folded: written.chars().flat_map(char::to_lowercase).collect() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether it is in `haystack`, which need not be UTF-8.
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        if self.folded.is_ascii() {
            return ascii_is_in(self.folded.as_bytes(), haystack);
        }
        haystack.utf8_chunks().any(|chunk| {
            let text = chunk.valid();
            text.char_indices().any(|(at, _)| begins(&text[at..], &self.folded))
        })
    }
}

fn ascii_is_in(folded: &[u8], haystack: &[u8]) -> bool {
    let Some(&first) = folded.first() else { return true };
    let Some(last_begin) = haystack.len().checked_sub(folded.len()) else { return false };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), &haystack[..=last_begin])
        .any(|at| haystack[at..at + folded.len()].eq_ignore_ascii_case(folded))
}

/// Whether `text` begins with `folded`, whatever its case.
fn begins(text: &str, folded: &str) -> bool {
    let mut found = text.chars().flat_map(char::to_lowercase);
    folded.chars().all(|wanted| found.next() == Some(wanted))
}

/// A regular expression, as it was written between its slashes.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    pub(super) fn new(written: &str) -> Result<Self, regex_lite::Error> {
        RegexBuilder::new(written)
            .size_limit(PATTERN_OCTETS_MAX)
            .nest_limit(PATTERN_DEPTH_MAX)
            .build()
            .map(Self)
    }

    /// Whether it matches somewhere in `haystack`; what is no UTF-8 there counts as U+FFFD.
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        self.0.is_match(&String::from_utf8_lossy(haystack))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_in_any_case_and_among_octets_that_are_none() {
        let is_in = |needle: &str, haystack: &[u8]| Needle::new(needle).is_in(haystack);
        assert!(is_in("hello", b"say HeLLo"));
        assert!(is_in("HELLO", b"hello"));
        assert!(is_in("", b""));
        assert!(!is_in("hello", b"hell"));
        assert!(!is_in("a", b""));
        assert!(is_in("GRÜSSE", "viele Grüsse".as_bytes()));
        assert!(is_in("ü", b"\xff\xc3\x9c\xff"));
        assert!(!is_in("ü", b"\xc3"));
        assert!(is_in("aab", b"aaab"));
    }

    #[test]
    fn a_regular_expression_that_would_grow_large_is_refused() {
        assert!(Pattern::new("(?:a{100}){1000}").is_err());
        assert!(Pattern::new(&"(".repeat(100)).is_err());
        assert!(Pattern::new("^a\\/b$").is_ok_and(|pattern| pattern.is_in(b"a/b")));
    }
}
