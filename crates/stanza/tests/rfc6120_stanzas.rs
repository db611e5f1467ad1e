//! RFC 6120 §8.1–§8.3 and RFC 6121 §4.7.1, §5.2.2: what makes a stanza, and what answers one that is none.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use chatdev_stanza::{
    Answer, IqType, Kind, MessageType, PresenceType, Rejected, Stanza, StanzaCondition, StanzaError,
    StreamCondition,
};
use chatdev_xml::Element;
use jid::Jid;

fn element(text: &str) -> Element {
    Element::parse(text).unwrap()
}

fn stanza(text: &str) -> Stanza {
    Stanza::try_from(element(text)).unwrap()
}

fn rejected(text: &str) -> Rejected {
    *Stanza::try_from(element(text)).unwrap_err()
}

fn condition(rejected: &Rejected) -> StanzaCondition {
    match rejected.answer() {
        Answer::Stanza(error) => error.condition,
        other => panic!("expected a stanza error, found {other:?}"),
    }
}

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

#[test]
fn every_type_of_every_kind_is_known() {
    let table = [
        ("<message/>", Kind::Message(MessageType::Normal)),
        ("<message type='normal'/>", Kind::Message(MessageType::Normal)),
        ("<message type='chat'/>", Kind::Message(MessageType::Chat)),
        ("<message type='groupchat'/>", Kind::Message(MessageType::Groupchat)),
        ("<message type='headline'/>", Kind::Message(MessageType::Headline)),
        ("<message type='error'/>", Kind::Message(MessageType::Error)),
        ("<message type='telegram'/>", Kind::Message(MessageType::Normal)),
        ("<message type=''/>", Kind::Message(MessageType::Normal)),
        ("<presence/>", Kind::Presence(PresenceType::Available)),
        ("<presence type='error'/>", Kind::Presence(PresenceType::Error)),
        ("<presence type='probe'/>", Kind::Presence(PresenceType::Probe)),
        ("<presence type='subscribe'/>", Kind::Presence(PresenceType::Subscribe)),
        ("<presence type='subscribed'/>", Kind::Presence(PresenceType::Subscribed)),
        ("<presence type='unavailable'/>", Kind::Presence(PresenceType::Unavailable)),
        ("<presence type='unsubscribe'/>", Kind::Presence(PresenceType::Unsubscribe)),
        ("<presence type='unsubscribed'/>", Kind::Presence(PresenceType::Unsubscribed)),
        ("<iq id='1' type='get'><x xmlns='x'/></iq>", Kind::Iq(IqType::Get)),
        ("<iq id='1' type='set'><x xmlns='x'/></iq>", Kind::Iq(IqType::Set)),
        ("<iq id='1' type='result'/>", Kind::Iq(IqType::Result)),
        ("<iq id='1' type='error'/>", Kind::Iq(IqType::Error)),
    ];
    for (text, kind) in table {
        assert_eq!(stanza(text).kind(), kind, "{text}");
    }
}

#[test]
fn what_breaks_the_rules_of_iq_and_presence_is_a_bad_request() {
    for text in [
        "<presence type='available'/>",
        "<presence type=''/>",
        "<iq type='get'><x xmlns='x'/></iq>",
        "<iq id='' type='get'><x xmlns='x'/></iq>",
        "<iq id='1'><x xmlns='x'/></iq>",
        "<iq id='1' type='Get'><x xmlns='x'/></iq>",
        "<iq id='1' type='get'/>",
        "<iq id='1' type='set'>text</iq>",
        "<iq id='1' type='get'><x xmlns='x'/><y xmlns='y'/></iq>",
    ] {
        let rejected = rejected(text);
        assert_eq!(condition(&rejected), StanzaCondition::BadRequest, "{text}");
        let reply = rejected.reply(Some(&jid("alice@example.net/desk"))).unwrap();
        assert_eq!(reply.attribute("type").as_deref(), Some("error"), "{text}");
        assert_eq!(reply.attribute("to").as_deref(), Some("alice@example.net/desk"), "{text}");
    }
}

