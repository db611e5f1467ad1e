//! A capture as a sequence diagram: one HTML file that needs nothing else, for people who have to find out who said what, when,
//! and what was wrong with it.
//!
//! This side only embeds the entries, as JSON lines (`line`, `escape`), as they come: nothing of them is kept, and a page whose
//! writer died shows what had been written. The page's own program (`html/page/*.js`) draws it.
//!
//! All that comes from a capture is hostile. Within the page it is JSON without `<`, the program only ever makes text of it, and
//! the page's Content-Security-Policy allows this very program and style, by their hashes, and nothing else (CSP Level 3 §2.3.1).

mod escape;
mod line;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Output, Summary};
use crate::entry::Entry;
use crate::filter;
use crate::model::{At, ConnectionId};
use line::Line;

/// The most entries that a page has. Further ones are counted, and the page says how many they are.
pub const ENTRIES_MAX: u64 = 100_000;

/// The most octets of XML that a page has, of all entries together: 64 MiB. Further entries are shown without theirs.
pub const XML_OCTETS_MAX: u64 = 64 << 20;

/// The most octets that the entries take in the page, escaped, with everything that is known of them: 256 MiB. It only matters
/// where captured text is little but what has to be escaped. Further entries are left out.
pub const PAGE_OCTETS_MAX: u64 = 256 << 20;

/// The most findings known only at the end that a page lists, before its notes.
const LATE_FINDINGS_MAX: usize = 100;

const TEMPLATE: &str = include_str!("html/page/page.html");
const STYLE: &str = include_str!("html/page/page.css");

/// The page's program. What runs at once only uses what stands before it; functions may call those of later files.
const PROGRAM: [&str; 13] = [
    include_str!("html/page/words.js"),
    include_str!("html/page/entries.js"),
    include_str!("html/page/lanes.js"),
    include_str!("html/page/grammar.js"),
    include_str!("html/page/filter.js"),
    include_str!("html/page/shown.js"),
    include_str!("html/page/rows.js"),
    include_str!("html/page/stage.js"),
    include_str!("html/page/relations.js"),
    include_str!("html/page/xml.js"),
    include_str!("html/page/panel.js"),
    include_str!("html/page/sides.js"),
    include_str!("html/page/hands.js"),
];

/// What a page may have at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    entries: u64,
    xml_octets: u64,
    page_octets: u64,
}

/// Writes a page. Entries go to `out` as they come, in pieces: it should be buffered.
pub struct Html<W> {
    out: W,
    title: String,
    limits: Limits,
    /// The head of the page is written.
    is_begun: bool,
    /// The first time that was written; the others in the page count from here.
    base: Option<At>,
    /// The names of both ends as they were written last, which are not written again.
    ends: BTreeMap<ConnectionId, [String; 2]>,
    told: Told,
    line: Vec<u8>,
}

/// How much went into the page, and how much did not.
#[derive(Debug, Default, Serialize)]
struct Told {
    entries: u64,
    xml_octets: u64,
    page_octets: u64,
    /// Entries that were left out, the page being full.
    entries_left_out: u64,
    /// Findings of those.
    findings_left_out: u64,
    /// Entries in the page whose XML was left out.
    xml_left_out: u64,
}

/// What the page is told when all is read.
#[derive(Serialize)]
struct Close<'a> {
    entries: u64,
    connections: u64,
    notes: &'a [String],
    told: &'a Told,
}

impl<W: Write> Html<W> {
    /// A page with this title, which the name of a file would be.
    #[must_use]
    pub fn new(out: W, title: &str) -> Self {
        let limits =
            Limits { entries: ENTRIES_MAX, xml_octets: XML_OCTETS_MAX, page_octets: PAGE_OCTETS_MAX };
        Self {
            out,
            title: title.to_owned(),
            limits,
            is_begun: false,
            base: None,
            ends: BTreeMap::new(),
            told: Told::default(),
            line: Vec::new(),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.out.write_all(head(&self.title).as_bytes())?;
        }
        Ok(())
    }

