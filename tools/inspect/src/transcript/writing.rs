//! Happenings to lines.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::VERSION;
use super::line::{self, Head, Line, Opened};
use crate::model::{At, ConnectionId, Ending, Happening, Layer, Side};
use crate::visible;

/// Octets of one `text`; longer ones become several lines.
const TEXT_OCTETS_MAX: usize = 256 * 1024;
/// Octets of the longest character in UTF-8, but one.
const BEGUN_MAX: usize = 3;

/// Writes a transcript, one line for each happening.
///
/// A character whose octets come in two pieces stands in the line of the second one.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    /// Per side of a connection, where the last piece ended within a character; bounded by those connections.
    begun: BTreeMap<(ConnectionId, Side), Begun>,
}

/// The octets of a character that are there.
#[derive(Debug)]
struct Begun {
    at: At,
    layer: Layer,
    octets: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a transcript, in the name of the program that writes it (`chatdev-inspect 0.1.0`).
    ///
    /// # Errors
    /// It could not be written.
    pub fn new(mut out: W, by: &str, at: At) -> io::Result<Self> {
        write_line(&mut out, &Head { transcript: VERSION, by, at: line::write_time(at) })?;
        Ok(Self { out, begun: BTreeMap::new() })
    }

    /// Writes what happened.
    ///
    /// # Errors
    /// It could not be written.
    pub fn write(&mut self, happening: &Happening<'_>) -> io::Result<()> {
        match *happening {
            Happening::Opened { at, id, ends, from_start } => {
                self.line(at, id, Line { opened: Some(Opened::new(ends, from_start)), ..Line::default() })
            }
            Happening::Octets { at, id, side, layer, octets } => self.said(at, id, side, layer, octets),
            Happening::Missing { at, id, side, octets } => {
                self.flush_character(id, side)?;
                let by = Some(line::side_word(side).into());
                self.line(at, id, Line { by, missing: Some(octets), ..Line::default() })
            }
            Happening::Ended { at, id, how } => {
                let (ended, by) = match how {
                    Ending::Finished(side) => (line::side_word(side), None),
                    Ending::Reset(side) => ("reset", Some(line::side_word(side))),
                    Ending::Abandoned => ("unknown", None),
                };
                for side in Side::BOTH {
                    if how == Ending::Finished(side.other()) {
                        continue;
                    }
                    self.flush_character(id, side)?;
                }
                self.line(
                    at,
                    id,
                    Line { ended: Some(ended.into()), by: by.map(Into::into), ..Line::default() },
                )
            }
            Happening::Remark { at, id, text } => {
                let connection = id.map(|id| u64::from(id.0));
                let at = Some(line::write_time(at).into());
                write_line(
                    &mut self.out,
                    &Line { at, connection, note: Some(text.into()), ..Line::default() },
                )
            }
        }
    }

    /// Lets whoever reads along see what there is.
    ///
    /// # Errors
    /// It could not be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends it; gives back what it was written to.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(mut self) -> io::Result<W> {
        while let Some((&(id, side), _)) = self.begun.first_key_value() {
            self.flush_character(id, side)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn said(&mut self, at: At, id: ConnectionId, side: Side, layer: Layer, octets: &[u8]) -> io::Result<()> {
        if self.begun.get(&(id, side)).is_some_and(|begun| begun.layer != layer) {
            self.flush_character(id, side)?;
        }
        let joined;
        let octets = match self.begun.remove(&(id, side)) {
            None => octets,
            Some(begun) => {
                joined = [&begun.octets, octets].concat();
                &joined
            }
        };
        let (whole, begun) = octets.split_at(octets.len() - begun_character(octets));
        if !begun.is_empty() {
            self.begun.insert((id, side), Begun { at, layer, octets: begun.to_vec() });
        }
        self.pieces(at, id, side, layer, whole)
    }

    /// As text what is text; the rest as base64.
    fn pieces(
        &mut self,
        at: At,
        id: ConnectionId,
        side: Side,
        layer: Layer,
        octets: &[u8],
    ) -> io::Result<()> {
        let of = |line| Line {
            by: Some(line::side_word(side).into()),
            layer: Some(line::layer_word(layer).into()),
            ..line
        };
        for chunk in octets.utf8_chunks() {
            let mut text = chunk.valid();
            while !text.is_empty() {
                let (piece, rest) = text.split_at(text.floor_char_boundary(TEXT_OCTETS_MAX));
                self.line(at, id, of(Line { text: Some(Cow::Borrowed(piece)), ..Line::default() }))?;
                text = rest;
            }
            if !chunk.invalid().is_empty() {
                let base64 = Some(STANDARD.encode(chunk.invalid()).into());
                self.line(at, id, of(Line { base64, ..Line::default() }))?;
            }
        }
        Ok(())
    }

    /// The rest of a character will not come.
    fn flush_character(&mut self, id: ConnectionId, side: Side) -> io::Result<()> {
        match self.begun.remove(&(id, side)) {
            None => Ok(()),
            Some(Begun { at, layer, octets }) => self.pieces(at, id, side, layer, &octets),
        }
    }

    fn line(&mut self, at: At, id: ConnectionId, line: Line<'_>) -> io::Result<()> {
        let at = Some(line::write_time(at).into());
        write_line(&mut self.out, &Line { at, connection: Some(u64::from(id.0)), ..line })
    }
}

/// Octets at the end that may be the beginning of a character.
fn begun_character(octets: &[u8]) -> usize {
    let tail = &octets[octets.len().saturating_sub(BEGUN_MAX)..];
    match tail.utf8_chunks().last().map(|chunk| chunk.invalid()) {
        Some(rest) if matches!(std::str::from_utf8(rest), Err(error) if error.error_len().is_none()) => {
            rest.len()
        }
        _ => 0,
    }
}

fn write_line(out: &mut impl Write, line: &impl serde::Serialize) -> io::Result<()> {
    visible::write_json(out, line)
}
