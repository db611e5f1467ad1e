//! What in an element is a secret, and the element without it.
//!
//! - everything inside `<auth/>`, `<response/>`, `<challenge/>` and `<success/>` (RFC 6120 §6.4; in SASL's namespace
//!   anywhere, at the top in any), `<handshake/>` (XEP-0114), dialback's keys (XEP-0220), and what their kind has in
//!   XEP-0388 and XEP-0480
//! - everything inside elements, and values of attributes, whose names say so: `password`, `access_token`, `secret`,
//!   `pwd` and the like (XEP-0045, XEP-0077, XEP-0078, XEP-0176, XEP-0215, XEP-0445, XEP-0484), `digest`, `key`,
//!   `key-params`
//! - values of fields of forms that ask for such a thing by their name, or are not to be shown (XEP-0004 `text-private`)
//! - `previd`, and the `id` of `<enabled/>` (XEP-0198): who knows it can go on with the session
//! - headers and addresses of upload slots (XEP-0363), and values of such parameters of any address (`;preauth=…`)
//!
//! The element itself, its other attributes and what stands around it stay. What people write to each other is not a
//! secret here: it is what a tap is for. `chatdev-inspect` hides the same in what it shows of any program, where
//! elements may be torn (`tools/inspect/src/redact/secrets.rs`); whoever adds to one list adds to the other.

use std::borrow::Cow;

use chatdev_xml::{Builder, Content, Element, Node};

/// SASL, RFC 6120 §6.
pub(super) const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// SASL2, XEP-0388.
const NS_SASL2: &str = "urn:xmpp:sasl:2";
/// Forms, XEP-0004.
const NS_FORMS: &str = "jabber:x:data";
/// Dialback, XEP-0220.
const NS_DIALBACK: &str = "jabber:server:dialback";
/// Upload slots, XEP-0363, but for its version.
const NS_UPLOAD: &str = "urn:xmpp:http:upload";
/// Upgrades of what a server stores, XEP-0480, but for its version.
const NS_SCRAM_UPGRADE: &str = "urn:xmpp:scram-upgrade:";
/// OMEMO, XEP-0384, where a `<key/>` is sealed for whoever it is for.
const NS_OMEMO: [&str; 2] = ["eu.siacs.conversations.axolotl", "urn:xmpp:omemo:2"];

/// What stands where a secret stood.
const REDACTED: &str = "…";

/// The element without its secrets; `None` if it has none.
pub(super) fn redacted(element: &Element) -> Option<Element> {
    let root = element.root();
    if !holds_secret(root, Place::Top) {
        return None;
    }
    let mut copy = Builder::like(root, &borrowed(&secret_attributes(root)));
    write_content(&mut copy, root, Place::Top);
    Some(copy.build())
}

/// Where an element stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Within,
    /// In a field of a form.
    Field,
    /// In a field that asks for a secret.
    SecretField,
}

impl Place {
    /// `outer` is where `node` stands itself.
    fn inside(node: Node<'_>, outer: Self) -> Self {
        match node.name() {
            "field" if node.namespace() == NS_FORMS && is_secret_field(node) => Self::SecretField,
            "field" if node.namespace() == NS_FORMS => Self::Field,
            "option" if outer != Self::Top => outer,
            _ => Self::Within,
        }
    }
}

/// Depth is bounded by the reader's limits.
fn holds_secret(node: Node<'_>, place: Place) -> bool {
    (is_secret_within(node, place) && node.content().next().is_some())
        || !secret_attributes(node).is_empty()
        || node.content().any(|content| match content {
            Content::Text(text) => without_parameters(&text).is_some(),
            Content::Element(child) => holds_secret(child, Place::inside(node, place)),
        })
}

fn write_content(copy: &mut Builder, node: Node<'_>, place: Place) {
    if is_secret_within(node, place) {
        if node.content().next().is_some() {
            copy.add_text(REDACTED);
        }
        return;
    }
    for content in node.content() {
        match content {
            Content::Text(text) => copy.add_text(&without_parameters(&text).map_or(text, Cow::Owned)),
            Content::Element(child) => {
                copy.add_open_like(child, &borrowed(&secret_attributes(child)));
                write_content(copy, child, Place::inside(node, place));
                copy.add_close();
            }
        }
    }
}

/// Whether all that stands inside it is secret.
fn is_secret_within(node: Node<'_>, place: Place) -> bool {
    match (node.namespace(), node.name()) {
        (NS_SASL | NS_SASL2, "auth" | "response" | "challenge") | (NS_SASL, "success") => true,
        // The rest of SASL2 has elements inside, of which some are to be seen.
        (NS_SASL2, "success") => false,
        (_, "initial-response" | "additional-data" | "task-data") => true,
        (_, "digest" | "stored-key" | "server-key") => true,
        // A client that gets the namespace wrong shows its password all the same.
        (_, "auth" | "response" | "challenge" | "success" | "handshake") => place == Place::Top,
        (namespace, "result" | "verify") => namespace == NS_DIALBACK,
        (namespace, "key") => !NS_OMEMO.contains(&namespace),
        (namespace, "hash") => namespace.starts_with(NS_SCRAM_UPGRADE),
        (namespace, "header") => namespace.starts_with(NS_UPLOAD),
        (NS_FORMS, "value") => place != Place::Field,
        (_, name) => names_secret(name),
    }
}

