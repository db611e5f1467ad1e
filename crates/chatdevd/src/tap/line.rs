//! A line of a transcript, version 1: one JSON object.
//!
//! - the first: `{"transcript":1,"by":"chatdevd 0.1.0","at":T}`
//! - `{"at":T,"connection":7,"opened":{"dialler":"127.0.0.1:50000","answerer":"127.0.0.1:5222"}}`
//! - `{"at":T,"connection":7,"by":"dialler","layer":"tls","text":"<iq/>"}`: `by` is `dialler` (the client) or `answerer`; `layer` is
//!   `tls` or `clear`; `text` is a header, an element, the end of a stream or white space
//! - `{"at":T,"connection":7,"by":"dialler","missing":123}`: so many octets are not here
//! - `{"at":T,"connection":7,"note":"TLS 1.3, TLS13_AES_128_GCM_SHA256"}`: a remark; without `connection`, on the whole
//! - `{"at":T,"connection":7,"ended":"dialler"}`: or `answerer`, `reset`, `unknown`
//!
//! T is RFC 3339 in UTC with up to nine decimals. Readers pass over what they do not know.

use std::fmt::Write as _;

use chatdev_net::serve::tap::{Ending, Entry, Record, Speaker};
use jiff::Timestamp;
use serde::Serialize;

use crate::log::acts;

/// The first line.
pub(super) fn first(at: Timestamp) -> String {
    #[derive(Serialize)]
    struct First {
        transcript: u32,
        by: &'static str,
        at: String,
    }
    let by = concat!("chatdevd ", env!("CARGO_PKG_VERSION"));
    json(&First { transcript: 1, by, at: at.to_string() })
}

/// The line of one entry.
pub(super) fn of(entry: &Entry) -> String {
    let content = match &entry.record {
        Record::Opened { dialler, answerer } => {
            let answerer = answerer.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
            Content { opened: Some(Ends { dialler: dialler.to_string(), answerer }), ..Content::default() }
        }
        Record::Said { by, sealed, text } => {
            let layer = if *sealed { "tls" } else { "clear" };
            Content { by: Some(speaker(*by)), layer: Some(layer), text: Some(text), ..Content::default() }
        }
        Record::Missing { by, octets } => {
            Content { by: Some(speaker(*by)), missing: Some(*octets), ..Content::default() }
        }
        Record::Note(text) => Content { note: Some(text), ..Content::default() },
        Record::Ended(ending) => Content { ended: Some(end(*ending)), ..Content::default() },
    };
    json(&Content { at: entry.at.to_string(), connection: Some(entry.connection), ..content })
}

/// The line that says that others are missing.
pub(super) fn lost(at: Timestamp, lines: u64) -> String {
    let note = format!("lines are missing here, which could not be written: {lines}");
    json(&Content { at: at.to_string(), note: Some(&note), ..Content::default() })
}

#[derive(Default, Serialize)]
struct Content<'a> {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<Ends>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<&'static str>,
}

#[derive(Serialize)]
struct Ends {
    dialler: String,
    answerer: String,
}

fn json(line: &impl Serialize) -> String {
    let line = serde_json::to_string(line).expect("nothing in a line is a map with keys that are no text");
    let mut visible = String::with_capacity(line.len() + 1);
    for character in line.chars() {
        if acts(character) {
            // Of those, all that JSON leaves as they are stand in texts; and whoever looks at the file has a terminal.
            let _ = write!(visible, "\\u{:04x}", u32::from(character));
        } else {
            visible.push(character);
        }
    }
    visible.push('\n');
    visible
}

fn speaker(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Dialler => "dialler",
        Speaker::Answerer => "answerer",
    }
}

fn end(ending: Ending) -> &'static str {
    match ending {
        Ending::Dialler => "dialler",
        Ending::Answerer => "answerer",
        Ending::Reset => "reset",
        Ending::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_as_the_format_says() {
        let at: Timestamp = "2026-11-26T10:00:00.123456Z".parse().unwrap();
        let records = [
            Record::Opened {
                dialler: "127.0.0.1:50000".parse().unwrap(),
                answerer: Some("[::1]:5222".parse().unwrap()),
            },
            Record::Said { by: Speaker::Dialler, sealed: false, text: "<a b='\"'/>\n".to_owned() },
            Record::Said { by: Speaker::Answerer, sealed: true, text: "🎈\u{202e}\u{9b}".to_owned() },
            Record::Missing { by: Speaker::Answerer, octets: 123 },
            Record::Note("TLS 1.3, TLS13_AES_128_GCM_SHA256".to_owned()),
            Record::Ended(Ending::Reset),
        ];
        let lines = records.map(|record| of(&Entry { at, connection: 7, record }));
        insta::assert_snapshot!(first(at) + &lines.concat() + &lost(at, 3), @r#"
        {"transcript":1,"by":"chatdevd 0.1.0","at":"2026-11-26T10:00:00.123456Z"}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"opened":{"dialler":"127.0.0.1:50000","answerer":"[::1]:5222"}}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"by":"dialler","layer":"clear","text":"<a b='\"'/>\n"}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"by":"answerer","layer":"tls","text":"🎈\u202e\u009b"}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"by":"answerer","missing":123}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"note":"TLS 1.3, TLS13_AES_128_GCM_SHA256"}
        {"at":"2026-11-26T10:00:00.123456Z","connection":7,"ended":"reset"}
        {"at":"2026-11-26T10:00:00.123456Z","note":"lines are missing here, which could not be written: 3"}
        "#);
    }
}
