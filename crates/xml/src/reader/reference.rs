//! References: `&amp;` and its four sisters, `&#10;`, `&#xA;`. RFC 6120 §11.1 forbids all others.

use crate::{Error, Flaw, Restriction, chars};

/// How far a reference has come, behind its `&`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Reference {
    #[default]
    Begun,
    Named {
        name: [u8; 4],
        len: usize,
    },
    /// Behind `&#`.
    Number,
    Decimal(u32),
    /// Behind `&#x`; no value without a digit.
    Hexadecimal(Option<u32>),
}

/// What a byte made of it.
pub(super) enum Referred {
    More(Reference),
    Char(char),
}

const ENTITIES: [(&[u8], char); 5] =
    [(b"amp", '&'), (b"lt", '<'), (b"gt", '>'), (b"apos", '\''), (b"quot", '"')];

impl Reference {
    /// Takes the next byte.
    pub(super) fn feed(self, byte: u8) -> Result<Referred, Error> {
        let more = match (self, byte) {
            (Self::Begun, b'#') => Self::Number,
            (Self::Begun, b'-' | b'.' | b'0'..=b'9') => return Err(Flaw::Reference.into()),
            (Self::Begun, _) => return named([0; 4], 0, byte),
            (Self::Named { name, len }, _) => return named(name, len, byte),
            (Self::Number, b'x') => Self::Hexadecimal(None),
            (Self::Number, b'0'..=b'9') => Self::Decimal(u32::from(byte - b'0')),
            (Self::Decimal(value), b'0'..=b'9') => Self::Decimal(digit(value, 10, byte)?),
            (Self::Hexadecimal(value), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                Self::Hexadecimal(Some(digit(value.unwrap_or(0), 16, byte)?))
            }
            (Self::Decimal(value) | Self::Hexadecimal(Some(value)), b';') => return character(value),
            _ => return Err(Flaw::Reference.into()),
        };
        Ok(Referred::More(more))
    }

    /// Reads a reference at the front of `text`, behind its `&`; returns what it means and what is behind it.
    pub(super) fn read(text: &str) -> Result<(char, &str), Error> {
        let mut reference = Self::default();
        for (at, byte) in text.bytes().enumerate() {
            match reference.feed(byte)? {
                Referred::More(more) => reference = more,
                Referred::Char(c) => return Ok((c, &text[at + 1..])),
            }
        }
        Err(Flaw::Reference.into())
    }
}

/// A byte of a name, or the `;` behind it.
fn named(mut name: [u8; 4], len: usize, byte: u8) -> Result<Referred, Error> {
    if byte == b';' && len > 0 {
        let entity = ENTITIES.iter().find(|(known, _)| *known == &name[..len]);
        return entity.map(|&(_, c)| Referred::Char(c)).ok_or(Restriction::Entity.into());
    }
    if chars::name_class(byte) == 0 {
        return Err(Flaw::Reference.into());
    }
    if len == name.len() {
        return Err(Restriction::Entity.into());
    }
    name[len] = byte;
    let len = len + 1;
    if !ENTITIES.iter().any(|(known, _)| known.starts_with(&name[..len])) {
        return Err(Restriction::Entity.into());
    }
    Ok(Referred::More(Reference::Named { name, len }))
}

/// Any number of leading zeros is legal, so it is the value that is bounded.
fn digit(value: u32, base: u32, byte: u8) -> Result<u32, Error> {
    let digit = char::from(byte).to_digit(base).unwrap_or(0);
    let value = value * base + digit;
    if value > u32::from(char::MAX) { Err(Flaw::ForbiddenCharacter.into()) } else { Ok(value) }
}

fn character(value: u32) -> Result<Referred, Error> {
    let c = char::from_u32(value).filter(|&c| chars::is_char(c));
    c.map(Referred::Char).ok_or(Flaw::ForbiddenCharacter.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<char, Error> {
        Reference::read(text).map(|(c, rest)| {
            assert_eq!(rest, "rest");
            c
        })
    }

    #[test]
    fn the_five_and_numbers_are_read() {
        let good =
            [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("apos;", '\''), ("quot;", '"'), ("#9;", '\t')];
        let more = [
            ("#xA;", '\n'),
            ("#x1F980;", '🦀'),
            ("#0000000000000000000065;", 'A'),
            ("#x10fFfF;", '\u{10FFFF}'),
        ];
        for (text, c) in good.into_iter().chain(more) {
            assert_eq!(read(&format!("{text}rest")), Ok(c), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_for_its_reason() {
        for text in ["nbsp;", "am;", "ampx;", "AMP;", "quots;", "é;", "_;"] {
            assert_eq!(read(text), Err(Restriction::Entity.into()), "{text}");
        }
        for text in ["", ";", " ", "amp ", "amp", "#;", "#x;", "#X41;", "#4g;", "#xg;", "1;", "#-1;"] {
            assert_eq!(read(text), Err(Flaw::Reference.into()), "{text}");
        }
        for text in ["#0;", "#8;", "#xFFFE;", "#xD800;", "#x110000;", "#99999999999999999999;", "#31;"] {
            assert_eq!(read(text), Err(Flaw::ForbiddenCharacter.into()), "{text}");
        }
    }
}