#[test]
fn an_unknown_element_ends_the_stream() {
    for text in ["<telegram/>", "<message xmlns='jabber:server'/>", "<stream:message/>", "<query xmlns='x'/>"]
    {
        let rejected = rejected(text);
        let Answer::Stream(error) = rejected.answer() else { panic!("{text}: {rejected:?}") };
        assert_eq!(error.condition, StreamCondition::UnsupportedStanzaType, "{text}");
        assert_eq!(rejected.reply(None), None, "{text}");
    }
}

#[test]
fn a_recipient_that_is_no_jid_is_said_to_be_malformed() {
    for to in [
        "",
        "@example.net",
        "bob@",
        "bob@example.net/",
        "a@b@c",
        "bob@exa mple.net",
        "bob@example..net",
        "\u{7}",
    ] {
        let message = element("<message id='m1'/>").with(&[("to", Some(to))]);
        let rejected = *Stanza::try_from(message).unwrap_err();
        assert_eq!(condition(&rejected), StanzaCondition::JidMalformed, "{to:?}");
        let reply = rejected.reply(Some(&jid("alice@example.net/desk"))).unwrap();
        assert_eq!((reply.attribute("from"), reply.attribute("id").as_deref()), (None, Some("m1")), "{to:?}");
    }
}

#[test]
fn nothing_answers_an_error_or_a_result() {
    for text in [
        "<message type='error' to='@'/>",
        "<presence type='error' to='@'/>",
        "<iq type='error' id='1' to='@'/>",
        "<iq type='result' id='1' to='@'/>",
        "<iq type='result'/>",
        "<iq type='error'/>",
    ] {
        let rejected = rejected(text);
        assert_eq!(rejected.answer(), &Answer::Nothing, "{text}");
        assert_eq!(rejected.reply(None), None, "{text}");
    }
    let error = StanzaError::new(StanzaCondition::ServiceUnavailable);
    for text in [
        "<message type='error'/>",
        "<presence type='error'/>",
        "<iq type='error' id='1'/>",
        "<iq type='result' id='1'/>",
    ] {
        assert_eq!(stanza(text).error_reply(None, &error), None, "{text}");
    }
}

#[test]
fn addresses_are_prepared_as_they_come_in() {
    for (written, prepared) in [
        ("bob@example.net/tui", "bob@example.net/tui"),
        ("BOB@Example.NET/Tui", "bob@example.net/Tui"),
        ("bob@example.net/it&apos;s &amp; more", "bob@example.net/it's & more"),
        ("example.net", "example.net"),
    ] {
        let stanza = stanza(&format!("<message to='{written}'/>"));
        assert_eq!(stanza.to().map(Jid::as_str), Some(prepared));
        assert_eq!(stanza.to_str(), Some(prepared));
    }
    assert_eq!(stanza("<message/>").to(), None);
    assert_eq!(stanza("<message/>").to_str(), None);
}

#[test]
fn an_address_is_prepared_the_same_whatever_came_before_it() {
    let mut last_to = None;
    for to in [
        "a@example.net",
        "a@example.net",
        "A@example.net",
        "A@example.net",
        "ﬁ@example.net",
        "fi@example.net",
        "a@",
    ] {
        let element = || Element::parse(&format!("<message to='{to}'/>")).unwrap();
        let after = Stanza::after(&mut last_to, element()).ok().map(|stanza| stanza.to().cloned());
        let alone = Stanza::try_from(element()).ok().map(|stanza| stanza.to().cloned());
        assert_eq!(after, alone, "{to}");
    }
}

#[test]
fn a_claimed_sender_is_read_only_where_somebody_wants_it() {
    assert_eq!(stanza("<message from='bob@example.net'/>").from(), Ok(Some(jid("bob@example.net"))));
    assert_eq!(stanza("<message/>").from(), Ok(None));
    let liar = stanza("<message from='@'/>");
    assert_eq!(liar.from().unwrap_err().to_string(), "expected a JID in attribute ‘from’, found “@”");
}

