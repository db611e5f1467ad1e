//! The steps of negotiation but for SASL: header, features, STARTTLS, registration, binding (RFC 6120 §4.3, §5, §7).
//!
//! Each method is entered with the state taken, and sets the next one or ends the stream.

use chatdev_stanza::features::{Features, Requirement};
use chatdev_stanza::register::Register;
use chatdev_stanza::starttls::StartTls;
use chatdev_stanza::{Envelope, Stanza, StanzaCondition, StanzaError, StreamCondition, bind};
use chatdev_xml::{Element, Header};
use jid::Jid;
use rand_core::Rng as _;

use super::{Event, Failure, Initiating, Stage, State, TlsPolicy};
use crate::header;

impl Initiating {
    /// Begins the first stream on the connection, and each next one: after TLS, and after sign-in (RFC 6120 §4.3.3).
    pub(super) fn open(&mut self, stage: Stage) {
        self.wire.restart(self.config.before_sign_in);
        // RFC 6120 §4.7.1: who we are is said inside TLS only.
        let from = self.tls.is_some().then(|| self.config.account());
        self.wire.send_header(&[
            ("from", from.as_deref().map(Jid::as_str)),
            ("to", Some(self.config.domain.as_str())),
            ("version", Some(header::VERSION)),
            ("xml:lang", Some("en")),
        ]);
        self.state = State::Opening(stage);
    }

    pub(super) fn handle_header(&mut self, header: &Header) {
        let State::Opening(stage) = self.take_state() else {
            return self.fail(StreamCondition::BadFormat.into());
        };
        match header::check(header) {
            Ok(()) => self.state = State::Choosing(stage),
            Err(error) => self.fail(error),
        }
    }

    /// What the server offers to somebody it does not know yet.
    pub(super) fn choose(&mut self, element: &Element) {
        let Ok(features) = Features::from_node(element.root()) else {
            return self.fail(StreamCondition::BadFormat.into());
        };
        if self.tls.is_none() {
            match features.starttls {
                Some(Requirement::Optional) | None if self.may_go_without_tls() => {}
                Some(_) => {
                    self.wire.send(&StartTls::Request.to_element());
                    self.state = State::Upgrading;
                    return;
                }
                None => return self.give_up(Failure::TlsNotOffered),
            }
        }
        if self.config.register { self.register(features) } else { self.sign_in(&features) }
    }

    /// The answer to `<starttls/>`.
    pub(super) fn upgrade(&mut self, element: &Element) {
        match StartTls::from_node(element.root()) {
            Ok(StartTls::Proceed) => {
                self.state = State::AwaitingTls;
                self.events.push_back(Event::StartTls);
            }
            Ok(StartTls::Failure) => self.give_up(Failure::TlsRefused),
            _ => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    /// XEP-0077 §3.1, without asking for the form first: a server that wants more than name and password says so in its
    /// answer, and there is nobody here to fill it in.
    fn register(&mut self, features: Features) {
        if !features.register {
            return self.give_up(Failure::RegistrationNotOffered);
        }
        let id = self.id();
        let account = Register::Account {
            username: Some(self.config.name.as_str().to_owned()),
            password: Some(self.config.password.reveal().to_owned()),
        };
        let server = Jid::from_parts(None, &self.config.domain, None);
        self.wire.send(&Envelope::id(&id).to(&server).set(&account));
        self.state = State::Registering { id, features: Box::new(features) };
    }

    /// The answer to the request for an account.
    pub(super) fn registered(&mut self, id: String, features: Box<Features>, element: Element) {
        match answer(&id, element) {
            None => self.state = State::Registering { id, features },
            Some(Ok(_)) => {
                self.events.push_back(Event::Registered);
                self.sign_in(&features);
            }
            Some(Err(error)) if error.condition == StanzaCondition::Conflict => {
                self.give_up(Failure::AccountExists);
            }
            Some(Err(error)) => self.give_up(Failure::RegistrationRefused(error)),
        }
    }

    /// What the server offers to somebody it knows.
    pub(super) fn bind(&mut self, element: &Element) {
        match Features::from_node(element.root()) {
            Ok(features) if features.bind => {}
            _ => return self.fail(StreamCondition::UnsupportedFeature.into()),
        }
        let id = self.id();
        let resource = self.config.resource.as_ref().map(|resource| resource.as_str().to_owned());
        self.wire.send(&Envelope::id(&id).set(&bind::BindRequest { resource }));
        self.state = State::Binding { id };
    }

    /// The answer to the request to bind.
    pub(super) fn bound(&mut self, id: String, element: Element) {
        match answer(&id, element) {
            None => self.state = State::Binding { id },
            Some(Err(error)) => self.give_up(Failure::BindRefused(error)),
            Some(Ok(result)) => {
                let payload = result.payload().and_then(|payload| bind::BindResult::from_node(payload).ok());
                let Some(bind::BindResult { jid }) = payload else {
                    return self.fail(StreamCondition::BadFormat.into());
                };
                self.wire.set_limits(self.config.after_sign_in);
                self.deadline = None;
                self.events.push_back(Event::Bound(jid.clone()));
                self.state = State::Bound { jid };
            }
        }
    }

    /// Secrets are sent inside TLS, and in clear on this machine alone where the person switched TLS off.
    pub(super) fn may_go_without_tls(&self) -> bool {
        self.loopback && self.config.tls == TlsPolicy::OptionalOnLoopback
    }

    fn id(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }
}

/// What the element answers to our request with that id; nothing if it answers something else.
fn answer(id: &str, element: Element) -> Option<Result<Stanza, StanzaError>> {
    let stanza = Stanza::try_from(element).ok().filter(|stanza| stanza.answers(id))?;
    Some(match stanza.error() {
        Some(error) => Err(error),
        None => Ok(stanza),
    })
}
