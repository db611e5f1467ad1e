//! Lines to happenings: marks, and what goes on behind them.

use std::io::BufRead;

use super::balance::Balance;
use super::find::Finding;
use super::mark::{self, Extent, Mark, Pattern, begins_xml};
use super::sessions::Sessions;
use super::stream::Stream;
use super::time::Times;
use super::{DumpError, ELEMENT_OCTETS_MAX, FIND_OCTETS_MAX, Format, LINE_OCTETS_MAX, Report};
use crate::lines::Lines;
use crate::model::{At, Happening, Layer, Listener, Side};

/// Characters of a line that an error quotes.
const FOUND_CHARS_MAX: usize = 80;

/// What was told and what was not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) told: u64,
    pub(super) passed_over: u64,
}

pub(super) fn read(
    reader: impl BufRead,
    format: Option<Format>,
    listener: impl Listener,
) -> Result<Report, DumpError> {
    let mut source = Source { lines: Lines::new(reader, LINE_OCTETS_MAX), listener };
    let mut held = Vec::new();
    let format = match format {
        Some(format) => format,
        None => find(&mut source, &mut held)?,
    };
    let mut reading = Reading::new(format);
    for (line, dropped) in held {
        reading.line(&line, dropped, &mut source.listener);
    }
    while let Some((line, dropped)) = source.next()? {
        reading.line(&line, dropped, &mut source.listener);
        if source.listener.is_over() {
            break;
        }
    }
    reading.finish(&mut source.listener);
    let Counts { told, passed_over } = reading.counts;
    if told == 0 {
        return Err(DumpError::Nothing { format, lines: source.lines.number() });
    }
    if passed_over > 0 {
        let lines = if passed_over == 1 { "line is" } else { "lines are" };
        let text = format!("{passed_over} {lines} no XML of a stream, and passed over (read as {format})");
        source.listener.take(Happening::Remark { at: reading.at, id: None, text: &text });
    }
    Ok(Report { format, told, passed_over })
}

struct Source<R, L> {
    lines: Lines<R>,
    listener: L,
}

impl<R: BufRead, L: Listener> Source<R, L> {
    /// The next line as text, and how much of it was dropped.
    fn next(&mut self) -> Result<Option<(String, u64)>, DumpError> {
        let number = self.lines.number() + 1;
        let line = self.lines.next(|| self.listener.pause());
        let Some(line) = line.map_err(|source| DumpError::Read { line: number, source })? else {
            return Ok(None);
        };
        // The BOM that editors of some systems put in front.
        let octets = line.octets.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(line.octets);
        Ok(Some((String::from_utf8_lossy(octets).into_owned(), line.dropped)))
    }
}

/// Reads until the form is known; what was read is in `held`.
fn find<R: BufRead, L: Listener>(
    source: &mut Source<R, L>,
    held: &mut Vec<(String, u64)>,
) -> Result<Format, DumpError> {
    let mut finding = Finding::new();
    let mut octets = 0;
    while octets < FIND_OCTETS_MAX {
        let Some((line, dropped)) = source.next()? else {
            break;
        };
        let found = finding.line(&line);
        octets += line.len() + 1;
        held.push((line, dropped));
        if let Some(format) = found {
            return Ok(format);
        }
    }
    finding.at_the_end().ok_or_else(|| {
        let says = held.iter().position(|(line, _)| !line.trim().is_empty()).unwrap_or(0);
        let found = held.get(says).map_or("", |(line, _)| line.trim());
        let found = found.chars().take(FOUND_CHARS_MAX).collect();
        DumpError::Unrecognised { lines: held.len() as u64, line: says as u64 + 1, found }
    })
}

struct Reading {
    form: Form,
    times: Times,
    sessions: Sessions,
    counts: Counts,
    at: At,
    start_tags_remarked: bool,
}

enum Form {
    /// Marks, and what goes on behind the last one.
    Marks(Box<dyn Pattern>, Option<Record>),
    Stream(Stream),
}

/// What stands behind a mark.
struct Record {
    session: Option<String>,
    side: Side,
    layer: Option<Layer>,
    at: At,
    /// Its mark stood behind a time: so a line that begins with one is not of this record.
    timed: bool,
    xml: String,
    balance: Balance,
    /// It is a start tag alone, and drops out if the whole element stands behind it.
    tentative: bool,
}

impl Reading {
    fn new(format: Format) -> Self {
        let form = match format.pattern() {
            Some(pattern) => Form::Marks(pattern, None),
            None => Form::Stream(Stream::default()),
        };
        Self {
            form,
            times: Times::new(),
            sessions: Sessions::default(),
            counts: Counts::default(),
            at: At(0),
            start_tags_remarked: false,
        }
    }

