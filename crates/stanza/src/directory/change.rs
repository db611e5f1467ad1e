//! One change of the directory: `<user/>`, somebody is online like this, or `<gone/>`, somebody went.

use std::sync::Arc;

use chatdev_directory::{Change, Departure, Entry, Profile, Reason, Show};
use chatdev_xml::{Builder, Node};
use jid::FullJid;

use super::check_in::ENDPOINTS_READ_MAX;
use super::{NS, piece};
use crate::malformed::{Malformed, required, required_parsed};

/// Reads `<user/>` or `<gone/>`; `None` for every other element.
pub(super) fn read(node: Node<'_>) -> Result<Option<Change>, Malformed> {
    if node.is(NS, "user") {
        return entry(node).map(|entry| Some(Change::Online(Arc::new(entry))));
    }
    if node.is(NS, "gone") {
        return departure(node).map(|departure| Some(Change::Gone(departure)));
    }
    Ok(None)
}

/// An unknown `show` reads as available, and an endpoint that cannot be read is left out: the person is online all the
/// same, and a later server may know more than we do.
fn entry(node: Node<'_>) -> Result<Entry, Malformed> {
    Ok(Entry {
        jid: jid(node)?,
        session: required_parsed(node, "session", "1 to 16 visible ASCII characters")?,
        profile: Profile {
            nick: piece::said(node.attribute("nick")),
            show: node.attribute("show").and_then(|show| show.parse().ok()).unwrap_or(Show::Available),
            status: piece::said(node.child(NS, "status").map(Node::text)),
        },
        endpoints: piece::endpoints(node).take(ENDPOINTS_READ_MAX).filter_map(Result::ok).collect(),
        fingerprint: piece::fingerprint(node)?,
        since: piece::instant(node, "since")?,
    })
}

/// A reason that is unknown or missing reads as `closed`.
fn departure(node: Node<'_>) -> Result<Departure, Malformed> {
    let reason = node.attribute("reason").and_then(|reason| reason.parse().ok());
    Ok(Departure {
        jid: jid(node)?,
        last: piece::instant(node, "last")?,
        reason: reason.unwrap_or(Reason::Closed),
    })
}

fn jid(node: Node<'_>) -> Result<Arc<FullJid>, Malformed> {
    let jid = required(node, "jid")?;
    FullJid::new(&jid).map(Arc::new).map_err(|_| Malformed::new("a full JID in attribute ‘jid’", &jid))
}

pub(super) fn write(out: Builder, change: &Change) -> Builder {
    match change {
        Change::Online(entry) => write_entry(out, entry),
        Change::Gone(departure) => out
            .open(NS, "gone")
            .attribute("jid", departure.jid.as_str())
            .attribute("last", &departure.last.to_string())
            .attribute("reason", departure.reason.as_str())
            .close(),
    }
}

fn write_entry(out: Builder, entry: &Entry) -> Builder {
    let mut out = out
        .open(NS, "user")
        .attribute("jid", entry.jid.as_str())
        .attribute("session", entry.session.as_str())
        .attribute_opt("nick", entry.profile.nick.as_deref())
        .attribute_opt("show", entry.profile.show.as_str())
        .attribute("since", &entry.since.to_string());
    if let Some(status) = &entry.profile.status {
        out = out.open(NS, "status").text(status).close();
    }
    out = entry.endpoints.iter().fold(out, piece::write_endpoint);
    match entry.fingerprint {
        Some(fingerprint) => piece::write_fingerprint(out, fingerprint),
        None => out,
    }
    .close()
}

/// How many octets a change takes in an answer, or a few more: who fills an answer up to a limit asks before writing.
/// For plain texts the excess is below 64 octets.
pub fn octets_max(change: &Change) -> usize {
    /// An instant with nine decimals, as long as they get.
    const INSTANT: usize = "-009999-01-02T01:59:59.999999999Z".len();
    match change {
        Change::Gone(departure) => {
            "<gone jid='' last='' reason='closed'/>".len() + escaped_len(departure.jid.as_str()) + INSTANT
        }
        Change::Online(entry) => {
            let tags = "<user jid='' session='' nick='' show='chat' since=''><status></status></user>".len();
            let endpoint = "<endpoint host='' port='65535'/>".len();
            let address = |address: std::net::IpAddr| if address.is_ipv4() { 15 } else { 39 };
            let endpoints = entry.endpoints.iter().map(|known| endpoint + address(known.address));
            let fingerprint =
                "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256'></fingerprint>".len() + 95;
            let said = |text: &Option<Box<str>>| text.as_deref().map_or(0, escaped_len);
            tags + INSTANT
                + escaped_len(entry.jid.as_str())
                + entry.session.as_str().len()
                + said(&entry.profile.nick)
                + said(&entry.profile.status)
                + endpoints.sum::<usize>()
                + entry.fingerprint.map_or(0, |_| fingerprint)
        }
    }
}

/// The octets of a text in an attribute value, where more is escaped than between tags. A forbidden character becomes
/// U+FFFD, three octets.
fn escaped_len(text: &str) -> usize {
    let octets = text.bytes().map(|octet| match octet {
        b'\'' | b'"' => "&apos;".len(),
        b'&' | b'\t' | b'\n' | b'\r' => "&amp;".len(),
        b'<' | b'>' => "&lt;".len(),
        0..0x20 => "\u{fffd}".len(),
        _ => 1,
    });
    octets.sum()
}
