//! The steps of negotiation but for SASL: header, features, STARTTLS, registration, binding (RFC 6120 §4.3, §5, §7).
//!
//! Each method is entered with the state taken, and sets the next one or ends the stream.

use std::borrow::Cow;

use chatdev_stanza::features::{Features, Requirement};
use chatdev_stanza::starttls::StartTls;
use chatdev_stanza::{
    IqType, Kind, NS_CLIENT, Payload, Stanza, StanzaCondition, StanzaError, StreamCondition, StreamError,
    bind, register, session,
};
use chatdev_xml::{Element, Header};
use jid::{BareJid, FullJid, Jid, ResourcePart};

use super::{Event, LANG_BYTES_MAX, Receiving, State};
use crate::header;
use crate::sasl::{Mechanism, TLS_EXPORTER};
use crate::wire::stream_id;

impl Receiving {
    pub(super) fn handle_header(&mut self, header: &Header) {
        let State::Opening { account } = self.take_state() else {
            return self.fail(StreamCondition::BadFormat.into());
        };
        let served = header.attribute("to").and_then(|to| self.config.served(&to).map(ToOwned::to_owned));
        if let (None, Some(domain)) = (&account, &served) {
            self.domain.clone_from(domain);
        }
        let lang = header.lang().filter(|lang| (1..=LANG_BYTES_MAX).contains(&lang.len()));
        self.lang = lang.map(Cow::into_owned);
        // RFC 6120 §4.9.1.2: even an error about the header comes behind a header of ours.
        self.send_header(header.attribute("from").and_then(|from| Jid::new(&from).ok()).as_ref());
        if let Err(error) = header::check(header) {
            return self.fail(error);
        }
        self.state = match (account, served) {
            (_, None) => return self.fail(StreamCondition::HostUnknown.into()),
            (None, Some(_)) => State::Negotiating,
            (Some(account), Some(domain)) if *account.domain() == *domain => State::Binding { account },
            // A sign-in at one host is none at another.
            (Some(_), Some(_)) => return self.fail(StreamCondition::NotAuthorized.into()),
        };
        let features = self.features().to_element();
        self.wire.send(&features);
    }

    /// One of the things that [`Self::features`] offers before sign-in.
    pub(super) fn negotiate(&mut self, element: Element) {
        if let Ok(StartTls::Request) = StartTls::from_node(element.root()) {
            return self.start_tls();
        }
        if chatdev_stanza::sasl::FromClient::is(element.root()) {
            return self.begin_attempt(&element);
        }
        if self.may_register() && is_registration(&element) {
            return self.register(element);
        }
        // RFC 6120 §4.9.3.12: whatever it is, it comes too early.
        self.fail(StreamCondition::NotAuthorized.into());
    }

    fn start_tls(&mut self) {
        if self.tls.is_some() || !self.config.tls_offered {
            // RFC 6120 §5.4.2.2: a failure of STARTTLS ends the stream.
            self.wire.send(&StartTls::Failure.to_element());
            return self.fail(StreamCondition::UnsupportedFeature.into());
        }
        self.wire.send(&StartTls::Proceed.to_element());
        self.state = State::AwaitingTls;
        self.events.push_back(Event::StartTls);
    }

    fn register(&mut self, request: Element) {
        if self.registrations >= self.config.registrations_max {
            let error = StreamError::new(StreamCondition::PolicyViolation);
            return self.fail(error.with_text("too many registration requests"));
        }
        self.registrations += 1;
        self.state = State::Registering;
        self.events.push_back(Event::PreAuth(request));
    }

    pub(super) fn bind(&mut self, account: BareJid, element: Element) {
        let Some((request, wanted)) = bind_request(element) else {
            return self.fail(StreamCondition::NotAuthorized.into());
        };
        let Ok(resource) = wanted.resource.as_deref().map(str::parse::<ResourcePart>).transpose() else {
            let error = StanzaError::new(StanzaCondition::BadRequest).with_text("that is no resource");
            self.answer(&request, Err(&error));
            self.state = State::Binding { account };
            return;
        };
        self.events.push_back(Event::Bind { account: account.clone(), resource });
        self.state = State::AwaitingBound { account, request: Box::new(request) };
    }

    pub(super) fn bound(&mut self, account: BareJid, request: &Stanza, answer: Result<FullJid, StanzaError>) {
        match answer {
            Ok(jid) => {
                self.answer(request, Ok(Some(&bind::BindResult { jid: jid.clone() })));
                self.wire.set_limits(self.config.after_sign_in);
                self.deadline = None;
                self.state = State::Bound { jid };
            }
            Err(error) => {
                self.answer(request, Err(&error));
                self.state = State::Binding { account };
            }
        }
    }

