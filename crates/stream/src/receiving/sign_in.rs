//! SASL on the wire, server side (RFC 6120 §6.4): base64, mechanisms, failures and how many of them.
//!
//! The mechanisms themselves are in [`crate::sasl`]. Each method is entered with the state taken, and sets the next one
//! or ends the stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stanza::sasl::{Failure, FromClient, FromServer, SaslCondition};
use chatdev_stanza::{StreamCondition, StreamError};
use chatdev_xml::Element;
use jid::{BareJid, NodePart};
use zeroize::Zeroizing;

use super::{Event, Receiving, State};
use crate::sasl::server::{Exchange, Refusal, Step};
use crate::sasl::{Credentials, Mechanism, Stretched};

/// One attempt to sign in.
pub(super) struct Attempt {
    exchange: Exchange,
    /// Whom the client says it is; nothing before it said so.
    claim: Option<Claim>,
}

/// Whom the client says it is.
struct Claim {
    name: String,
    /// Nothing if no account can have that name.
    account: Option<BareJid>,
}

impl Receiving {
    /// The first element of SASL after the features, or after a failure.
    pub(super) fn begin_attempt(&mut self, element: &Element) {
        let Ok(FromClient::Auth { mechanism, initial }) = FromClient::from_node(element.root()) else {
            // An abort or a response to nothing, or something that SASL does not have.
            return self.refuse(&Failure::new(SaslCondition::MalformedRequest));
        };
        if !self.may_sign_in() {
            return self.refuse(&Failure::new(SaslCondition::EncryptionRequired));
        }
        let mechanism = Mechanism::from_name(&mechanism).filter(|known| self.mechanisms().contains(known));
        let Some(mechanism) = mechanism else {
            return self.refuse(&Failure::new(SaslCondition::InvalidMechanism));
        };
        let exporter = self.tls.map(|facts| facts.exporter);
        let attempt = Box::new(Attempt { exchange: Exchange::new(mechanism, exporter), claim: None });
        match initial {
            Some(message) => self.message(attempt, &message),
            // RFC 6120 §6.4.2: the client speaks first in all of ours, so it is asked to.
            None => self.challenge(attempt, &[]),
        }
    }

    /// An element during an attempt.
    pub(super) fn authenticate(&mut self, attempt: Box<Attempt>, element: &Element) {
        match FromClient::from_node(element.root()) {
            Ok(FromClient::Response(message)) => self.message(attempt, &message),
            Ok(FromClient::Abort) => self.refuse(&Failure::new(SaslCondition::Aborted)),
            _ if FromClient::is(element.root()) => {
                self.refuse(&Failure::new(SaslCondition::MalformedRequest));
            }
            _ => self.fail(StreamCondition::NotAuthorized.into()),
        }
    }

    /// The owner has looked the account up.
    pub(super) fn look_up(&mut self, mut attempt: Box<Attempt>, found: Option<Credentials>) {
        let name = attempt.claim.as_ref().map_or("", |claim| claim.name.as_str());
        let credentials = found.unwrap_or_else(|| self.config.fake_salts.credentials(name));
        let step = self.rng.draw(|rng| attempt.exchange.handle_credentials(&credentials, rng));
        self.step(attempt, step);
    }

    /// The owner has stretched the password that PLAIN carried.
    pub(super) fn check(&mut self, mut attempt: Box<Attempt>, stretched: &Stretched) {
        let step = attempt.exchange.handle_stretched(stretched);
        self.step(attempt, step);
    }

    fn message(&mut self, mut attempt: Box<Attempt>, base64: &str) {
        // RFC 6120 §6.4.2: `=` stands for a message without content.
        let base64 = if base64 == "=" { "" } else { base64 };
        let Ok(message) = STANDARD.decode(base64).map(Zeroizing::new) else {
            return self.refuse(&Failure::new(SaslCondition::IncorrectEncoding));
        };
        let step = attempt.exchange.handle(&message);
        self.step(attempt, step);
    }

    fn step(&mut self, attempt: Box<Attempt>, step: Result<Step, Refusal>) {
        match step {
            Ok(Step::Credentials { username, authzid }) => self.claim(attempt, username, authzid.as_deref()),
            Ok(Step::Stretch(stretching)) => {
                self.state = State::AwaitingStretched(attempt);
                self.events.push_back(Event::Stretch(Box::new(stretching)));
            }
            Ok(Step::Challenge(message)) => self.challenge(attempt, &message),
            Ok(Step::Success(additional)) => self.succeed(attempt, additional.as_deref()),
            Err(refusal) => self.refuse(&failure(refusal)),
        }
    }

    fn claim(&mut self, mut attempt: Box<Attempt>, username: String, authzid: Option<&str>) {
        let account =
            NodePart::new(&username).ok().map(|name| BareJid::from_parts(Some(&name), &self.domain));
        // RFC 6120 §6.3.8: nobody here acts as somebody else.
        if authzid.is_some_and(|authzid| BareJid::new(authzid).ok() != account) {
            return self.refuse(&Failure::new(SaslCondition::InvalidAuthzid));
        }
        // A name that is prepared to another is that other one, and must get the same salt.
        let name = account
            .as_ref()
            .and_then(|account| account.node())
            .map_or(username, |name| name.as_str().to_owned());
        attempt.claim = Some(Claim { name, account: account.clone() });
        match account {
            Some(account) => {
                self.state = State::AwaitingCredentials(attempt);
                self.events.push_back(Event::Credentials { account });
            }
            None => self.look_up(attempt, None),
        }
    }

    fn challenge(&mut self, attempt: Box<Attempt>, message: &[u8]) {
        self.wire.send(&FromServer::Challenge(STANDARD.encode(message)).to_element());
        self.state = State::Authenticating(attempt);
    }

    fn succeed(&mut self, attempt: Box<Attempt>, additional: Option<&[u8]>) {
        let Some(account) = attempt.claim.and_then(|claim| claim.account) else {
            return self.refuse(&Failure::new(SaslCondition::NotAuthorized));
        };
        let additional = additional.map(|message| STANDARD.encode(message));
        self.wire.send(&FromServer::Success(additional).to_element());
        self.reopen(Some(account.clone()));
        self.events.push_back(Event::SignedIn { account });
    }

    fn refuse(&mut self, failure: &Failure) {
        self.wire.send(&failure.to_element());
        self.attempts += 1;
        if self.attempts >= self.config.attempts_max {
            let error = StreamError::new(StreamCondition::PolicyViolation);
            return self.fail(error.with_text("too many failed attempts to sign in"));
        }
        self.state = State::Negotiating;
    }
}

/// What the client is told: for a wrong password nothing but that.
fn failure(refusal: Refusal) -> Failure {
    let condition = match refusal {
        Refusal::Malformed(_) | Refusal::OutOfOrder => SaslCondition::MalformedRequest,
        Refusal::NotAuthorized | Refusal::Downgraded | Refusal::ChannelBinding => {
            SaslCondition::NotAuthorized
        }
    };
    let text = (refusal != Refusal::NotAuthorized).then(|| refusal.to_string());
    Failure { condition: Some(condition), text }
}
