//! Entries for tests.

use crate::entry::{Answer, Entry, Finding, Kind, Payload, Phase, Severity, Sighting};
use crate::model::{At, ConnectionId, Layer, Side};

/// 2026-03-01 12:00:00 UTC, in nanoseconds.
pub(crate) const NOON: At = At(1_772_366_400_000_000_000);

/// An entry of which nothing is known but its number; half a second after the one before.
pub(crate) fn blank(number: u64, kind: Kind) -> Entry<'static> {
    Entry::empty(number, At(NOON.0 + (number - 1) * 500_000_000), kind)
}

/// What Alice says on connection 3.
pub(crate) fn said(number: u64, kind: Kind, raw: &'static str) -> Entry<'static> {
    Entry {
        connection: Some(ConnectionId(3)),
        side: Some(Side::Dialler),
        layer: Layer::Tls,
        phase: Phase::Established,
        ends: ["alice@localhost/phone".into(), "localhost".into()],
        name: raw.trim_start_matches('<').split([' ', '>', '/']).next().unwrap_or_default().into(),
        octets: raw.len() as u64,
        raw: raw.as_bytes().into(),
        ..blank(number, kind)
    }
}

/// Alice asks the server for what it can do.
pub(crate) fn disco(number: u64) -> Entry<'static> {
    Entry {
        stanza_type: Some("get".into()),
        id: Some("d1".into()),
        to: Some("localhost".into()),
        payloads: vec![Payload {
            namespace: "http://jabber.org/protocol/disco#info".into(),
            name: "query".into(),
            title: Some("service discovery"),
        }],
        title: "disco info get".into(),
        ..said(
            number,
            Kind::Iq,
            "<iq id='d1' to='localhost' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        )
    }
}

/// Alice says hello to Bob.
pub(crate) fn hello(number: u64) -> Entry<'static> {
    Entry {
        stanza_type: Some("chat".into()),
        id: Some("m1".into()),
        to: Some("bob@localhost".into()),
        payloads: vec![Payload { namespace: "".into(), name: "body".into(), title: None }],
        title: "chat message".into(),
        detail: "Hello, Bob & all".into(),
        ..said(
            number,
            Kind::Message,
            "<message to='bob@localhost' type='chat' id='m1'><body>Hello, Bob &amp; all</body></message>",
        )
    }
}

/// Alice signs in and speaks to Bob; something of it is lost, something wrong.
pub(crate) fn conversation() -> Vec<Entry<'static>> {
    let by_server = |entry| Entry { side: Some(Side::Answerer), ..entry };
    let finding = Finding {
        rule: "iq-without-id",
        severity: Severity::Error,
        section: "RFC 6120 §8.1.3",
        found: "an iq of type result has no id".to_owned(),
    };
    let to_bob = |entry| Entry {
        connection: Some(ConnectionId(4)),
        ends: ["bob@localhost/laptop".into(), "localhost".into()],
        ..by_server(entry)
    };
    vec![
        Entry { side: None, title: "opened".into(), ..said(1, Kind::Connection, "") },
        Entry {
            title: "stream header".into(),
            layer: Layer::Clear,
            ..said(
                2,
                Kind::Stream,
                "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' \
                 xmlns:stream='http://etherx.jabber.org/streams'>",
            )
        },
        Entry { title: "PLAIN".into(), ..said(3, Kind::Sasl, "<auth mechanism='PLAIN'>AGEAYg==</auth>") },
        disco(4),
        by_server(Entry {
            stanza_type: Some("result".into()),
            answers: Some(Answer { to: 4, latency: Some(500_000_000) }),
            title: "disco info result".into(),
            findings: vec![finding],
            ..said(
                5,
                Kind::Iq,
                "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            )
        }),
        hello(6),
        to_bob(Entry { seen: Some(Sighting { first: 6, after: Some(500_000_000), times: 1 }), ..hello(7) }),
        Entry { title: "120 octets missing".into(), ..said(8, Kind::Missing, "") },
        by_server(Entry {
            stanza_type: Some("error".into()),
            title: "chat message error".into(),
            detail: "service-unavailable".into(),
            payloads: vec![Payload { namespace: "".into(), name: "error".into(), title: None }],
            ..said(9, Kind::Message, "<message type='error'><error type='cancel'/></message>")
        }),
        said(10, Kind::KeepAlive, " "),
        Entry {
            detail: "not well-formed \u{1b}]0;pwned\u{7}".into(),
            raw: b"<a b=\x1b[2J\xff".as_slice().into(),
            ..said(11, Kind::Broken, "")
        },
        Entry { title: "comment".into(), detail: "the test ends here".into(), ..blank(12, Kind::Remark) },
    ]
}
