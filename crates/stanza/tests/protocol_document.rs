//! The examples of `crates/PROTOCOL.md` are what the code reads and writes.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use chatdev_directory::{Change, Fingerprint, Reason};
use chatdev_stanza::directory::{CheckIn, Online};
use chatdev_stanza::origin_id::{self, OriginId};
use chatdev_stanza::peer::Sequence;
use chatdev_stanza::sm::Sm;
use chatdev_stanza::{Envelope, Stanza, message};
use chatdev_xml::Element;

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// The elements of one of the document's examples. Fingerprints are abbreviated in it; here they are made whole.
fn example(index: usize) -> Vec<Element> {
    let example = DOCUMENT.split("```xml\n").nth(index + 1).unwrap().split("```").next().unwrap();
    let example = example
        .replace("9F:21:…", &Fingerprint([0x9f; 32]).to_string())
        .replace("3C:…", &Fingerprint([0x3c; 32]).to_string());
    let stream = Element::parse(&format!("<example>{example}</example>")).unwrap();
    stream.children().map(|element| element.to_element()).collect()
}

#[test]
fn a_check_in_and_its_answer() {
    let [request, result] = &example(0)[..] else { panic!("expected a request and its result") };
    let request = Stanza::try_from(request.clone()).unwrap();
    let check_in = CheckIn::from_node(request.payload().unwrap()).unwrap();
    let again = Stanza::try_from(Envelope::id("c7").set(&check_in)).unwrap();
    assert_eq!(CheckIn::from_node(again.payload().unwrap()), Ok(check_in.clone()));
    let announced = check_in.announcement.unwrap();
    assert_eq!((announced.endpoints.len(), announced.fingerprint), (2, Some(Fingerprint([0x9f; 32]))));

    let result = Stanza::try_from(result.clone()).unwrap();
    assert!(result.answers(&request.id().unwrap()));
    let online = Online::from_node(result.payload().unwrap()).unwrap();
    let again = Stanza::try_from(request.result(None, Some(&online))).unwrap();
    assert_eq!(Online::from_node(again.payload().unwrap()), Ok(online.clone()));
    let [Change::Online(bob), Change::Gone(eve)] = &online.page.changes[..] else { panic!("{online:?}") };
    assert_eq!((bob.profile.nick.as_deref(), eve.reason), (Some("Bob"), Reason::Reaped));
    assert_eq!(online.refused.len(), 1);
}

#[test]
fn a_message_between_peers_and_its_acknowledgement() {
    let [message, request, answer] = &example(1)[..] else { panic!("expected three elements") };
    assert_eq!(message::body(message.root(), None).as_deref(), Some("hi"));
    assert_eq!(Sequence::of(message.root()), Ok(Sequence(17)));
    let origin = message.child(origin_id::NS, "origin-id").unwrap();
    assert_eq!(OriginId::from_node(origin), Ok(OriginId("m1".into())));
    assert_eq!(Sm::from_node(request.root()), Ok(Sm::Request));
    assert_eq!(Sm::from_node(answer.root()), Ok(Sm::Ack { h: 1 }));
}
