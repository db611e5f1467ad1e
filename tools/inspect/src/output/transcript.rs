//! [`TranscriptOutput`]: entries as a transcript, which can be read again: what was chosen and redacted, and nothing else.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use super::{Output, Summary};
use crate::entry::{Entry, Kind};
use crate::model::{At, ConnectionId, End, Ending, Happening, Side};
use crate::transcript::Writer;

/// See the file's documentation.
pub struct TranscriptOutput<W: Write> {
    writer: Writer<W>,
    /// Connections that were begun, and which of their sides have ended.
    begun: BTreeMap<ConnectionId, [bool; 2]>,
}

impl<W: Write> TranscriptOutput<W> {
    /// Writes to `out`. `at` is the time that stands at its head: 0 for one that has none.
    ///
    /// # Errors
    /// It could not be written.
    pub fn new(out: W) -> io::Result<Self> {
        let by = concat!("chatdev-inspect ", env!("CARGO_PKG_VERSION"));
        Ok(Self { writer: Writer::new(out, by, At(0))?, begun: BTreeMap::new() })
    }

    fn begin(&mut self, id: ConnectionId, entry: &Entry<'_>) -> io::Result<()> {
        if self.begun.contains_key(&id) {
            return Ok(());
        }
        self.begun.insert(id, [false; 2]);
        let end = |label: &str| match label.parse() {
            Ok(address) => End { address: Some(address), name: None },
            Err(_) => End { address: None, name: Some(Arc::from(label)) },
        };
        let ends = [end(&entry.ends[0]), end(&entry.ends[1])];
        let from_start = entry.kind == Kind::Connection && entry.title == "opened";
        self.writer.write(&Happening::Opened { at: entry.at, id, ends: &ends, from_start })
    }

    fn end(&mut self, id: ConnectionId, entry: &Entry<'_>) -> io::Result<()> {
        let how = match (&*entry.title, entry.side) {
            ("closed", Some(side)) => Ending::Finished(side),
            ("reset", Some(side)) => Ending::Reset(side),
            ("not seen any more", _) => Ending::Abandoned,
            _ => return Ok(()),
        };
        let is_over = match how {
            Ending::Finished(side) => {
                let ended = self.begun.entry(id).or_default();
                ended[side.index()] = true;
                *ended == [true; 2]
            }
            _ => true,
        };
        if is_over {
            self.begun.remove(&id);
        }
        self.writer.write(&Happening::Ended { at: entry.at, id, how })
    }
}

impl<W: Write> Output for TranscriptOutput<W> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let at = entry.at;
        let Some(id) = entry.connection else {
            return self.writer.write(&Happening::Remark { at, id: None, text: &entry.detail });
        };
        self.begin(id, entry)?;
        let side = entry.side.unwrap_or(Side::Dialler);
        match entry.kind {
            Kind::Connection => self.end(id, entry),
            // How many there were is in the words only.
            Kind::Missing => {
                let octets = entry.detail.split(' ').next().and_then(|count| count.parse().ok());
                self.writer.write(&Happening::Missing { at, id, side, octets })
            }
            Kind::Remark => self.writer.write(&Happening::Remark { at, id: Some(id), text: &entry.detail }),
            Kind::Tls if entry.raw.is_empty() => {
                let text = format!("{}: {}", entry.title, entry.detail);
                self.writer.write(&Happening::Remark { at, id: Some(id), text: &text })
            }
            _ => {
                self.writer.write(&Happening::Octets { at, id, side, layer: entry.layer, octets: &entry.raw })
            }
        }
    }

    fn pause(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.writer.flush()
    }
}