fn is_secret_field(node: Node<'_>) -> bool {
    let asks = |name: &str| holds_any(name, &["pass", "secret", "token", "pwd", "preauth"]);
    node.attribute("type").is_some_and(|kind| kind == "text-private")
        || node.attribute("var").is_some_and(|var| asks(&var))
}

/// Whether a name says that what it names is a secret.
fn names_secret(name: &str) -> bool {
    holds_any(name, &["passw", "passphrase", "secret", "token", "pwd", "preauth"])
        || name.eq_ignore_ascii_case("pass")
}

/// Whether one of the words, which are ASCII, is in it, in any case.
fn holds_any(text: &str, words: &[&str]) -> bool {
    let holds = |word: &&str| {
        text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    words.iter().any(holds)
}

/// Attributes whose values are secrets, or hold some, with what stands there instead.
fn secret_attributes(node: Node<'_>) -> Vec<(&str, Cow<'static, str>)> {
    let is_address = |name: &str| {
        name == "url" && matches!(node.name(), "put" | "get") && node.namespace().starts_with(NS_UPLOAD)
    };
    let plain = node.attributes().filter(|attribute| attribute.namespace().is_empty());
    plain
        .filter_map(|attribute| {
            let name = attribute.name();
            let is_secret = matches!(name, "previd" | "key" | "newkey" | "key-params" | "digest")
                || (name == "id" && node.name() == "enabled")
                || names_secret(name);
            let instead = match attribute.value() {
                value if is_address(name) => Some(Cow::Owned(host_of(&value).to_owned() + REDACTED)),
                _ if is_secret => Some(Cow::Borrowed(REDACTED)),
                value => without_parameters(&value).map(Cow::Owned),
            };
            instead.map(|instead| (name, instead))
        })
        .collect()
}

fn borrowed<'a>(set: &'a [(&str, Cow<'static, str>)]) -> Vec<(&'a str, Option<&'a str>)> {
    set.iter().map(|(name, value)| (*name, Some(&**value))).collect()
}

/// The host of an address, unless somebody signs in there with it.
fn host_of(address: &str) -> &str {
    let Some(begin) = address.find("://").map(|at| at + 3) else { return "" };
    let end = address[begin..].find(['/', '?', '#', '\\']).map_or(address.len(), |at| begin + at + 1);
    if address[..end].contains('@') { "" } else { &address[..end] }
}

/// The text with values of parameters hidden whose names say that they are secret: `xmpp:x?register;preauth=…`; `None` if
/// there are none.
fn without_parameters(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for (equals, _) in text.match_indices('=') {
        if equals < copied {
            continue;
        }
        let is_of_name =
            |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        let name_len: usize = text[..equals].chars().rev().take_while(is_of_name).map(char::len_utf8).sum();
        let (before, name) = text[..equals].split_at(equals - name_len);
        let is_parameter = before.ends_with(['?', ';', '&', '#']);
        if !(names_secret(name) && (is_parameter || holds_any(name, &["preauth"]))) {
            continue;
        }
        let ends = |character: char| {
            character.is_whitespace() || matches!(character, ';' | '&' | '#' | '"' | '\'' | '<' | '>')
        };
        let value = &text[equals + 1..];
        let len = value.find(ends).unwrap_or(value.len());
        if len > 0 {
            let out = out.get_or_insert_default();
            out.push_str(&text[copied..=equals]);
            out.push_str(REDACTED);
            copied = equals + 1 + len;
        }
    }
    if let Some(out) = &mut out {
        out.push_str(&text[copied..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let element = Element::parse(text).unwrap();
        redacted(&element).unwrap_or(element).as_str().to_owned()
    }

    #[test]
    fn what_is_inside_sasl_is_gone_and_the_rest_stays() {
        for (said, expected) in [
            (
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' xmlns:ga='urn:google' ga:full='true' mechanism='PLAIN'>AGEAYg==</auth>",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' xmlns:ns0='urn:google' ns0:full='true' mechanism='PLAIN'>…</auth>",
            ),
            (
                "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1ub25jZQ==</challenge>",
                "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</challenge>",
            ),
            (
                "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1hYmM=</success>",
                "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>…</success>",
            ),
            ("<auth>AGEAYg==<b/></auth>", "<auth>…</auth>"),
            (
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>AA</initial-response>\
                 <user-agent id='u'><software>x</software></user-agent></authenticate>",
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>…</initial-response>\
                 <user-agent id='u'><software>x</software></user-agent></authenticate>",
            ),
        ] {
            assert_eq!(told(said), expected);
        }
    }

    #[test]
    fn passwords_are_gone_wherever_they_stand() {
        for (said, expected) in [
            (
                "<iq type='set'><query xmlns='jabber:iq:register'><username>a</username><password>b</password></query></iq>",
                "<iq type='set'><query xmlns='jabber:iq:register'><username>a</username><password>…</password></query></iq>",
            ),
            (
                "<iq><query xmlns='jabber:iq:auth'><digest>48fc78be</digest><resource>r</resource></query></iq>",
                "<iq><query xmlns='jabber:iq:auth'><digest>…</digest><resource>r</resource></query></iq>",
            ),
            (
                "<presence><x xmlns='http://jabber.org/protocol/muc'><password>b</password></x></presence>",
                "<presence><x xmlns='http://jabber.org/protocol/muc'><password>…</password></x></presence>",
            ),
            (
                "<iq><x xmlns='jabber:x:data'><field var='username'><value>a</value></field>\
                 <field var='Password-Verify'><value>b</value></field><field type='text-private' var='c'><value>d</value></field></x></iq>",
                "<iq><x xmlns='jabber:x:data'><field var='username'><value>a</value></field>\
                 <field var='Password-Verify'><value>…</value></field><field type='text-private' var='c'><value>…</value></field></x></iq>",
            ),
            (
                "<iq><service xmlns='urn:xmpp:extdisco:2' username='a' password='b' type='turn'/></iq>",
                "<iq><service xmlns='urn:xmpp:extdisco:2' username='a' password='…' type='turn'/></iq>",
            ),
        ] {
            assert_eq!(told(said), expected);
        }
    }

    #[test]
    fn what_lets_others_in_elsewhere_is_gone() {
        for (said, expected) in [
            (
                "<next xmlns='urn:xmpp:sasl:2'><task-data><hash xmlns='urn:xmpp:scram-upgrade:0'>x</hash></task-data></next>",
                "<next xmlns='urn:xmpp:sasl:2'><task-data>…</task-data></next>",
            ),
            ("<handshake>x</handshake>", "<handshake>…</handshake>"),
            (
                "<result xmlns='jabber:server:dialback' from='a'>x</result>",
                "<result xmlns='jabber:server:dialback' from='a'>…</result>",
            ),
            (
                "<iq><token xmlns='urn:a'><access_token>x</access_token></token></iq>",
                "<iq><token xmlns='urn:a'>…</token></iq>",
            ),
            (
                "<iq><transport xmlns='urn:a' ufrag='a' pwd='b'/></iq>",
                "<iq><transport xmlns='urn:a' ufrag='a' pwd='…'/></iq>",
            ),
            (
                "<iq><slot xmlns='urn:xmpp:http:upload:0'><put url='https://up.example/a?b'><header name='Authorization'>c</header></put></slot></iq>",
                "<iq><slot xmlns='urn:xmpp:http:upload:0'><put url='https://up.example/…'><header name='Authorization'>…</header></put></slot></iq>",
            ),
            (
                "<message><body>come: xmpp:a.example?register;preauth=x;ibr=y soon</body></message>",
                "<message><body>come: xmpp:a.example?register;preauth=…;ibr=y soon</body></message>",
            ),
            (
                "<iq><x xmlns='jabber:x:data'><field var='a'><option><value>b</value></option></field><field var='MyPwd'><value>c</value></field></x></iq>",
                "<iq><x xmlns='jabber:x:data'><field var='a'><option><value>b</value></option></field><field var='MyPwd'><value>…</value></field></x></iq>",
            ),
        ] {
            assert_eq!(told(said), expected);
        }
    }

    #[test]
    fn what_a_session_could_be_taken_over_with_is_gone() {
        for (said, expected) in [
            (
                "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>",
                "<enabled xmlns='urn:xmpp:sm:3' id='…' resume='true'/>",
            ),
            (
                "<resume xmlns='urn:xmpp:sm:3' h='1' previd='x'/>",
                "<resume xmlns='urn:xmpp:sm:3' h='1' previd='…'/>",
            ),
            (
                "<a xmlns='urn:a'><token xmlns='urn:xmpp:fast:0' token='x'/></a>",
                "<a xmlns='urn:a'><token xmlns='urn:xmpp:fast:0' token='…'/></a>",
            ),
        ] {
            assert_eq!(told(said), expected);
        }
    }

    #[test]
    fn what_is_no_secret_is_not_touched() {
        for said in [
            "<message id='x' to='b@example.net'><body>my password is pencil</body></message>",
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no</text></failure>",
            "<iq><query xmlns='jabber:iq:register'><password/></query></iq>",
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'/>",
            "<message><response xmlns='urn:a'>yes</response></message>",
        ] {
            assert_eq!(redacted(&Element::parse(said).unwrap()), None, "{said}");
        }
    }
}
