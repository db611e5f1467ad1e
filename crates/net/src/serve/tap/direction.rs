//! Bytes of one direction of a connection, in whatever pieces → what was said, one element at a time.
//!
//! What is told is what was written, byte for byte; only an element that holds a secret is told in canonical form,
//! without it. A connection carries several streams, one after the other (RFC 6120 §4.3.3): TLS is told from outside
//! ([`Direction::restart`]), a new stream after SASL is recognised here.

use chatdev_xml::{Element, Error, Event, Limits, NS_STREAMS, Reader};

use super::redact::{NS_SASL, redacted};

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Direction {
    limits: Limits,
    /// Reads the stream; `None` once it cannot be read on.
    reader: Option<Reader>,
    /// Reads what follows an element of SASL, in case that it is a new stream.
    newcomer: Option<Reader>,
    /// What was said of the piece that is not complete.
    begun: Vec<u8>,
    /// Bytes that were passed over because they could not be read.
    passed_over: u64,
}

/// What there is to tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// XML, without its secrets.
    Text {
        text: String,
        /// How many bytes it was, with its secrets.
        octets: u64,
    },
    /// From here on nothing can be read.
    Unreadable(Error),
}

impl Direction {
    pub(super) fn new(limits: Limits) -> Self {
        let reader = Some(Reader::new(limits));
        Self { limits, reader, newcomer: None, begun: Vec::new(), passed_over: 0 }
    }

    /// Reads all of `bytes`.
    pub(super) fn take(&mut self, mut bytes: &[u8], tell: &mut impl FnMut(Piece)) {
        while !bytes.is_empty() {
            if self.newcomer.is_some() {
                self.look_for_stream(&mut bytes, tell);
            } else {
                self.read(&mut bytes, tell);
            }
        }
    }

    /// A new stream begins, or the connection is over. Returns how many bytes were said and never told.
    pub(super) fn restart(&mut self) -> u64 {
        let ended = std::mem::replace(self, Self::new(self.limits));
        ended.passed_over + ended.begun.len() as u64
    }

    fn read(&mut self, bytes: &mut &[u8], tell: &mut impl FnMut(Piece)) {
        let Some(reader) = &mut self.reader else {
            self.passed_over += bytes.len() as u64;
            *bytes = &[];
            return;
        };
        let before = *bytes;
        match reader.read(bytes) {
            Ok(event) => {
                // White space behind the end of a stream is no event, and no end either.
                let is_space = || reader.is_at_boundary() && before.iter().all(u8::is_ascii_whitespace);
                let is_whole = event.is_some() || (self.begun.is_empty() && is_space());
                self.begun.extend_from_slice(&before[..before.len() - bytes.len()]);
                if is_whole {
                    self.tell_begun(event.as_ref(), tell);
                }
            }
            Err(error) => {
                self.passed_over += (self.begun.len() + before.len()) as u64;
                self.begun = Vec::new();
                self.reader = None;
                *bytes = &[];
                tell(Piece::Unreadable(error));
            }
        }
    }

    /// Behind an element of SASL there is another one, or the header of a new stream (RFC 6120 §6.4.6). To the reader
    /// of the old stream that would be one more element, without an end.
    fn look_for_stream(&mut self, bytes: &mut &[u8], tell: &mut impl FnMut(Piece)) {
        let Some(newcomer) = &mut self.newcomer else { return };
        let before = *bytes;
        let event = newcomer.read(bytes);
        match event {
            Ok(None) => self.begun.extend_from_slice(before),
            Ok(Some(Event::Open(header)))
                if (header.namespace(), header.name()) == (NS_STREAMS, "stream") =>
            {
                self.reader = self.newcomer.take();
                self.begun.extend_from_slice(&before[..before.len() - bytes.len()]);
                self.tell_begun(None, tell);
            }
            Ok(Some(_)) | Err(_) => {
                self.newcomer = None;
                *bytes = before;
                let begun = std::mem::take(&mut self.begun);
                let mut held = &begun[..];
                while !held.is_empty() {
                    self.read(&mut held, tell);
                }
            }
        }
    }

