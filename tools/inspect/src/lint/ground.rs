//! [`Ground`]: what all rules need to know of a connection: of what kind it is, how far it has come, and what was not seen of it.
//!
//! A rule that depends on something *not* having been said asks first whether everything was seen ([`Ground::knows`]).

use chatdev_xml::{Element, Header, NS_STREAMS};

use super::said::{self, NS_BIND, NS_DIALBACK, NS_SASL, NS_SASL2, NS_TLS, Odd, Said, What};
use crate::entry::Kind;
use crate::model::{At, Layer, Side};
use crate::understanding::Nature;

/// Mechanisms of an offer that are remembered.
const MECHANISMS_MAX: usize = 64;

/// What matters of a stream header.
#[derive(Debug, Default)]
pub(super) struct Heading {
    pub(super) from: Option<Box<str>>,
    pub(super) to: Option<Box<str>>,
    pub(super) version: Option<(u32, u32)>,
    pub(super) lang: Option<Box<str>>,
    pub(super) content: Box<str>,
}

impl Heading {
    /// Whether it says whose account it is.
    pub(super) fn knows_account(&self) -> bool {
        self.from.is_some()
    }
}

/// What the last features offer.
#[derive(Debug, Default)]
pub(super) struct Offer {
    /// Whether STARTTLS is required, if it is offered.
    pub(super) starttls: Option<bool>,
    pub(super) mechanisms: Vec<Box<str>>,
    /// Whether more mechanisms were offered than are remembered.
    pub(super) has_more: bool,
}

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) nature: Nature,
    pub(super) headings: [Option<Heading>; 2],
    pub(super) offer: Option<Offer>,
    /// How the last thing that each side said was protected.
    pub(super) layers: [Layer; 2],
    /// Whether the source shows in the clear what is inside TLS: a new stream begins behind `<proceed/>`, or a mechanism is offered that binds
    /// to TLS.
    pub(super) hides_tls: bool,
    pub(super) is_authenticated: bool,
    /// Whether a client's address is agreed on, also where it is not known here.
    pub(super) is_bound: bool,
    /// The client's full JID.
    pub(super) jid: Option<Box<str>>,
    /// Whether an older session goes on (XEP-0198 §5): what it left open is not known.
    pub(super) is_resumed: bool,
    /// Whether the session may be resumed on another connection.
    pub(super) is_resumable: bool,
    pub(super) closed: [bool; 2],
    /// When each side spoke last while the other listened. The end of a stream, and what leads to it, are no speech.
    pub(super) spoke: [At; 2],
    /// Whether what the side says next may begin in the middle of something.
    pub(super) torn: [bool; 2],
    /// Whether something that the side said is not in the source.
    lost: [bool; 2],
    /// Whether TLS began, and nothing of the side was read in it yet.
    sealed: [bool; 2],
    proceeds: bool,
}

impl Ground {
    pub(super) fn new(is_from_start: bool) -> Self {
        Self {
            nature: Nature::Unknown,
            headings: Default::default(),
            offer: None,
            layers: Default::default(),
            hides_tls: false,
            is_authenticated: false,
            is_bound: false,
            jid: None,
            is_resumed: false,
            is_resumable: false,
            closed: [false; 2],
            spoke: Default::default(),
            torn: [!is_from_start; 2],
            lost: [!is_from_start; 2],
            sealed: [false; 2],
            proceeds: false,
        }
    }

    /// Whether everything that a side said was seen.
    pub(super) fn knows(&self, side: Side) -> bool {
        !self.lost[side.index()] && !self.sealed[side.index()]
    }

    /// Whether everything was seen.
    pub(super) fn knows_all(&self) -> bool {
        Side::BOTH.iter().all(|&side| self.knows(side))
    }

    /// Whether it is a client's stream, as far as is known.
    pub(super) fn is_client(&self) -> bool {
        self.nature == Nature::Client
    }

