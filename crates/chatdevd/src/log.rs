//! Logs: one line for each event, on standard error, for people or for a collector.
//!
//! Nothing from outside reaches a terminal or a file with control characters in it ([`visible()`]). What must not be
//! logged at all (passwords, keys) is kept out where events are made: no type that holds a secret shows it in
//! `Debug`.

mod line;
mod visible;

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use crate::config::{Log, LogFormat, LogLevel};

pub(crate) use visible::acts;
pub use visible::visible;

/// Sends the events of the whole process to standard error from here on. Colours: on a terminal, unless `NO_COLOR` is
/// set.
///
/// `log.level` rules; `CHATDEVD_LOG_FILTER`, if set, refines it per module (`chatdev_net=debug`).
///
/// # Errors
/// A filter that cannot be read, or that logs were already set up.
pub fn install(log: &Log) -> anyhow::Result<()> {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = log.format == LogFormat::Text && std::io::stderr().is_terminal() && !no_colour;
    let filter =
        EnvFilter::builder().with_default_directive(LevelFilter::from_level(log.level.into()).into());
    let directives = std::env::var("CHATDEVD_LOG_FILTER").unwrap_or_default();
    let filter = filter.parse(&directives).map_err(|error| {
        anyhow::anyhow!("CHATDEVD_LOG_FILTER: expected directives such as `chatdev_net=debug`, found {directives:?} ({error})")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .event_format(line::Line { format: log.format, colour })
        .try_init()
        .map_err(|error| anyhow::anyhow!("logs were set up twice: {error}"))
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}
