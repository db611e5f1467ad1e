//! [`Reader`]: bytes as they arrive → the header, elements and end of a stream.
//!
//! This file knows where in the stream we are and which piece of markup has begun. What a tag says is read in
//! `tag` and `start`, namespaces are kept in `scope`, character data is in `text`, `&…;` in `reference`.
//!
//! Each byte is taken once: text goes to its canonical place at once, and of a tag that is not complete yet
//! the bytes are kept together with how far the search for its end has come. The outcome does not depend on
//! how the bytes were split. When nothing is unfinished, nothing is held.

mod bang;
mod declaration;
mod reference;
mod scope;
mod start;
mod tag;
#[cfg(test)]
mod tests;
mod text;

use quick_xml::parser::{ElementParser, Parser, PiParser};

use self::bang::{Bang, Begun};
use self::reference::Reference;
use self::scope::Scope;
use self::tag::RawAttribute;
use self::text::{CData, Pending};
use crate::assembly::Assembly;
use crate::{Element, Error, Flaw, Header, Limit, Limits, Restriction, chars};

/// What a stream consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The stream header.
    Open(Header),
    /// A complete top-level element.
    Element(Element),
    /// White space between top-level elements (RFC 6120 §4.6.1); once for all that is there at one time.
    KeepAlive,
    /// The end tag of the stream.
    Close,
}

/// Reads one stream. A stream restart takes a new reader, or [`reset`](Self::reset).
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    place: Place,
    mode: Mode,
    /// Bytes since the `<` of the top-level element; before the header: since the beginning.
    used: usize,
    /// The beginning of a tag whose end has not arrived, without its `<`.
    partial: Vec<u8>,
    pending: Pending,
    assembly: Assembly,
    scope: Scope,
    /// The attributes of the tag at hand; kept for its memory only.
    attributes: Vec<RawAttribute>,
    /// The header's name, if it is not `stream:stream`.
    header_name: Option<Box<str>>,
    failed: Option<Error>,
    #[cfg(test)]
    visited: usize,
}

/// Where in the stream the next byte belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing has come.
    Start,
    /// Before the header.
    Prolog,
    /// In the stream, between elements.
    Between,
    /// Inside a top-level element.
    Within,
    /// Behind a header that was an empty element: the end is still to be told.
    Ending,
    /// Behind the end.
    Ended,
}

/// What a step completed. The element itself waits in the assembly until it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    Header,
    Element,
    KeepAlive,
    Close,
}

/// What has begun.
#[derive(Debug, Clone, Copy)]
enum Mode {
    Text,
    /// Behind `&`.
    Reference(Reference),
    CData(CData),
    /// Behind `<`.
    Markup,
    /// Behind `<!`.
    Bang(Bang),
    StartTag(ElementParser),
    EndTag,
    /// Behind `<?` at the very start.
    Declaration(PiParser),
}

