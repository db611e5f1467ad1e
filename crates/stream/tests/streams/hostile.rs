//! Octets from somebody who means no good: no panic, no unbounded answer, and an end.

use std::time::Duration;

use chatdev_stream::receiving::Registration;
use chatdev_stream::{Transport, initiating, receiving};
use chatdev_xml::{Element, Limits};
use proptest::prelude::*;

use crate::client_side::{ClientSide, alice};
use crate::pair::Pair;
use crate::peers::{ENABLE, HEADER, answering, dialling};
use crate::script::{self, CLIENT_HEADER, SERVER_HEADER};
use crate::server_side::{ServerSide, TLS, config};

#[test]
fn a_flood_of_small_elements_is_told_in_portions() {
    let mut server = ServerSide::inside_tls();
    server.hear(CLIENT_HEADER);
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    server.hear(CLIENT_HEADER);
    server.hear(&script::bind("desk"));
    let flood = "<iq/>".repeat(1000);
    let mut octets = flood.as_bytes();
    let mut told = 0;
    while !octets.is_empty() {
        let before = octets.len();
        server.stream.handle_bytes(Duration::ZERO, &mut octets);
        let portion = std::iter::from_fn(|| server.stream.poll_event()).count();
        assert!(portion <= 64 && octets.len() < before);
        told += portion;
    }
    assert_eq!(told, 1000);
}

#[test]
fn deep_nesting_costs_a_stream_error() {
    let mut server = ServerSide::inside_tls();
    server.hear(CLIENT_HEADER);
    let said = server.hear(&"<a>".repeat(35_000 / 3));
    assert!(said.contains("<policy-violation"), "{said}");
}

#[test]
fn larger_stanzas_are_taken_once_bound_and_not_before() {
    let large = format!("<message><body>{}</body></message>", "x".repeat(40_000));
    let mut server = ServerSide::inside_tls();
    server.hear(CLIENT_HEADER);
    server.hear(&script::auth("PLAIN", "\0alice\0pencil"));
    server.hear(CLIENT_HEADER);
    server.hear(&script::bind("desk"));
    server.hear(&large);
    assert!(matches!(server.events.last(), Some(receiving::Event::Element(_))));
    let said = server.hear(&format!("<message><body>{}</body></message>", "x".repeat(70_000)));
    assert!(said.contains("<policy-violation"), "{said}");
}

/// Pieces of a conversation, good and bad, to be thrown together.
fn scrap() -> impl Strategy<Value = String> {
    let known = [
        CLIENT_HEADER.to_owned(),
        SERVER_HEADER.to_owned(),
        HEADER.to_owned(),
        ENABLE.to_owned(),
        script::STARTTLS.to_owned(),
        script::auth("PLAIN", "\0alice\0pencil"),
        script::auth("PLAIN", "\0alice\0wrong"),
        script::auth("SCRAM-SHA-1", "n,,n=alice,r=abc"),
        script::response("c=biws,r=abc,p=AAAA"),
        script::challenge("r=abc,s=AAAA,i=4096"),
        script::bind("desk"),
        script::mechanisms(&["SCRAM-SHA-256", "PLAIN"]),
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(),
        "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(),
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_owned(),
        "<stream:features><sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
            .to_owned(),
        "<enabled xmlns='urn:xmpp:sm:3'/>".to_owned(),
        "<r xmlns='urn:xmpp:sm:3'/>".to_owned(),
        "<a xmlns='urn:xmpp:sm:3' h='0'/>".to_owned(),
        "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>".to_owned(),
        "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>".to_owned(),
        "<iq type='result' id='x'/>".to_owned(),
        "<message from='alice@example.net/desk'><body>x</body></message>".to_owned(),
        "<stream:error/>".to_owned(),
        "</stream:stream>".to_owned(),
        " ".to_owned(),
    ];
    prop_oneof![9 => proptest::sample::select(known.to_vec()), 1 => ".{0,20}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_conversation_panics_and_the_end_is_the_end(
        scraps in proptest::collection::vec(scrap(), 0..14),
        tls in any::<bool>(),
        skip in 0usize..3,
    ) {
        let transport = Transport { tls: tls.then_some(TLS), loopback: !tls };
        let mut open = config();
        (open.tls_required, open.registration) = (false, Registration::Everyone);
        let mut server = ServerSide::new(open, transport);
        let mut client = ClientSide::new(alice(), transport);
        let (mut alice, mut bob) = (dialling(), answering());
        if skip > 0 {
            server.hear(CLIENT_HEADER);
            client.hear(SERVER_HEADER);
            bob.hear(HEADER);
        }
        if skip > 1 {
            server.hear(&[&script::auth("PLAIN", "\0alice\0pencil"), CLIENT_HEADER, &script::bind("desk")].concat());
            bob.hear(ENABLE);
        }
        for scrap in &scraps {
            server.hear(scrap);
            client.hear(scrap);
            alice.hear(scrap);
            bob.hear(scrap);
        }
        let last = Duration::from_secs(1_000_000);
        server.stream.close(last, None);
        server.receive(last + Duration::from_secs(5), b"");
        server.wait(last + Duration::from_secs(5));
        client.wait(last);
        prop_assert!(server.stream.is_over());
        prop_assert!(matches!(server.events.last(), Some(receiving::Event::Closed(_))));
        let ends = server.events.iter().filter(|event| matches!(event, receiving::Event::Closed(_))).count();
        prop_assert_eq!(ends, 1);
    }

    #[test]
    fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..200), header in any::<bool>()) {
        let (mut server, mut client) = (ServerSide::in_clear(), ClientSide::in_clear(alice()));
        let (mut dialling, mut answering) = (dialling(), answering());
        if header {
            server.hear(CLIENT_HEADER);
            client.hear(SERVER_HEADER);
            answering.hear(HEADER);
        }
        server.receive(Duration::ZERO, &octets);
        client.receive(Duration::ZERO, &octets);
        dialling.receive(&octets);
        answering.receive(&octets);
    }
}

#[test]
fn a_client_takes_the_largest_stanza_of_another_with_what_the_server_stamped_on_it() {
    let mut pair = Pair::inside_tls(alice(), config()).bound();
    let largest = Limits::AFTER_SIGN_IN.element_bytes_max;
    let stanza = |padding: usize| {
        format!("<message to='alice@example.net/desk'><body>{}</body></message>", "x".repeat(padding))
    };
    let stanza = stanza(largest - stanza(0).len());
    assert_eq!(stanza.len(), largest);
    let sender = format!("{}@example.net/{}", "b".repeat(1023), "r".repeat(1023));
    let stamped = Element::parse(&stanza).unwrap().with(&[("from", Some(&sender)), ("xml:lang", Some("en"))]);
    pair.server.stream.send(&stamped);
    pair.run();
    assert!(!pair.client.stream.is_over(), "{:?}", pair.client.events.last());
    assert!(matches!(pair.client.events.last(), Some(initiating::Event::Element(_))));
}

#[test]
fn a_client_takes_features_with_more_in_them_than_ours_have() {
    let mut client = ClientSide::inside_tls(alice());
    client.hear(SERVER_HEADER);
    let inline: String = (0..60).map(|n| format!("<feature xmlns='urn:example:{n}'/>")).collect();
    let mechanisms =
        script::mechanisms(&["PLAIN"]).replace("</stream:features>", &format!("{inline}</stream:features>"));
    assert!(mechanisms.contains("urn:example:59"), "{mechanisms}");
    let said = client.hear(&mechanisms);
    assert!(said.contains("<auth "), "{said}");
}
