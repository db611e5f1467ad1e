//! A small language that asks entries: `kind=iq and to~"bob" and latency>50ms`.
//!
//! [`reference()`] describes it for people, made of the tables that the parser reads. Two rules hold throughout: what an entry
//! does not have answers no comparison, `!=` and `!~` included (so `from!="a"` is "has a `from`, which is another one", and
//! `not from="a"` is also true without one); and where a field has several values, `=` and `~` ask for one that does, `!=` and
//! `!~` for none that does.
//!
//! Asking allocates nothing, but where a regular expression meets octets that are no UTF-8. What the language does *not* do:
//! look at more than one entry, or ask for what came later.

mod error;
mod evaluate;
mod expression;
mod field;
#[cfg(test)]
mod laws;
mod lexer;
mod near;
mod needle;
mod parser;
mod reference;
mod value;

use std::fmt;
use std::str::FromStr;

pub use self::error::FilterError;
use self::expression::Expression;
pub use self::reference::reference;
use crate::entry::Entry;
use crate::model::At;

/// A filter is at most so many octets long; a longer one is refused.
pub const LENGTH_OCTETS_MAX: usize = 4096;

/// `not` and parentheses stand at most so deep in each other; what is deeper is refused.
pub const DEPTH_MAX: usize = 32;

/// A question to entries. Shown, it is the same question in its plainest spelling (which may be longer than what was typed).
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Expression);

impl Filter {
    /// Understands an expression.
    ///
    /// # Errors
    /// It is none: the error shows where, what was expected, and what may have been meant.
    pub fn parse(expression: &str) -> Result<Self, FilterError> {
        parser::parse(expression).map(Self)
    }

    /// Whether it asks what is against the rules: entries have to be judged first.
    #[must_use]
    pub fn asks_for_findings(&self) -> bool {
        self.0.asks_for_findings()
    }

    /// Whether it is true of `entry`. `start` is the time of the first entry of all, from which `time` counts.
    #[must_use]
    pub fn matches(&self, entry: &Entry<'_>, start: At) -> bool {
        evaluate::expression(&self.0, entry, start)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(expression: &str) -> Result<Self, FilterError> {
        Self::parse(expression)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
