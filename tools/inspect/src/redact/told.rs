//! What is said *of* an entry, in words, as it may be shown: its name, title and detail, and what was found.

use std::borrow::Cow;

use super::{harmless, words};
use crate::entry::{Entry, Finding, Kind};
use crate::framing::Tag;

/// Whether a finding quotes XML: by its rule ([`crate::lint`], `xml`), or because what is broken was taken for a name.
pub(super) fn quotes_markup(finding: &Finding) -> bool {
    let is_in_quotes = || finding.found.split_once('\'').is_some_and(|(_, quoted)| quoted.contains('<'));
    matches!(
        finding.rule,
        "stray-text" | "not-well-formed" | "restricted-xml" | "undeclared-prefix" | "not-utf8"
    ) || is_in_quotes()
}

/// A finding with the length of what it quotes.
pub(super) fn without_quotes(found: &str) -> String {
    let Some((before, quoted)) = found.split_once('\'') else { return found.to_owned() };
    let (quoted, behind) = quoted.rsplit_once('\'').unwrap_or((quoted, ""));
    format!("{before}({} characters){behind}", quoted.chars().count())
}

/// Gives the entry the name that its root has in `text`.
pub(super) fn name(entry: &mut Entry<'_>, text: &str) {
    if !entry.name.is_empty() {
        entry.name = Cow::Owned(Tag::of_header(text).name().to_owned());
    }
}

/// The title, if all that it is made of has stayed as it was; else but the kind.
pub(super) fn title(entry: &Entry<'_>, hidden: &Entry<'_>) -> String {
    let is_same = |one: &Option<Cow<'_, str>>, other: &Option<Cow<'_, str>>| one == other;
    let names = |entry: &Entry<'_>| {
        entry.payloads.iter().map(|child| child.name.clone().into_owned()).collect::<Vec<_>>()
    };
    let is_known = entry.name == hidden.name
        && is_same(&entry.stanza_type, &hidden.stanza_type)
        && names(entry) == names(hidden)
        && (entry.kind != Kind::Sasl || entry.title.split(' ').all(words::is_word));
    if is_known { entry.title.to_string() } else { entry.kind.word().to_owned() }
}

/// What an entry says that names nobody.
pub(super) fn detail(entry: &Entry<'_>) -> String {
    let is_error = entry.stanza_type.as_deref() == Some("error") || entry.title == "stream error";
    let before_text = || entry.detail.split(':').next().unwrap_or("");
    match entry.kind {
        _ if is_error => with_known_words(before_text()),
        Kind::Sasl if entry.title == "failure" => with_known_words(before_text()),
        Kind::Sm => counters(&entry.detail).to_owned(),
        Kind::Missing | Kind::Broken => entry.detail.to_string(),
        Kind::Stream if entry.title == "features" => with_known_words(&entry.detail),
        Kind::Message if !entry.detail.is_empty() => {
            format!("({} characters)", entry.detail.chars().count())
        }
        _ => String::new(),
    }
}

/// The text with all words left out that are of no specification.
fn with_known_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive([' ', ',', '(', ')']) {
        let word = part.trim_end_matches([' ', ',', '(', ')']);
        out.push_str(if word.is_empty() || words::is_word(word) { word } else { "…" });
        out.push_str(&part[word.len()..]);
    }
    out
}

/// `h=3 of 5, 2 on the way`, and nothing before it: whose session it is.
fn counters(detail: &str) -> &str {
    let Some(at) = detail.rfind("h=") else { return "" };
    let is_word = |word: &str| {
        harmless::is_number(word)
            || matches!(word, "" | "of" | "on" | "the" | "way" | "all" | "more" | "than" | "sent")
    };
    let counters = &detail[at..];
    if counters[2..].split([' ', ',']).all(is_word) { counters } else { "" }
}