    pub(super) fn heading(&self, side: Side) -> Option<&Heading> {
        self.headings[side.index()].as_ref()
    }

    /// Whether anybody on the way could read what is said.
    pub(super) fn is_clear(&self, said: &Said<'_>) -> bool {
        said.is_clear() && !self.hides_tls
    }

    /// What has to be known before the rules look at an entry.
    pub(super) fn prepare(&mut self, said: &Said<'_>) {
        let place = said.side.index();
        match said.what {
            What::Header(header) => self.header(said, header),
            What::Missing | What::Odd(Odd::Torn | Odd::EndTag | Odd::NotUtf8) => self.lost[place] = true,
            What::Flawed(_) => self.lost[place] = true,
            What::Tls => self.tls(said),
            What::Element(_) if said.entry.layer == Layer::Tls => self.sealed[place] = false,
            What::Element(element) => {
                let features = said.element_named(NS_STREAMS, "features").and(Some(element)).map(offer);
                let binds =
                    |offer: Offer| offer.mechanisms.iter().any(|mechanism| mechanism.ends_with("-PLUS"));
                self.hides_tls |= features.is_some_and(binds);
            }
            _ => {}
        }
        if matches!(said.what, What::Missing) {
            self.torn[place] = true;
        }
    }

    fn header(&mut self, said: &Said<'_>, header: &Header) {
        let place = said.side.index();
        let text = |name| header.attribute(name).map(|value| value.as_ref().into());
        let heading = Heading {
            from: text("from"),
            to: text("to"),
            version: header.attribute("version").as_deref().and_then(version),
            lang: header.lang().map(|lang| lang.as_ref().into()),
            content: header.content_namespace().into(),
        };
        self.learn_nature(&heading);
        if said.side == Side::Dialler {
            self.offer = None;
        }
        if self.proceeds && said.is_clear() {
            self.hides_tls = true;
        }
        self.headings[place] = Some(heading);
        self.sealed[place] = false;
        self.torn[place] = false;
    }

    fn learn_nature(&mut self, heading: &Heading) {
        let is_full = |jid: &Option<Box<str>>| jid.as_ref().is_some_and(|jid| jid.contains('/'));
        self.nature = match &*heading.content {
            "jabber:server" => Nature::Server,
            "jabber:component:accept" | "jabber:component:connect" => Nature::Component,
            "jabber:client" if is_full(&heading.from) && is_full(&heading.to) => Nature::Peer,
            "jabber:client" if self.nature == Nature::Unknown => Nature::Client,
            _ => self.nature,
        };
    }

    fn tls(&mut self, said: &Said<'_>) {
        match said.entry.title.as_ref() {
            "client hello" => self.sealed = [true; 2],
            "unreadable" | "sealed" => self.lost[said.side.index()] = true,
            "reading goes on" => {
                self.lost[said.side.index()] = true;
                self.torn[said.side.index()] = true;
            }
            _ => {}
        }
    }

    /// What follows from an entry, once the rules have looked at it.
    pub(super) fn learn(&mut self, said: &Said<'_>) {
        let place = said.side.index();
        if said.entry.side.is_some() && !said.entry.raw.is_empty() {
            let is_end =
                matches!(said.what, What::Close) || said.element_named(NS_STREAMS, "error").is_some();
            if !is_end && !self.closed[1 - place] {
                self.spoke[place] = said.at();
            }
            self.layers[place] = said.entry.layer;
        }
        match said.what {
            What::Close => self.closed[place] = true,
            What::Element(element) => {
                self.torn[place] = false;
                self.learn_from(said, element);
            }
            What::Odd(Odd::Torn | Odd::EndTag) => self.torn[place] = true,
            _ => {}
        }
    }

