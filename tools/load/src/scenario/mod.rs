//! What a run does, as data: a TOML file. The ones that come with the program are files too (`scenarios/`), and the
//! command line changes single values of either.

mod load;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

pub use load::{CheckIn, Load, Login, Mixed, Peer, Ping, Reconnect, Route, Storm};

/// The scenarios that come with the program: name and text.
const BUILT_IN: [(&str, &str); 9] = [
    ("login", include_str!("../../scenarios/login.toml")),
    ("login-storm", include_str!("../../scenarios/login-storm.toml")),
    ("login-reconnect", include_str!("../../scenarios/login-reconnect.toml")),
    ("idle", include_str!("../../scenarios/idle.toml")),
    ("ping", include_str!("../../scenarios/ping.toml")),
    ("route", include_str!("../../scenarios/route.toml")),
    ("check-in", include_str!("../../scenarios/check-in.toml")),
    ("peer", include_str!("../../scenarios/peer.toml")),
    ("mixed", include_str!("../../scenarios/mixed.toml")),
];

/// See the file's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// What it is for, in a line.
    #[serde(default)]
    pub about: String,
    /// Sessions that sign in. In pairs, where the load is of pairs.
    pub sessions: usize,
    /// How they sign in.
    #[serde(default)]
    pub sign_in: SignIn,
    /// How long it takes.
    #[serde(default)]
    pub time: Time,
    /// What they do then.
    pub load: Load,
}

/// How the sessions sign in before the load begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// At most so many at one time. Default: 32, which keeps two cores busy and is no flood.
    pub at_once: usize,
    /// Each may take so long, in seconds. Default: 30.
    pub seconds_max: f64,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { at_once: 32, seconds_max: 30.0 }
    }
}

/// How long the parts of a run take, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Time {
    /// The load runs, and nothing counts. Default: 2. Where signing in is what is measured, there is none.
    pub warm_up_seconds: f64,
    /// What counts. Default: 10.
    pub measure_seconds: f64,
    /// Nothing new begins; what is under way may end. Default: at most 10.
    pub drain_seconds: f64,
    /// An operation that takes longer has failed. Default: 10.
    pub operation_seconds_max: f64,
}

impl Default for Time {
    fn default() -> Self {
        Self { warm_up_seconds: 2.0, measure_seconds: 10.0, drain_seconds: 10.0, operation_seconds_max: 10.0 }
    }
}

impl Scenario {
    /// The names of those that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of one that comes with the program.
    ///
    /// # Errors
    /// There is none of that name: which there are.
    pub fn built_in(name: &str) -> anyhow::Result<&'static str> {
        let found = BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text);
        found.with_context(|| {
            let names: Vec<&str> = Self::names().collect();
            format!("there is no scenario ‘{name}’; there are {}, or the path of a file", names.join(", "))
        })
    }

    /// Finds one by its name, or by the path of its file, and changes the values that `settings` name (`load.window=32`).
    ///
    /// # Errors
    /// There is none, it is not understood, or a value is out of its range: where, and what was expected.
    pub fn find(name: &str, settings: &[String]) -> anyhow::Result<Self> {
        let is_path = name.contains(['/', '.']);
        let text = if is_path {
            std::fs::read_to_string(Path::new(name))
                .with_context(|| format!("cannot read the scenario {name}"))?
        } else {
            Self::built_in(name)?.to_owned()
        };
        let mut table: toml::Table =
            toml::from_str(&text).with_context(|| format!("in the scenario {name}"))?;
        for setting in settings {
            set(&mut table, setting)?;
        }
        let scenario: Self = table.try_into().with_context(|| format!("in the scenario {name}"))?;
        scenario.check().with_context(|| format!("in the scenario {name}"))?;
        Ok(scenario)
    }

    /// Every value under the name that `settings` of [`Self::find`] gives it, such as `load.window`; but for name and `about`.
    ///
    /// # Errors
    /// Never; a scenario is plain data.
    pub fn settings(&self) -> anyhow::Result<BTreeMap<String, toml::Value>> {
        let mut settings = BTreeMap::new();
        for (name, value) in toml::Table::try_from(self)? {
            match value {
                toml::Value::Table(inner) => {
                    settings.extend(inner.into_iter().map(|(last, value)| (format!("{name}.{last}"), value)));
                }
                _ if name == "name" || name == "about" => {}
                value => drop(settings.insert(name, value)),
            }
        }
        Ok(settings)
    }

    fn check(&self) -> anyhow::Result<()> {
        let times = [
            ("time.warm_up_seconds", self.time.warm_up_seconds, 0.0),
            ("time.measure_seconds", self.time.measure_seconds, 0.1),
            ("time.drain_seconds", self.time.drain_seconds, 0.0),
            ("time.operation_seconds_max", self.time.operation_seconds_max, 0.01),
            ("sign_in.seconds_max", self.sign_in.seconds_max, 0.01),
        ];
        for (name, found, min) in times {
            if !(min..=1e6).contains(&found) {
                bail!("{name} should be between {min} and 1000000; it is {found}");
            }
        }
        if self.sessions == 0 || self.sign_in.at_once == 0 {
            bail!("sessions and sign_in.at_once should be at least 1");
        }
        if self.load.is_of_pairs() && !self.sessions.is_multiple_of(2) {
            bail!("sessions should be even, as the load is of pairs; they are {}", self.sessions);
        }
        self.load.check()
    }
}

