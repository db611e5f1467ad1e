//! The directory (`urn:chatdev:directory:1`, PROTOCOL section 2): what it is asked, and how its answer is
//! written. What happens in between is the Switchboard's.

use chatdev_stanza::directory::{CheckIn, Look, NS};
use chatdev_stanza::{IqType, StanzaError};

use super::{Outcome, Request};
use crate::Config;
use crate::connection::Connection;
use crate::switchboard::DirectoryAnswer;

/// What is announced: a server without a directory does not pretend to have one.
pub(super) fn features(config: &Config) -> &'static [&'static str] {
    if config.has_directory() { &[NS] } else { &[] }
}

pub(super) fn answer(request: &Request<'_>) -> Option<Result<Outcome, StanzaError>> {
    if !request.config.has_directory() {
        return None;
    }
    if request.is(IqType::Set, NS, "check-in") {
        return Some(CheckIn::from_node(request.payload).map(Outcome::CheckIn).map_err(StanzaError::from));
    }
    if request.is(IqType::Get, NS, "online") {
        return Some(Look::from_node(request.payload).map(Outcome::Look).map_err(StanzaError::from));
    }
    None
}

impl Connection {
    /// Writes an answer of the directory: outside of the hold, whose length must not depend on how many are
    /// online.
    pub(in crate::connection) fn write_directory_answer(&mut self, answer: &DirectoryAnswer) {
        let Some(seat) = &self.seat else { return };
        let reply = match &answer.answer {
            Ok(online) => Some(answer.request.result(Some(&seat.jid), Some(online))),
            Err(error) => answer.request.error_reply(Some(&seat.jid), error),
        };
        if let Some(reply) = reply {
            self.answer(reply);
        }
    }
}
