//! Attributes, read from canonical start tags: each is one space, a name, `='`, an escaped value, `'`.
//!
//! Reads nothing but canonical form; a peer's tags are read in `reader::tag`.

use std::borrow::Cow;

use crate::NS_XML;
use crate::escape::{Sink, escape_attribute, unescape};

/// One attribute of an element; namespace declarations are not attributes.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    /// All attributes of the tag, for the declaration of a prefix.
    tag: &'a str,
    raw: Raw<'a>,
}

impl<'a> Attribute<'a> {
    /// Its name without a prefix.
    pub fn name(self) -> &'a str {
        self.raw.name.split_once(':').map_or(self.raw.name, |(_, local)| local)
    }

    /// The name of its namespace; empty for none, as nearly always.
    pub fn namespace(self) -> Cow<'a, str> {
        match self.raw.name.split_once(':') {
            None => Cow::Borrowed(""),
            Some(("xml", _)) => Cow::Borrowed(NS_XML),
            Some((prefix, _)) => Raws { rest: self.tag }
                .find(|raw| raw.name.strip_prefix("xmlns:") == Some(prefix))
                .map_or(Cow::Borrowed(""), |raw| unescape(raw.value)),
        }
    }

    /// Its value.
    pub fn value(self) -> Cow<'a, str> {
        unescape(self.raw.value)
    }
}

/// The attributes of a tag.
pub(crate) fn all(tag: &str) -> impl Iterator<Item = Attribute<'_>> {
    Raws { rest: tag }.filter(|raw| !raw.is_declaration()).map(move |raw| Attribute { tag, raw })
}

/// The value of the attribute that is named so in the tag.
pub(crate) fn find<'a>(tag: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let raw = Raws { rest: tag }.find(|raw| raw.name == name)?;
    if raw.is_declaration() { None } else { Some(unescape(raw.value)) }
}

/// The values of several attributes of the tag, found in one walk.
pub(crate) fn find_each<'a, const N: usize>(tag: &'a str, names: [&str; N]) -> [Option<Cow<'a, str>>; N] {
    let mut values = [const { None }; N];
    for raw in (Raws { rest: tag }) {
        if let Some(place) = names.iter().position(|name| *name == raw.name)
            && !raw.is_declaration()
        {
            values[place] = Some(unescape(raw.value));
        }
    }
    values
}

/// Everything in a tag but the declaration of the default namespace.
pub(crate) fn without_default_namespace(tag: &str) -> &str {
    match (Raws { rest: tag }).next() {
        Some(raw) if raw.name == "xmlns" => &tag[raw.whole.len()..],
        _ => tag,
    }
}

/// Writes the attributes of a tag, those in `set` replaced, removed, or added behind the others.
pub(crate) fn write_set(out: &mut impl Sink, tag: &str, set: &[(&str, Option<&str>)]) {
    debug_assert!(set.iter().all(|(name, _)| !name.starts_with("xmlns")), "an element's namespace stays");
    debug_assert!(set.len() <= u64::BITS as usize, "one bit for each");
    // Those before this place are kept and not written yet.
    let mut written = 0;
    let mut found = 0_u64;
    let mut raws = Raws { rest: tag };
    while let Some(raw) = raws.next() {
        let Some(place) = set.iter().position(|(name, _)| *name == raw.name) else { continue };
        found |= 1 << place;
        let (name, value) = set[place];
        let end = tag.len() - raws.rest.len();
        out.put(&tag[written..end - raw.whole.len()]);
        written = end;
        if let Some(value) = value {
            write(out, name, value);
        }
    }
    out.put(&tag[written..]);
    for (place, (name, value)) in set.iter().enumerate() {
        if let Some(value) = value
            && found & (1 << place) == 0
        {
            write(out, name, value);
        }
    }
}

/// Writes one attribute.
pub(crate) fn write(out: &mut impl Sink, name: &str, value: &str) {
    out.put(" ");
    out.put(name);
    out.put("='");
    escape_attribute(out, value);
    out.put("'");
}

/// An attribute or declaration as it is written.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    whole: &'a str,
    name: &'a str,
    value: &'a str,
}

impl Raw<'_> {
    fn is_declaration(&self) -> bool {
        self.name.strip_prefix("xmlns").is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

/// Takes a canonical tag apart.
struct Raws<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Raws<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        // Names are short, values often are not.
        let equals = self.rest.bytes().position(|byte| byte == b'=')?;
        let value = equals + "='".len();
        let value_end = value + memchr::memchr(b'\'', &self.rest.as_bytes()[value..])?;
        let (whole, rest) = self.rest.split_at(value_end + 1);
        self.rest = rest;
        Some(Raw { whole, name: &whole[1..equals], value: &whole[value..value_end] })
    }
}
