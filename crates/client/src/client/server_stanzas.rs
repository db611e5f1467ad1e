//! Stanzas that come through the server: questions are answered, ordinary messages shown, receipts given and taken.

use chatdev_directory::Moment;
use chatdev_stanza::disco::{self, Identity, Info, Query, Question};
use chatdev_stanza::{
    Envelope, IqType, Kind, MessageType, Payload, Stanza, StanzaCondition, StanzaError, message, origin_id,
    ping, receipt,
};
use chatdev_xml::Element;
use jid::Jid;

use super::Client;
use crate::event::{Event, Received, Way};

impl Client {
    pub(super) fn handle_server_element(&mut self, at: Moment, element: Element) {
        let stanza = match Stanza::try_from(element) {
            Ok(stanza) => stanza,
            Err(rejected) => {
                if let Some(reply) = rejected.reply(None) {
                    self.send_to_server(&reply);
                }
                return;
            }
        };
        match stanza.kind() {
            Kind::Iq(IqType::Result | IqType::Error) => self.handle_listing_answer(at, &stanza),
            Kind::Iq(IqType::Get | IqType::Set) => self.answer(&stanza),
            Kind::Message(MessageType::Error) => self.handle_message_error(&stanza),
            // Rooms are not spoken, and presence is the directory's business.
            Kind::Message(MessageType::Groupchat) | Kind::Presence(_) => {}
            Kind::Message(_) => self.handle_message(at, &stanza),
        }
    }

    /// XEP-0199, XEP-0030; to everything else RFC 6120 §8.2.3 wants an answer too.
    fn answer(&mut self, stanza: &Stanza) {
        let is_get = stanza.kind() == Kind::Iq(IqType::Get);
        let query = stanza.payload().map(Query::from_node);
        let answer = match (stanza.payload(), query) {
            (Some(payload), _) if is_get && payload.is(ping::NS, "ping") => Some(stanza.result(None, None)),
            (_, Some(Ok(Query { question: Question::Info, node: None }))) if is_get => {
                Some(stanza.result(None, Some(&features())))
            }
            _ => stanza.error_reply(None, &StanzaError::new(StanzaCondition::ServiceUnavailable)),
        };
        if let Some(answer) = answer {
            self.send_to_server(&answer);
        }
    }

    /// An ordinary message: the server could read it, and could have written it.
    fn handle_message(&mut self, at: Moment, stanza: &Stanza) {
        let Ok(Some(from)) = stanza.from() else { return };
        let root = stanza.root();
        if let Some(received) =
            root.child(receipt::NS, "received").and_then(|node| receipt::Received::from_node(node).ok())
        {
            self.handle_receipt(&received.id, &from.to_bare(), None);
        }
        let Some(body) = message::body(root, None) else { return };
        let unexpected = self.trust.is_sealing(&from.to_bare());
        let origin_id = root.child(origin_id::NS, "origin-id");
        let origin_id =
            origin_id.and_then(|node| origin_id::OriginId::from_node(node).ok()).map(|origin| origin.0);
        self.tell(Event::Message(Received {
            from: from.clone(),
            id: origin_id.or_else(|| stanza.id().map(|id| id.into_owned())),
            body: body.into_owned(),
            way: Way::ViaServer { unexpected },
            at: at.wall,
        }));
        self.give_receipt(stanza, &from);
    }

    /// XEP-0184 §5.3: only if asked, to the id of the stanza, and not to oneself.
    fn give_receipt(&mut self, stanza: &Stanza, from: &Jid) {
        let Some(id) = stanza.id() else { return };
        if stanza.root().child(receipt::NS, "request").is_none() || from.to_bare() == self.config.jid {
            return;
        }
        let received = receipt::Received { id: id.into_owned() };
        let payloads: [&dyn Payload; 1] = [&received];
        let reply = Envelope::default().to(from).message(MessageType::Normal, &payloads);
        self.send_to_server(&reply);
    }

    fn handle_message_error(&mut self, stanza: &Stanza) {
        // An answer of the server about another's address comes from that address, or from the server itself.
        let (Some(id), Some(error)) = (stanza.id(), stanza.error()) else { return };
        if let Ok(Some(from)) = stanza.from() {
            self.handle_receipt(&id, &from.to_bare(), Some(error.to_string()));
        }
    }
}

/// What this client is, for those who ask.
fn features() -> Info {
    Info {
        node: None,
        identities: vec![Identity {
            category: "client".to_owned(),
            type_: "console".to_owned(),
            name: Some("ChatDev".to_owned()),
        }],
        features: [disco::NS_INFO, ping::NS, receipt::NS].map(str::to_owned).to_vec(),
    }
}
