//! [`Json`]: one JSON object a line for each entry, and one at the end with what is known of the whole.
//!
//! The format is stable: keys are added, never renamed or removed. What has no value is left out. Described in the README.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::times::absolute;
use super::{Output, Summary};
use crate::entry::{Entry, Finding, Payload};
use crate::model::{At, Layer, Side};
use crate::visible;

/// See the file's documentation.
#[derive(Debug)]
pub struct Json<W: Write> {
    out: io::BufWriter<W>,
    first: Option<At>,
}

impl<W: Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: io::BufWriter::with_capacity(64 * 1024, out), first: None }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        visible::write_json(&mut self.out, line)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    /// RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// Nanoseconds since the first entry that has a time; less than 0 where the clock of the source went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_ns: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u32>,
    kind: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    dialler: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    answerer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    stanza_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payloads: Vec<Child<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Relation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Relation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Found<'a>>,
    octets: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// What was said, where it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
struct Child<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
}

#[derive(Serialize)]
struct Relation {
    number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ns: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Found<'a> {
    rule: &'static str,
    severity: &'static str,
    section: &'static str,
    found: &'a str,
}

impl<'a> Found<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.word(),
            section: finding.section,
            found: &finding.found,
        }
    }
}

#[derive(Serialize)]
struct End<'a> {
    summary: Whole<'a>,
}

#[derive(Serialize)]
struct Whole<'a> {
    entries: u64,
    connections: u64,
    /// What is against the rules and known only at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    late_findings: Vec<Late<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Late<'a> {
    connection: u32,
    #[serde(flatten)]
    finding: Found<'a>,
}

impl<W: Write> Output for Json<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        if self.first.is_none() {
            self.first = Some(entry.at).filter(|at| *at != At(0));
        }
        let line = line(entry, self.first.unwrap_or(entry.at));
        self.line(&line)
    }

    fn pause(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let late_findings = summary
            .late_findings
            .iter()
            .map(|(id, finding)| Late { connection: id.0, finding: Found::new(finding) });
        let whole = Whole {
            entries: summary.entries,
            connections: summary.connections,
            late_findings: late_findings.collect(),
            notes: &summary.notes,
        };
        self.line(&End { summary: whole })?;
        self.out.flush()
    }
}

fn line<'a>(entry: &'a Entry<'_>, first: At) -> Line<'a> {
    let has_time = entry.at != At(0);
    let text = std::str::from_utf8(&entry.raw).ok();
    let child = |payload: &'a Payload<'_>| Child {
        namespace: &payload.namespace,
        name: &payload.name,
        title: payload.title,
    };
    Line {
        number: entry.number,
        at: has_time.then(|| absolute(entry.at).to_string()),
        time_ns: has_time.then(|| entry.at.difference(first)),
        connection: entry.connection.map(|id| id.0),
        kind: entry.kind.word(),
        title: &entry.title,
        detail: &entry.detail,
        by: entry.side.map(Side::word),
        dialler: &entry.ends[0],
        answerer: &entry.ends[1],
        layer: entry.connection.map(|_| Layer::word(entry.layer)),
        phase: entry.connection.map(|_| entry.phase.word()),
        name: &entry.name,
        stanza_type: entry.stanza_type.as_deref(),
        id: entry.id.as_deref(),
        from: entry.from.as_deref(),
        to: entry.to.as_deref(),
        payloads: entry.payloads.iter().map(child).collect(),
        answers: entry.answers.map(|answer| Relation { number: answer.to, after_ns: answer.latency }),
        seen: entry.seen.map(|seen| Relation { number: seen.first, after_ns: seen.after }),
        findings: entry.findings.iter().map(Found::new).collect(),
        octets: entry.octets,
        text: text.filter(|text| !text.is_empty()),
        base64: text.is_none().then(|| STANDARD.encode(&entry.raw)),
    }
}
