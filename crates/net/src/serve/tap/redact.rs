//! What in an element is a secret, and the element without it.
//!
//! - everything inside `<auth/>`, `<response/>`, `<challenge/>` and `<success/>` (RFC 6120 §6.4; in SASL's namespace
//!   anywhere, at the top in any), and what their kind has in XEP-0388
//! - everything inside any `<password/>` or `<digest/>` (XEP-0077, XEP-0078, XEP-0045, XEP-0215)
//! - values of fields of forms that ask for a password, or are not to be shown (XEP-0004 `text-private`)
//! - the attributes `password`, `token` (XEP-0484, XEP-0445) and `previd`, and the `id` of `<enabled/>` (XEP-0198): who
//!   knows it can go on with the session
//!
//! The element itself, its other attributes and what stands around it stay. What people write to each other is not a
//! secret here: it is what a tap is for.

use chatdev_xml::{Builder, Content, Element, Node};

/// SASL, RFC 6120 §6.
pub(super) const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// SASL2, XEP-0388.
const NS_SASL2: &str = "urn:xmpp:sasl:2";
/// Forms, XEP-0004.
const NS_FORMS: &str = "jabber:x:data";
/// Stream management, XEP-0198, but for its version.
const NS_SM: &str = "urn:xmpp:sm:";

/// What stands where a secret stood.
const REDACTED: &str = "…";

/// The element without its secrets; `None` if it has none.
pub(super) fn redacted(element: &Element) -> Option<Element> {
    let root = element.root();
    if !holds_secret(root, Place::Top) {
        return None;
    }
    let mut copy = Builder::like(root, &secret_attributes(root));
    write_content(&mut copy, root, Place::Top);
    Some(copy.build())
}

/// Where an element stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Within,
    /// In a field that asks for a secret.
    SecretField,
}

impl Place {
    fn inside(node: Node<'_>) -> Self {
        if is_secret_field(node) { Self::SecretField } else { Self::Within }
    }
}

/// Depth is bounded by the reader's limits.
fn holds_secret(node: Node<'_>, place: Place) -> bool {
    (is_secret_within(node, place) && node.content().next().is_some())
        || !secret_attributes(node).is_empty()
        || node.children().any(|child| holds_secret(child, Place::inside(node)))
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
            Content::Text(text) => copy.add_text(&text),
            Content::Element(child) => {
                copy.add_open_like(child, &secret_attributes(child));
                write_content(copy, child, Place::inside(node));
                copy.add_close();
            }
        }
    }
}

/// Whether all that stands inside it is secret.
fn is_secret_within(node: Node<'_>, place: Place) -> bool {
    let exchange = matches!(node.name(), "auth" | "response" | "challenge" | "success");
    match (node.namespace(), node.name()) {
        (_, "password" | "digest") => true,
        (NS_SASL, _) => exchange,
        (NS_SASL2, "initial-response" | "response" | "challenge" | "additional-data" | "task-data") => true,
        // The rest of SASL2 has elements inside, of which some are to be seen.
        (NS_SASL2, _) => false,
        (NS_FORMS, "value") => place == Place::SecretField,
        // A client that gets the namespace wrong shows its password all the same.
        _ => exchange && place == Place::Top,
    }
}

fn is_secret_field(node: Node<'_>) -> bool {
    let names_one = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("password") || name.contains("secret")
    };
    node.is(NS_FORMS, "field")
        && (node.attribute("type").is_some_and(|kind| kind == "text-private")
            || node.attribute("var").is_some_and(|var| names_one(&var)))
}

/// Attributes whose values are secrets, with what stands there instead.
fn secret_attributes(node: Node<'_>) -> Vec<(&'static str, Option<&'static str>)> {
    let resumable = node.name() == "enabled" && node.namespace().starts_with(NS_SM);
    let names = ["password", "token", "previd"].into_iter().chain(resumable.then_some("id"));
    names.filter(|name| node.attribute(name).is_some()).map(|name| (name, Some(REDACTED))).collect()
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
