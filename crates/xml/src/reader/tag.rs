//! The grammar of tags, XML 1.0 §3.1 and §3.3.3: names, attributes, values; and whether a tag is canonical as
//! it stands.
//!
//! What the names mean (namespaces) is found out in `start`.

use std::borrow::Cow;

use super::reference::Reference;
use super::scope::Part;
use crate::assembly::offset;
use crate::chars::{self, BEYOND_ASCII, NAME_SPECIAL, NAME_START};
use crate::{Error, Flaw, Limit};

/// A start tag, taken apart.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// What stands between `<` and `>` or `/>`.
    pub(super) text: &'a str,
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    /// It is an empty-element tag.
    pub(super) empty: bool,
    /// Spacing, quotes and values are canonical.
    pub(super) canonical: bool,
    /// How many attributes are namespace declarations or have a prefix other than `xml`.
    pub(super) foreign: usize,
}

/// An attribute of a start tag, as parts of its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawAttribute {
    name: Part,
    /// Where the colon of the name is; 0 for none.
    colon: u32,
    value: Part,
    /// The value is canonical as it stands.
    plain: bool,
}

impl RawAttribute {
    /// The name, prefix included.
    pub(super) fn name<'a>(&self, tag: &Tag<'a>) -> &'a str {
        self.name.of(tag.text)
    }

    /// Prefix (empty for none) and name.
    pub(super) fn split_name<'a>(&self, tag: &Tag<'a>) -> (&'a str, &'a str) {
        match self.colon as usize {
            0 => ("", self.name(tag)),
            colon => {
                (&tag.text[self.name.start as usize..colon], &tag.text[colon + 1..self.name.end as usize])
            }
        }
    }

    /// The prefix that it declares, empty for the default namespace; `None` if it is no declaration.
    pub(super) fn declares<'a>(&self, tag: &Tag<'a>) -> Option<&'a str> {
        match self.split_name(tag) {
            ("", "xmlns") => Some(""),
            ("xmlns", prefix) => Some(prefix),
            _ => None,
        }
    }

    /// Where its value stands in the tag.
    pub(super) fn value_part(&self) -> Part {
        self.value
    }

    /// Its value, if nothing in it has another meaning.
    pub(super) fn plain_value<'a>(&self, tag: &Tag<'a>) -> Option<&'a str> {
        self.plain.then(|| self.value.of(tag.text))
    }

    /// Its value, normalised (XML 1.0 §3.3.3): literal white space becomes spaces, references what they mean.
    pub(super) fn value<'a>(&self, tag: &Tag<'a>) -> Result<Cow<'a, str>, Error> {
        let raw = self.value.of(tag.text);
        if self.plain { Ok(Cow::Borrowed(raw)) } else { normalise(raw).map(Cow::Owned) }
    }
}

fn normalise(raw: &str) -> Result<String, Error> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        value.push(match c {
            '&' => {
                let (c, behind) = Reference::read(rest)?;
                rest = behind;
                c
            }
            '<' => return Err(Flaw::LessThanInValue.into()),
            '\r' => {
                // The end of a line is one character (§2.11), which then becomes a space.
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                ' '
            }
            '\t' | '\n' => ' ',
            c if !chars::is_char(c) => return Err(Flaw::ForbiddenCharacter.into()),
            c => c,
        });
    }
    Ok(value)
}

