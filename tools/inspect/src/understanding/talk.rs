//! [`Talk`]: one connection as a conversation: who speaks, how far it has come, what waits for an answer.

use std::borrow::Cow;
use std::sync::Arc;

use super::acks::Acks;
use super::directory::View;
use super::requests::{Open, Requests};
use super::root::Root;
use crate::entry::Phase;
use crate::framing::{Tag, unescape};
use crate::model::{ConnectionId, End, Layer, Side};

/// Of what kind the streams of a connection are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nature {
    /// Not known yet.
    #[default]
    Unknown,
    /// A client and its server (RFC 6120).
    Client,
    /// Two servers (`jabber:server`).
    Server,
    /// A component and its server (XEP-0114).
    Component,
    /// Two clients (PROTOCOL section 3, XEP-0246).
    Peer,
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) id: ConnectionId,
    pub(super) nature: Nature,
    pub(super) phase: Phase,
    /// How it is protected now.
    pub(super) layer: Layer,
    /// Who the ends are, as far as is known.
    pub(super) labels: [Arc<str>; 2],
    /// Whether the label of the dialler is an address.
    is_known: bool,
    /// Prefixes that the headers declare, with their namespaces.
    prefixes: [Vec<(Box<str>, Box<str>)>; 2],
    /// The content namespace of each header (RFC 6120 §4.8.2).
    pub(super) content: [Option<Box<str>>; 2],
    /// The account that is being authenticated, and the domain of the stream.
    account: Option<Box<str>>,
    domain: Option<Box<str>>,
    pub(super) requests: [Requests; 2],
    /// The last question of each side that has no id: `<auth/>`, `<starttls/>`, a header.
    pub(super) question: [Option<Open>; 2],
    /// The last `<r/>` of each side.
    pub(super) acks_asked: [Option<Open>; 2],
    pub(super) acks: [Acks; 2],
    pub(super) view: View,
    is_closed: [bool; 2],
}

/// Stands behind the name of who has not proven it.
pub(crate) const NOT_SIGNED_IN: &str = " (not signed in)";

/// The longest address (RFC 7622 §3.1), and so the longest label, in octets.
const LABEL_OCTETS_MAX: usize = 3071;
/// The longest namespace of a header that is remembered, in octets.
const NAMESPACE_OCTETS_MAX: usize = 1024;

/// A name for an end, cut to what an address may have.
fn label(text: &str) -> Arc<str> {
    text[..text.floor_char_boundary(LABEL_OCTETS_MAX)].into()
}

/// Prefixes of a header that are remembered.
const PREFIXES_MAX: usize = 16;

impl Talk {
    pub(super) fn new(id: ConnectionId, ends: &[End; 2], from_start: bool) -> Self {
        Self {
            id,
            nature: Nature::Unknown,
            phase: if from_start { Phase::Opening } else { Phase::Established },
            layer: Layer::Clear,
            labels: [ends[0].to_string().into(), ends[1].to_string().into()],
            is_known: false,
            prefixes: Default::default(),
            content: Default::default(),
            account: None,
            domain: None,
            requests: Default::default(),
            question: Default::default(),
            acks_asked: Default::default(),
            acks: Default::default(),
            view: View::default(),
            is_closed: [false; 2],
        }
    }

    /// A stream header of one side.
    pub(super) fn header(&mut self, side: Side, tag: Tag<'_>) {
        let declared = tag.attributes().filter_map(|(name, value)| {
            let prefix = name.strip_prefix("xmlns:")?;
            (name.len() + value.len() <= NAMESPACE_OCTETS_MAX)
                .then(|| (prefix.into(), unescape(value).into()))
        });
        self.prefixes[side.index()] = declared.take(PREFIXES_MAX).collect();
        let content = tag.declared("").filter(|content| content.len() <= NAMESPACE_OCTETS_MAX);
        self.content[side.index()] = content.map(Into::into);
        self.learn_nature(side, tag);
        self.learn_ends(side, tag);
        if matches!(self.phase, Phase::Opening | Phase::Closing) {
            self.phase = Phase::Negotiating;
        }
        let both_spoke = self.content.iter().all(Option::is_some);
        if self.nature == Nature::Peer && both_spoke {
            self.phase = Phase::Established;
        }
    }

    /// Who the ends are, by a header (RFC 6120 §4.7.1, §4.7.2; XEP-0114 §3: both addresses of a component's are its own).
    fn learn_ends(&mut self, side: Side, tag: Tag<'_>) {
        let (to, from) = (tag.attribute("to"), tag.attribute("from"));
        if self.nature == Nature::Component {
            if let Some(component) = to.or(from) {
                self.labels[0] = label(&component);
            }
            return;
        }
        if let Some(to) = to.filter(|_| side == Side::Dialler) {
            self.labels[1] = label(&to);
            self.domain = Some((*self.labels[1]).into());
        }
        let is_of_client = self.nature == Nature::Client && side == Side::Dialler;
        match from {
            Some(from) if is_of_client && !self.is_signed_in() => {
                self.labels[0] = format!("{}{NOT_SIGNED_IN}", label(&from)).into();
            }
            Some(from) if !is_of_client => self.labels[side.index()] = label(&from),
            _ => {}
        }
    }

