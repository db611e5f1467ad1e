//! Follows one side's stream until sign-in, so that it can be cut where an element ends.

use chatdev_xml::{Error, Event, Limits, Reader};

use super::ELEMENT_OCTETS_MAX;

/// A stream that is followed. Of an element that is not whole nothing is given away.
#[derive(Debug)]
pub(super) struct Watch {
    reader: Reader,
    /// The beginning of what is not whole.
    held: Vec<u8>,
    failed: bool,
}

/// A piece of the stream.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its octets, as they were said.
    pub(super) octets: Vec<u8>,
    /// What they are; an error if the stream cannot be followed any more.
    pub(super) event: Result<Event, Error>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let limits = Limits { element_bytes_max: ELEMENT_OCTETS_MAX, ..Limits::AFTER_SIGN_IN };
        Self { reader: Reader::new(limits), held: Vec::new(), failed: false }
    }

    /// Takes octets from the front of `input`, until something is whole. Behind an error it takes nothing more.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Option<Piece> {
        if self.failed {
            return None;
        }
        let before = *input;
        let event = match self.reader.read(input) {
            Ok(None) => {
                self.held.extend_from_slice(before);
                return None;
            }
            Ok(Some(event)) => Ok(event),
            Err(error) => {
                *input = &[];
                self.failed = true;
                Err(error)
            }
        };
        let mut octets = std::mem::take(&mut self.held);
        octets.extend_from_slice(&before[..before.len() - input.len()]);
        // After sign-in, and for some servers after STARTTLS refused, a stream begins anew on the same connection.
        if matches!(event, Ok(Event::Close)) {
            self.reader.reset();
        }
        Some(Piece { octets, event })
    }

    /// What was not given away.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'> <a b='\u{e9}'/><c>d</c></stream:stream>";

    fn pieces(stream: &[u8], size: usize) -> (Vec<String>, usize) {
        let mut watch = Watch::new();
        let mut pieces = Vec::new();
        for mut input in stream.chunks(size) {
            while let Some(piece) = watch.next(&mut input) {
                pieces.push(String::from_utf8(piece.octets).unwrap());
            }
        }
        let held = watch.into_rest().len();
        (pieces, held)
    }

    #[test]
    fn pieces_are_whole_and_nothing_is_lost_or_changed() {
        for size in 1..STREAM.len() {
            let (pieces, held) = pieces(STREAM.as_bytes(), size);
            assert_eq!(pieces.concat(), STREAM);
            assert_eq!(held, 0);
            assert!(
                pieces.contains(&"<a b='\u{e9}'/>".to_owned()) && pieces.contains(&"<c>d</c>".to_owned()),
                "{pieces:?}"
            );
        }
    }

    #[test]
    fn what_is_no_xml_is_given_away_whole() {
        let (pieces, held) = pieces(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 1000);
        assert_eq!(pieces, ["GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"]);
        assert_eq!(held, 0);
    }

    #[test]
    fn no_more_is_held_than_allowed() {
        let mut watch = Watch::new();
        let long = format!("{}{}", &STREAM[..120], "<a>").into_bytes();
        let mut given = 0;
        for mut input in [long, vec![b'x'; ELEMENT_OCTETS_MAX]].concat().chunks(1000) {
            while let Some(piece) = watch.next(&mut input) {
                given += piece.octets.len();
                if piece.event.is_err() {
                    return;
                }
            }
            assert!(watch.held.len() <= ELEMENT_OCTETS_MAX + 1000);
        }
        panic!("{given} octets were given, and no end of it");
    }
}
