//! What a reader costs: each byte is looked at a fixed number of times, and at rest it holds nothing.

use super::*;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// Bytes looked at while reading `text` in pieces of `size`.
fn visited(text: &str, size: usize) -> usize {
    let mut reader = Reader::new(Limits { element_bytes_max: 1 << 20, ..Limits::AFTER_SIGN_IN });
    for mut piece in text.as_bytes().chunks(size) {
        while reader.read(&mut piece).expect("well-formed").is_some() {}
    }
    reader.visited
}

#[test]
fn work_is_linear_however_the_bytes_are_split() {
    let long = "x".repeat(100_000);
    let bodies = [
        format!("<message><body>{long}</body></message>"),
        format!("<message id='{long}'/>"),
        format!("<message><body><![CDATA[{long}]]></body></message>"),
        format!("<message><body>{}</body></message>", "]>é\r\n&amp;".repeat(5_000)),
        format!("<message>{}</message>", "<p:a xmlns:p='urn:p' p:b=\"&lt;\"/>".repeat(2_000)),
        "<message to='bob@example.net' id='1'><body>hi</body></message> ".repeat(1_000),
    ];
    for body in bodies {
        let text = format!("{HEADER}{body}");
        for size in [1, 7, 1460, text.len()] {
            let visited = visited(&text, size);
            assert!(visited <= 2 * text.len(), "{visited} for {} in pieces of {size}", text.len());
        }
    }
}

/// Bytes on the heap.
fn held(reader: &Reader) -> usize {
    reader.partial.capacity() + reader.attributes.capacity() + reader.assembly.held() + reader.scope.held()
}

#[test]
fn a_reader_at_rest_holds_nothing() {
    let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
    let element = "<message xmlns:p='urn:p' p:a='1'><body>hi</body><p:x/></message>";
    let text = format!("<?xml version='1.0'?>{HEADER}{element}{element} ");
    for split in 0..text.len() {
        reader.reset();
        for mut piece in [&text.as_bytes()[..split], &text.as_bytes()[split..]] {
            while reader.read(&mut piece).expect("well-formed").is_some() {}
        }
        assert!(reader.is_at_boundary());
        assert_eq!(held(&reader), 0, "after a split at {split}");
    }
    assert!(reader.read(&mut &b"<message"[..]).expect("so far").is_none());
    assert!(!reader.is_at_boundary() && held(&reader) > 0 && held(&reader) < 1024);
}

#[test]
fn an_unusual_header_costs_its_own_length() {
    let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
    let header = "<s:stream xmlns='urn:c' xmlns:s='http://etherx.jabber.org/streams' xmlns:db='urn:db'>";
    let text = format!("{header}<db:a/>");
    let mut input = text.as_bytes();
    while reader.read(&mut input).expect("well-formed").is_some() {}
    assert!(held(&reader) > 0 && held(&reader) < 256, "{}", held(&reader));
}
