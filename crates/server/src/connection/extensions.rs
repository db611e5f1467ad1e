//! What the server itself answers, to itself and to the account of the one who asks: one file for each
//! extension, each with the features that it announces. Whatever none of them knows gets
//! `<service-unavailable/>` at once (RFC 6120 §8.4). The session request of RFC 3921 is the stream's to
//! answer.

mod directory;
mod disco;
mod ping;
mod register;
mod roster;

use chatdev_stanza::directory::{CheckIn, Look};
use chatdev_stanza::{IqType, Payload, Stanza, StanzaCondition, StanzaError};
use chatdev_xml::Node;

use super::Connection;
use super::reading::Target;
use super::step::Step;
use super::waiting::{Purpose, Storing, Wish};
use crate::switchboard::Seat;
use crate::{Config, StorageRequest};

/// A request to the server, or to the account of its sender.
struct Request<'a> {
    config: &'a Config,
    seat: &'a Seat,
    target: Target,
    type_: IqType,
    payload: Node<'a>,
}

/// What becomes of a request.
enum Outcome {
    /// It is answered with this payload, or an empty result.
    Result(Option<Box<dyn Payload>>),
    CheckIn(CheckIn),
    Look(Look),
    /// The account gets another password; its new credentials are made from this.
    Replace(chatdev_stream::sasl::Password),
    /// The account goes.
    Remove,
}

impl Outcome {
    fn payload(payload: impl Payload + 'static) -> Self {
        Self::Result(Some(Box::new(payload)))
    }
}

impl Request<'_> {
    fn is(&self, type_: IqType, namespace: &str, name: &str) -> bool {
        self.type_ == type_ && self.payload.is(namespace, name)
    }
}

/// Answers a request, if it knows what it is about.
type Extension = fn(&Request<'_>) -> Option<Result<Outcome, StanzaError>>;

const EXTENSIONS: [Extension; 5] =
    [directory::answer, disco::answer, ping::answer, register::answer, roster::answer];

impl Connection {
    /// Answers a request to the server or to the sender's account.
    pub(super) fn answer_request(&mut self, seat: &Seat, stanza: Stanza, type_: IqType, target: Target) {
        let payload = stanza.payload().expect("a checked request has a payload");
        let request = Request { config: &self.config, seat, target, type_, payload };
        let outcome = EXTENSIONS
            .iter()
            .find_map(|answer| answer(&request))
            .unwrap_or_else(|| Err(StanzaCondition::ServiceUnavailable.into()));
        match outcome {
            Ok(Outcome::Result(payload)) => {
                let result = stanza.result(Some(&seat.jid), payload.as_deref());
                self.answer(result);
            }
            Ok(Outcome::CheckIn(asked)) => self.steps.push(Step::CheckIn(stanza, asked)),
            Ok(Outcome::Look(asked)) => self.steps.push(Step::Look(stanza, asked)),
            Ok(Outcome::Replace(password)) => {
                let wish = Wish { account: Self::account(seat), request: Box::new(stanza) };
                self.make_credentials(password, Purpose::Replacement(Box::new(wish)));
            }
            Ok(Outcome::Remove) => {
                let account = Self::account(seat);
                let request = Box::new(stanza);
                self.begin_request(Storing::Removal { request }, StorageRequest::Remove { account });
            }
            Err(error) => {
                if let Some(reply) = stanza.error_reply(Some(&seat.jid), &error) {
                    self.answer(reply);
                }
            }
        }
    }
}
