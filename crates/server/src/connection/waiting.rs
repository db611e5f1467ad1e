//! What a connection waits for, and what it makes of the answer: storage, and passwords that are stretched, which
//! takes too long for a thread that serves others. Nothing is read meanwhile; an answer to another request than the
//! last is dropped.

use chatdev_directory::Moment;
use chatdev_stanza::{ErrorType, Stanza, StanzaCondition, StanzaError, StreamCondition, StreamError};
use chatdev_stream::sasl::{Credentials, Stretched, Stretching};
use chatdev_xml::Element;
use jid::BareJid;

use super::step::Step;
use super::{Connection, Effect};
use crate::{RequestId, StorageAnswer, StorageRequest};

/// A request under way.
#[derive(Debug)]
pub(super) struct Waiting {
    id: RequestId,
    what: What,
}

#[derive(Debug)]
enum What {
    Storage(Storing),
    Stretching(Purpose),
}

/// What storage is asked for.
#[derive(Debug)]
pub(super) enum Storing {
    /// Somebody wants to sign in.
    Credentials,
    /// Somebody who has not signed in wants an account (XEP-0077 §3.1).
    Creation { request: Box<Stanza> },
    /// Somebody wants another password (§3.3).
    Replacement { request: Box<Stanza> },
    /// Somebody wants no account any more (§3.2).
    Removal { request: Box<Stanza> },
}

/// What a password is stretched for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// The stream checks it.
    SignIn,
    /// A new account's credentials are made from it.
    Creation(Box<Wish>),
    /// An account's new credentials are.
    Replacement(Box<Wish>),
}

/// Whose credentials are made, and the request that they are made for.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) account: BareJid,
    pub(super) request: Box<Stanza>,
}

impl Connection {
    /// Storage has answered.
    pub fn handle_stored(&mut self, at: Moment, id: RequestId, answer: StorageAnswer) {
        match self.waiting.take() {
            Some(Waiting { id: asked, what: What::Storage(what) }) if asked == id => {
                self.take_answer(at, what, answer);
            }
            other => self.waiting = other,
        }
        self.read_on(at);
    }

    /// A password is stretched.
    pub fn handle_stretched(&mut self, at: Moment, id: RequestId, stretched: Stretched) {
        match self.waiting.take() {
            Some(Waiting { id: asked, what: What::Stretching(purpose) }) if asked == id => {
                self.take_stretched(purpose, stretched);
            }
            other => self.waiting = other,
        }
        self.read_on(at);
    }

    pub(super) fn begin_request(&mut self, what: Storing, request: StorageRequest) {
        let id = self.wait_for(What::Storage(what));
        self.effects.push_back(Effect::Storage { id, request: Box::new(request) });
    }

    pub(super) fn begin_stretching(&mut self, purpose: Purpose, stretching: Box<Stretching>) {
        let id = self.wait_for(What::Stretching(purpose));
        self.effects.push_back(Effect::Stretch { id, stretching });
    }

    /// Where the stream has ended, nobody waits for a password's keys: its turn may be far away. What storage was asked
    /// for is done in any case, and what it answers may concern others.
    pub(super) fn stop_stretching(&mut self) {
        if self.receiving.is_over() {
            self.waiting.take_if(|waiting| matches!(waiting.what, What::Stretching(_)));
        }
    }

    fn wait_for(&mut self, what: What) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.waiting = Some(Waiting { id, what });
        id
    }

    fn take_stretched(&mut self, purpose: Purpose, stretched: Stretched) {
        match purpose {
            Purpose::SignIn => self.receiving.handle_stretched(&stretched),
            Purpose::Creation(wish) => {
                let Wish { account, request } = *wish;
                let credentials = anew(stretched);
                self.begin_request(
                    Storing::Creation { request },
                    StorageRequest::Create { account, credentials },
                );
            }
            Purpose::Replacement(wish) => {
                let Wish { account, request } = *wish;
                let credentials = anew(stretched);
                self.begin_request(
                    Storing::Replacement { request },
                    StorageRequest::Replace { account, credentials },
                );
            }
        }
    }

    fn take_answer(&mut self, at: Moment, what: Storing, answer: StorageAnswer) {
        match what {
            Storing::Credentials => match answer {
                StorageAnswer::Credentials(found) => self.receiving.handle_credentials(found),
                _ => {
                    let text = "accounts cannot be looked up at the moment";
                    self.fail(at, StreamError::new(StreamCondition::InternalServerError).with_text(text));
                }
            },
            Storing::Creation { request } => {
                self.tally.registrations += u64::from(matches!(answer, StorageAnswer::Done));
                if let Some(reply) = reply(&request, None, done(&answer)) {
                    self.receiving.send(&reply);
                }
            }
            Storing::Replacement { request } => self.answer_stored(&request, &answer),
            Storing::Removal { request } => {
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

fn anew(stretched: Stretched) -> Credentials {
    stretched.into_credentials().expect("this id asked for new credentials")
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