    /// Anything on a bound stream. Two requests belong to the stream itself and are answered here.
    pub(super) fn stanza(&mut self, jid: FullJid, element: Element) {
        let iq = element.is(NS_CLIENT, "iq");
        let session = iq && element.child(session::NS, "session").is_some();
        let bind = iq && element.child(bind::NS, "bind").is_some();
        if (session || bind)
            && let Ok(request) = Stanza::try_from(element.clone())
            && request.kind() == Kind::Iq(IqType::Set)
            && request.to().is_none_or(|to| *to == jid.to_bare() || to.as_str() == jid.domain().as_str())
        {
            if session {
                self.answer(&request, Ok(None));
            } else {
                // RFC 6120 §7 binds one resource to a stream.
                self.answer(&request, Err(&StanzaCondition::NotAllowed.into()));
            }
            self.events.push_back(Event::KeepAlive);
        } else {
            self.events.push_back(Event::Element(element));
        }
        self.state = State::Bound { jid };
    }

    /// Begins the next stream on this connection: after TLS, and after sign-in (RFC 6120 §4.3.3).
    pub(super) fn reopen(&mut self, account: Option<BareJid>) {
        self.wire.restart(self.config.before_sign_in);
        self.state = State::Opening { account };
    }

    pub(super) fn ensure_header(&mut self) {
        if !self.wire.header_sent() {
            self.send_header(None);
        }
    }

    fn send_header(&mut self, to: Option<&Jid>) {
        let id = self.rng.draw(stream_id);
        self.wire.send_header(&[
            ("from", Some(self.domain.as_str())),
            ("to", to.map(Jid::as_str)),
            ("id", Some(&id)),
            ("version", Some(header::VERSION)),
            ("xml:lang", Some("en")),
        ]);
    }

    fn features(&self) -> Features {
        if let State::Binding { .. } = self.state {
            return Features { bind: true, session: true, ..Features::default() };
        }
        let mechanisms = self.mechanisms();
        let binds = mechanisms.iter().any(|mechanism| mechanism.binds_channel());
        let required = if self.may_sign_in() { Requirement::Optional } else { Requirement::Required };
        Features {
            starttls: (self.config.tls_offered && self.tls.is_none()).then_some(required),
            mechanisms: mechanisms.iter().map(|mechanism| mechanism.name().to_owned()).collect(),
            channel_bindings: if binds { vec![TLS_EXPORTER.to_owned()] } else { Vec::new() },
            register: self.may_register(),
            ..Features::default()
        }
    }

    /// Secrets are taken inside TLS, and in clear on this machine alone where the operator switched TLS off.
    pub(super) fn may_sign_in(&self) -> bool {
        self.tls.is_some() || (self.loopback && !self.config.tls_required)
    }

    /// The mechanisms offered now, the strongest first.
    pub(super) fn mechanisms(&self) -> Vec<Mechanism> {
        let tls = self.tls.is_some();
        let all = Mechanism::ALL.into_iter().filter(|_| self.may_sign_in());
        all.filter(|mechanism| tls || !mechanism.binds_channel()).collect()
    }

    fn may_register(&self) -> bool {
        self.may_sign_in() && self.config.registration.allows(self.loopback)
    }

    fn answer(&mut self, request: &Stanza, answer: Result<Option<&dyn Payload>, &StanzaError>) {
        let reply = match answer {
            Ok(payload) => Some(request.result(None, payload)),
            Err(error) => request.error_reply(None, error),
        };
        // Without addresses, an answer is one of the server's to its client (RFC 6120 §8.1.2.1).
        if let Some(reply) = reply {
            self.wire.send(&reply.with(&[("to", None)]));
        }
    }
}

/// Whether this is a request of XEP-0077.
fn is_registration(element: &Element) -> bool {
    element.child(register::NS, "query").is_some()
        && Stanza::try_from(element.clone())
            .is_ok_and(|stanza| matches!(stanza.kind(), Kind::Iq(IqType::Get | IqType::Set)))
}

/// The request to bind, if that is what the element is.
fn bind_request(element: Element) -> Option<(Stanza, bind::BindRequest)> {
    let request = Stanza::try_from(element).ok().filter(|stanza| stanza.kind() == Kind::Iq(IqType::Set))?;
    let wanted = bind::BindRequest::from_node(request.payload()?).ok()?;
    Some((request, wanted))
}