#[test]
fn the_server_stamps_sender_and_language() {
    let stamped = |text: &str, lang| {
        let mut out = Vec::new();
        stanza(text).write_stamped(&mut out, "alice@example.net/it's", lang);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        stamped("<message from='eve@example.net' to='bob@example.net'><body>hi</body></message>", None),
        "<message from='alice@example.net/it&apos;s' to='bob@example.net'><body>hi</body></message>",
    );
    assert_eq!(
        stamped("<message/>", Some("de")),
        "<message from='alice@example.net/it&apos;s' xml:lang='de'/>",
    );
    assert_eq!(
        stamped("<message xml:lang='fr'/>", Some("de")),
        "<message xml:lang='fr' from='alice@example.net/it&apos;s'/>",
    );
}

#[test]
fn an_error_reply_swaps_the_addresses_and_leaves_the_payload_out() {
    let message = stanza(
        "<message id='m1' from='alice@example.net/desk' to='bob@example.net'><body>hi</body></message>",
    );
    let error = StanzaError::new(StanzaCondition::ServiceUnavailable).with_text("nobody is there");
    assert_eq!(
        message.error_reply(None, &error).unwrap().as_str(),
        "<message type='error' id='m1' from='bob@example.net' to='alice@example.net/desk'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>nobody is there</text></error></message>",
    );
}

#[test]
fn a_result_goes_to_whom_the_caller_vouches_for() {
    let ping = stanza(
        "<iq type='get' id='p1' from='eve@example.net' to='example.net'><ping xmlns='urn:xmpp:ping'/></iq>",
    );
    let result = ping.result(Some(&jid("alice@example.net/desk")), None);
    assert_eq!(result.as_str(), "<iq type='result' id='p1' from='example.net' to='alice@example.net/desk'/>");
    let result = stanza(result.as_str());
    assert!(result.answers("p1"));
    assert!(!result.answers("p2"));
    assert!(!ping.answers("p1"));
}

/// RFC 6120 §8.2.3, §8.3.3.
#[test]
fn the_examples_of_the_rfc_read_as_they_are_meant() {
    let conflict = stanza(
        "<iq id='wy2xa82b4' type='error'><error type='cancel'>\
         <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    );
    assert_eq!(conflict.error(), Some(StanzaError::new(StanzaCondition::Conflict)));

    let gone = stanza(
        "<message from='romeo@example.net' id='sj2b371v' to='juliet@im.example.com/churchyard' type='error'>\
         <error by='example.net' type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\
         xmpp:romeo@afterlife.example.net</gone></error></message>",
    );
    let error = gone.error().unwrap();
    assert_eq!(error.condition, StanzaCondition::Gone);
    assert_eq!(error.alternative.as_deref(), Some("xmpp:romeo@afterlife.example.net"));

    let forbidden = stanza(
        "<presence from='characters@muc.example.com/JulieC' id='y2bs71v4' to='juliet@im.example.com/balcony' \
         type='error'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    );
    assert_eq!(forbidden.error(), Some(StanzaError::new(StanzaCondition::Forbidden)));

    let other = stanza(
        "<iq id='a' type='error'><query xmlns='jabber:iq:register'/><error type='modify'>\
         <too-many-parameters xmlns='http://example.com/ns#app'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>too many</text></error></iq>",
    );
    let error = other.error().unwrap();
    assert_eq!(
        (error.condition, error.text.as_deref()),
        (StanzaCondition::UndefinedCondition, Some("too many"))
    );
    assert_eq!(other.payload().unwrap().namespace(), "jabber:iq:register");
}

#[test]
fn an_error_without_its_element_is_still_an_error() {
    let undefined = Some(StanzaError::new(StanzaCondition::UndefinedCondition));
    assert_eq!(stanza("<iq id='1' type='error'/>").error(), undefined);
    assert_eq!(stanza("<message type='error'><error/></message>").error(), undefined);
    assert_eq!(stanza("<message><error type='cancel'/></message>").error(), None);
}

#[test]
fn every_request_has_a_payload_whatever_its_name() {
    for text in
        ["<iq id='1' type='get'><error/></iq>", "<iq id='1' type='set'>\n<error type='cancel'/>\n</iq>"]
    {
        assert_eq!(stanza(text).payload().map(|payload| payload.name()), Some("error"), "{text}");
    }
    assert!(stanza("<iq id='1' type='result'/>").payload().is_none());
    assert!(stanza("<iq id='1' type='error'><error type='cancel'/></iq>").payload().is_none());
}
