//! An entry as the page's program reads it: one line of JSON. What is absent, empty or ordinary is left out.

use std::borrow::Cow;
use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

use super::escape;
use crate::entry::{Entry, Finding, Payload};
use crate::model::{At, Layer, Side};

/// The most octets of one entry's XML that a page has: 256 KiB. The page says how many more there were.
pub(super) const XML_OCTETS_MAX: usize = 256 << 10;

/// The most octets of what is no UTF-8 that a page shows as octets: 4 KiB.
const OCTETS_SHOWN_MAX: usize = 4 << 10;

/// The most octets of any other text, such as an `id`; what is longer ends in "…".
const TEXT_OCTETS_MAX: usize = 1 << 10;

/// The most payloads, and the most findings, that the page shows of one entry.
const LISTED_MAX: usize = 16;

/// An entry. Times are nanoseconds.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    n: u64,
    /// That first time, in nanoseconds since the Unix epoch: in the first entry that has a time. A text, since JavaScript's numbers
    /// are too coarse for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    /// Since the first time in the source; `None` where the source has no clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u32>,
    /// 0 for the dialler, 1 for the answerer.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tls: bool,
    kind: &'static str,
    phase: &'static str,
    /// What the ends are called from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<[Cow<'a, str>; 2]>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: Cow<'a, str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    stanza_type: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Cow<'a, str>>,
    /// Name, namespace, what people call it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payloads: Vec<(Cow<'a, str>, Cow<'a, str>, &'static str)>,
    title: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: Cow<'a, str>,
    /// The entry that this one answers, and the time between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<(u64, Option<u64>)>,
    /// The entry where the same was seen first, the time since, and how often it was seen since.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<(u64, Option<u64>, u32)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Found<'a>>,
    /// So many findings more.
    #[serde(skip_serializing_if = "is_zero")]
    further: usize,
    octets: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    xml: Cow<'a, str>,
    /// So many octets of the XML are not in the page.
    #[serde(skip_serializing_if = "is_zero")]
    cut: usize,
    /// The first of its octets in base64, where it is no UTF-8.
    #[serde(skip_serializing_if = "String::is_empty")]
    bytes: String,
}

/// A finding.
#[derive(Serialize)]
struct Found<'a> {
    rule: &'static str,
    severity: &'static str,
    section: &'static str,
    found: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// `base` where a line before has told it; `ends` where they are called otherwise than there; without its XML where the page has
    /// no room for it.
    pub(super) fn of(
        entry: &'a Entry<'_>,
        base: Option<At>,
        ends: Option<[Cow<'a, str>; 2]>,
        with_xml: bool,
    ) -> Self {
        let shown = if with_xml { &entry.raw[..whole(&entry.raw, XML_OCTETS_MAX)] } else { &[] };
        let is_text = std::str::from_utf8(shown).is_ok();
        let octets = if is_text { &[] } else { &shown[..shown.len().min(OCTETS_SHOWN_MAX)] };
        let at = Some(entry.at).filter(|at| *at != At::default());
        Self {
            n: entry.number,
            base: base.is_none().then_some(at).flatten().map(|at| at.0.to_string()),
            at: at.map(|at| since(at, base.unwrap_or(at))),
            connection: entry.connection.map(|id| id.0),
            side: entry.side.map(Side::index),
            tls: entry.layer == Layer::Tls,
            kind: entry.kind.word(),
            phase: entry.phase.word(),
            ends,
            name: cropped(&entry.name),
            stanza_type: entry.stanza_type.as_deref().map(cropped),
            id: entry.id.as_deref().map(cropped),
            from: entry.from.as_deref().map(cropped),
            to: entry.to.as_deref().map(cropped),
            payloads: entry.payloads.iter().take(LISTED_MAX).map(payload).collect(),
            title: cropped(&entry.title),
            detail: cropped(&entry.detail),
            answers: entry.answers.map(|answer| (answer.to, answer.latency)),
            seen: entry.seen.map(|seen| (seen.first, seen.after, seen.times)),
            findings: entry.findings.iter().take(LISTED_MAX).map(found).collect(),
            further: entry.findings.len().saturating_sub(LISTED_MAX),
            octets: entry.octets,
            xml: String::from_utf8_lossy(shown),
            cut: entry.raw.len() - shown.len(),
            bytes: STANDARD.encode(octets),
        }
    }

    /// Octets of XML that it has.
    pub(super) fn xml_octets(&self) -> u64 {
        self.xml.len() as u64
    }

    /// The line, its end included.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        escape::write(out, self)?;
        out.push(b'\n');
        Ok(())
    }
}

fn payload<'a>(payload: &'a Payload<'_>) -> (Cow<'a, str>, Cow<'a, str>, &'static str) {
    (cropped(&payload.name), cropped(&payload.namespace), payload.title.unwrap_or_default())
}

fn found(finding: &Finding) -> Found<'_> {
    let Finding { rule, severity, section, found } = finding;
    Found { rule, severity: severity.word(), section, found: cropped(found) }
}

/// Nanoseconds from `base` to `at`, which may be before it where the source's clock went back.
fn since(at: At, base: At) -> i64 {
    i64::try_from(i128::from(at.0) - i128::from(base.0)).unwrap_or(i64::MAX)
}

/// The text, or its beginning and "…".
pub(super) fn cropped(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_OCTETS_MAX {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(TEXT_OCTETS_MAX)]))
}

/// How many of the first `most` octets can be shown without cutting a character in two.
fn whole(octets: &[u8], most: usize) -> usize {
    if octets.len() <= most {
        return octets.len();
    }
    let is_inside = |at: &usize| octets[*at] & 0b1100_0000 == 0b1000_0000;
    (most.saturating_sub(3)..=most).rev().find(|at| !is_inside(at)).unwrap_or(most)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}