/// Takes a start tag apart: `tag` is what stands between `<` and `>`. The attributes are appended to
/// `attributes`, at most `attributes_max` of them.
pub(super) fn parse<'a>(
    tag: &'a [u8],
    attributes: &mut Vec<RawAttribute>,
    attributes_max: usize,
) -> Result<Tag<'a>, Error> {
    let text = std::str::from_utf8(tag).map_err(|_| Flaw::InvalidUtf8)?;
    let mut cursor = Cursor { text, at: 0, canonical: true };
    let (name, colon) = cursor.name()?;
    let mut foreign = 0;
    let empty = loop {
        let spaces = cursor.spaces();
        match cursor.peek() {
            None | Some(b'/') => {
                cursor.canonical &= spaces == 0;
                break cursor.peek().is_some();
            }
            Some(_) if spaces == 0 => return Err(Flaw::Tag.into()),
            Some(_) => cursor.canonical &= spaces == 1 && tag[cursor.at - 1] == b' ',
        }
        if attributes.len() == attributes_max {
            return Err(Limit::Attributes.into());
        }
        let attribute = cursor.attribute()?;
        let own = attribute.name.of(text);
        if attributes.iter().any(|other| other.name.of(text) == own) {
            return Err(Flaw::DuplicateAttribute.into());
        }
        foreign += usize::from(match attribute.colon {
            0 => own == "xmlns",
            _ => !own.starts_with("xml:"),
        });
        attributes.push(attribute);
    };
    let end = cursor.at;
    if empty && end + 1 != tag.len() {
        return Err(Flaw::Tag.into());
    }
    let (prefix, local) = split(name.of(text), colon);
    Ok(Tag { text: &text[..end], prefix, local, empty, canonical: cursor.canonical, foreign })
}

/// Prefix (empty for none) and name of an end tag: `tag` is what stands between `</` and `>`.
pub(super) fn end_name(tag: &[u8]) -> Result<(&str, &str), Error> {
    let text = std::str::from_utf8(tag).map_err(|_| Flaw::InvalidUtf8)?;
    let mut cursor = Cursor { text, at: 0, canonical: true };
    let (name, colon) = cursor.name()?;
    cursor.spaces();
    if cursor.peek().is_some() {
        return Err(Flaw::Tag.into());
    }
    Ok(split(name.of(text), colon))
}

fn split(name: &str, colon: u32) -> (&str, &str) {
    if colon == 0 { ("", name) } else { (&name[..colon as usize], &name[colon as usize + 1..]) }
}

/// Walks through a tag.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    canonical: bool,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space; returns how much.
    fn spaces(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let spaces = rest.iter().position(|&byte| !chars::is_space(byte)).unwrap_or(rest.len());
        self.at += spaces;
        spaces
    }

    /// A name with at most one colon (Namespaces in XML §4); the colon's place in it, 0 for none.
    fn name(&mut self) -> Result<(Part, u32), Error> {
        let (len, classes) = chars::name_len(&self.text.as_bytes()[self.at..]);
        let name = &self.text[self.at..self.at + len];
        let colon = if classes & NAME_SPECIAL == 0 {
            let first = name.as_bytes().first().ok_or(Flaw::Name)?;
            if chars::name_class(*first) != NAME_START {
                return Err(Flaw::Name.into());
            }
            0
        } else {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            if !chars::is_ncname(local) || (local.len() < len && !chars::is_ncname(prefix)) {
                return Err(Flaw::Name.into());
            }
            prefix.len()
        };
        let start = offset(self.at);
        self.at += len;
        Ok((Part { start, end: offset(self.at) }, offset(colon)))
    }

    fn attribute(&mut self) -> Result<RawAttribute, Error> {
        let (name, colon) = self.name()?;
        let around_equals = self.spaces();
        if self.peek() != Some(b'=') {
            return Err(Flaw::Tag.into());
        }
        self.at += 1;
        self.canonical &= around_equals + self.spaces() == 0;
        let quote = self.peek().filter(|quote| matches!(quote, b'\'' | b'"')).ok_or(Flaw::Tag)?;
        self.at += 1;
        let rest = &self.text.as_bytes()[self.at..];
        let (len, classes) = chars::value_len(rest, quote).ok_or(Flaw::Tag)?;
        let value = Part { start: offset(self.at), end: offset(self.at + len) };
        // U+FFFE and U+FFFF are the reason why the last plane row is not taken as plain.
        let plain = classes & !BEYOND_ASCII == 0;
        self.canonical &= plain && quote == b'\'';
        self.at += len + 1;
        let colon = if colon == 0 { 0 } else { name.start + colon };
        Ok(RawAttribute { name, colon, value, plain })
    }
}
