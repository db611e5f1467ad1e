//! What a connection waits for while its storage request is under way, and what it makes of the answer.
//! Nothing is read meanwhile; an answer to another request than the last is dropped.

use chatdev_directory::Moment;
use chatdev_stanza::{ErrorType, Stanza, StanzaCondition, StanzaError, StreamCondition, StreamError};
use chatdev_xml::Element;

use super::Connection;
use super::step::Step;
use crate::{RequestId, StorageAnswer};

/// A request under way.
#[derive(Debug)]
pub(super) struct Waiting {
    id: RequestId,
    what: What,
}

#[derive(Debug)]
enum What {
    /// Somebody wants to sign in.
    Credentials,
    /// Somebody who has not signed in wants an account (XEP-0077 §3.1).
    Creation { request: Box<Stanza> },
    /// Somebody wants another password (§3.3).
    Replacement { request: Box<Stanza> },
    /// Somebody wants no account any more (§3.2).
    Removal { request: Box<Stanza> },
}

impl Waiting {
    pub(super) fn credentials() -> Self {
        Self::new(What::Credentials)
    }

    pub(super) fn creation(request: Stanza) -> Self {
        Self::new(What::Creation { request: Box::new(request) })
    }

    pub(super) fn replacement(request: Stanza) -> Self {
        Self::new(What::Replacement { request: Box::new(request) })
    }

    pub(super) fn removal(request: Stanza) -> Self {
        Self::new(What::Removal { request: Box::new(request) })
    }

    pub(super) fn with_id(self, id: RequestId) -> Self {
        Self { id, ..self }
    }

    fn new(what: What) -> Self {
        Self { id: RequestId(0), what }
    }
}

impl Connection {
    /// Storage has answered.
    pub fn handle_stored(&mut self, at: Moment, id: RequestId, answer: StorageAnswer) {
        match self.waiting.take() {
            Some(waiting) if waiting.id == id => self.take_answer(at, waiting.what, answer),
            other => self.waiting = other,
        }
        self.read_on(at);
    }

    fn take_answer(&mut self, at: Moment, what: What, answer: StorageAnswer) {
        match what {
            What::Credentials => match answer {
                StorageAnswer::Credentials(found) => self.receiving.handle_credentials(found),
                _ => {
                    let text = "accounts cannot be looked up at the moment";
                    self.fail(at, StreamError::new(StreamCondition::InternalServerError).with_text(text));
                }
            },
            What::Creation { request } => {
                self.tally.registrations += u64::from(matches!(answer, StorageAnswer::Done));
                if let Some(reply) = reply(&request, None, done(&answer)) {
                    self.receiving.send(&reply);
                }
            }
            What::Replacement { request } => self.answer_stored(&request, &answer),
            What::Removal { request } => {
                self.answer_stored(&request, &answer);
                if let (StorageAnswer::Done, Some(seat)) = (answer, &self.seat) {
                    self.steps.push(Step::Expel(Self::account(seat)));
                }
            }
        }
    }

    fn answer_stored(&mut self, request: &Stanza, answer: &StorageAnswer) {
        let Some(seat) = &self.seat else { return };
        if let Some(reply) = reply(request, Some(&seat.jid), done(answer)) {
            self.answer(reply);
        }
    }
}

fn reply(request: &Stanza, to: Option<&jid::Jid>, done: Result<(), StanzaError>) -> Option<Element> {
    match done {
        Ok(()) => Some(request.result(to, None)),
        Err(error) => request.error_reply(to, &error),
    }
}

fn done(answer: &StorageAnswer) -> Result<(), StanzaError> {
    match answer {
        StorageAnswer::Done => Ok(()),
        StorageAnswer::Exists => Err(StanzaCondition::Conflict.into()),
        StorageAnswer::Missing => Err(StanzaCondition::ItemNotFound.into()),
        StorageAnswer::Failed | StorageAnswer::Credentials(_) => {
            let error = StanzaError::new(StanzaCondition::InternalServerError).with_type(ErrorType::Wait);
            Err(error.with_text("the change could not be stored; try again later"))
        }
    }
}
