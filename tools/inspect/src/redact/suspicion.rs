//! Whether octets may hold a secret at all: every entry is asked, so it has to be quick, and allocates nothing.
//!
//! It looks for the beginnings of the words that `secrets` goes by, in any case, all at once: Shift-And (R. Baeza-Yates, G. Gonnet:
//! A New Approach to Text Searching, CACM 35, 1992), one bit for each of their letters. What it does *not* do: decide. Where a word
//! stands, and whether it means anything there, is seen by those who read the XML.

/// What a secret has near it: a part of the name of its element or attribute, of its field, or of the namespace around it. A character
/// reference may spell any of them.
const WORDS: [&[u8]; 15] = [
    b"pass", b"pwd", b"secr", b"toke", b"auth", b"dige", b"key", b"prev", b"sasl", b"scra", b"slot", b"t-pr",
    b"enab", b"-dat", b"&#",
];

/// For each octet, the letters of the words that it may be.
static LETTERS: [u64; 256] = letters();
/// The first letters of all words.
const FIRST: u64 = edges().0;
/// The last letters of all words.
const LAST: u64 = edges().1;
/// Letters of the longest word, but one.
const OVERLAP: usize = 3;

const fn letters() -> [u64; 256] {
    let mut letters = [0; 256];
    let (mut word, mut bit) = (0, 0);
    while word < WORDS.len() {
        let mut at = 0;
        while at < WORDS[word].len() {
            letters[WORDS[word][at].to_ascii_lowercase() as usize] |= 1 << bit;
            letters[WORDS[word][at].to_ascii_uppercase() as usize] |= 1 << bit;
            at += 1;
            bit += 1;
        }
        word += 1;
    }
    assert!(bit <= 64, "all letters have a bit");
    letters
}

const fn edges() -> (u64, u64) {
    let (mut first, mut last) = (0, 0);
    let (mut word, mut bit) = (0, 0);
    while word < WORDS.len() {
        assert!(WORDS[word].len() <= OVERLAP + 1, "no word is longer than what overlaps");
        first |= 1 << bit;
        bit += WORDS[word].len();
        last |= 1 << (bit - 1);
        word += 1;
    }
    (first, last)
}

/// Whether one of the words is in it.
pub(super) fn is_suspicious(octets: &[u8]) -> bool {
    let step = |state: u64, octet: u8| ((state << 1) | FIRST) & LETTERS[usize::from(octet)];
    // Both halves at once: each step waits for the one before it.
    let half = octets.len() / 2;
    let (left, right) = octets.split_at(half);
    let (mut in_left, mut in_right, mut found) = (0, 0, 0);
    for (&one, &other) in left.iter().zip(right) {
        in_left = step(in_left, one);
        in_right = step(in_right, other);
        found |= in_left | in_right;
    }
    for &octet in &right[half..] {
        in_right = step(in_right, octet);
        found |= in_right;
    }
    for &octet in right.iter().take(OVERLAP) {
        in_left = step(in_left, octet);
        found |= in_left;
    }
    found & LAST != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_most_stanzas_hold_is_not_suspicious() {
        for text in [
            "<message to='bob@x.example/tui' id='m1' type='chat'><body>Hello &lt;3</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
            "<presence from='a@b/c'><show>away</show><priority>5</priority></presence>",
            "<iq type='result' id='1'><query xmlns='jabber:iq:roster'><item jid='a@b' subscription='both'/></query></iq>",
            "<a xmlns='urn:xmpp:sm:3' h='1'/>",
            "",
            "x",
        ] {
            assert!(!is_suspicious(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_word_is_found_wherever_it_stands(
            before in "[bceg<>= ]{0,9}", word in proptest::sample::select(WORDS.to_vec()), upper: bool, after in "[bceg<>= ]{0,9}",
        ) {
            let word = if upper { word.to_ascii_uppercase() } else { word.to_vec() };
            prop_assert!(is_suspicious(&[before.as_bytes(), &word, after.as_bytes()].concat()));
            prop_assert!(!is_suspicious(&[before.as_bytes(), after.as_bytes()].concat()));
            prop_assert!(!is_suspicious(&word[1..]) || word[1..].len() > 2);
        }
    }
}
