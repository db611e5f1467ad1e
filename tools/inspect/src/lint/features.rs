//! Features (RFC 6120 §4.3.2): that they come, when, and what may be among them.

use chatdev_xml::{Element, NS_STREAMS};

use super::ground::Ground;
use super::rules::*;
use super::said::{NS_BIND, NS_SASL, NS_SASL2, NS_TLS, Said, What};
use crate::entry::Finding;
use crate::model::{Layer, Side};
use crate::understanding::Nature;

/// See the file's documentation.
#[derive(Debug, Default)]
pub(super) struct Features {
    /// Whether the accepting side owes features: its header was its last word.
    is_owed: bool,
    /// Whether SASL has succeeded, so that binding is to be offered.
    is_authenticated: bool,
    /// Whether features follow a success of SASL 2 (XEP-0388), without a header.
    is_behind_sasl2: bool,
}

impl Features {
    pub(super) fn look(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        if let Some(features) = said.element_named(NS_STREAMS, "features") {
            match said.side {
                Side::Dialler => {
                    out.push(FEATURES_FROM_INITIATOR.found("features from who opened the stream"));
                }
                Side::Answerer => self.features(ground, said, features, out),
            }
        }
        if said.is_by(Side::Answerer) {
            self.answerer(ground, said, out);
        }
    }

    fn answerer(&mut self, ground: &Ground, said: &Said<'_>, out: &mut Vec<Finding>) {
        match said.what {
            What::Header(_) => {
                let is_at_least_1 = |side| {
                    let version = ground.heading(side).and_then(|heading| heading.version);
                    version.is_some_and(|version| version >= (1, 0))
                };
                self.is_owed = Side::BOTH.into_iter().all(is_at_least_1);
            }
            What::Element(element) => {
                let is_due = element.is(NS_STREAMS, "features") || element.is(NS_STREAMS, "error");
                if self.is_owed && !is_due {
                    out.push(FEATURES_MISSING.found(format!("<{}/> follows the header", element.name())));
                }
                self.is_owed = false;
                self.is_authenticated |= element.is(NS_SASL, "success");
                self.is_behind_sasl2 = element.is(NS_SASL2, "success");
            }
            What::Space | What::Tls | What::Other => {}
            _ => self.is_owed = false,
        }
    }

    fn features(&self, ground: &Ground, said: &Said<'_>, features: &Element, out: &mut Vec<Finding>) {
        let has_bind = features.child(NS_BIND, "bind").is_some();
        if said.entry.layer == Layer::Tls && features.child(NS_TLS, "starttls").is_some() {
            out.push(STARTTLS_WITHIN_TLS.found("STARTTLS is offered within TLS"));
        }
        if ground.is_bound && !self.is_behind_sasl2 && features.children().next().is_some() {
            out.push(FEATURES_AFTER_NEGOTIATION.found("features after binding"));
        } else if ground.nature == Nature::Client && !self.is_behind_sasl2 {
            if self.is_authenticated && !has_bind && !ground.is_bound {
                out.push(BIND_NOT_OFFERED.found("features after <success/> without <bind/>"));
            }
            if has_bind && !ground.is_authenticated && ground.knows_all() {
                out.push(BIND_OFFERED_EARLY.found("<bind/> before anybody is authenticated"));
            }
        }
        if ground.is_clear(said) {
            in_the_clear(features, out);
        }
    }
}

fn in_the_clear(features: &Element, out: &mut Vec<Finding>) {
    let starttls = features.child(NS_TLS, "starttls");
    let mechanisms = features.child(NS_SASL, "mechanisms");
    if starttls.is_some_and(|starttls| starttls.child(NS_TLS, "required").is_some()) && mechanisms.is_some() {
        out.push(SASL_BESIDE_REQUIRED_TLS.found("SASL is offered beside <starttls/> with <required/>"));
    }
    let is_plain = |mechanism: chatdev_xml::Node<'_>| mechanism.text().trim().eq_ignore_ascii_case("PLAIN");
    if mechanisms.is_some_and(|mechanisms| mechanisms.children().any(is_plain)) {
        out.push(PLAIN_OFFERED_IN_CLEAR.found("PLAIN is offered in the clear"));
    }
}