    fn learn_from(&mut self, said: &Said<'_>, element: &Element) {
        if said.entry.kind == Kind::Iq {
            self.learn_from_iq(said, element);
            return;
        }
        match (element.namespace(), element.name()) {
            (NS_TLS, "proceed") => {
                self.proceeds = true;
                self.sealed = [true; 2];
            }
            (NS_STREAMS, "features") if said.is_by(Side::Answerer) => self.offer = Some(offer(element)),
            (NS_SASL, "success") => self.is_authenticated = true,
            (NS_SASL2, "success") => self.sasl2_success(element),
            (NS_DIALBACK, "result") if element.attribute("type").as_deref() == Some("valid") => {
                self.is_authenticated = true;
            }
            (namespace, "handshake") if said::is_content(namespace) && said.is_by(Side::Answerer) => {
                self.is_authenticated = true;
            }
            ("urn:xmpp:sm:2" | "urn:xmpp:sm:3", "enabled") => {
                self.is_resumable |= said::is_true(element.root(), "resume");
            }
            ("urn:xmpp:sm:2" | "urn:xmpp:sm:3", "resumed") => self.resumed(),
            _ => {}
        }
    }

    fn sasl2_success(&mut self, success: &Element) {
        self.is_authenticated = true;
        if success.child("urn:xmpp:sm:3", "resumed").is_some() {
            self.resumed();
        }
        let identity = success.child(NS_SASL2, "authorization-identifier").map(|child| child.text());
        if let Some(jid) = identity.filter(|jid| jid.contains('/')) {
            self.is_bound = true;
            self.jid = Some(jid.as_ref().into());
        }
        if let Some(bound) = success.child(said::NS_BIND2, "bound") {
            let enabled = bound.child("urn:xmpp:sm:3", "enabled");
            self.is_resumable |= enabled.is_some_and(|enabled| said::is_true(enabled, "resume"));
        }
    }

    fn resumed(&mut self) {
        self.is_authenticated = true;
        self.is_bound = true;
        self.is_resumed = true;
        self.is_resumable = true;
    }

    fn learn_from_iq(&mut self, said: &Said<'_>, iq: &Element) {
        let is_result = said.stanza_type() == Some("result");
        if is_result && said.is_by(Side::Answerer) && self.nature != Nature::Peer {
            let jid = iq.child(NS_BIND, "bind").and_then(|bind| bind.child(NS_BIND, "jid"));
            if let Some(jid) = jid.map(|jid| jid.text()) {
                self.is_bound = true;
                self.is_authenticated = true;
                self.jid = Some(jid.trim().into());
            }
        }
        // XEP-0078: whether it succeeds is told in a result without content. From then on nothing is certain.
        if iq.child("jabber:iq:auth", "query").is_some() && said.stanza_type() == Some("set") {
            self.is_authenticated = true;
            self.is_bound = true;
        }
    }
}

fn offer(features: &Element) -> Offer {
    let starttls = features.child(NS_TLS, "starttls");
    let is_only = features.children().count() == 1;
    let mut mechanisms = Vec::new();
    let groups = [features.child(NS_SASL, "mechanisms"), features.child(NS_SASL2, "authentication")];
    for group in groups.into_iter().flatten() {
        for child in group.children() {
            match child.name() {
                "mechanism" => mechanisms.push(child.text().trim().into()),
                // FAST (XEP-0484) names its own.
                "inline" => {
                    let fast = child.children().filter(|child| child.name() == "fast");
                    let named = fast.flat_map(|fast| fast.children().collect::<Vec<_>>());
                    mechanisms.extend(named.map(|mechanism| mechanism.text().trim().into()));
                }
                _ => {}
            }
        }
    }
    let has_more = mechanisms.len() > MECHANISMS_MAX;
    mechanisms.truncate(MECHANISMS_MAX);
    let required = |starttls: chatdev_xml::Node<'_>| is_only || starttls.child(NS_TLS, "required").is_some();
    Offer { starttls: starttls.map(required), mechanisms, has_more }
}

/// RFC 6120 §4.7.5: two numbers with a point between.
fn version(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
