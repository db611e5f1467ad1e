//! Lines to happenings.

use std::collections::BTreeMap;
use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::line::{self, Line, Opened};
use super::{CONNECTIONS_MAX, LINE_OCTETS_MAX, TranscriptError, VERSION};
use crate::lines::Lines;
use crate::model::{At, ConnectionId, Ending, Happening, Layer, Listener, Side};

/// Characters of a line that an error quotes.
const FOUND_CHARS_MAX: usize = 60;

pub(super) fn read(reader: impl BufRead, listener: impl Listener) -> Result<(), TranscriptError> {
    let mut lines = Lines::new(reader, LINE_OCTETS_MAX);
    let mut reading = Reading { listener, open: BTreeMap::new(), last_id: 0, line: 0, at: At(0) };
    loop {
        let number = lines.number() + 1;
        let line = lines
            .next(|| reading.listener.pause())
            .map_err(|source| TranscriptError::Read { line: number, source })?;
        let Some(line) = line else { return Ok(()) };
        if reading.listener.is_over() {
            return Ok(());
        }
        reading.line = line.number;
        if line.dropped > 0 {
            return Err(TranscriptError::TooLong { line: line.number });
        }
        // The BOM that editors of some systems put in front.
        let octets = line.octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line.octets).trim_ascii();
        if octets.is_empty() {
            continue;
        }
        match serde_json::from_slice(octets) {
            Ok(parsed) => reading.take(parsed)?,
            // Whoever wrote it was stopped in the middle.
            Err(error) if error.is_eof() && !line.complete => reading.cut_off(),
            Err(error) => {
                let found = String::from_utf8_lossy(octets).chars().take(FOUND_CHARS_MAX).collect();
                return Err(TranscriptError::Json { line: line.number, found, reason: reason(&error) });
            }
        }
    }
}

/// What the reader of JSON says; of its place only the column, for the line is another one.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.split(" at line ").next().unwrap_or_default();
    format!("column {}: {words}", error.column())
}

struct Reading<L> {
    listener: L,
    /// What this run calls the connections that are open, and which sides have finished.
    open: BTreeMap<u64, (ConnectionId, [bool; 2])>,
    last_id: u32,
    line: u64,
    /// Time of the last line that has one.
    at: At,
}

impl<L: Listener> Reading<L> {
    fn take(&mut self, mut line: Line<'_>) -> Result<(), TranscriptError> {
        if let Some(version) = line.transcript {
            return if version == VERSION {
                Ok(())
            } else {
                Err(TranscriptError::Version { line: self.line, found: version })
            };
        }
        let known = line.opened.is_some()
            || line.text.is_some()
            || line.base64.is_some()
            || line.missing.is_some()
            || line.note.is_some()
            || line.ended.is_some();
        if !known {
            return Ok(());
        }
        self.at = self.time(&line)?;
        if let Some(opened) = line.opened.take() {
            return self.opened(self.number(&line)?, opened);
        }
        if let Some(text) = &line.text {
            return self.said(&line, text.as_bytes());
        }
        if let Some(base64) = &line.base64 {
            let octets = STANDARD.decode(base64.as_bytes()).map_err(|error| {
                self.wrong(
                    "\"base64\" in the alphabet of RFC 4648 §4",
                    error.to_string().trim_end_matches('.'),
                )
            })?;
            return self.said(&line, &octets);
        }
        if let Some(octets) = line.missing {
            let (id, side) = (self.connection(self.number(&line)?)?, self.by(&line)?);
            self.listener.take(Happening::Missing { at: self.at, id, side, octets });
            return Ok(());
        }
        if let Some(ended) = &line.ended {
            return self.ended(&line, ended);
        }
        if let Some(text) = &line.note {
            let id = line.connection.map(|number| self.connection(number)).transpose()?;
            self.listener.take(Happening::Remark { at: self.at, id, text });
        }
        Ok(())
    }

