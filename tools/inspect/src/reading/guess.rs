//! Whether a connection is XMPP, by its first octets, its port, or what its TLS offers.

use crate::model::End;
use crate::tls::Told;

/// Ports of XMPP: clients, clients with TLS at once, servers, servers with TLS at once, serverless messaging (XEP-0174), components.
const PORTS: [u16; 7] = [5222, 5223, 5269, 5270, 5275, 5298, 5347];

/// What the first octets say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    Xmpp,
    Tls,
    Other,
}

pub(super) fn has_xmpp_port(end: &End) -> bool {
    end.address.is_some_and(|address| PORTS.contains(&address.port()))
}

pub(super) fn by_content(octets: &[u8], from_start: bool, has_xmpp_port: bool) -> Guess {
    let begins = octets.trim_ascii_start();
    match begins.first() {
        Some(0x16) => Guess::Tls,
        Some(b'<') => Guess::Xmpp,
        // Nothing but white space.
        None => Guess::Xmpp,
        // The middle of a stanza, or of a record of TLS.
        Some(_) if !from_start && has_xmpp_port => Guess::Xmpp,
        Some(_) => Guess::Other,
    }
}

/// Whether a connection that begins so is HTTP (RFC 9110 §9, RFC 5789, the preface of RFC 9113 §3.4), from either side.
pub(super) fn is_http(octets: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 11] = [
        b"GET ",
        b"HEAD ",
        b"POST ",
        b"PUT ",
        b"DELETE ",
        b"CONNECT ",
        b"OPTIONS ",
        b"TRACE ",
        b"PATCH ",
        b"PRI * HTTP/",
        b"HTTP/",
    ];
    BEGINNINGS.iter().any(|beginning| octets.starts_with(beginning))
}

/// Whether it is XMPP within TLS; `None` while that cannot be told.
pub(super) fn by_tls(told: &Told<'_>, has_xmpp_port: bool) -> Option<bool> {
    if has_xmpp_port {
        return Some(true);
    }
    match told {
        Told::ClientHello { alpn, .. } if alpn.iter().any(|protocol| protocol.starts_with("xmpp-")) => {
            Some(true)
        }
        Told::ClientHello { alpn, .. } if !alpn.is_empty() => Some(false),
        Told::Plain(octets) => Some(octets.trim_ascii_start().starts_with(b"<")),
        Told::Sealed { .. } | Told::Unreadable { .. } => Some(false),
        _ => None,
    }
}