impl Time {
    /// The load runs, and nothing counts.
    #[must_use]
    pub fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_seconds)
    }

    /// What counts.
    #[must_use]
    pub fn measure(&self) -> Duration {
        Duration::from_secs_f64(self.measure_seconds)
    }

    /// The end.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_secs_f64(self.drain_seconds)
    }

    /// The longest operation.
    #[must_use]
    pub fn operation_max(&self) -> Duration {
        Duration::from_secs_f64(self.operation_seconds_max)
    }
}

/// Changes one value, `path.to.it=value`. What is no TOML value is text.
fn set(table: &mut toml::Table, setting: &str) -> anyhow::Result<()> {
    let (path, value) =
        setting.split_once('=').with_context(|| format!("expected NAME=VALUE, found ‘{setting}’"))?;
    let read: Result<toml::Table, _> = toml::from_str(&format!("value = {value}"));
    let value = match read {
        Ok(mut read) => read.remove("value").context("the value was just written")?,
        Err(_) => toml::Value::String(value.to_owned()),
    };
    let mut names: Vec<&str> = path.trim().split('.').collect();
    let last = names.pop().context("splitting gives one part at least")?;
    let mut place = table;
    for name in names {
        let inner = place.entry(name).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = inner.as_table_mut().with_context(|| format!("‘{name}’ in ‘{path}’ is no section"))?;
    }
    // A whole number where the file has a fraction is meant as one.
    let value = match (place.get(last), value) {
        (Some(toml::Value::Float(_)), toml::Value::Integer(whole)) => toml::Value::Float(whole as f64),
        (_, value) => value,
    };
    place.insert(last.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_that_comes_along_is_understood_and_has_its_own_name() {
        for name in Scenario::names() {
            let scenario = Scenario::find(name, &[]).unwrap_or_else(|error| panic!("{name}: {error:#}"));
            assert_eq!(scenario.name, name);
            assert!(!scenario.about.is_empty());
        }
    }

    #[test]
    fn single_values_are_changed() {
        let settings = ["load.window=32", "sessions = 8", "time.measure_seconds=1"].map(str::to_owned);
        let scenario = Scenario::find("route", &settings).unwrap();
        let Load::Route(route) = scenario.load else { panic!("{:?}", scenario.load) };
        assert_eq!((route.window, scenario.sessions, scenario.time.measure_seconds), (32, 8, 1.0));
    }

    #[test]
    fn what_a_scenario_says_can_be_said_again_by_settings() {
        let scenario = Scenario::find("route", &["load.window=7".to_owned()]).unwrap();
        let settings = scenario.settings().unwrap();
        let said: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(said.contains(&"load.window=7".to_owned()), "{said:?}");
        assert_eq!(Scenario::find("route", &said).unwrap(), scenario);
    }

    fn refused(setting: &str) -> String {
        format!("{:#}", Scenario::find("route", &[setting.to_owned()]).unwrap_err())
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(refused("window").contains("expected NAME=VALUE, found ‘window’"));
        assert!(
            refused("load.windows=3").contains("unknown field `windows`"),
            "{}",
            refused("load.windows=3")
        );
        assert!(refused("sessions=7").contains("sessions should be even"));
        assert!(refused("time.measure_seconds=0").contains("between 0.1 and 1000000; it is 0"));
        let unknown = format!("{:#}", Scenario::find("rout", &[]).unwrap_err());
        assert!(unknown.starts_with("there is no scenario ‘rout’; there are login, "), "{unknown}");
    }
}
