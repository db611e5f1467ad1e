//! SASL on the wire, client side (RFC 6120 §6.4): base64, the choice of a mechanism, and what ends an attempt.
//!
//! There is one attempt. A weaker mechanism after a failed one would be what an attacker wants.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdev_stanza::StreamCondition;
use chatdev_stanza::features::Features;
use chatdev_stanza::sasl::{self, FromClient, FromServer, SaslCondition};
use chatdev_xml::Element;

use super::{Event, Failure, Initiating, Stage, State};
use crate::sasl::client::{Channel, Distrust, Exchange};
use crate::sasl::{Mechanism, SyntaxError, TLS_EXPORTER};

impl Initiating {
    pub(super) fn sign_in(&mut self, features: &Features) {
        let Some(mechanism) = self.strongest(features) else {
            return self.give_up(Failure::NoMechanism { offered: features.mechanisms.clone() });
        };
        let name = self.config.name.as_str();
        let password = &self.config.password;
        let known = self.config.known_keys.clone();
        let (exchange, message) = match mechanism.hash() {
            None => Exchange::plain(name, password),
            Some(hash) => Exchange::scram(
                hash,
                self.channel(mechanism, features),
                name,
                password.clone(),
                self.config.iterations.clone(),
                &mut self.rng,
            ),
        };
        let auth = FromClient::Auth {
            mechanism: mechanism.name().to_owned(),
            initial: Some(STANDARD.encode(message)),
        };
        let exchange = exchange.knowing(known);
        self.wire.send(&auth.to_element());
        self.state = State::Authenticating { exchange, mechanism };
    }

    /// An element during the attempt.
    pub(super) fn authenticate(&mut self, mut exchange: Exchange, mechanism: Mechanism, element: &Element) {
        match FromServer::from_node(element.root()) {
            Ok(FromServer::Challenge(message)) => {
                match decode(&message).and_then(|message| exchange.handle_challenge(&message)) {
                    Ok(response) => {
                        self.wire.send(&FromClient::Response(STANDARD.encode(response)).to_element());
                        self.state = State::Authenticating { exchange, mechanism };
                    }
                    Err(distrust) => {
                        self.wire.send(&FromClient::Abort.to_element());
                        self.give_up(distrust.into());
                    }
                }
            }
            Ok(FromServer::Success(additional)) => {
                let additional = additional.as_deref().map(decode).transpose();
                let keys = exchange.keys().cloned();
                match additional.and_then(|message| exchange.handle_success(message.as_deref())) {
                    Ok(()) => {
                        self.keys = keys;
                        self.events.push_back(Event::SignedIn { mechanism });
                        self.open(Stage::SignedIn);
                    }
                    Err(distrust) => self.give_up(distrust.into()),
                }
            }
            Ok(FromServer::Failure(failure)) => self.give_up(refused(failure)),
            Err(_) => self.fail(StreamCondition::BadFormat.into()),
        }
    }

    /// The strongest mechanism that is offered, allowed and possible here.
    fn strongest(&self, features: &Features) -> Option<Mechanism> {
        let offered = features.mechanisms.iter().filter_map(|name| Mechanism::from_name(name));
        // RFC 9266 §2: where no kinds are listed (XEP-0440), tls-exporter is the one that TLS 1.3 has.
        let kinds = &features.channel_bindings;
        let binds = self.tls.is_some() && (kinds.is_empty() || kinds.iter().any(|kind| kind == TLS_EXPORTER));
        offered
            .filter(|mechanism| self.config.mechanisms.contains(mechanism))
            .filter(|mechanism| binds || !mechanism.binds_channel())
            .filter(|mechanism| self.tls.is_some() || !mechanism.shows_password())
            .max()
    }

    /// What to say of channel binding (RFC 5802 §6).
    fn channel(&self, mechanism: Mechanism, features: &Features) -> Channel {
        let offered = features.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let able = self.config.mechanisms.iter().any(|mechanism| mechanism.binds_channel());
        match self.tls {
            Some(facts) if mechanism.binds_channel() => Channel::Bound(facts.exporter),
            Some(_) if able && !offered => Channel::NotOffered,
            _ => Channel::Unbound,
        }
    }
}

fn refused(failure: sasl::Failure) -> Failure {
    match failure.condition {
        Some(SaslCondition::NotAuthorized) => Failure::NotAuthorized { text: failure.text },
        condition => Failure::Refused { condition, text: failure.text },
    }
}

fn decode(base64: &str) -> Result<Vec<u8>, Distrust> {
    // RFC 6120 §6.4.2: `=` stands for a message without content.
    let base64 = if base64 == "=" { "" } else { base64 };
    STANDARD.decode(base64).map_err(|_| Distrust::Malformed(SyntaxError::Base64))
}
