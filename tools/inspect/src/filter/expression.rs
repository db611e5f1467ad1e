//! A filter, understood; and how it is written in its plainest spelling.

use std::fmt;

use super::field::{FLAGS, Field, Flag, QuantityField, TextField, WordField};
use super::needle::{Needle, Pattern};
use super::value::{self, Word};
use crate::model::At;

/// A filter, understood. `All` and `Any` have two parts at least, none of which is of the same sort.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Condition(Condition),
}

impl Expression {
    pub(super) fn asks_for_findings(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_for_findings),
            Self::Not(part) => part.asks_for_findings(),
            Self::Condition(condition) => condition.asks_for_findings(),
        }
    }
}

/// What is asked of one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Flag(Flag),
    /// The entry has it.
    Has(Field),
    Text {
        field: TextField,
        negated: bool,
        test: TextTest,
    },
    Quantity {
        field: QuantityField,
        comparison: Comparison,
        value: u64,
    },
    Word {
        comparison: Comparison,
        word: Word,
    },
    Time {
        comparison: Comparison,
        moment: Moment,
    },
}

impl Condition {
    fn asks_for_findings(&self) -> bool {
        matches!(
            self,
            Self::Word { word: Word::Lint(_), .. }
                | Self::Text { field: TextField::Rule, .. }
                | Self::Has(Field::Word(WordField::Lint) | Field::Text(TextField::Rule))
        )
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TextTest {
    Equals(Box<str>),
    Contains(Needle),
    Matches(Pattern),
}

/// A point in the time of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Nanoseconds since the first entry.
    After(u64),
    /// By the clock of the source.
    Clock(At),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    pub(super) fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    pub(super) fn holds<T: Ord + Copy>(self, found: T, wanted: T) -> bool {
        match self {
            Self::Equal => found == wanted,
            Self::NotEqual => found != wanted,
            Self::Less => found < wanted,
            Self::AtMost => found <= wanted,
            Self::Greater => found > wanted,
            Self::AtLeast => found >= wanted,
        }
    }
}

impl Expression {
    /// True where all parts are. `parts` is not empty.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::All, |part| match part {
            Self::All(parts) => Ok(parts),
            other => Err(other),
        })
    }

    /// True where a part is. `parts` is not empty.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::Any, |part| match part {
            Self::Any(parts) => Ok(parts),
            other => Err(other),
        })
    }

    fn joined(
        parts: Vec<Self>,
        join: fn(Vec<Self>) -> Self,
        open: fn(Self) -> Result<Vec<Self>, Self>,
    ) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match open(part) {
                Ok(inner) => flat.extend(inner),
                Err(other) => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.swap_remove(0) } else { join(flat) }
    }

    /// `a and b`, with parentheses where `is_loose` says that a part would else be read differently.
    fn list(
        parts: &[Self],
        sign: &str,
        is_loose: fn(&Self) -> bool,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                write!(f, " {sign} ")?;
            }
            if is_loose(part) {
                write!(f, "({part})")?;
            } else {
                write!(f, "{part}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => Self::list(parts, "and", |part| matches!(part, Self::Any(_)), f),
            Self::Any(parts) => Self::list(parts, "or", |_| false, f),
            Self::Not(inner) if matches!(**inner, Self::All(_) | Self::Any(_)) => write!(f, "not ({inner})"),
            Self::Not(inner) => write!(f, "not {inner}"),
            Self::Condition(condition) => condition.fmt(f),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => {
                let row = FLAGS.iter().find(|row| row.flag == *flag).expect("every flag has a row");
                f.write_str(row.name)
            }
            Self::Has(field) => f.write_str(field.row().name),
            Self::Text { field, negated, test } => {
                let sign = if matches!(test, TextTest::Equals(_)) { "=" } else { "~" };
                let negation = if *negated { "!" } else { "" };
                write!(f, "{}{negation}{sign}", Field::Text(*field).row().name)?;
                match test {
                    TextTest::Equals(text) => value::quoted(text, f),
                    TextTest::Contains(needle) => value::quoted(needle.as_str(), f),
                    TextTest::Matches(pattern) => write!(f, "{pattern}"),
                }
            }
            Self::Quantity { field, comparison, value } => {
                write!(f, "{}{}", Field::Quantity(*field).row().name, comparison.sign())?;
                value::quantity(field.measure(), *value, f)
            }
            Self::Word { comparison, word } => {
                write!(f, "{}{}{}", Field::Word(word.field()).row().name, comparison.sign(), word.as_str())
            }
            Self::Time { comparison, moment } => {
                write!(f, "{}{}", Field::Time.row().name, comparison.sign())?;
                value::moment(*moment, f)
            }
        }
    }
}
