//! Which [`Kind`] a top-level element is, by its name and namespace.

use crate::entry::Kind;

pub(super) const NS_TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
pub(super) const NS_SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
pub(super) const NS_SASL2: &str = "urn:xmpp:sasl:2";
pub(super) const NS_BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(super) const NS_DIRECTORY: &str = "urn:chatdev:directory:1";
pub(super) const NS_RECEIPTS: &str = "urn:xmpp:receipts";
pub(super) const NS_MARKERS: &str = "urn:xmpp:chat-markers:0";

/// `is_content`: whether the element is in the namespace of its stream.
pub(super) fn kind(namespace: &str, local_name: &str, is_content: bool) -> Kind {
    match (namespace, local_name) {
        (_, "message") if is_content => Kind::Message,
        (_, "presence") if is_content => Kind::Presence,
        (_, "iq") if is_content => Kind::Iq,
        (_, "handshake") if is_content => Kind::Sasl,
        (chatdev_xml::NS_STREAMS, _) => Kind::Stream,
        (NS_TLS, _) => Kind::Tls,
        (NS_SASL | NS_SASL2 | "jabber:server:dialback", _) => Kind::Sasl,
        ("urn:xmpp:sm:2" | "urn:xmpp:sm:3", _) => Kind::Sm,
        _ => Kind::Nonza,
    }
}
