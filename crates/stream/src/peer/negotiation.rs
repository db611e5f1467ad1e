//! How a peer stream opens, on both sides: headers with two full JIDs, the one feature, enabling it (XEP-0246, XEP-0198 §3).

use chatdev_stanza::features::Features;
use chatdev_stanza::sm::Sm;
use chatdev_stanza::{StanzaCondition, StreamCondition, StreamError};
use chatdev_xml::{Element, Header};
use jid::FullJid;

use super::{Event, Peer, Role, State};
use crate::header;
use crate::wire::stream_id;

impl Peer {
    pub(super) fn handle_header(&mut self, header: &Header) {
        if self.state != State::Opening {
            return self.fail(StreamCondition::BadFormat.into());
        }
        if let Err(error) = header::check(header) {
            return self.fail(error);
        }
        let address = |name| header.attribute(name).and_then(|value| FullJid::new(&value).ok());
        let (from, to) = (address("from"), address("to"));
        if to.as_ref() != Some(&self.config.me) {
            return self.fail(StreamCondition::HostUnknown.into());
        }
        let Some(from) = from else {
            let error = StreamError::new(StreamCondition::InvalidFrom);
            return self.fail(error.with_text("expected a full JID in ‘from’"));
        };
        match self.side {
            Role::Dialling if self.other.as_ref() == Some(&from) => self.state = State::Choosing,
            Role::Dialling => self.fail(StreamCondition::InvalidFrom.into()),
            Role::Answering => {
                self.other = Some(from.clone());
                self.state = State::Judged;
                self.events.push_back(Event::Opened { from, to: self.config.me.clone() });
            }
        }
    }

    /// Answering: the owner accepts the other side.
    pub(super) fn offer(&mut self) {
        self.send_header();
        self.wire.send(&Features { sm: true, ..Features::default() }.to_element());
        self.state = State::Offering;
    }

    /// Dialling: the other side's features.
    pub(super) fn choose(&mut self, element: &Element) {
        match Features::from_node(element.root()) {
            Ok(features) if features.sm => {
                self.wire.send(&Sm::Enable { resume: false }.to_element());
                self.state = State::Enabling;
            }
            Ok(_) => {
                let error = StreamError::new(StreamCondition::UnsupportedFeature);
                self.fail(error.with_text("expected stream management (XEP-0198) among the features"));
            }
            Err(_) => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    /// Answering: the other side's choice, of which there is one.
    pub(super) fn enable(&mut self, element: &Element) {
        match Sm::from_node(element.root()) {
            Ok(Sm::Enable { .. }) => {
                self.wire.send(&Sm::Enabled { id: None, resume: false }.to_element());
                self.ready();
            }
            // XEP-0198 §5: nothing to resume here; enabling is still open to them.
            Ok(Sm::Resume) => {
                let condition = Some(StanzaCondition::FeatureNotImplemented);
                self.wire.send(&Sm::Failed { condition, h: None }.to_element());
            }
            _ => self.fail(StreamCondition::NotAuthorized.into()),
        }
    }

    /// Dialling: the answer to `<enable/>`.
    pub(super) fn enabled(&mut self, element: &Element) {
        match Sm::from_node(element.root()) {
            Ok(Sm::Enabled { .. }) => self.ready(),
            Ok(Sm::Failed { .. }) => self.fail(StreamCondition::UnsupportedFeature.into()),
            _ => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    fn ready(&mut self) {
        self.wire.set_limits(self.config.after_ready);
        self.deadline = None;
        self.state = State::Ready;
        self.events.push_back(Event::Ready);
    }

    pub(super) fn ensure_header(&mut self) {
        if !self.wire.header_sent() {
            self.send_header();
        }
    }

    /// RFC 6120 §4.7.3: the id is the answering side's to give. Who answers is told to nobody who does not ask for it by
    /// name: a port scan must not find out people.
    pub(super) fn send_header(&mut self) {
        let id = (self.side == Role::Answering).then(|| stream_id(&mut self.rng));
        let me = self.other.as_ref().map(|_| self.config.me.as_str());
        self.wire.send_header(&[
            ("from", me),
            ("to", self.other.as_ref().map(|other| other.as_str())),
            ("id", id.as_deref()),
            ("version", Some(header::VERSION)),
        ]);
    }
}
