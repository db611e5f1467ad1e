//! One TOML file, as a list of the keys it sets and where; and what in it is no key at all.
//!
//! It does *not* look at values beyond their form: [`super::Layers`] does.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, nearest};
use super::problem::{Origin, Problem};

/// A key that the file sets.
pub(super) struct Setting<'a> {
    pub(super) key: Key,
    pub(super) value: toml::Value,
    /// The value as it was typed.
    pub(super) typed: &'a str,
    pub(super) origin: Origin,
}

/// Reads the text of a file that was found at `path`.
pub(super) fn read<'a>(path: &Path, text: &'a str) -> (Vec<Setting<'a>>, Vec<Problem>) {
    let mut walk = Walk { path, text, settings: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => walk.table("", table.get_ref()),
        Err(error) => {
            let origin = walk.origin(error.span().unwrap_or(0..0));
            let what = format!("this is not TOML: {}", error.message());
            walk.problems.push(Problem { origin, what, help: None });
        }
    }
    (walk.settings, walk.problems)
}

struct Walk<'a, 'p> {
    path: &'p Path,
    text: &'a str,
    settings: Vec<Setting<'a>>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a, '_> {
    /// `prefix` is the table's dotted name with a dot behind it, or empty. Depth is bounded: only known tables are
    /// entered.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let dotted = format!("{prefix}{}", name.get_ref());
            let inside = format!("{dotted}.");
            if let Some(key) = Key::find(&dotted) {
                self.setting(key, value);
            } else if KEYS.iter().any(|key| key.name.starts_with(&inside)) {
                match value.get_ref().as_table() {
                    Some(table) => self.table(&inside, table),
                    None => self.not_a_table(&dotted, value),
                }
            } else {
                self.unknown(prefix, name);
            }
        }
    }

    fn setting(&mut self, key: Key, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let typed = self.text.get(span.clone()).unwrap_or_default();
        let origin = self.origin(span);
        self.settings.push(Setting { key, value: owned(value.get_ref()), typed, origin });
    }

    fn not_a_table(&mut self, dotted: &str, value: &Spanned<DeValue<'_>>) {
        let origin = self.origin(value.span());
        let found = value.get_ref().type_str();
        let what = format!("{dotted}: expected a table ([{dotted}]), found a value of type {found}");
        self.problems.push(Problem { origin, what, help: None });
    }

    fn unknown(&mut self, prefix: &str, name: &Spanned<std::borrow::Cow<'_, str>>) {
        let typed = name.get_ref();
        let here = KEYS
            .iter()
            .filter_map(|key| key.name.strip_prefix(prefix))
            .map(|rest| rest.split('.').next().unwrap_or(rest));
        // A key in the wrong table is as likely as a typo: `interval_seconds` above `[directory]`.
        let elsewhere =
            || KEYS.iter().find(|key| key.name.rsplit('.').next() == Some(typed)).map(|key| key.name);
        let help = match elsewhere().or_else(|| nearest(typed, here)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`chatdevd config default` prints every key".to_owned(),
        };
        let origin = self.origin(name.span());
        self.problems.push(Problem {
            origin,
            what: format!("unknown key `{prefix}{typed}`"),
            help: Some(help),
        });
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Origin::File { path: self.path.to_owned(), line, column }
    }
}

/// The value without its positions. Nothing nests deeper than toml's own parser allows (80).
fn owned(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| toml::Value::String(number.as_str().to_owned()), toml::Value::Integer),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or_else(|_| toml::Value::String(number.as_str().to_owned()), toml::Value::Float),
        DeValue::Boolean(truth) => toml::Value::Boolean(*truth),
        DeValue::Datetime(time) => toml::Value::Datetime(*time),
        DeValue::Array(values) => {
            toml::Value::Array(values.iter().map(|value| owned(value.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(
            table.iter().map(|(name, value)| (name.get_ref().to_string(), owned(value.get_ref()))).collect(),
        ),
    }
}
