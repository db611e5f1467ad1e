//! The form of one log line.
//!
//! Text: `2026-11-22T20:59:03.123456Z  INFO chatdevd::server: listening address=127.0.0.1:5222`, values with white
//! space or quotes in quotes. JSON: one object with `time`, `level`, `target`, `message` and the event's own fields.

use std::fmt::{self, Write};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::visible;
use crate::config::LogFormat;

pub(super) struct Line {
    pub(super) format: LogFormat,
    /// Whether the level is coloured.
    pub(super) colour: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        self.write(writer, &jiff::Timestamp::now(), event)
    }
}

impl Line {
    fn write(&self, mut out: impl Write, time: &jiff::Timestamp, event: &Event<'_>) -> fmt::Result {
        let mut values = Values::default();
        event.record(&mut values);
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        match self.format {
            LogFormat::Text => {
                let (on, off) = if self.colour { (colour(level), "\u{1b}[0m") } else { ("", "") };
                write!(out, "{time:.6} {on}{level:>5}{off} {target}: {}", visible(&values.message))?;
                for (name, value) in &values.fields {
                    match value {
                        Value::String(text) => write!(out, " {name}={}", quoted(text))?,
                        number => write!(out, " {name}={number}")?,
                    }
                }
                writeln!(out)
            }
            LogFormat::Json => {
                let mut object = serde_json::Map::new();
                for (name, value) in values.fields {
                    let value = match value {
                        Value::String(text) => visible(&text).into(),
                        number => number,
                    };
                    object.insert(name.to_owned(), value);
                }
                object.insert("time".to_owned(), format!("{time:.6}").into());
                object.insert("level".to_owned(), level.as_str().into());
                object.insert("target".to_owned(), target.into());
                object.insert("message".to_owned(), visible(&values.message).into());
                writeln!(out, "{}", Value::Object(object))
            }
        }
    }
}

/// What an event says, not yet made harmless.
#[derive(Default)]
struct Values {
    message: String,
    /// Texts, numbers and truths.
    fields: Vec<(&'static str, Value)>,
}

impl Visit for Values {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.push((field.name(), value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.push((field.name(), value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, value.to_string());
    }
}

impl Values {
    fn put(&mut self, field: &Field, value: String) {
        match field.name() {
            "message" => self.message = value,
            name => self.fields.push((name, value.into())),
        }
    }
}

/// One value of a text line: bare if it is one plain word.
fn quoted(value: &str) -> String {
    let shown = visible(value);
    let plain = !shown.is_empty() && !shown.contains(|c: char| c.is_whitespace() || c == '"' || c == '=');
    if plain { shown.into_owned() } else { format!("\"{}\"", shown.replace('"', "\\\"")) }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        Level::DEBUG => "\u{1b}[34m",
        Level::TRACE => "\u{1b}[2m",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;

    /// A layer that keeps what a [`Line`] would have written, at a fixed time.
    struct Kept(Line, Arc<Mutex<String>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let time = "2026-11-22T20:59:03.5Z".parse().unwrap();
            self.0.write(&mut *self.1.lock().unwrap(), &time, event).unwrap();
        }
    }

    fn logged(format: LogFormat, colour: bool, events: impl FnOnce()) -> String {
        let kept = Arc::new(Mutex::new(String::new()));
        let layer = Kept(Line { format, colour }, Arc::clone(&kept));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), events);
        kept.lock().unwrap().clone()
    }

    fn events() {
        let nick = "Eve\u{1b}[2J\nINFO forged";
        tracing::info!(target: "chatdevd::server", %nick, sessions = 3, "signed in");
        tracing::warn!(target: "chatdevd::server", detail = "say \"hi\"", "odd: {nick}");
    }

    #[test]
    fn text_lines_cannot_be_broken_or_forged_from_outside() {
        insta::assert_snapshot!(logged(LogFormat::Text, false, events), @r#"
        2026-11-22T20:59:03.500000Z  INFO chatdevd::server: signed in nick="Eve\u{1b}[2J\u{a}INFO forged" sessions=3
        2026-11-22T20:59:03.500000Z  WARN chatdevd::server: odd: Eve\u{1b}[2J\u{a}INFO forged detail="say \"hi\""
        "#);
    }

    #[test]
    fn json_lines_are_one_object_each() {
        insta::assert_snapshot!(logged(LogFormat::Json, false, events), @r#"
        {"level":"INFO","message":"signed in","nick":"Eve\\u{1b}[2J\\u{a}INFO forged","sessions":3,"target":"chatdevd::server","time":"2026-11-22T20:59:03.500000Z"}
        {"detail":"say \"hi\"","level":"WARN","message":"odd: Eve\\u{1b}[2J\\u{a}INFO forged","target":"chatdevd::server","time":"2026-11-22T20:59:03.500000Z"}
        "#);
    }

    #[test]
    fn only_the_level_is_coloured() {
        let line = logged(LogFormat::Text, true, || tracing::error!(target: "t", "m"));
        assert_eq!(line, "2026-11-22T20:59:03.500000Z \u{1b}[31mERROR\u{1b}[0m t: m\n");
    }
}
