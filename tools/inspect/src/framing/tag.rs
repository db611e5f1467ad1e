//! [`Tag`]: a start tag as it stands on the wire, looked into without changing it.

use std::borrow::Cow;

use memchr::memchr;

/// A start tag, from its `<` on; what stands behind its `>` does no harm.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// Behind the `<`.
    inside: &'a str,
    name_len: usize,
}

impl<'a> Tag<'a> {
    /// The one that `text` begins with.
    #[must_use]
    pub fn at(text: &'a str) -> Self {
        let inside = text.get(1..).unwrap_or_default();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
        let name_len = inside.as_bytes().iter().position(ends).unwrap_or(inside.len());
        Self { inside, name_len }
    }

    /// Of a header, whose XML declaration is passed over.
    #[must_use]
    pub fn of_header(header: &'a str) -> Self {
        let begin = if header.starts_with("<?") { header.rfind("?>").map_or(0, |end| end + 2) } else { 0 };
        let begin = begin + memchr(b'<', &header.as_bytes()[begin..]).unwrap_or(0);
        Self::at(&header[begin..])
    }

    /// Its name with its prefix.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.inside[..self.name_len]
    }

    /// Its prefix, empty for none, and its name without it.
    #[must_use]
    pub fn split_name(&self) -> (&'a str, &'a str) {
        let name = self.name();
        match name.bytes().position(|octet| octet == b':') {
            None => ("", name),
            Some(at) => (&name[..at], &name[at + 1..]),
        }
    }

    /// Its name without a prefix.
    #[must_use]
    pub fn local_name(&self) -> &'a str {
        self.split_name().1
    }

    /// The value of an attribute by its name as written, escapes and all.
    #[must_use]
    pub fn raw_attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The value of an attribute by its name as written.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw_attribute(name).map(unescape)
    }

    /// Attributes as written: names and raw values.
    #[inline]
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: &self.inside[self.name_len..] }
    }

    /// The namespace that it binds a prefix to (the default one for an empty prefix).
    #[must_use]
    pub fn declared(&self, prefix: &str) -> Option<Cow<'a, str>> {
        let found = self.attributes().find(|(name, _)| match prefix {
            "" => *name == "xmlns",
            _ => name.strip_prefix("xmlns:") == Some(prefix),
        });
        found.map(|(_, value)| unescape(value))
    }
}

/// See [`Tag::attributes`].
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_ascii_start();
        let octets = rest.as_bytes();
        // Names are short: to look at one octet after the other is quicker than to search.
        let name_len = octets.iter().position(|octet| matches!(octet, b'=' | b'>' | b' '))?;
        let value = match octets[name_len] {
            b'=' => &rest[name_len + 1..],
            b' ' => rest[name_len..].trim_ascii_start().strip_prefix('=')?,
            _ => return None,
        };
        let value = value.trim_ascii_start();
        let quote = *value.as_bytes().first().filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let end = 1 + memchr(quote, &value.as_bytes()[1..])?;
        self.rest = &value[end + 1..];
        Some((rest[..name_len].trim_ascii_end(), &value[1..end]))
    }
}

/// Text without its escapes: the five entities and character references. Others stay as they are.
#[must_use]
pub fn unescape(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut plain = raw[..first].to_owned();
    let mut rest = &raw[first..];
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').and_then(|end| Some((referenced(&rest[1..end])?, end + 1)));
        let (character, len) = reference.unwrap_or(('&', 1));
        plain.push(character);
        rest = &rest[len..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
