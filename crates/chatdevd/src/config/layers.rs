//! Defaults < file < environment < flags, and who set what.
//!
//! Every value goes the same way in, whatever wrote it: it must be of a known key and have the form that the key
//! wants. All problems are collected; a person mends them in one go.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::keys::{KEYS, Key, VARIABLE_PREFIX, nearest};
use super::problem::{Origin, Problem, Problems};
use super::{Config, toml_file};

/// Variables with the prefix that are not settings: the file to read, and the logs' finer filter.
const OTHER_VARIABLES: [&str; 2] = ["CHATDEVD_CONFIG", "CHATDEVD_LOG_FILTER"];

/// What of a found value is repeated in a message, in characters.
const FOUND_CHARS_MAX: usize = 60;

/// A configuration while it is put together.
#[derive(Default)]
pub struct Layers {
    /// What was set so far; each value alone makes a valid [`Config`].
    table: toml::Table,
    origins: BTreeMap<&'static str, Origin>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Layers {
    /// The defaults alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the text of a TOML file, that was read from `path`, over what is there.
    pub fn file(&mut self, path: &Path, text: &str) -> &mut Self {
        let (settings, problems) = toml_file::read(path, text);
        self.problems.extend(problems);
        for setting in settings {
            self.set(setting.key, [setting.value], setting.typed, setting.origin);
        }
        self
    }

    /// Puts the variables that begin with `CHATDEVD_` over what is there. An empty one counts as not set.
    ///
    /// One that is no setting is a warning only, unlike in a file: container platforms put variables of their own
    /// (`CHATDEVD_SERVICE_HOST`) beside ours when a service has the program's name.
    pub fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) -> &mut Self {
        let mut ours: Vec<_> =
            variables.into_iter().filter(|(name, _)| name.starts_with(VARIABLE_PREFIX)).collect();
        ours.sort();
        for (name, text) in ours {
            if text.is_empty() || OTHER_VARIABLES.contains(&name.as_str()) {
                continue;
            }
            match KEYS.iter().find(|key| key.variable() == name) {
                Some(key) => self.set(*key, readings(&text), &text, Origin::Variable(name)),
                None => self.unknown_variable(name),
            }
        }
        self
    }

    /// Puts one value from the command line over what is there. `flag` is what the person typed: `--domain`.
    pub fn flag(&mut self, flag: &str, name: &str, text: &str) -> &mut Self {
        let origin = Origin::Flag(flag.to_owned());
        match Key::find(name) {
            Some(key) => self.set(key, readings(text), text, origin),
            None => {
                let help = match nearest(name, KEYS.iter().map(|key| key.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`chatdevd config default` prints every key".to_owned(),
                };
                self.problems.push(Problem {
                    origin,
                    what: format!("unknown key `{name}`"),
                    help: Some(help),
                });
            }
        }
        self
    }

    /// What is odd but does not keep the server from running.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The configuration, if every value is of the right form and the rules between them hold.
    ///
    /// # Errors
    /// Everything that is wrong, each with the place where it was written.
    pub fn finish(mut self) -> Result<Config, Problems> {
        let config = Config::deserialize(toml::Value::Table(self.table))
            .expect("each value alone made a valid Config, and none of them depends on another");
        for violation in config.violations() {
            let origin = violation.keys.iter().find_map(|key| self.origins.get(key)).cloned();
            let origin = origin.unwrap_or(Origin::Default);
            self.problems.push(Problem { origin, what: violation.what, help: violation.help });
        }
        self.problems.sort_by_key(|problem| problem.origin.place());
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }

    /// Takes the first of the `readings` that has the form `key` wants.
    fn set(
        &mut self,
        key: Key,
        readings: impl IntoIterator<Item = toml::Value>,
        typed: &str,
        origin: Origin,
    ) {
        for value in readings {
            let mut alone = toml::Table::new();
            insert(&mut alone, key.name, value.clone());
            if Config::deserialize(toml::Value::Table(alone)).is_ok() {
                insert(&mut self.table, key.name, value);
                self.origins.insert(key.name, origin);
                return;
            }
        }
        let mut found: String = typed.chars().take(FOUND_CHARS_MAX).collect();
        if found.len() < typed.len() {
            found.push('…');
        }
        let what = format!("{}: expected {}, found {found}", key.name, key.expected);
        self.problems.push(Problem { origin, what, help: None });
    }

    fn unknown_variable(&mut self, name: String) {
        let names: Vec<_> = KEYS.iter().map(|key| key.variable()).collect();
        let near = nearest(&name, names.iter().map(String::as_str));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.warnings.push(Problem {
            origin: Origin::Variable(name),
            what: "no such setting; ignored".to_owned(),
            help,
        });
    }
}

/// What text without TOML's quotes can mean: a TOML value, the text itself, or a list of texts with commas between.
fn readings(text: &str) -> Vec<toml::Value> {
    let literal = format!("value = {text}").parse::<toml::Table>().ok().filter(|table| table.len() == 1);
    let list = text.split(',').map(|part| toml::Value::String(part.trim().to_owned())).collect();
    literal
        .and_then(|mut table| table.remove("value"))
        .into_iter()
        .chain([toml::Value::String(text.to_owned()), toml::Value::Array(list)])
        .collect()
}

/// Puts `value` at the dotted `name`.
fn insert(table: &mut toml::Table, name: &str, value: toml::Value) {
    match name.split_once('.') {
        None => {
            table.insert(name.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            insert(inner.as_table_mut().expect("no key is also a table's name"), rest, value);
        }
    }
}
