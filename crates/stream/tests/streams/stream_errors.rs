//! Every stream error that this room raises, as it looks on the wire (RFC 6120 §4.9), and the one thing about each
//! that raised it.

use std::time::Duration;

use chatdev_stanza::StreamCondition;
use chatdev_stream::{Closed, Side, receiving};

use crate::peers::{self, Peers};
use crate::script::{self, CLIENT_HEADER};
use crate::server_side::ServerSide;
use crate::transcript::Transcript;

/// One thing that ends a stream: what it is, what was said before and is no part of it, what is said.
pub(crate) type Case = (&'static str, String, String, StreamCondition);

/// What a client inside TLS says instead of a good header, or behind one.
fn said_by_clients() -> Vec<Case> {
    use StreamCondition::*;
    let instead = |from: &str, to: &str| CLIENT_HEADER.replace(from, to);
    let behind = || CLIENT_HEADER.to_owned();
    let first = String::new;
    vec![
        ("text between elements", behind(), "hello".into(), BadFormat),
        ("a header that is no stream", first(), instead("stream:stream", "stream:river"), BadFormat),
        (
            "another prefix",
            first(),
            instead("stream:stream", "s:stream").replace("xmlns:stream", "xmlns:s"),
            BadNamespacePrefix,
        ),
        ("a host that is not served", first(), instead("to='example.net'", "to='example.org'"), HostUnknown),
        ("no host", first(), instead("to='example.net' ", ""), HostUnknown),
        (
            "another namespace of streams",
            first(),
            instead("etherx.jabber.org", "example.org"),
            InvalidNamespace,
        ),
        ("a server's namespace", first(), instead("'jabber:client'", "'jabber:server'"), InvalidNamespace),
        ("no namespace of stanzas", first(), instead("xmlns='jabber:client' ", ""), InvalidNamespace),
        ("a stanza before signing in", behind(), "<message to='bob@example.net'/>".into(), NotAuthorized),
        ("overlapping tags", behind(), "<iq><a></iq>".into(), NotWellFormed),
        ("an unbound prefix", behind(), "<a:iq/>".into(), NotWellFormed),
        ("more than 8 KiB", behind(), format!("<iq><a>{}</a></iq>", "x".repeat(8192)), PolicyViolation),
        ("a comment", behind(), "<!-- hello -->".into(), RestrictedXml),
        ("a document type", first(), format!("<!DOCTYPE html>{CLIENT_HEADER}"), RestrictedXml),
        (
            "another encoding",
            first(),
            instead("version='1.0'?", "version='1.0' encoding='latin-1'?"),
            UnsupportedEncoding,
        ),
        ("TLS inside TLS", behind(), script::STARTTLS.into(), UnsupportedFeature),
        ("no version", first(), instead(" version='1.0'", "").replace("<?xml?>", ""), UnsupportedVersion),
        ("an old version", first(), instead("net' version='1.0'", "net' version='0.9'"), UnsupportedVersion),
    ]
}

#[test]
fn what_a_server_says_to_a_bad_client() {
    let mut transcript = Transcript::default();
    for (what, before, said, condition) in said_by_clients() {
        let mut server = ServerSide::inside_tls();
        let greeting = server.hear(&before);
        transcript.note(what);
        transcript.say("C", said.as_bytes());
        let answer = server.hear(&said);
        transcript.say("S", answer.as_bytes());
        assert_eq!(
            (greeting + &answer).matches("<stream:stream ").count(),
            1,
            "{what}: one header, and first"
        );
        assert!(answer.ends_with("</stream:error></stream:stream>"), "{what}: {answer}");
        match server.events.last() {
            Some(receiving::Event::Closed(Closed::Failed { by: Side::Us, error })) => {
                assert_eq!(error.condition, condition, "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(server.hear("<iq/></stream:stream>"), "", "{what}: nothing after the end");
    }
    insta::assert_snapshot!(transcript.to_string());
}

#[test]
fn what_a_peer_says_to_a_bad_peer() {
    let mut transcript = Transcript::default();
    for (what, before, said, condition) in peers::said_by_bad_diallers() {
        transcript.note(what);
        let mut answering = peers::answering();
        answering.hear(&before);
        transcript.say("A", said.as_bytes());
        let answer = answering.hear(&said);
        transcript.say("B", answer.as_bytes());
        assert!(answer.ends_with("</stream:error></stream:stream>"), "{what}: {answer}");
        assert_eq!(answering.condition(), condition, "{what}");
    }
    insta::assert_snapshot!(transcript.to_string());
}

#[test]
fn an_unanswered_request_for_an_acknowledgement() {
    let mut peers = Peers::ready();
    peers.alice.send("<message><body>hello?</body></message>");
    peers.alice.say();
    let said = peers.alice.wait(Duration::from_secs(10));
    insta::assert_snapshot!(said, @"<stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a request for an acknowledgement was not answered</text></stream:error></stream:stream>");
}
