//! What of a negotiation the proxy has to know: where TLS begins, what is offered, who signs in and how.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_xml::{Event, Node};

use crate::model::Side;

const NS_STREAMS: &str = "http://etherx.jabber.org/streams";
const NS_TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const NS_SASL2: &str = "urn:xmpp:sasl:2";

/// Something of interest that a side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The client's stream is for this domain.
    Domain(String),
    /// TLS begins behind it (RFC 6120 §5.4.2.3).
    Proceed,
    /// Features.
    Features,
    /// The client signs in, and says of channel binding what stands here (RFC 5802 §7, `gs2-cbind-flag`).
    SignsIn(Flag),
    /// The server has put a hash of what it offered into its challenge (XEP-0474).
    HashOfOffers,
    /// Nothing has to be known any more.
    SignedIn,
}

/// What a client says of channel binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// It would if it were offered.
    WouldIfOffered,
    /// It does, in this way.
    Does(String),
    /// It does not, or the mechanism has no way to say so.
    DoesNot,
}

/// What `side` says with it, if that is of interest.
pub(super) fn notice(side: Side, event: &Event) -> Option<Notice> {
    match (side, event) {
        (Side::Dialler, Event::Open(header)) => {
            header.attribute("to").map(|domain| Notice::Domain(domain.into_owned()))
        }
        (Side::Dialler, Event::Element(element)) => signs_in(element.root()).map(Notice::SignsIn),
        (Side::Answerer, Event::Element(element)) => of_server(element.root()),
        _ => None,
    }
}

fn of_server(element: Node<'_>) -> Option<Notice> {
    let sasl = [NS_SASL, NS_SASL2].contains(&element.namespace());
    match element.name() {
        "proceed" if element.namespace() == NS_TLS => Some(Notice::Proceed),
        "features" if element.namespace() == NS_STREAMS => Some(Notice::Features),
        "challenge" if sasl => {
            let challenge = STANDARD.decode(element.text().trim()).ok()?;
            let hashed =
                challenge.split(|&octet| octet == b',').any(|attribute| attribute.starts_with(b"h="));
            hashed.then_some(Notice::HashOfOffers)
        }
        "success" if sasl => Some(Notice::SignedIn),
        // Whoever gets these has been let in, in a way that is not known here.
        "message" | "presence" => Some(Notice::SignedIn),
        _ => None,
    }
}

fn signs_in(element: Node<'_>) -> Option<Flag> {
    let text = if element.is(NS_SASL, "auth") {
        element.text()
    } else if element.is(NS_SASL2, "authenticate") {
        element.child(NS_SASL2, "initial-response")?.text()
    } else {
        return None;
    };
    if !element.attribute("mechanism")?.starts_with("SCRAM-") {
        return Some(Flag::DoesNot);
    }
    let message = STANDARD.decode(text.trim()).ok()?;
    let flag = String::from_utf8_lossy(message.split(|&octet| octet == b',').next()?).into_owned();
    Some(match flag.strip_prefix("p=") {
        Some(kind) => Flag::Does(kind.to_owned()),
        None if flag == "y" => Flag::WouldIfOffered,
        None => Flag::DoesNot,
    })
}

#[cfg(test)]
mod tests {
    use chatdev_xml::Element;

    use super::*;

    fn of(side: Side, xml: &str) -> Option<Notice> {
        notice(side, &Event::Element(Element::parse(xml).unwrap()))
    }

    fn auth(mechanism: &str, message: &str) -> Option<Notice> {
        let text = STANDARD.encode(message);
        let one =
            of(Side::Dialler, &format!("<auth xmlns='{NS_SASL}' mechanism='{mechanism}'>{text}</auth>"));
        let two = format!(
            "<authenticate xmlns='{NS_SASL2}' mechanism='{mechanism}'><initial-response>{text}</initial-response></authenticate>"
        );
        assert_eq!(of(Side::Dialler, &two), one);
        one
    }

    #[test]
    fn what_a_client_says_of_channel_binding_is_read_in_both_profiles() {
        assert_eq!(auth("SCRAM-SHA-1", "y,,n=a,r=b"), Some(Notice::SignsIn(Flag::WouldIfOffered)));
        assert_eq!(auth("SCRAM-SHA-1", "n,a=y,n=a,r=b"), Some(Notice::SignsIn(Flag::DoesNot)));
        assert_eq!(
            auth("SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=a"),
            Some(Notice::SignsIn(Flag::Does("tls-exporter".to_owned())))
        );
        assert_eq!(auth("PLAIN", "y,\0a\0b"), Some(Notice::SignsIn(Flag::DoesNot)));
    }

    #[test]
    fn the_server_is_listened_to_for_tls_features_and_success() {
        let challenge =
            |text: &str| format!("<challenge xmlns='{NS_SASL}'>{}</challenge>", STANDARD.encode(text));
        assert_eq!(of(Side::Answerer, &format!("<proceed xmlns='{NS_TLS}'/>")), Some(Notice::Proceed));
        assert_eq!(of(Side::Dialler, &format!("<proceed xmlns='{NS_TLS}'/>")), None);
        assert_eq!(of(Side::Answerer, &format!("<features xmlns='{NS_STREAMS}'/>")), Some(Notice::Features));
        assert_eq!(of(Side::Answerer, &challenge("r=x,s=y,i=4096,h=abc")), Some(Notice::HashOfOffers));
        assert_eq!(of(Side::Answerer, &challenge("r=h,s=h=,i=4096")), None);
        assert_eq!(of(Side::Answerer, &format!("<success xmlns='{NS_SASL2}'/>")), Some(Notice::SignedIn));
        assert_eq!(of(Side::Answerer, "<iq/>"), None);
    }
}
