//! Any bytes in any pieces: `cargo +nightly fuzz run --fuzz-dir tools/fuzz xml_reader`.
//!
//! Nothing panics; the pieces do not matter; what is accepted reads the same in a second parser, as it came and
//! in canonical form; canonical form is a fixpoint.

#![no_main]

#[path = "../../../crates/xml/tests/second_parser/mod.rs"]
mod second_parser;

use chatdev_xml::{Element, Error, Event, Limits, Reader};
use libfuzzer_sys::fuzz_target;
use second_parser::{ours, theirs};

const HEADER: &[u8] =
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

fuzz_target!(|data: &[u8]| {
    let Some((&piece_bytes, stream)) = data.split_first() else { return };
    let behind_header = [HEADER, stream].concat();
    for bytes in [stream, &behind_header] {
        let whole = read(bytes, bytes.len().max(1));
        assert_eq!(whole, read(bytes, usize::from(piece_bytes).max(1)));
        for event in &whole.0 {
            if let Event::Element(element) = event {
                stands_alone(element);
            }
        }
    }
    if let Ok(source) = std::str::from_utf8(stream)
        && let Ok(element) = Element::parse(source)
    {
        assert_eq!(theirs(source), Some(ours(&element)), "{source}");
        stands_alone(&element);
    }
});

/// Everything that the bytes give, in pieces of this size; keep-alives that stand side by side are one.
fn read(bytes: &[u8], piece_bytes: usize) -> (Vec<Event>, Result<(), Error>) {
    let mut reader = Reader::new(Limits::BEFORE_SIGN_IN);
    let mut events = Vec::new();
    for mut piece in bytes.chunks(piece_bytes) {
        loop {
            match reader.read(&mut piece) {
                Ok(None) => break,
                Ok(Some(Event::KeepAlive)) if events.last() == Some(&Event::KeepAlive) => {}
                Ok(Some(event)) => events.push(event),
                Err(error) => return (events, Err(error)),
            }
        }
    }
    (events, Ok(()))
}

/// What we would forward is read by others as we read it, and by us as what it is.
fn stands_alone(element: &Element) {
    assert_eq!(theirs(element.as_str()), Some(ours(element)), "{element}");
    assert_eq!(Element::parse(element.as_str()).as_ref(), Ok(element));
    let stamped = element.with(&[("from", Some("a'b")), ("to", None)]);
    assert_eq!(Element::parse(stamped.as_str()).as_ref(), Ok(&stamped));
    for child in element.children() {
        let alone = child.to_element();
        assert_eq!(Element::parse(alone.as_str()).as_ref(), Ok(&alone));
    }
}
