//! A filter in its smallest parts: words, quoted text, regular expressions, signs.

use std::ops::Range;

use super::FilterError;

/// A part, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) lexeme: Lexeme<'a>,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lexeme<'a> {
    Word(&'a str),
    /// What stood in quotes, its escapes resolved.
    Quoted(String),
    /// What stood between slashes.
    Pattern(&'a str),
    Operator(Operator),
    And,
    Or,
    Not,
    Open,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Contains,
    ContainsNot,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Signs, those that begin like another one before it.
const SIGNS: [(&str, Lexeme<'static>); 15] = [
    ("==", Lexeme::Operator(Operator::Equal)),
    ("=~", Lexeme::Operator(Operator::Contains)),
    ("=", Lexeme::Operator(Operator::Equal)),
    ("!=", Lexeme::Operator(Operator::NotEqual)),
    ("!~", Lexeme::Operator(Operator::ContainsNot)),
    ("!", Lexeme::Not),
    ("~", Lexeme::Operator(Operator::Contains)),
    ("<=", Lexeme::Operator(Operator::AtMost)),
    ("<", Lexeme::Operator(Operator::Less)),
    (">=", Lexeme::Operator(Operator::AtLeast)),
    (">", Lexeme::Operator(Operator::Greater)),
    ("&&", Lexeme::And),
    ("||", Lexeme::Or),
    ("(", Lexeme::Open),
    (")", Lexeme::Close),
];

pub(super) fn lex(expression: &str) -> Result<Vec<Token<'_>>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = expression[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let rest = &expression[at..];
        let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
        let (lexeme, octets) = match (first, sign) {
            (_, Some((sign, lexeme))) => (lexeme.clone(), sign.len()),
            ('"' | '\'', _) => quoted(expression, at, first)?,
            ('/', _) => pattern(expression, at)?,
            _ => word(expression, at)?,
        };
        tokens.push(Token { lexeme, span: at..at + octets });
        at += octets;
    }
    Ok(tokens)
}

fn word(expression: &str, at: usize) -> Result<(Lexeme<'_>, usize), FilterError> {
    let rest = &expression[at..];
    let ends = |character: char| character.is_whitespace() || "()\"'=!~<>&|".contains(character);
    match rest.find(ends).unwrap_or(rest.len()) {
        0 => {
            let sign = &rest[..1];
            let what = format!("expected `{sign}{sign}`, found a single `{sign}`");
            let help = format!("`{sign}` as part of a value stands in quotes");
            Err(FilterError::new(expression, at..at + 1, what).with_help(Some(help)))
        }
        octets => Ok((Lexeme::Word(&rest[..octets]), octets)),
    }
}

fn quoted(expression: &str, at: usize, quote: char) -> Result<(Lexeme<'_>, usize), FilterError> {
    let mut text = String::new();
    let mut characters = expression[at + 1..].char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            end if end == quote => return Ok((Lexeme::Quoted(text), offset + 2)),
            '\\' => match characters.next() {
                Some((_, literal @ ('\\' | '"' | '\''))) => text.push(literal),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, 't')) => text.push('\t'),
                Some((end, other)) => {
                    let span = at + 1 + offset..at + 1 + end + other.len_utf8();
                    let what = "expected an escape (\\\\ \\\" \\' \\n \\r \\t), found another one";
                    let help =
                        "a backslash itself is `\\\\`; a regular expression stands between slashes: /…/";
                    return Err(
                        FilterError::new(expression, span, what.to_owned()).with_help(Some(help.to_owned()))
                    );
                }
                None => break,
            },
            other => text.push(other),
        }
    }
    let what = format!("expected a closing {quote}, found the end");
    Err(FilterError::new(expression, at..expression.len(), what))
}

fn pattern(expression: &str, at: usize) -> Result<(Lexeme<'_>, usize), FilterError> {
    let mut escaped = false;
    for (offset, octet) in expression.bytes().enumerate().skip(at + 1) {
        match octet {
            b'/' if !escaped => return Ok((Lexeme::Pattern(&expression[at + 1..offset]), offset + 1 - at)),
            _ => escaped = octet == b'\\' && !escaped,
        }
    }
    let what = "expected a closing / of the regular expression, found the end".to_owned();
    let help = "text that begins with a slash stands in quotes".to_owned();
    Err(FilterError::new(expression, at..expression.len(), what).with_help(Some(help)))
}
