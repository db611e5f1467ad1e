//! [`ExactReader`]: one side's stream read as strictly as a server would, on demand.
//!
//! `framing` finds elements quickly and changes nothing; here the same octets go through the reader of the server and client
//! (`chatdev-xml`, RFC 6120 §11), which knows namespaces and says what is wrong. Since a reader between two elements remembers only the
//! header, elements may be left out: only those are read that somebody wants to look into.

use chatdev_xml::{Element, Error, Event, Header, Limits, Reader, write_header};

/// What an exact reading found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exact {
    /// Nobody asked, or there is no XML.
    Unread,
    /// A stream header.
    Header(Header),
    /// An element.
    Element(Element),
    /// It breaks XML, or what RFC 6120 §11 makes of it.
    Flawed(Error),
}

impl Exact {
    /// The element, if it is one.
    #[must_use]
    pub fn element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }
}

/// The longest header that is remembered, in octets; behind a longer one the usual is assumed.
const HEADER_OCTETS_MAX: usize = 64 * 1024;

/// See the file's documentation.
#[derive(Debug, Default)]
pub struct ExactReader {
    /// The header, as it came; none where the beginning was not seen.
    header: Option<Box<str>>,
    /// Behind the header, and ready for an element.
    reader: Option<Box<Reader>>,
}

impl ExactReader {
    /// Takes a header: all elements to come are in its scope.
    pub fn header(&mut self, text: &str, is_wanted: bool) -> Exact {
        self.header = (text.len() <= HEADER_OCTETS_MAX).then(|| text.into());
        self.reader = None;
        if is_wanted { self.open().map_or_else(Exact::Flawed, Exact::Header) } else { Exact::Unread }
    }

    /// Reads one element.
    pub fn element(&mut self, text: &str) -> Exact {
        if self.reader.is_none()
            && let Err(error) = self.open()
        {
            return Exact::Flawed(error);
        }
        let mut reader = self.reader.take().expect("opened above");
        let mut rest = text.as_bytes();
        match reader.read(&mut rest) {
            Ok(Some(Event::Element(element))) if rest.is_empty() => {
                self.reader = Some(reader);
                Exact::Element(element)
            }
            Err(error) => Exact::Flawed(error),
            // The framer took it for one element: its tags do not match.
            Ok(_) => Exact::Flawed(chatdev_xml::Flaw::MismatchedEnd.into()),
        }
    }

    /// A new reader behind the header.
    fn open(&mut self) -> Result<Header, Error> {
        let mut usual = Vec::new();
        let mut octets = match &self.header {
            Some(header) => header.as_bytes(),
            None => {
                write_header(&mut usual, &[]);
                &usual
            }
        };
        let mut reader = Box::new(Reader::new(Limits::WRITTEN_BY_US));
        match reader.read(&mut octets)? {
            Some(Event::Open(header)) => {
                self.reader = Some(reader);
                Ok(header)
            }
            _ => Err(chatdev_xml::Flaw::Unfinished.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_in_the_scope_of_their_header_and_may_be_left_out() {
        let mut reader = ExactReader::default();
        let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='urn:x'>";
        assert!(matches!(reader.header(header, true), Exact::Header(_)));
        let read = reader.element("<message><x:y/></message>");
        assert!(read.element().unwrap().child("urn:x", "y").is_some());
        assert!(matches!(reader.element("<message><z:y/></message>"), Exact::Flawed(_)));
        assert!(matches!(reader.element("<a><b></a></b>"), Exact::Flawed(_)));
        assert!(reader.element("<message><x:y/></message>").element().is_some());
    }

    #[test]
    fn without_a_header_the_usual_one_is_assumed() {
        let read = ExactReader::default().element("<stream:features/>");
        assert_eq!(read.element().unwrap().namespace(), "http://etherx.jabber.org/streams");
    }
}