    /// Whose a request is: the other party, and on a stream of many speakers (servers, components) also the own one. A client asks
    /// `to` somebody and is answered `from` them; a server passes on what is `from` somebody, and the client answers `to` them.
    pub(super) fn party<'r>(&self, side: Side, is_request: bool, root: &'r Root<'_>) -> (&'r str, &'r str) {
        let (from, to) = (root.from.as_deref().unwrap_or(""), root.to.as_deref().unwrap_or(""));
        match self.nature {
            Nature::Server | Nature::Component if is_request => (from, to),
            Nature::Server | Nature::Component => (to, from),
            _ if side == Side::Dialler => (to, ""),
            _ => (from, ""),
        }
    }

    fn is_signed_in(&self) -> bool {
        matches!(self.phase, Phase::Authenticated | Phase::Established)
    }

    fn learn_nature(&mut self, side: Side, tag: Tag<'_>) {
        let is_full = |jid: Option<Cow<'_, str>>| jid.is_some_and(|jid| jid.contains('/'));
        self.nature = match self.content[side.index()].as_deref() {
            Some("jabber:server") => Nature::Server,
            Some("jabber:component:accept" | "jabber:component:connect") => Nature::Component,
            Some("jabber:client") if is_full(tag.attribute("to")) && is_full(tag.attribute("from")) => {
                Nature::Peer
            }
            Some("jabber:client") if self.nature == Nature::Unknown => Nature::Client,
            _ => self.nature,
        };
    }

    /// The namespace of an element at the top level: declared by itself, or by the header. Empty if it is that of the stream.
    pub(super) fn namespace<'a>(&'a self, side: Side, root: &Root<'a>) -> Cow<'a, str> {
        match root.declared(root.prefix) {
            Some(namespace) => namespace,
            None if root.prefix.is_empty() => Cow::Borrowed(""),
            None => Cow::Borrowed(self.prefixed(side, root.prefix)),
        }
    }

    /// The namespace of a prefix that the header declares.
    pub(super) fn prefixed(&self, side: Side, prefix: &str) -> &str {
        let known = self.prefixes[side.index()].iter().find(|(known, _)| **known == *prefix);
        match known {
            Some((_, namespace)) => namespace,
            None if prefix == "stream" => chatdev_xml::NS_STREAMS,
            None => "",
        }
    }

    /// Whether a namespace is that of the stream's stanzas.
    pub(super) fn is_content(&self, side: Side, namespace: &str) -> bool {
        namespace.is_empty()
            || matches!(namespace, "jabber:client" | "jabber:server" | "jabber:component:accept")
            || self.content[side.index()].as_deref() == Some(namespace)
    }

    /// A client says who it wants to be.
    pub(super) fn authenticating(&mut self, account: Option<&str>) {
        self.phase = Phase::Authenticating;
        if let Some(account) = account.filter(|account| !account.is_empty()) {
            let domain = self.domain.as_deref().unwrap_or("");
            let account = &*label(account);
            let jid = if account.contains('@') { account.into() } else { format!("{account}@{domain}") };
            self.labels[0] = format!("{jid}{NOT_SIGNED_IN}").into();
            self.account = Some(jid.into());
        }
    }

    /// Authentication has succeeded; SASL 2 says as whom.
    pub(super) fn authenticated(&mut self, identity: Option<&str>) {
        self.phase = Phase::Authenticated;
        match (identity, self.nature) {
            (Some(jid), _) => self.bound(jid),
            (None, Nature::Server | Nature::Component) => self.phase = Phase::Established,
            (None, _) => {
                // Where a source hides what SASL says, the header may have said who it is.
                let header = self.labels[0].strip_suffix(NOT_SIGNED_IN);
                if let Some(account) = self.account.as_deref().or(header) {
                    self.labels[0] = account.into();
                }
            }
        }
    }

    /// Authentication has failed.
    pub(super) fn not_authenticated(&mut self) {
        self.phase = Phase::Negotiating;
        self.account = None;
    }

    /// The client has this address from now on.
    pub(super) fn bound(&mut self, jid: &str) {
        if jid.contains('/') {
            self.phase = Phase::Established;
        }
        self.labels[0] = label(jid);
    }

    /// Stanzas of a server tell who its client is, where the beginning was not seen.
    fn learn_from_traffic(&mut self, to: Option<&str>) {
        let is_unknown =
            !self.labels[0].contains('@') && matches!(self.nature, Nature::Unknown | Nature::Client);
        if is_unknown
            && self.phase == Phase::Established
            && let Some(to) = to.filter(|to| to.contains('/'))
        {
            self.labels[0] = label(&unescape(to));
        }
        self.is_known = self.labels[0].contains('@');
    }

    /// One side has ended its stream, or its connection.
    pub(super) fn close(&mut self, side: Side) {
        self.is_closed[side.index()] = true;
        self.phase = if self.is_closed == [true; 2] { Phase::Ended } else { Phase::Closing };
    }

    /// Octets of one side are missing.
    pub(super) fn lost(&mut self, side: Side) {
        self.acks[side.index()].lost();
    }

    /// A stanza; perhaps the first on a stream whose negotiation was not understood or not seen.
    pub(super) fn stanza(&mut self, side: Side, to: Option<&str>) {
        if matches!(self.nature, Nature::Server | Nature::Component) && self.phase < Phase::Established {
            self.phase = Phase::Established;
        }
        if side == Side::Answerer && !self.is_known {
            self.learn_from_traffic(to);
        }
        self.acks[side.index()].stanza();
    }
}
