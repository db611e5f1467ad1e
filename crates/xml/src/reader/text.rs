//! Character data: UTF-8 (also split), forbidden characters, ends of lines (XML 1.0 §2.11), `]]>`, CDATA
//! sections. Goes straight to its canonical place.

use super::reference::{Reference, Referred};
use super::{Mode, Reader};
use crate::chars::{self, APOSTROPHE, BEYOND_ASCII, BLANK};
use crate::escape::escape_text;
use crate::{Error, Flaw};

/// What of the text so far still matters to the next byte.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The beginning of a character.
    bytes: [u8; 4],
    len: usize,
    /// A carriage return was the last character: a line feed behind it is the same end of line.
    after_return: bool,
    /// How many `]` were last, at most 2.
    brackets: usize,
}

/// Inside a CDATA section: how many `]` have come that may belong to its end, at most 2.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CData {
    brackets: usize,
}

impl Reader {
    /// Takes text up to the next markup or reference; returns how many bytes.
    pub(super) fn text(&mut self, window: &[u8]) -> Result<usize, Error> {
        if self.pending.len > 0 {
            return self.complete_character(window[0]);
        }
        let end = memchr::memchr2(b'<', b'&', window);
        let run = &window[..end.unwrap_or(window.len())];
        self.visit(run.len());
        if !run.is_empty() {
            self.run(run, end.is_none())?;
        }
        let Some(end) = end else {
            return Ok(window.len());
        };
        self.pending = Pending::default();
        self.mode = if window[end] == b'<' { Mode::Markup } else { Mode::Reference(Reference::default()) };
        Ok(end + 1)
    }

    /// Takes a byte of a reference.
    pub(super) fn reference(&mut self, reference: Reference, byte: u8) -> Result<usize, Error> {
        self.mode = match reference.feed(byte)? {
            Referred::More(more) => Mode::Reference(more),
            Referred::Char(c) => {
                escape_text(self.assembly.text_mut(), c.encode_utf8(&mut [0; 4]));
                self.check_canonical_len()?;
                Mode::Text
            }
        };
        Ok(1)
    }

    /// Takes bytes of a CDATA section; returns how many.
    pub(super) fn cdata(&mut self, cdata: CData, window: &[u8]) -> Result<usize, Error> {
        if self.pending.len > 0 {
            return self.complete_character(window[0]);
        }
        if cdata.brackets > 0 {
            return self.cdata_end(cdata, window[0]);
        }
        let end = memchr::memchr(b']', window);
        let run = &window[..end.unwrap_or(window.len())];
        self.visit(run.len());
        if !run.is_empty() {
            self.run(run, end.is_none())?;
        }
        let Some(end) = end else {
            return Ok(window.len());
        };
        self.pending = Pending::default();
        self.mode = Mode::CData(CData { brackets: 1 });
        Ok(end + 1)
    }

    /// A byte behind one or two `]`.
    fn cdata_end(&mut self, cdata: CData, byte: u8) -> Result<usize, Error> {
        let (mode, brackets, taken) = match (byte, cdata.brackets) {
            (b'>', 2) => (Mode::Text, 0, 1),
            (b']', 1) => (Mode::CData(CData { brackets: 2 }), 0, 1),
            (b']', _) => (Mode::CData(cdata), 1, 1),
            (_, brackets) => (Mode::CData(CData::default()), brackets, 0),
        };
        self.mode = mode;
        self.push(&"]]"[..brackets])?;
        Ok(taken)
    }

    /// The next byte of a character that was split.
    fn complete_character(&mut self, byte: u8) -> Result<usize, Error> {
        let Pending { bytes, len, .. } = &mut self.pending;
        bytes[*len] = byte;
        *len += 1;
        let (bytes, len) = (*bytes, *len);
        match std::str::from_utf8(&bytes[..len]) {
            Ok(character) => {
                self.pending.len = 0;
                self.characters(character)?;
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => return Err(Flaw::InvalidUtf8.into()),
        }
        Ok(1)
    }

    /// A run of text; `open` if more of it may come, so that a character may be split at its end.
    fn run(&mut self, run: &[u8], open: bool) -> Result<(), Error> {
        let simple = chars::classes_of(run) & !(BLANK | APOSTROPHE | BEYOND_ASCII) == 0;
        if simple
            && !self.pending.after_return
            && let Ok(text) = std::str::from_utf8(run)
        {
            let brackets = run.iter().rev().take_while(|&&byte| byte == b']').count();
            let before = if brackets == run.len() { self.pending.brackets } else { 0 };
            self.pending.brackets = (before + brackets).min(2);
            return self.push(text);
        }
        let mut chunks = run.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.characters(chunk.valid())?;
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            let may_go_on = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if !(open && may_go_on && chunks.peek().is_none()) {
                return Err(Flaw::InvalidUtf8.into());
            }
            self.pending.bytes[..invalid.len()].copy_from_slice(invalid);
            self.pending.len = invalid.len();
        }
        Ok(())
    }

    /// Characters that may need care, one after the other.
    fn characters(&mut self, text: &str) -> Result<(), Error> {
        let in_cdata = matches!(self.mode, Mode::CData(_));
        let mut kept = 0;
        for (at, c) in text.char_indices() {
            let after_return = std::mem::take(&mut self.pending.after_return);
            let brackets = std::mem::take(&mut self.pending.brackets);
            let replacement = match c {
                ']' => {
                    self.pending.brackets = (brackets + 1).min(2);
                    continue;
                }
                '\r' => {
                    self.pending.after_return = true;
                    "\n"
                }
                '\n' if after_return => "",
                '&' => "&amp;",
                '<' => "&lt;",
                '>' if brackets < 2 || in_cdata => "&gt;",
                c if c != '>' && chars::is_char(c) => continue,
                c => {
                    self.push(&text[kept..at])?;
                    return Err(if c == '>' { Flaw::CDataEnd } else { Flaw::ForbiddenCharacter }.into());
                }
            };
            self.push(&text[kept..at])?;
            self.push(replacement)?;
            kept = at + c.len_utf8();
        }
        self.push(&text[kept..])
    }

    fn push(&mut self, canonical: &str) -> Result<(), Error> {
        self.assembly.raw(canonical);
        self.check_canonical_len()
    }
}
