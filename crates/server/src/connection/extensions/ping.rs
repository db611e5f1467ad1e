//! XMPP ping (XEP-0199): the server answers for itself and for the account.

use chatdev_stanza::ping::NS;
use chatdev_stanza::{IqType, StanzaError};

use super::{Outcome, Request};

pub(super) const FEATURES: &[&str] = &[NS];

pub(super) fn answer(request: &Request<'_>) -> Option<Result<Outcome, StanzaError>> {
    request.is(IqType::Get, NS, "ping").then_some(Ok(Outcome::Result(None)))
}