    fn opened(&mut self, number: u64, opened: Opened) -> Result<(), TranscriptError> {
        // A number that is used again, by a program that was started again.
        if let Some((id, _)) = self.open.remove(&number) {
            self.listener.take(Happening::Ended { at: self.at, id, how: Ending::Abandoned });
        }
        self.open(number, opened)?;
        Ok(())
    }

    fn open(&mut self, number: u64, opened: Opened) -> Result<ConnectionId, TranscriptError> {
        let last_id = self.last_id.checked_add(1);
        let (Some(last_id), true) = (last_id, self.open.len() < CONNECTIONS_MAX) else {
            return Err(TranscriptError::TooManyConnections { line: self.line });
        };
        self.last_id = last_id;
        let id = ConnectionId(last_id);
        self.open.insert(number, (id, [false; 2]));
        let from_start = opened.from_start;
        self.listener.take(Happening::Opened { at: self.at, id, ends: &opened.ends(), from_start });
        Ok(id)
    }

    fn said(&mut self, line: &Line<'_>, octets: &[u8]) -> Result<(), TranscriptError> {
        let (number, side) = (self.number(line)?, self.by(line)?);
        let layer = match line.layer.as_deref() {
            None => Layer::Clear,
            Some(word) => line::read_layer(word)
                .ok_or_else(|| self.wrong("\"layer\":\"clear\" or \"tls\"", &format!("{word:?}")))?,
        };
        let id = self.connection(number)?;
        if !octets.is_empty() {
            self.listener.take(Happening::Octets { at: self.at, id, side, layer, octets });
        }
        Ok(())
    }

    fn ended(&mut self, line: &Line<'_>, word: &str) -> Result<(), TranscriptError> {
        let number = self.number(line)?;
        let how = match word {
            "reset" => Ending::Reset(if line.by.is_some() { self.by(line)? } else { Side::Dialler }),
            "unknown" => Ending::Abandoned,
            _ => line::read_side(word).map(Ending::Finished).ok_or_else(|| {
                self.wrong(
                    "\"ended\":\"dialler\", \"answerer\", \"reset\" or \"unknown\"",
                    &format!("{word:?}"),
                )
            })?,
        };
        let id = self.connection(number)?;
        self.listener.take(Happening::Ended { at: self.at, id, how });
        if let (Ending::Finished(side), Some((_, finished))) = (how, self.open.get_mut(&number)) {
            finished[side.index()] = true;
            if *finished != [true; 2] {
                return Ok(());
            }
        }
        self.open.remove(&number);
        Ok(())
    }

    /// What this run calls a connection; one that was not opened in this file is opened here.
    fn connection(&mut self, number: u64) -> Result<ConnectionId, TranscriptError> {
        match self.open.get(&number) {
            Some((id, _)) => Ok(*id),
            None => self.open(number, Opened::default()),
        }
    }

    fn cut_off(&mut self) {
        let text = "the last line of the transcript is cut off";
        self.listener.take(Happening::Remark { at: self.at, id: None, text });
    }

    fn number(&self, line: &Line<'_>) -> Result<u64, TranscriptError> {
        line.connection.ok_or_else(|| self.wrong("a \"connection\" with its number", "none"))
    }

    fn by(&self, line: &Line<'_>) -> Result<Side, TranscriptError> {
        let found = line.by.as_deref();
        found.and_then(line::read_side).ok_or_else(|| {
            let found = found.map_or_else(|| "none".to_owned(), |word| format!("{word:?}"));
            self.wrong("\"by\":\"dialler\" or \"answerer\"", &found)
        })
    }

    /// A line without a time is of the same time as the one before.
    fn time(&self, line: &Line<'_>) -> Result<At, TranscriptError> {
        let Some(text) = line.at.as_deref() else { return Ok(self.at) };
        line::read_time(text).ok_or_else(|| {
            self.wrong("\"at\" with a time such as 2026-11-26T10:00:00.123456Z", &format!("{text:?}"))
        })
    }

    fn wrong(&self, expected: &'static str, found: &str) -> TranscriptError {
        let found = found.chars().take(FOUND_CHARS_MAX).collect();
        TranscriptError::Line { line: self.line, expected, found }
    }
}
