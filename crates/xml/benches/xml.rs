//! Reading and writing: how fast bytes become elements, and elements bytes. What is read is a stream of ordinary
//! messages, and one of everything that makes XML slow to read.

mod measure;

use std::hint::black_box;

use chatdev_xml::{Builder, Element, Event, Limits, NS_CLIENT, Reader};
use criterion::Throughput;
use measure::Case;

/// Of a stream that is read, or of what is written, in one round.
const STANZAS: usize = 32;

const ORDINARY: &str = "<message to='bob@example.net/desk' id='m0000000001' type='chat'><body>\
    Shall I compare thee to a summer’s day? Thou art more lovely</body></message>";

/// What has to be rewritten to be canonical: other quotes, white space in tags, prefixes, references, CDATA.
const CROOKED: &str = "<message  to = \"bob@example.net/desk\" id=\"m1\"\n><c:body xmlns:c=\"jabber:client\">1 &lt; 2 &#38; \
    &quot;3&quot; <![CDATA[<&>]]></c:body><x xmlns='urn:example:x'><y a=\"'\"/></x></message >";

const CASES: [Case; 4] = [
    Case { name: "xml/read ordinary messages", handles: bytes(ORDINARY), prepare: || read(ORDINARY) },
    Case { name: "xml/read crooked messages", handles: bytes(CROOKED), prepare: || read(CROOKED) },
    Case { name: "xml/stamp and copy messages", handles: bytes(ORDINARY), prepare: stamp },
    Case { name: "xml/build messages", handles: bytes(ORDINARY), prepare: build },
];

fn main() {
    measure::run(&CASES);
}

const fn bytes(stanza: &str) -> Throughput {
    Throughput::Bytes((stanza.len() * STANZAS) as u64)
}

fn read(stanza: &str) -> Box<dyn FnMut()> {
    let mut reader = Reader::new(Limits::AFTER_SIGN_IN);
    let mut header = Vec::new();
    chatdev_xml::write_header(&mut header, &[("to", Some("example.net")), ("version", Some("1.0"))]);
    let opened = reader.read(&mut header.as_slice()).expect("a good header");
    assert!(matches!(opened, Some(Event::Open(_))));
    let stanzas = stanza.repeat(STANZAS);
    Box::new(move || {
        let mut input = stanzas.as_bytes();
        let mut elements = 0;
        while let Some(event) = reader.read(&mut input).expect("good XML") {
            elements += usize::from(matches!(black_box(event), Event::Element(_)));
        }
        assert_eq!(elements, STANZAS);
    })
}

fn stamp() -> Box<dyn FnMut()> {
    let element = Element::parse(ORDINARY).expect("good XML");
    let mut out = Vec::new();
    Box::new(move || {
        out.clear();
        for _ in 0..STANZAS {
            element.write_with(&mut out, &[("from", Some(black_box("alice@example.net/tui")))]);
        }
        black_box(&out);
    })
}

fn build() -> Box<dyn FnMut()> {
    let body = Element::parse(ORDINARY)
        .expect("good XML")
        .child(NS_CLIENT, "body")
        .map(|body| body.text().into_owned());
    let body = body.expect("an ordinary message has a body");
    Box::new(move || {
        for _ in 0..STANZAS {
            let message = Builder::new(NS_CLIENT, "message")
                .attribute("to", "bob@example.net/desk")
                .attribute("id", "m0000000001")
                .attribute("type", "chat")
                .open(NS_CLIENT, "body")
                .text(black_box(&body))
                .close()
                .build();
            black_box(message);
        }
    })
}
