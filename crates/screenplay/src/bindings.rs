//! Names in braces: what an expectation caught under a name, a later line says again.

use std::collections::BTreeMap;

use thiserror::Error;

/// What was caught so far.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    values: BTreeMap<String, String>,
}

/// A name was used that nothing was caught under.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("nothing was caught as {{{0}}} before this line")]
pub struct Unbound(String);

/// The name that catches nothing and matches anything.
pub(crate) const ANYTHING: &str = "any";

impl Bindings {
    /// Puts what was caught into a line that is about to be sent.
    ///
    /// # Errors
    /// See [`Unbound`].
    pub fn fill(&self, text: &str) -> Result<String, Unbound> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            let value = self.values.get(name).ok_or_else(|| Unbound(name.to_owned()))?;
            filled.push_str(&escaped(value));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Whether `found` is what `expected` says, where a name in braces stands for what it caught, or catches
    /// it now.
    pub(crate) fn matches(&mut self, expected: &str, found: &str) -> bool {
        let Some((before, name, after)) = next_name(expected) else { return expected == found };
        let Some(found) = found.strip_prefix(before) else { return false };
        // What follows the name must be plain text: it is where the caught value ends.
        let Some(value) = found.strip_suffix(after) else { return false };
        if name == ANYTHING {
            return true;
        }
        match self.values.get(name) {
            Some(known) => known == value,
            None => {
                self.values.insert(name.to_owned(), value.to_owned());
                true
            }
        }
    }
}

/// As it may stand in a text or in an attribute between any quotes.
fn escaped(value: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&apos;"), ("\"", "&quot;")];
    pairs.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Finds the first `{name}`: the text before it, the name, the text behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_caught_once_and_said_again() {
        let mut bindings = Bindings::default();
        assert!(bindings.matches("v{version}", "v7"));
        assert!(bindings.matches("{version}", "7"));
        assert!(!bindings.matches("{version}", "8"));
        assert_eq!(bindings.fill("<a since='{version}'/>").unwrap(), "<a since='7'/>");
        assert_eq!(bindings.fill("{other}"), Err(Unbound("other".into())));
    }

    #[test]
    fn anything_matches_anything_each_time() {
        let mut bindings = Bindings::default();
        assert!(bindings.matches("{any}", "x") && bindings.matches("{any}", ""));
        assert!(bindings.matches("a{any}z", "abz") && !bindings.matches("a{any}z", "ab"));
    }

    #[test]
    fn what_is_caught_is_escaped_when_it_is_said() {
        let mut bindings = Bindings::default();
        assert!(bindings.matches("{text}", "<&'"));
        assert_eq!(bindings.fill("{text}").unwrap(), "&lt;&amp;&apos;");
    }
}