impl Reader {
    /// A reader at the beginning of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            place: Place::Start,
            mode: Mode::Text,
            used: 0,
            partial: Vec::new(),
            pending: Pending::default(),
            assembly: Assembly::default(),
            scope: Scope::default(),
            attributes: Vec::new(),
            header_name: None,
            failed: None,
            #[cfg(test)]
            visited: 0,
        }
    }

    /// Sets other limits; they hold from the next byte on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Begins anew with the next byte, under the same limits.
    pub fn reset(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Whether no top-level element, and no other piece of markup, has begun and not ended.
    pub fn is_at_boundary(&self) -> bool {
        self.place != Place::Within && matches!(self.mode, Mode::Text)
    }

    /// Takes bytes from the front of `input` until one event is complete; what is behind it stays in `input`.
    /// `None` means that all was taken and more is needed.
    ///
    /// # Errors
    /// The stream breaks XML, RFC 6120 §11, or a limit. It can't be read on: from then on the same error is
    /// returned.
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let event = match self.advance(input) {
            Ok(Progress::More) => None,
            Ok(Progress::Header) => Some(Event::Open(self.take_header())),
            Ok(Progress::Element) => Some(Event::Element(self.assembly.take())),
            Ok(Progress::KeepAlive) => Some(Event::KeepAlive),
            Ok(Progress::Close) => Some(Event::Close),
            Err(error) => {
                self.failed = Some(error);
                self.release();
                return Err(error);
            }
        };
        if input.is_empty() && self.is_at_boundary() {
            self.release();
        }
        Ok(event)
    }

    fn take_header(&mut self) -> Header {
        let prefix = match &self.header_name {
            None => "stream",
            Some(name) => name.split_once(':').map_or("", |(prefix, _)| prefix),
        };
        Header::new(self.assembly.take(), prefix, self.scope.default_name())
    }

    /// Reads exactly one element as it would stand in an ordinary stream.
    pub(crate) fn read_alone(mut input: &[u8], limits: Limits) -> Result<Element, Error> {
        let mut reader = Self::new(limits);
        reader.place = Place::Between;
        reader.scope.set_usual_header();
        let mut element = None;
        while let Some(event) = reader.read(&mut input)? {
            match event {
                Event::KeepAlive => {}
                Event::Element(one) if element.is_none() => element = Some(one),
                _ => return Err(Flaw::Trailing.into()),
            }
        }
        match element {
            Some(element) if reader.is_at_boundary() => Ok(element),
            Some(_) => Err(Flaw::Trailing.into()),
            None => Err(Flaw::Unfinished.into()),
        }
    }

    /// Gives back the memory that only an unfinished element needs.
    fn release(&mut self) {
        self.partial = Vec::new();
        self.attributes = Vec::new();
        self.assembly.release();
        self.scope.release();
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Progress, Error> {
        if self.place == Place::Ending {
            self.place = Place::Ended;
            return Ok(Progress::Close);
        }
        while !input.is_empty() {
            let between = matches!(self.mode, Mode::Text) && self.place != Place::Within;
            let progress = if between { self.between(input)? } else { self.within_markup(input)? };
            if progress != Progress::More {
                return Ok(progress);
            }
        }
        Ok(Progress::More)
    }

    /// White space outside elements, and the `<` that ends it.
    fn between(&mut self, input: &mut &[u8]) -> Result<Progress, Error> {
        let bytes = *input;
        let space = bytes.iter().position(|&byte| !chars::is_space(byte)).unwrap_or(bytes.len());
        self.visit(space);
        *input = &bytes[space..];
        match self.place {
            Place::Start | Place::Prolog => {
                self.used += space;
                if self.used > self.limits.element_bytes_max {
                    return Err(Limit::Bytes.into());
                }
                if space > 0 {
                    self.place = Place::Prolog;
                }
            }
            Place::Between if space > 0 => return Ok(Progress::KeepAlive),
            _ => self.used = 0,
        }
        match input.first() {
            None => Ok(Progress::More),
            Some(b'<') if self.place != Place::Ended => {
                *input = &input[1..];
                self.used += 1;
                self.mode = Mode::Markup;
                Ok(Progress::More)
            }
            Some(&byte) => Err(self.stray(byte)),
        }
    }

    /// What a byte means that neither is white space nor begins markup.
    fn stray(&self, byte: u8) -> Error {
        match (self.place, byte) {
            // The first byte of UTF-16, with and without a byte order mark.
            (Place::Start, 0xFE | 0xFF | 0) => Error::UnsupportedEncoding,
            (_, 0x80..=0xC1 | 0xF5..) => Flaw::InvalidUtf8.into(),
            (_, byte) if chars::classes_of(&[byte]) & chars::FORBIDDEN != 0 => {
                Flaw::ForbiddenCharacter.into()
            }
            (Place::Start | Place::Prolog, _) => Flaw::TextBeforeRoot.into(),
            (Place::Ended, _) => Flaw::Trailing.into(),
            _ => Error::StrayText,
        }
    }

    /// One step inside a top-level element or a piece of markup, within the bytes that it may still have.
    fn within_markup(&mut self, input: &mut &[u8]) -> Result<Progress, Error> {
        let left = self.limits.element_bytes_max.saturating_sub(self.used);
        if left == 0 {
            return Err(Limit::Bytes.into());
        }
        let window = &input[..input.len().min(left)];
        let (taken, progress) = self.step(window)?;
        self.used += taken;
        *input = &input[taken..];
        Ok(progress)
    }

    /// Takes bytes from the front of `window`; returns how many, and what they completed.
    fn step(&mut self, window: &[u8]) -> Result<(usize, Progress), Error> {
        match self.mode {
            Mode::Text => Ok((self.text(window)?, Progress::More)),
            Mode::Reference(reference) => Ok((self.reference(reference, window[0])?, Progress::More)),
            Mode::CData(cdata) => Ok((self.cdata(cdata, window)?, Progress::More)),
            Mode::Markup => Ok((self.markup(window[0])?, Progress::More)),
            Mode::Bang(bang) => Ok((self.bang(bang, window[0])?, Progress::More)),
            Mode::StartTag(mut parser) => {
                let end = parser.feed(window);
                self.mode = Mode::StartTag(parser);
                self.tag(window, end, Self::start_tag)
            }
            Mode::EndTag => self.tag(window, memchr::memchr(b'>', window), Self::end_tag),
            Mode::Declaration(mut parser) => {
                let end = parser.feed(window);
                self.mode = Mode::Declaration(parser);
                let result = self.tag(window, end, Self::declaration)?;
                declaration::check_begun(&self.partial)?;
                Ok(result)
            }
        }
    }

    /// The byte behind `<`.
    fn markup(&mut self, byte: u8) -> Result<usize, Error> {
        let (mode, taken) = match byte {
            b'/' => (Mode::EndTag, 1),
            b'!' => (Mode::Bang(Bang::default()), 1),
            b'?' if self.place == Place::Start => (Mode::Declaration(PiParser::default()), 1),
            b'?' => return Err(Restriction::ProcessingInstruction.into()),
            _ => (Mode::StartTag(ElementParser::default()), 0),
        };
        self.mode = mode;
        Ok(taken)
    }

    /// A byte behind `<!`.
    fn bang(&mut self, bang: Bang, byte: u8) -> Result<usize, Error> {
        self.mode = match bang.feed(byte)? {
            Begun::More(bang) => Mode::Bang(bang),
            Begun::CData if self.place == Place::Within => Mode::CData(CData::default()),
            Begun::CData if self.place == Place::Between => return Err(Error::StrayText),
            Begun::CData => return Err(Flaw::TextBeforeRoot.into()),
        };
        Ok(1)
    }

    /// Bytes of a tag: reads it when its end (the place of its `>`) is here, else keeps them.
    fn tag(
        &mut self,
        window: &[u8],
        end: Option<usize>,
        read: fn(&mut Self, &[u8]) -> Result<Progress, Error>,
    ) -> Result<(usize, Progress), Error> {
        self.visit(end.unwrap_or(window.len()));
        let Some(end) = end else {
            self.partial.extend_from_slice(window);
            return Ok((window.len(), Progress::More));
        };
        self.mode = Mode::Text;
        let progress = if self.partial.is_empty() {
            read(self, &window[..end])?
        } else {
            let mut whole = std::mem::take(&mut self.partial);
            whole.extend_from_slice(&window[..end]);
            let progress = read(self, &whole)?;
            whole.clear();
            self.partial = whole;
            progress
        };
        Ok((end + 1, progress))
    }

    /// What stands between `</` and `>`.
    fn end_tag(&mut self, tag: &[u8]) -> Result<Progress, Error> {
        if self.place != Place::Within {
            return self.end_stream(tag::end_name(tag)?);
        }
        let (open_prefix, open) = (self.scope.open_prefix(), self.assembly.open_local_name());
        // As nearly always: the very bytes of the name.
        let is_same = open_prefix.is_empty() && open.as_bytes() == tag;
        if !is_same && tag::end_name(tag)? != (open_prefix, open) {
            return Err(Flaw::MismatchedEnd.into());
        }
        self.end_element()
    }

    fn end_stream(&mut self, (prefix, local): (&str, &str)) -> Result<Progress, Error> {
        let matches = match &self.header_name {
            None => (prefix, local) == ("stream", "stream"),
            Some(name) => name.split_once(':').unwrap_or(("", name)) == (prefix, local),
        };
        if self.place != Place::Between || !matches {
            return Err(Flaw::MismatchedEnd.into());
        }
        self.place = Place::Ended;
        Ok(Progress::Close)
    }

    /// Ends the innermost element; if that was the top-level one, it is complete.
    fn end_element(&mut self) -> Result<Progress, Error> {
        self.assembly.end();
        self.scope.leave();
        self.check_canonical_len()?;
        if self.assembly.depth() > 0 {
            return Ok(Progress::More);
        }
        self.place = Place::Between;
        Ok(Progress::Element)
    }

    fn check_canonical_len(&self) -> Result<(), Error> {
        if self.assembly.len() > self.limits.element_bytes_max { Err(Limit::Bytes.into()) } else { Ok(()) }
    }

    /// Counts bytes looked at, so that a test can show that the work is linear.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "it counts in tests only"))]
    #[inline]
    fn visit(&mut self, bytes: usize) {
        #[cfg(test)]
        {
            self.visited += bytes;
        }
        #[cfg(not(test))]
        let _ = bytes;
    }
}
