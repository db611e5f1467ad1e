//! What is wrong with a configuration, where it was written, and what would be right.

use std::fmt;
use std::path::PathBuf;

use crate::log::visible;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In a file; line and column count from 1, columns in characters.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// In the environment variable of that name.
    Variable(String),
    /// In the flag of that name.
    Flag(String),
}

impl Origin {
    /// Sorts problems as they are read: a file from its top, then the rest in the order in which it was found.
    pub(super) fn place(&self) -> (usize, usize) {
        match self {
            Self::File { line, column, .. } => (*line, *column),
            Self::Default | Self::Variable(_) | Self::Flag(_) => (usize::MAX, usize::MAX),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the offending value was written.
    pub origin: Origin,
    /// What was expected and what was found.
    pub what: String,
    /// What to do about it, where that does not follow.
    pub help: Option<String>,
}

/// All that is wrong with a configuration, in the order in which it was written. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Default => {}
            Origin::File { path, line, column } => {
                write!(f, "{}:{line}:{column}: ", visible(&path.to_string_lossy()))?;
            }
            Origin::Variable(name) | Origin::Flag(name) => write!(f, "{}: ", visible(name))?,
        }
        write!(f, "{}", visible(&self.what))?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", visible(help)),
            None => Ok(()),
        }
    }
}
