//! In-band registration (XEP-0077): an account for a newcomer, where the operator's policy allows it; another
//! password, or no account any more, for somebody who has signed in. Who may register at all is the stream's
//! to decide, before it comes here.

use chatdev_stanza::register::{Form, NS, Register};
use chatdev_stanza::{IqType, Kind, Stanza, StanzaCondition, StanzaError};
use chatdev_stream::sasl::{Password, Stretching};
use chatdev_xml::Element;
use jid::{BareJid, NodePart};

use super::{Outcome, Request};
use crate::connection::Connection;
use crate::connection::waiting::{Purpose, Wish};

pub(super) const FEATURES: &[&str] = &[NS];

/// What a newcomer wants.
enum Newcomer {
    /// To know what is needed.
    Form,
    Account(NodePart, Password),
}

pub(super) fn answer(request: &Request<'_>) -> Option<Result<Outcome, StanzaError>> {
    if !request.payload.is(NS, "query") {
        return None;
    }
    let own_name = request.seat.jid.node().expect("an account has a local part").as_str();
    Some(if request.type_ == IqType::Get {
        Ok(Outcome::payload(Form::registered(own_name)))
    } else {
        change(request, own_name)
    })
}

/// Another password, or no account any more (§3.2, §3.3).
fn change(request: &Request<'_>, own_name: &str) -> Result<Outcome, StanzaError> {
    match Register::from_set(request.payload)? {
        Register::Remove => Ok(Outcome::Remove),
        Register::Account { username, password } => {
            let (name, password) = fields(username, password)?;
            if name.as_str() != own_name {
                let text = "only the password of one's own account can be changed";
                return Err(StanzaError::new(StanzaCondition::Forbidden).with_text(text));
            }
            Ok(Outcome::Replace(password))
        }
        Register::Form => unreachable!("a set does not ask for the form"),
    }
}

/// §3.1: both fields are needed.
fn fields(username: Option<String>, password: Option<String>) -> Result<(NodePart, Password), StanzaError> {
    let not_acceptable = |text: &str| StanzaError::new(StanzaCondition::NotAcceptable).with_text(text);
    let (Some(username), Some(password)) = (username, password) else {
        return Err(not_acceptable("username and password are needed"));
    };
    let name =
        NodePart::new(&username).map_err(|_| not_acceptable("the username cannot be part of an address"))?;
    let password = Password::new(&password).map_err(|error| not_acceptable(&error.to_string()))?;
    Ok((name.into_owned(), password))
}

impl Connection {
    /// A registration request of somebody who has not signed in.
    pub(in crate::connection) fn register_before_sign_in(&mut self, element: Element) {
        let request = Stanza::try_from(element).expect("the stream passes on checked requests alone");
        match newcomer(&request) {
            Ok(Newcomer::Form) => {
                let form = Form::blank("Choose a username and a password for your account.");
                self.receiving.send(&request.result(None, Some(&form)));
            }
            Ok(Newcomer::Account(name, password)) => {
                let account = BareJid::from_parts(Some(&name), &self.config.domain);
                let wish = Wish { account, request: Box::new(request) };
                self.make_credentials(password, Purpose::Creation(Box::new(wish)));
            }
            Err(error) => {
                let reply = request.error_reply(None, &error);
                self.receiving.send(&reply.expect("an error may answer a request"));
            }
        }
    }

    pub(super) fn make_credentials(&mut self, password: Password, purpose: Purpose) {
        let stretching = self.rng.draw(|rng| Stretching::anew(password, self.config.iterations, rng));
        self.begin_stretching(purpose, Box::new(stretching));
    }
}

fn newcomer(request: &Stanza) -> Result<Newcomer, StanzaError> {
    let payload = request.payload().expect("a checked request has a payload");
    if request.kind() == Kind::Iq(IqType::Get) {
        return Ok(Newcomer::Form);
    }
    match Register::from_set(payload)? {
        Register::Account { username, password } => {
            fields(username, password).map(|(name, password)| Newcomer::Account(name, password))
        }
        // §3.2: there is nothing to remove for somebody who has not signed in.
        Register::Form | Register::Remove => Err(StanzaCondition::UnexpectedRequest.into()),
    }
}
