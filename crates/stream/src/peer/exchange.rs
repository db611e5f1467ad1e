//! A peer stream at work: messages, whose they may be, and their acknowledgements (XEP-0198 §4).

use chatdev_stanza::sm::Sm;
use chatdev_stanza::{NS_CLIENT, StreamCondition, StreamError, sm};
use chatdev_xml::Element;
use jid::{FullJid, Jid};

use super::acks::TooHigh;
use super::{Event, Peer};

impl Peer {
    /// Anything that comes once the stream is ready.
    pub(super) fn exchange(&mut self, element: Element) {
        if element.namespace() == sm::NS {
            return match Sm::from_node(element.root()) {
                Ok(Sm::Request) => self.received.handle_request(),
                Ok(Sm::Ack { h }) => self.handle_answer(h),
                _ => self.fail(StreamCondition::UnsupportedStanzaType.into()),
            };
        }
        if !element.is(NS_CLIENT, "message") {
            let error = StreamError::new(StreamCondition::UnsupportedStanzaType);
            return self.fail(error.with_text("expected a message"));
        }
        if let Err(condition) = self.check_addresses(&element) {
            return self.fail(condition.into());
        }
        self.received.count();
        self.events.push_back(Event::Element(element));
    }

    /// Who speaks was settled when the stream opened; a message can only repeat it.
    fn check_addresses(&self, message: &Element) -> Result<(), StreamCondition> {
        if let Some(from) = message.attribute("from")
            && FullJid::new(&from).ok().as_ref() != self.other.as_ref()
        {
            return Err(StreamCondition::InvalidFrom);
        }
        if let Some(to) = message.attribute("to") {
            let me = &self.config.me;
            // A conversation is with an account, so its address will do.
            if !Jid::new(&to).is_ok_and(|to| to == **me || to == *me.to_bare()) {
                return Err(StreamCondition::HostUnknown);
            }
        }
        Ok(())
    }

    fn handle_answer(&mut self, h: u32) {
        match self.sent.handle_answer(self.now, h) {
            Ok(0) => {}
            Ok(count) => self.events.push_back(Event::Acked { count }),
            // XEP-0198 §4: it acknowledges what was never sent, so nothing that it says can be counted on.
            Err(TooHigh { found, sent }) => {
                let error = StreamError::new(StreamCondition::UndefinedCondition);
                self.fail(error.with_text(format!("expected at most h='{sent}', found h='{found}'")));
            }
        }
    }

    /// The acknowledgement and the request that belong behind what is written now.
    pub(super) fn write_acks(&mut self) {
        if !self.wire.is_open() {
            return;
        }
        if let Some(h) = self.received.answer() {
            self.wire.send(&Sm::Ack { h }.to_element());
        }
        if self.sent.ask(self.now) {
            self.wire.send(&Sm::Request.to_element());
        }
    }
}
