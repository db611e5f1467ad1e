//! Peer streams of ChatDev (PROTOCOL §3): inside which TLS, what they carry, whose messages, numbered how.

use chatdev_stanza::peer::Sequence;
use chatdev_xml::{Element, NS_STREAMS};

use super::address;
use super::ground::Ground;
use super::rules::*;
use super::said::{Said, What, quoted};
use crate::entry::{Finding, Kind};
use crate::model::Side;
use crate::understanding::Nature;

/// What a dialler of a peer offers in its ClientHello.
const ALPN: &str = "xmpp-peer";

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// The version of TLS, as it was told.
    version: Option<Box<str>>,
    /// Whether the ClientHello offered the protocol, if there was one.
    has_alpn: Option<bool>,
    is_told: bool,
    /// The last sequence number of each side.
    sequences: [Option<u64>; 2],
}

impl Peers {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if let What::Tls = said.what {
            self.tls(&said.entry.title, &said.entry.detail);
        }
        if ground.nature != Nature::Peer {
            return;
        }
        match said.what {
            What::Header(_) => self.header(ground, said, out),
            What::Missing => self.sequences[said.side.index()] = None,
            What::Element(element) => match said.entry.kind {
                Kind::Message => self.message(ground, said, element, out),
                Kind::Sm => {}
                Kind::Stream if element.namespace() == NS_STREAMS => {}
                _ => out.push(PEER_ELEMENT.found(format!("<{}/>", element.name()))),
            },
            _ => {}
        }
    }

    fn tls(&mut self, title: &str, detail: &str) {
        match title {
            "client hello" => {
                let offered = detail.split_once("ALPN ").map_or("", |(_, offered)| offered);
                self.has_alpn = Some(offered.split(' ').any(|protocol| protocol == ALPN));
            }
            "TLS" => self.version = detail.split(',').next().map(Into::into),
            _ => {}
        }
    }

    fn header(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        if ground.is_clear(said) {
            out.push(PEER_IN_CLEAR.found("a peer stream in the clear"));
        }
        if let Some(version) = self.version.as_deref().filter(|version| *version != "TLS 1.3") {
            out.push(PEER_TLS_VERSION.found(version));
        }
        if self.has_alpn == Some(false) {
            out.push(PEER_ALPN.found(format!("{ALPN} is not among the protocols offered")));
        }
    }

    fn message(&mut self, ground: &Ground, said: &Said<'_>, message: &Element, out: &mut Vec<Finding>) {
        if message.child("urn:xmpp:sid:0", "origin-id").is_none() {
            out.push(PEER_ORIGIN_ID.found("a message without <origin-id/>"));
        }
        match Sequence::of(message.root()) {
            Err(malformed) => out.push(PEER_SEQ_MISSING.found(malformed.to_string())),
            Ok(Sequence(n)) => {
                let last = &mut self.sequences[said.side.index()];
                if let Some(last) = last.filter(|last| n <= *last) {
                    out.push(PEER_SEQ_BACK.found(format!("n is {n}, it was {last}")));
                }
                *last = Some(n);
            }
        }
        addresses(ground, said, out);
    }
}

/// The stream's are those of its first header; the other side may not have said who it is.
fn addresses(ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
    let Some(heading) = ground.heading(Side::Dialler) else { return };
    let (from, to) = match said.side {
        Side::Dialler => (&heading.from, &heading.to),
        Side::Answerer => (&heading.to, &heading.from),
    };
    if let (Some(expected), Some(found)) = (from, said.entry.from.as_deref())
        && !address::is_same(expected, found)
    {
        out.push(PEER_ADDRESS.found(format!("`from` is {}, not {}", quoted(found), quoted(expected))));
    }
    if let (Some(expected), Some(found)) = (to, said.entry.to.as_deref())
        && !address::is_same(expected, found)
        && !address::is_same(address::bare(expected), found)
    {
        out.push(PEER_ADDRESS.found(format!("`to` is {}, not {}", quoted(found), quoted(expected))));
    }
}
