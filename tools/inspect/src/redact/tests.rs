//! What is hidden and what stays, by example; `places` tries every place where a secret may stand.

mod places;

use proptest::prelude::*;

use super::*;
use crate::model::At;

/// As something of that kind on a stream on which nobody authenticates any more.
fn rewritten(text: &str, kind: Kind, hides_names: bool, stand_ins: &mut StandIns) -> String {
    rewrite::rewritten(text, About { kind, is_established: true, hides_names }, stand_ins)
}

/// As a stanza, or what stands instead of one.
fn kind_of(text: &str) -> Kind {
    match text.split([' ', '>', '/']).next() {
        Some("<iq") => Kind::Iq,
        Some("<message") => Kind::Message,
        Some("<presence") => Kind::Presence,
        Some("<auth" | "<authenticate" | "<response" | "<success") => Kind::Sasl,
        Some("<enabled" | "<resume") => Kind::Sm,
        _ => Kind::Nonza,
    }
}

fn secretless(text: &str) -> String {
    rewritten(text, kind_of(text), false, &mut StandIns::default())
}

fn nameless(texts: &[&str]) -> Vec<String> {
    let mut stand_ins = StandIns::default();
    texts.iter().map(|text| rewritten(text, kind_of(text), true, &mut stand_ins)).collect()
}

#[test]
fn what_sasl_elements_hold_is_hidden_and_the_elements_stay() {
    assert_eq!(
        secretless("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"),
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>…</auth>"
    );
    assert_eq!(
        secretless(
            "<authenticate xmlns='urn:xmpp:sasl:2'><initial-response>biws</initial-response></authenticate>"
        ),
        "<authenticate xmlns='urn:xmpp:sasl:2'><initial-response>…</initial-response></authenticate>"
    );
    assert_eq!(secretless("<response>AAA"), "<response>…");
    assert_eq!(secretless("<enabled id='abc' resume='true'/>"), "<enabled id='session1' resume='true'/>");
}

#[test]
fn passwords_are_hidden_wherever_they_stand() {
    assert_eq!(
        secretless(
            "<query xmlns='jabber:iq:register'><username>bob</username><password>a &amp; b</password></query>"
        ),
        "<query xmlns='jabber:iq:register'><username>bob</username><password>…</password></query>"
    );
    let form = |fields: &str| format!("<iq><x xmlns='jabber:x:data'>{fields}</x></iq>");
    assert_eq!(
        secretless(&form(
            "<field var='muc#roomconfig_roomsecret'><value>x</value></field><field var='other'><value>y</value></field>"
        )),
        form(
            "<field var='muc#roomconfig_roomsecret'><value>…</value></field><field var='other'><value>y</value></field>"
        )
    );
    assert_eq!(secretless("<x jid='room@x' password='p'/>"), "<x jid='room@x' password='…'/>");
}

#[test]
fn a_name_has_the_same_stand_in_everywhere() {
    assert_eq!(
        nameless(&[
            "<message from='alice@x.example/desk' to='bob@x.example' id='7' type='chat'><body>Hello &lt;3</body></message>",
            "<iq from='bob@x.example' to='alice@x.example/desk' id='7' type='result'/>",
        ]),
        [
            "<message from='user1@domain1/resource1' to='user2@domain1' id='id1' type='chat'><body>(8 characters)</body></message>",
            "<iq from='user2@domain1' to='user1@domain1/resource1' id='id1' type='result'/>",
        ]
    );
}

#[test]
fn labels_and_details_name_nobody() {
    let mut redactor = Redactor::new(Reach::Everything);
    let mut entry = Entry::empty(1, At(0), Kind::Message);
    entry.ends = ["alice@x.example (not signed in)".into(), "10.0.0.7:5222".into()];
    entry.detail = "meet me at noon".into();
    entry.raw = Cow::Borrowed(b"<message><body>meet me at noon</body></message>");
    let hidden = redactor.redacted(&entry).into_owned();
    assert_eq!(hidden.ends, ["user1@domain1 (not signed in)", "host1:5222"]);
    assert_eq!(hidden.detail, "(15 characters)");
    assert_eq!(hidden.text(), "<message><body>(15 characters)</body></message>");
}

proptest! {
    #[test]
    fn no_name_and_no_text_is_left(
        local in "[a-z]{5,9}", domain in "[a-z]{5,9}\\.example", body in "Q[a-zA-Z<&\"]{6,20}Q", nick in "Q[A-Z]{5,9}Q",
    ) {
        let escaped = body.replace('&', "&amp;").replace('<', "&lt;");
        let text = format!("<presence from='{local}@{domain}/r' x:nick=\"{nick}\"><status>{escaped}</status><a><b>{nick}</b></a>");
        let hidden = nameless(&[&text]).remove(0);
        for secret in [&local, &domain, &nick, &escaped] {
            prop_assert!(!hidden.contains(secret.as_str()), "{secret} in {hidden}");
        }
    }

    #[test]
    fn any_text_is_taken(text: String) {
        secretless(&text);
        nameless(&[&text]);
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is_broken_or_not(body in "[b-d <>&'=]{0,30}") {
        let text = format!("<message><body>{body}</body></message>");
        let mut entry = Entry::empty(1, At(0), Kind::Message);
        entry.raw = Cow::Borrowed(text.as_bytes());
        let shown = Redactor::new(Reach::Secrets).redacted(&entry).text().into_owned();
        prop_assert_eq!(&shown, &text);
    }
}
