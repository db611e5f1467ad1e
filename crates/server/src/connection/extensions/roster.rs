//! The roster (RFC 6121 §2) of a server that keeps none: always empty, never changed. Clients ask for it
//! before anything else and would not go on without an answer.

use chatdev_stanza::roster::{NS, Roster};
use chatdev_stanza::{IqType, StanzaCondition, StanzaError};

use super::{Outcome, Request, Target};

pub(super) fn answer(request: &Request<'_>) -> Option<Result<Outcome, StanzaError>> {
    if request.target != Target::Account || !request.payload.is(NS, "query") {
        return None;
    }
    Some(match request.type_ {
        IqType::Set => {
            // Not `service-unavailable`: there is a roster, and it was just read; it is changing it that
            // nobody may.
            let text = "this server keeps no contact lists; the directory shows who is online";
            Err(StanzaError::new(StanzaCondition::NotAllowed).with_text(text))
        }
        _ => Ok(Outcome::payload(Roster::default())),
    })
}