    /// The names of the ends, where they are not as they were.
    fn renamed<'e>(&self, entry: &'e Entry<'_>) -> Option<[Cow<'e, str>; 2]> {
        let ends = entry.ends.each_ref().map(|end| line::cropped(end));
        let known = self.ends.get(&entry.connection?);
        known.is_none_or(|known| known[..] != ends[..]).then_some(ends)
    }

    fn leave_out(&mut self, entry: &Entry<'_>) {
        self.told.entries_left_out += 1;
        self.told.findings_left_out += entry.findings.len() as u64;
    }
}

impl<W: Write> Output for Html<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.begin()?;
        if self.told.entries >= self.limits.entries {
            self.leave_out(entry);
            return Ok(());
        }
        let xml_octets = entry.raw.len() as u64;
        let has_room =
            self.told.xml_octets + xml_octets.min(line::XML_OCTETS_MAX as u64) <= self.limits.xml_octets;
        let renamed = self.renamed(entry);
        let line = Line::of(entry, self.base, renamed.clone(), has_room);
        self.line.clear();
        line.write(&mut self.line)?;
        if self.told.page_octets + self.line.len() as u64 > self.limits.page_octets {
            self.leave_out(entry);
            return Ok(());
        }
        self.out.write_all(&self.line)?;
        if self.base.is_none() && entry.at != At::default() {
            self.base = Some(entry.at);
        }
        self.told.entries += 1;
        self.told.page_octets += self.line.len() as u64;
        if has_room {
            self.told.xml_octets += line.xml_octets();
        } else {
            self.told.xml_left_out += u64::from(xml_octets > 0);
        }
        if let (Some(connection), Some(ends)) = (entry.connection, renamed) {
            self.ends.insert(connection, ends.map(Cow::into_owned));
        }
        Ok(())
    }

    fn pause(&mut self) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        let mut notes: Vec<String> = summary.late_lines().take(LATE_FINDINGS_MAX).collect();
        if let Some(more) =
            summary.late_findings.len().checked_sub(LATE_FINDINGS_MAX).filter(|more| *more > 0)
        {
            notes.push(format!("{more} more findings that are known only at the end: --lint counts them"));
        }
        notes.extend_from_slice(&summary.notes);
        let close = Close {
            entries: summary.entries,
            connections: summary.connections,
            notes: &notes,
            told: &self.told,
        };
        let mut json = Vec::new();
        escape::write(&mut json, &close)?;
        let (_, between, end) = template();
        for part in [between.as_bytes(), &json, end.as_bytes()] {
            self.out.write_all(part)?;
        }
        self.out.flush()
    }
}

/// The page without what is embedded: before the entries, between them and the summary, and after it.
fn template() -> (&'static str, &'static str, &'static str) {
    let (head, rest) = TEMPLATE.split_once("{{entries}}").expect("the template has a place for the entries");
    let (between, end) = rest.split_once("{{summary}}").expect("the template has a place for the summary");
    (head, between, end)
}

/// Everything before the first entry.
fn head(title: &str) -> String {
    let program = PROGRAM.concat();
    let (head, ..) = template();
    // The hashes are those of what stands between the tags, to the letter.
    let policy = format!(
        "script-src '{}'; style-src '{}'",
        hash(&between(head, "<script>", &program)),
        hash(&between(head, "<style>", STYLE))
    );
    let mut reference = Vec::new();
    escape::write(&mut reference, &filter::reference()).expect("memory takes everything");
    let reference = String::from_utf8(reference).expect("JSON is UTF-8");
    // The title goes in last: nothing in it is a place to fill in.
    head.replacen("{{policy}}", &policy, 1)
        .replacen("{{style}}", STYLE, 1)
        .replacen("{{program}}", &program, 1)
        .replacen("{{reference}}", &reference, 1)
        .replacen("{{title}}", &escape::markup(title), 1)
}

/// What stands in the template between this tag and its end, filled in.
fn between(template: &str, tag: &str, filling: &str) -> String {
    let (_, rest) = template.split_once(tag).expect("the template has the tag");
    let (inside, _) = rest.split_once("</").expect("the tag ends");
    inside.replacen("{{style}}", filling, 1).replacen("{{program}}", filling, 1)
}

/// A hash as a policy has it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