    /// What has begun is complete: as `event`, where that matters.
    fn tell_begun(&mut self, event: Option<&Event>, tell: &mut impl FnMut(Piece)) {
        let said = std::mem::take(&mut self.begun);
        let octets = said.len() as u64;
        let element = match event {
            Some(Event::Element(element)) => Some(element),
            _ => None,
        };
        if element.is_some_and(|element| element.namespace() == NS_SASL) {
            self.newcomer = Some(Reader::new(self.limits));
        }
        let text = match element.and_then(redacted) {
            Some(redacted) => Element::as_str(&redacted).to_owned(),
            // The reader took it, so it is UTF-8.
            None => String::from_utf8_lossy(&said).into_owned(),
        };
        // The end of a stream whose header was an empty element stands nowhere.
        if !text.is_empty() {
            tell(Piece::Text { text, octets });
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdev_xml::Flaw;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                          xmlns:stream='http://etherx.jabber.org/streams' to=\"localhost\" version='1.0'>";
    const AUTH: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAcGVuY2ls</auth>";
    const AUTH_TOLD: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>…</auth>";
    const RESPONSE: &str = "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1iaXdz</response>";
    const RESPONSE_TOLD: &str = "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</response>";

    fn told(direction: &mut Direction, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        direction.take(bytes, &mut |piece| pieces.push(piece));
        pieces
    }

    fn texts(pieces: &[Piece]) -> Vec<&str> {
        fn text(piece: &Piece) -> &str {
            match piece {
                Piece::Text { text, .. } => text,
                Piece::Unreadable(_) => "unreadable",
            }
        }
        pieces.iter().map(text).collect()
    }

    fn octets(pieces: &[Piece]) -> u64 {
        let of = |piece: &Piece| if let Piece::Text { octets, .. } = piece { *octets } else { 0 };
        pieces.iter().map(of).sum()
    }

    fn direction() -> Direction {
        Direction::new(Limits::AFTER_SIGN_IN)
    }

    #[test]
    fn what_was_said_is_told_as_it_was_written() {
        let message = "<message  to=\"bob\"><body><![CDATA[1 < 2]]></body></message>";
        let said = [HEADER, "\n", message, "<presence />", " ", "</stream:stream>", "\n"];
        let mut direction = direction();
        let pieces = told(&mut direction, said.concat().as_bytes());
        assert_eq!(texts(&pieces), said);
        assert_eq!(octets(&pieces), said.concat().len() as u64);
        assert_eq!(direction.restart(), 0);
    }

    #[test]
    fn a_stream_that_begins_anew_after_sasl_is_read_on() {
        let said = [HEADER, AUTH, RESPONSE, RESPONSE, HEADER, "<iq/>", "</stream:stream>"].concat();
        let expected = [HEADER, AUTH_TOLD, RESPONSE_TOLD, RESPONSE_TOLD, HEADER, "<iq/>", "</stream:stream>"];
        assert_eq!(texts(&told(&mut direction(), said.as_bytes())), expected);
    }

    #[test]
    fn white_space_without_end_is_told_and_not_kept() {
        for begun in [String::new(), HEADER.to_owned(), HEADER.to_owned() + "</stream:stream>"] {
            let mut direction = direction();
            told(&mut direction, begun.as_bytes());
            for _ in 0..3 {
                assert_eq!(texts(&told(&mut direction, b" \n")), [" \n"], "behind {begun:?}");
            }
            assert!(direction.begun.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_not_told() {
        let mut direction = direction();
        let bad = "<password>x</passwort>";
        let pieces = told(&mut direction, [HEADER, "<iq/>", bad].concat().as_bytes());
        assert_eq!(texts(&pieces), [HEADER, "<iq/>", "unreadable"]);
        assert_eq!(pieces[2], Piece::Unreadable(Flaw::MismatchedEnd.into()));
        assert_eq!(told(&mut direction, b"<password>secret</password>"), []);
        assert_eq!(direction.restart(), bad.len() as u64 + 27);
        assert_eq!(texts(&told(&mut direction, HEADER.as_bytes())), [HEADER], "a new stream is read again");
    }

    #[test]
    fn more_than_the_limits_is_not_kept() {
        let mut direction = Direction::new(Limits::BEFORE_SIGN_IN);
        told(&mut direction, HEADER.as_bytes());
        let piece = vec![b'a'; 4096];
        told(&mut direction, b"<a>");
        for _ in 0..16 {
            told(&mut direction, &piece);
            assert!(direction.begun.len() <= Limits::BEFORE_SIGN_IN.element_bytes_max);
        }
        assert_eq!(direction.restart(), 3 + 16 * 4096);
        // The same for what could be a new stream.
        told(&mut direction, [HEADER, AUTH, "<stream:stream a='"].concat().as_bytes());
        for _ in 0..16 {
            told(&mut direction, &piece);
            assert!(direction.begun.len() <= 2 * Limits::BEFORE_SIGN_IN.element_bytes_max);
        }
        assert_eq!(direction.restart(), 18 + 16 * 4096);
    }

    /// In which pieces the bytes come must not matter.
    fn torn(said: &str, cuts: &[usize]) -> (Vec<Piece>, u64) {
        let mut direction = direction();
        let mut pieces = Vec::new();
        let mut from = 0;
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (said.len() + 1)).collect();
        cuts.sort_unstable();
        for to in cuts.into_iter().chain([said.len()]) {
            pieces.extend(told(&mut direction, &said.as_bytes()[from..to]));
            from = to;
        }
        (pieces, direction.restart())
    }

    proptest! {
        #[test]
        fn the_pieces_in_which_bytes_come_change_nothing(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<iq/>", "<message><body>ü &amp;</body></message>", AUTH, RESPONSE, HEADER, "</stream:stream>",
                "<a><password>secret</password></a>", "<!-- -->", "<a", "</a>", "x",
            ]), 0..8),
            cuts in prop::collection::vec(any::<usize>(), 0..12),
        ) {
            let said = HEADER.to_owned() + &parts.concat();
            let whole = torn(&said, &[]);
            prop_assert_eq!(&torn(&said, &cuts), &whole);
            // Every byte is told or counted, and no secret is told.
            prop_assert_eq!(octets(&whole.0) + whole.1, said.len() as u64);
            for text in texts(&whole.0) {
                prop_assert!(!["AGEAcGVuY2ls", "Yz1iaXdz", "secret"].iter().any(|secret| text.contains(secret)), "{}", text);
            }
        }
    }
}