    fn line(&mut self, line: &str, dropped: u64, listener: &mut impl Listener) {
        let (pattern, record) = match &mut self.form {
            Form::Stream(stream) => {
                stream.line(line, &mut self.sessions, &mut self.counts, listener);
                if dropped > 0 {
                    self.sessions.miss(listener, None, stream.side(), At(0), Some(dropped));
                }
                return;
            }
            Form::Marks(pattern, record) => (pattern, record),
        };
        if let Some(mark) = mark::of(&**pattern, line) {
            let xml = pattern.plain(mark.xml);
            let supersedes = |before: &Record| {
                before.tentative
                    && mark.extent == Extent::Lines
                    && before.session.as_deref() == mark.session.as_deref()
            };
            let before = record.take().filter(|before| !supersedes(before));
            self.end(before, listener);
            let time = self.times.read(mark.time);
            self.at = time.unwrap_or(self.at);
            let record = self.mark(&mark, &xml, time.is_some(), listener);
            self.keep(record, dropped, listener);
            return;
        }
        let Some(mut known) = record.take() else {
            self.counts.passed_over += u64::from(!line.trim().is_empty());
            return;
        };
        if known.tentative {
            *record = Some(known);
            self.counts.passed_over += u64::from(!line.trim().is_empty());
            return;
        }
        let rest = pattern.continued(line);
        let belongs = if known.balance.is_open() {
            !(known.timed && rest.len() == line.len() && self.times.begins(line))
        } else {
            begins_xml(rest)
        };
        if belongs {
            known.go_on(rest);
            self.keep(Some(known), dropped, listener);
        } else if !known.balance.is_open() && rest.trim().is_empty() {
            self.keep(Some(known), 0, listener);
        } else {
            self.counts.passed_over += 1;
            self.end(Some(known), listener);
        }
    }

    fn mark(
        &mut self,
        mark: &Mark<'_>,
        xml: &str,
        timed: bool,
        listener: &mut impl Listener,
    ) -> Option<Record> {
        let mut record = Record {
            session: mark.session.as_deref().map(str::to_owned),
            side: mark.side,
            layer: mark.layer,
            at: self.at,
            timed,
            xml: String::new(),
            balance: Balance::default(),
            tentative: false,
        };
        match mark.extent {
            Extent::Lines => record.go_on(xml),
            Extent::Line => {
                // Whatever was read from a socket at once, perhaps in the middle of an element.
                self.say(&record, xml, listener);
                return None;
            }
            Extent::StartTag => {
                // The declaration of a stream header, which is said on its own.
                if self.sessions.has_whole(&mark.session) || xml.starts_with("<?xml") {
                    return None;
                }
                record.tentative = true;
                record.go_on(&emptied(xml));
            }
        }
        if mark.extent == Extent::Lines {
            self.sessions.is_whole(&mark.session);
        }
        Some(record)
    }

    /// Tells what is whole; the record goes on with the next line.
    fn keep(&mut self, record: Option<Record>, dropped: u64, listener: &mut impl Listener) {
        let Some(mut record) = record else { return };
        if dropped > 0 || record.xml.len() > ELEMENT_OCTETS_MAX {
            self.say(&record, &record.xml, listener);
            let octets = (dropped > 0).then_some(dropped);
            self.sessions.miss(listener, record.session.as_deref(), record.side, record.at, octets);
            return;
        }
        if !record.balance.is_open() && !record.tentative {
            // The line ends and the indentation around it are the log's.
            self.say(&record, record.xml.trim(), listener);
            record.xml.clear();
        }
        if let Form::Marks(_, place) = &mut self.form {
            *place = Some(record);
        }
    }

    /// There is no more of it.
    fn end(&mut self, record: Option<Record>, listener: &mut impl Listener) {
        let Some(record) = record else { return };
        if record.tentative && !std::mem::replace(&mut self.start_tags_remarked, true) {
            let text = "the log has start tags alone, which are told as empty elements; what is in them it does not have";
            listener.take(Happening::Remark { at: self.at, id: None, text });
        }
        if record.tentative || record.balance.is_open() {
            self.say(&record, &record.xml, listener);
        }
        if record.balance.is_open() {
            self.sessions.miss(listener, record.session.as_deref(), record.side, record.at, None);
        }
    }

    fn say(&mut self, record: &Record, xml: &str, listener: &mut impl Listener) {
        if xml.is_empty() {
            return;
        }
        self.counts.told += 1;
        self.sessions.say(listener, record.session.as_deref(), (record.side, record.layer), record.at, xml);
    }

    fn finish(&mut self, listener: &mut impl Listener) {
        let record = match &mut self.form {
            Form::Stream(stream) => {
                stream.finish(&mut self.sessions, &mut self.counts, listener);
                None
            }
            Form::Marks(_, record) => record.take(),
        };
        self.end(record, listener);
        self.sessions.finish(listener);
    }
}

impl Record {
    fn go_on(&mut self, line: &str) {
        if !self.xml.is_empty() {
            self.xml.push('\n');
            self.balance.push("\n");
        }
        self.xml.push_str(line);
        self.balance.push(line);
    }
}

/// A start tag as an element without content; the header of a stream stays as it is.
fn emptied(tag: &str) -> String {
    let tag = tag.trim_end();
    let open = tag.strip_suffix('>').filter(|open| !open.ends_with(['/', '?']));
    match open {
        Some(open) if !tag.starts_with("</") && !tag.contains("<stream:stream") => format!("{open}/>"),
        _ => tag.to_owned(),
    }
}
