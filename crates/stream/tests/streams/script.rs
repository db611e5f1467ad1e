//! What a client or a server may say, for tests in which one end is a script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A client's stream header.
pub(crate) const CLIENT_HEADER: &str = "<?xml version='1.0'?><stream:stream to='example.net' version='1.0' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// A server's stream header.
pub(crate) const SERVER_HEADER: &str = "<?xml version='1.0'?><stream:stream from='example.net' id='42' version='1.0' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// `<starttls/>`
pub(crate) const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// An `<auth/>` with this message.
pub(crate) fn auth(mechanism: &str, message: &str) -> String {
    let message = STANDARD.encode(message);
    format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{message}</auth>")
}

/// A `<response/>` with this message.
pub(crate) fn response(message: &str) -> String {
    format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</response>", STANDARD.encode(message))
}

/// A `<challenge/>` with this message.
pub(crate) fn challenge(message: &str) -> String {
    format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</challenge>", STANDARD.encode(message))
}

/// The request to bind a resource.
pub(crate) fn bind(resource: &str) -> String {
    format!(
        "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <resource>{resource}</resource></bind></iq>"
    )
}

/// Features with these mechanisms.
pub(crate) fn mechanisms(names: &[&str]) -> String {
    let names: String = names.iter().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
    format!(
        "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{names}</mechanisms></stream:features>"
    )
}

/// The SASL messages in what somebody said, decoded, the newest last.
pub(crate) fn messages(said: &str) -> Vec<String> {
    said.split(['<', '>'])
        .filter_map(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok())
        .filter(|message| message.contains('='))
        .collect()
}
