//! RFC 6120 §4.9.3, §6.5 and §8.3.3: the three tables of conditions, whole, and their elements.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

mod indented;

use chatdev_stanza::sasl::{Failure, FromServer, SaslCondition};
use chatdev_stanza::{ErrorType, StanzaCondition, StanzaError, StreamCondition, StreamError, sm};
use chatdev_xml::{Element, Flaw, Limit, Restriction};
use indented::{alone, indented};

/// Condition, and the types that RFC 6120 §8.3.3 allows it; the first is ours.
const STANZA_ERRORS: [(&str, &[&str]); 22] = [
    ("bad-request", &["modify"]),
    ("conflict", &["cancel"]),
    ("feature-not-implemented", &["cancel", "modify"]),
    ("forbidden", &["auth"]),
    ("gone", &["cancel"]),
    ("internal-server-error", &["cancel"]),
    ("item-not-found", &["cancel"]),
    ("jid-malformed", &["modify"]),
    ("not-acceptable", &["modify"]),
    ("not-allowed", &["cancel"]),
    ("not-authorized", &["auth"]),
    ("policy-violation", &["modify", "wait"]),
    ("recipient-unavailable", &["wait"]),
    ("redirect", &["modify"]),
    ("registration-required", &["auth"]),
    ("remote-server-not-found", &["cancel"]),
    ("remote-server-timeout", &["wait"]),
    ("resource-constraint", &["wait"]),
    ("service-unavailable", &["cancel"]),
    ("subscription-required", &["auth"]),
    ("undefined-condition", &["cancel", "auth", "continue", "modify", "wait"]),
    ("unexpected-request", &["wait", "modify"]),
];

const STREAM_ERRORS: [&str; 25] = [
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
];

const SASL_FAILURES: [&str; 11] = [
    "aborted",
    "account-disabled",
    "credentials-expired",
    "encryption-required",
    "incorrect-encoding",
    "invalid-authzid",
    "invalid-mechanism",
    "malformed-request",
    "mechanism-too-weak",
    "not-authorized",
    "temporary-auth-failure",
];

#[test]
fn the_tables_are_those_of_the_rfc() {
    let stanza: Vec<_> =
        StanzaCondition::ALL.iter().map(|known| (known.name(), known.default_type().name())).collect();
    assert_eq!(stanza, STANZA_ERRORS.map(|(name, types)| (name, types[0])));
    let stream: Vec<_> = StreamCondition::ALL.iter().map(|known| known.name()).collect();
    assert_eq!(stream, STREAM_ERRORS);
    let sasl: Vec<_> = SaslCondition::ALL.iter().map(|known| known.name()).collect();
    assert_eq!(sasl, SASL_FAILURES);
}

#[test]
fn every_stanza_error_reads_back_as_it_was_written() {
    for &condition in StanzaCondition::ALL {
        let plain = StanzaError::new(condition);
        for error in
            [plain.clone().with_text("why <it> failed"), plain.clone().with_type(ErrorType::Continue), plain]
        {
            assert_eq!(StanzaError::from_node(alone(&error).root()), Ok(error));
        }
    }
    for condition in [StanzaCondition::Gone, StanzaCondition::Redirect] {
        let error =
            StanzaError { alternative: Some("xmpp:bob@example.org".into()), ..StanzaError::new(condition) };
        assert_eq!(StanzaError::from_node(alone(&error).root()), Ok(error));
    }
}

#[test]
fn every_stream_error_reads_back_as_it_was_written() {
    for &condition in StreamCondition::ALL {
        for error in [StreamError::new(condition), StreamError::new(condition).with_text("why <it> ends")] {
            let element = error.to_element();
            assert_eq!(StreamError::from_node(element.root()), Ok(error));
        }
    }
    let elsewhere = StreamError {
        other_host: Some("[2001:db8::7]:5222".into()),
        ..StreamError::new(StreamCondition::SeeOtherHost)
    };
    assert_eq!(StreamError::from_node(elsewhere.to_element().root()), Ok(elsewhere));
    let too_high = StreamError::new(StreamCondition::UndefinedCondition)
        .with_text("expected at most h='8', found h='10'")
        .with_application(sm::handled_count_too_high(10, 8));
    insta::assert_snapshot!("handled_count_too_high", indented(&too_high.to_element()));
    assert_eq!(StreamError::from_node(too_high.to_element().root()), Ok(too_high));
}

#[test]
fn every_sasl_failure_reads_back_as_it_was_written() {
    for &condition in SaslCondition::ALL {
        for text in [None, Some("why it failed".to_owned())] {
            let failure = FromServer::Failure(Failure { condition: Some(condition), text });
            assert_eq!(FromServer::from_node(failure.to_element().root()), Ok(failure));
        }
    }
}

#[test]
fn the_elements_look_like_this() {
    let error = StanzaError::new(StanzaCondition::NotAcceptable)
        .with_text("the nick has 65 octets; at most 64 are kept");
    insta::assert_snapshot!("stanza_error", indented::payload(&error));
    let error = StreamError::new(StreamCondition::ConnectionTimeout).with_text("silent for 60 s");
    insta::assert_snapshot!("stream_error", indented(&error.to_element()));
    let failure = FromServer::from(SaslCondition::NotAuthorized);
    insta::assert_snapshot!("sasl_failure", indented(&failure.to_element()));
}

/// RFC 6120 §4.9.2, §4.9.3 and §4.9.4.
#[test]
fn stream_errors_of_others_read_as_they_are_meant() {
    let read = |inside: &str| {
        let element = Element::parse(&format!("<stream:error>{inside}</stream:error>")).unwrap();
        StreamError::from_node(element.root()).unwrap()
    };
    const NS: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'";
    for name in STREAM_ERRORS {
        assert_eq!(read(&format!("<{name} {NS}/>")).condition.name(), name);
    }
    let other = read(&format!("<see-other-host {NS}>im.example.com:9090</see-other-host>"));
    assert_eq!(other.other_host.as_deref(), Some("im.example.com:9090"));
    let text = read(&format!(
        "<escape-your-data xmlns='http://example.com/ns'/><text xml:lang='en' {NS}>Some text</text><not-well-formed {NS}/>"
    ));
    let application = Element::parse("<escape-your-data xmlns='http://example.com/ns'/>").unwrap();
    let expected = StreamError::new(StreamCondition::NotWellFormed).with_text("Some text");
    assert_eq!(text, expected.with_application(application));
    for unknown in
        ["", "<brand-new xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", "<conflict xmlns='elsewhere'/>"]
    {
        assert_eq!(read(unknown).condition, StreamCondition::UndefinedCondition, "{unknown}");
    }
}

#[test]
fn an_unknown_failure_is_a_failure_all_the_same() {
    let failure =
        Element::parse("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><brand-new/></failure>").unwrap();
    let read = FromServer::from_node(failure.root());
    assert_eq!(read, Ok(FromServer::Failure(Failure { condition: None, text: None })));
}

#[test]
fn every_flaw_in_the_bytes_has_its_condition() {
    let table = [
        (chatdev_xml::Error::NotWellFormed(Flaw::Tag), "not-well-formed"),
        (chatdev_xml::Error::Restricted(Restriction::Comment), "restricted-xml"),
        (chatdev_xml::Error::UnsupportedEncoding, "unsupported-encoding"),
        (chatdev_xml::Error::StrayText, "bad-format"),
        (chatdev_xml::Error::Limit(Limit::Bytes), "policy-violation"),
    ];
    for (error, name) in table {
        let answer = StreamError::from(&error);
        assert_eq!(answer.condition.name(), name);
        assert_eq!(answer.text, Some(error.to_string()));
    }
}
